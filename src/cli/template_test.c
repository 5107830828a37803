#include "base/test.h"
#include "cli/template.h"

static const char document[] =
	"{\"Name\":\"/"
	"web\",\"ID\":\"0123456789abcdef\",\"N\":3,\"Zero\":0,\"Half\":0.5,\"On\":true,"
	"\"Off\":false,\"Nil\":null,\"Empty\":\"\",\"None\":[],\"Big\":9007199254740993,"
	"\"Args\":[\"sh\",\"-c\",\"ls\"],"
	"\"Config\":{\"Image\":\"a<b\",\"Labels\":{\"org.x\":\"1\",\"b\":\"two\"}},"
	"\"Mounts\":[{\"Source\":\"/a\",\"RW\":true},{\"Source\":\"/b\",\"RW\":false}],"
	"\"Networks\":{\"front\":{\"IP\":\"10.0.0.2\"},\"back\":{\"IP\":\"10.0.1.2\"}},"
	"\"@Label\":{\"org.x\":\"1\"},\"@Hidden\":null}";

static const struct row {
	const char *template, *want; /* want: what comes out, or a part of the error */
} good[] = {
	{ "", "" },
	{ "plain {x} }} text", "plain {x} }} text" },
	{ "{{.Name}}", "/web" },
	{ "{{ .Name }}-{{.N}}-{{.On}}-{{.Nil}}", "/web-3-true-<no value>" },
	{ "{{.Config.Image}}", "a<b" },
	{ "{{.Args}} {{.Config}}", "[sh -c ls] map[Image:a<b Labels:map[b:two org.x:1]]" },
	{ "{{$.Name}}", "/web" },
	/* text and numbers */
	{ "{{\"a\\tb\\\"\\x41\\u00e4\"}}{{`raw \\n`}}", "a\tb\"A\303\244raw \\n" },
	{ "{{12}} {{-1}} {{1.5}} {{true}}", "12 -1 1.5 true" },
	/* trimming and comments */
	{ "a {{- .N -}} b", "a3b" },
	{ "a \n{{- /* nothing */ -}}\n b", "ab" },
	{ "a{{/* x }} y */}}b", "ab" },
	{ "{{- .N}} {{.N -}} ", "3 3" },
	{ "{{-1}}", "-1" },
	/* if */
	{ "{{if .On}}y{{end}}{{if .Off}}n{{end}}", "y" },
	{ "{{if .Zero}}a{{else}}b{{end}}", "b" },
	{ "{{if .Empty}}a{{else if .None}}b{{else if .N}}c{{else}}d{{end}}", "c" },
	{ "{{if .Empty}}a{{else if .None}}b{{end}}", "" },
	{ "{{if not .Hidden}}none{{end}}", "none" },
	{ "{{if and .On (eq .N 3)}}y{{end}}", "y" },
	/* with */
	{ "{{with .Config}}{{.Image}}{{$.N}}{{end}}", "a<b3" },
	{ "{{with .Empty}}x{{else}}{{.N}}{{end}}", "3" },
	{ "{{with .Empty}}x{{else with .Config}}{{.Image}}{{end}}", "a<b" },
	{ "{{with $x := .N}}{{$x}}{{.}}{{end}}", "33" },
	/* range */
	{ "{{range .Args}}[{{.}}]{{end}}", "[sh][-c][ls]" },
	{ "{{range $i, $x := .Args}}{{if $i}},{{end}}{{$i}}={{$x}}{{end}}", "0=sh,1=-c,2=ls" },
	{ "{{range $x := .Args}}{{$x}};{{end}}", "sh;-c;ls;" },
	{ "{{range .None}}x{{else}}none{{end}}", "none" },
	{ "{{range .Nil}}x{{else}}none{{end}}", "none" },
	{ "{{range $k, $v := .Networks}}{{$k}}={{$v.IP}} {{end}}",
		"back=10.0.1.2 front=10.0.0.2 " },
	{ "{{range .Mounts}}{{if .RW}}{{.Source}}{{end}}{{end}}", "/a" },
	{ "{{range .Mounts}}{{.Source}}:{{range $.Args}}{{.}}{{end}} {{end}}",
		"/a:sh-cls /b:sh-cls " },
	/* variables */
	{ "{{$x := .N}}{{$x}}{{$x = 4}}{{$x}}", "34" },
	{ "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21" },
	{ "{{$x := 1}}{{range .Args}}{{$x = .}}{{end}}{{$x}}", "ls" },
	{ "{{$c := .Config}}{{$c.Image}}", "a<b" },
	/* index, len */
	{ "{{index .Args 1}}", "-c" },
	{ "{{index .Config.Labels \"org.x\"}}", "1" },
	{ "{{index .Config.Labels \"absent\"}}|", "|" },
	{ "{{(index .Mounts 1).Source}}", "/b" },
	{ "{{index .Mounts 0 \"Source\"}}", "/a" },
	{ "{{len .Args}}{{len .Name}}{{len .Networks}}{{len .None}}", "3420" },
	/* json */
	{ "{{json .Args}}", "[\"sh\",\"-c\",\"ls\"]" },
	{ "{{json .Config}}", "{\"Image\":\"a<b\",\"Labels\":{\"org.x\":\"1\",\"b\":\"two\"}}" },
	{ "{{json .Nil}}{{json .N}}{{json .On}}{{json .Half}}", "null3true0.5" },
	{ "{{.Config.Labels | json}}", "{\"org.x\":\"1\",\"b\":\"two\"}" },
	/* text functions */
	{ "{{join .Args \" \"}}", "sh -c ls" },
	{ "{{upper .Name}}{{lower \"ABC\"}}{{title \"big web\"}}", "/WEBabcBig Web" },
	{ "{{split \"a:b::c\" \":\"}}", "[a b  c]" },
	{ "{{index (split \"a:b\" \":\") 1}}", "b" },
	{ "{{split \"abc\" \"\"}}{{len (split \"\" \",\")}}{{len (split \"\" \"\")}}",
		"[a b c]10" },
	{ "{{truncate .ID 12}}{{truncate \"\303\244\303\266\" 1}}", "0123456789ab\303\244" },
	{ "[{{pad \"x\" 1 2}}{{pad \"\" 1 2}}]", "[ x  ]" },
	{ "{{.Args | len | printf \"%03d\"}}", "003" },
	/* printing */
	{ "{{print 1 2 \"a\" 3}}", "1 2a3" },
	{ "{{println \"a\" 1}}", "a 1\n" },
	{ "{{printf \"%s=%d\" .Name .N}}", "/web=3" },
	{ "[{{printf \"%-6s|%6s|%.2s\" .Name .Name .Name}}]", "[/web  |  /web|/w]" },
	{ "{{printf \"%q %v %t %x %5.1f%%\" .Name .Args .On 255 .Half}}",
		"\"/web\" [sh -c ls] true ff   0.5%" },
	{ "{{printf \"%d %s\" .Name .N}}", "%!d(string=/web) %!s(int=3)" },
	{ "{{printf \"%d\"}}{{printf \"x\" 1}}{{printf \"%\"}}",
		"%!d(MISSING)x%!(EXTRA)%!(NOVERB)" },
	/* comparing */
	{ "{{eq .N 3}}{{eq .Name \"x\" \"/web\"}}{{ne .N 3}}", "truetruefalse" },
	{ "{{lt 1 2}}{{le 2 2}}{{gt \"b\" \"a\"}}{{ge 1.5 2}}", "truetruetruefalse" },
	{ "{{eq .Nil nil}}{{eq .On true}}", "truetrue" },
	{ "{{eq .Big 9007199254740992}}", "false" },
	{ "{{or .Empty .Zero \"x\"}}{{and .N .Empty}}|{{or .N (index .Args 9)}}", "x|3" },
	{ "{{not .Zero}}", "true" },
	/* members for templates alone */
	{ "{{.Label \"org.x\"}}|{{.Label \"nope\"}}|", "1||" },
};

