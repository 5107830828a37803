#include "base/test.h"
#include "image/ref.h"

static const struct {
	const char *text, *name, *shown, *digest;
} good[] = {
	{ "web", "docker.io/library/web:latest", "web", NULL },
	{ "web:2", "docker.io/library/web:2", "web", NULL },
	{ "team/web", "docker.io/team/web:latest", "team/web", NULL },
	{ "docker.io/web", "docker.io/library/web:latest", "web", NULL },
	{ "index.docker.io/library/web:v1", "docker.io/library/web:v1", "web", NULL },
	{ "localhost/web", "localhost/web:latest", "localhost/web", NULL },
	{ "localhost:5000/web:a_b-c.d", "localhost:5000/web:a_b-c.d", "localhost:5000/web", NULL },
	{ "Host/web", "Host/web:latest", "Host/web", NULL },
	{ "[::1]:5000/web", "[::1]:5000/web:latest", "[::1]:5000/web", NULL },
	{ "x/a--b__c.d_e", "docker.io/x/a--b__c.d_e:latest", "x/a--b__c.d_e", NULL },
	{ "web@sha256:"
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"docker.io/library/web:latest", "web",
		"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
};

TEST(references_are_completed)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		cleanup(arena_done) struct arena a = {};
		struct ref r = {};
		cleanup(err_free) struct err *e = ref_parse(str_of(good[i].text), &a, &r);
		CHECK_TEXT(e ? e->text : "", "");
		CHECK_TEXT(ref_name(&r, &a), good[i].name);
		CHECK_TEXT(ref_short(&r, &a), good[i].shown);
		CHECK_TEXT(r.digest ? r.digest : "", good[i].digest ? good[i].digest : "");
	}
}

TEST(what_is_no_reference_is_refused)
{
	static const char *const bad[] = { "", ":", "Web", "web:", "web:-x", "/web", "web/", "a//b",
		"a..b", "a___b", "-a", "a-", "web@", "web@sha256:12", "web@md5:00", "../web", "a b",
		"host_.org/web", "example.org:port/web", "example.org:/web",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"web@sha256:ABCDEF6789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(arena_done) struct arena a = {};
		struct ref r = {};
		cleanup(err_free) struct err *e = ref_parse(str_of(bad[i]), &a, &r);
		if (!e)
			test_failed(__FILE__, __LINE__, "'%s' was taken", bad[i]);
		CHECK(e->kind == ERR_USAGE);
	}
}

TEST(long_names_and_tags_are_refused)
{
	cleanup(arena_done) struct arena a = {};
	char name[300] = "", tag[200] = "web:";
	memset(name, 'a', 280);
	memset(tag + 4, 'a', 129);
	struct ref r;
	cleanup(err_free) struct err *e = ref_parse(str_of(name), &a, &r);
	cleanup(err_free) struct err *other = ref_parse(str_of(tag), &a, &r);
	CHECK(e && other);
	tag[4 + 128] = '\0';
	CHECK(!ref_parse(str_of(tag), &a, &r));
}