static const struct row bad[] = {
	{ "{{", ":1: unclosed action" },
	{ "{{.Name", "unclosed action" },
	{ "{{}}", "missing value for command" },
	{ "a\n{{nope .X}}", "template parsing error: template: :2: function \"nope\" not defined" },
	{ "{{if .On}}", "unexpected EOF" },
	{ "{{if .On}}{{else}}", "unexpected EOF" },
	{ "{{if .On}}{{else}}{{else}}{{end}}", "unexpected {{else}}" },
	{ "{{end}}", "unexpected {{end}}" },
	{ "{{.Name)}}", "unexpected \")\"" },
	{ "{{(.Name}}", "unclosed left paren" },
	{ "{{\"abc}}", "unterminated quoted string" },
	{ "{{`abc}}", "unterminated raw quoted string" },
	{ "{{\"\\z\"}}", "invalid syntax" },
	{ "{{1x}}", "bad number syntax" },
	{ "{{/* x}}", "unclosed comment" },
	{ "{{1 2}}", "can't give argument to non-function 1" },
	{ "{{.N | 1}}", "non executable command in pipeline" },
	{ "{{.N |}}", "missing value for command" },
	{ "{{..N}}", "unexpected <.>" },
	{ "{{template \"x\"}}", "{{template}} is not supported" },
	{ "{{break}}", "{{break}} is not supported" },
	{ "{{$a, $b := .N}}", "too many declarations" },
	{ "{{.Nope}}",
		"template: :1:2: executing \"\" at <.Nope>: map has no entry for key \"Nope\"" },
	{ "\n {{.Config.Nope}}", "template: :2:3: executing \"\" at <.Config.Nope>" },
	{ "{{.Name.X}}", "can't evaluate field X in text" },
	{ "{{.Nil.X}}", "nil data; no entry for key \"X\"" },
	{ "{{$x}}", "undefined variable \"$x\"" },
	{ "{{$x = 1}}", "undefined variable \"$x\"" },
	{ "{{index .Args 3}}", "error calling index: index out of range: 3" },
	{ "{{index .Args \"x\"}}", "expected a number" },
	{ "{{index .N 1}}", "can't index a number" },
	{ "{{len .N}}", "len of a number" },
	{ "{{len}}", "wrong number of args for len" },
	{ "{{join .Args}}", "wrong number of args for join: want 2 got 1" },
	{ "{{upper .N}}", "expected text; got a number" },
	{ "{{eq .N .Name}}", "incompatible types for comparison" },
	{ "{{lt .On .Off}}", "invalid type for comparison" },
	{ "{{range .N}}{{end}}", "range can't iterate over a number" },
	{ "{{.Name \"x\"}}", "it takes no arguments" },
};

static struct err *run(const char *template, struct arena *a, struct buf *out)
{
	const struct json *tree;
	const struct template *t;
	struct err *e = json_read(str_of(document), "document", a, &tree);
	if (!e)
		e = template_read(str_of(template), a, &t);
	return e ? e : template_run(t, tree, &(struct template_run){}, a, out);
}

TEST(templates_make_what_gos_make)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(buf_done) struct buf out = {}, text = {};
		cleanup(err_free) struct err *e = run(good[i].template, &a, &out);
		if (e)
			err_show(e, &text);
		CHECK_TEXT(e ? buf_text(&text) : buf_text(&out), good[i].want);
	}
}

TEST(mistakes_in_templates_are_told_with_their_place)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(buf_done) struct buf out = {}, text = {};
		cleanup(err_free) struct err *e = run(bad[i].template, &a, &out);
		if (!e)
			test_failed(__FILE__, __LINE__, "%s: no error", bad[i].template);
		err_show(e, &text);
		if (!strstr(buf_text(&text), bad[i].want))
			CHECK_TEXT(buf_text(&text), bad[i].want);
	}
}

/* What is behind the end of a template's text is not read. */
TEST(templates_need_no_nul)
{
	static const char text[] = "{{.N}}}}";
	for (size_t n = 0; n <= 6; n++) {
		cleanup(arena_done) struct arena a = {};
		char *copy = malloc(n ? n : 1);
		memcpy(copy, text, n);
		const struct template *t;
		cleanup(err_free) struct err *e = template_read((struct str){ copy, n }, &a, &t);
		CHECK((e == NULL) == (n < 2 || n == 6));
		free(copy);
	}
}

TEST(templates_nest_only_so_deep)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf deep = {};
	for (int i = 0; i < 1000; i++)
		buf_add(&deep, "{{if (((.N)))}}");
	const struct template *t;
	cleanup(err_free) struct err *e = template_read((struct str){ deep.p, deep.n }, &a, &t);
	CHECK(e);
}
