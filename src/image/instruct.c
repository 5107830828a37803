#include "image/instruct.h"
#include "base/num.h"
#include "base/path.h"
#include <ctype.h>
#include <strings.h>

static struct str trim(struct str s)
{
	while (s.n && isspace((unsigned char)s.p[0]))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Cuts the next word: quotes hold blanks together and go, a backslash keeps what follows it. */
static const char *cut_word(struct str *s, struct arena *a)
{
	cleanup(buf_done) struct buf word = {};
	char quote = 0;
	*s = trim(*s);
	size_t i = 0;
	for (; i < s->n; i++) {
		char c = s->p[i];
		if (!quote && isspace((unsigned char)c))
			break;
		if (c == '\\' && quote != '\'' && i + 1 < s->n)
			c = s->p[++i];
		else if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? 0 : c;
			continue;
		}
		buf_put(&word, &c, 1);
	}
	*s = trim((struct str){ s->p + i, s->n - i });
	return arena_str(a, (struct str){ buf_text(&word), word.n });
}

/* A JSON list of texts, or NULL where it is none. */
static bool is_exec_form(struct str text, struct arena *a, struct text_list *out)
{
	const struct json *doc;
	struct err *e = json_read(text, "words", a, &doc);
	bool list = !e && doc->type == JSON_LIST;
	err_free(&e);
	for (const struct json *item = list ? doc->first : NULL; item; item = item->next) {
		if (item->type != JSON_TEXT)
			return false;
		text_list_add(out, a, item->text.p);
	}
	return list;
}

/* ["a","b"] as it is, anything else is for the shell. */
static struct err *set_command(struct str text, struct arena *a, struct text_list *out)
{
	*out = (struct text_list){};
	if (is_exec_form(text, a, out))
		return NULL;
	*out = (struct text_list){};
	text_list_add(out, a, "/bin/sh");
	text_list_add(out, a, "-c");
	text_list_add(out, a, arena_str(a, text));
	return NULL;
}

static struct err *do_cmd(struct str text, struct arena *a, struct imgconf_run *run)
{
	return set_command(text, a, &run->cmd);
}

static struct err *do_entrypoint(struct str text, struct arena *a, struct imgconf_run *run)
{
	return set_command(text, a, &run->entrypoint);
}

static void set_env(struct imgconf_run *run, struct arena *a, const char *pair)
{
	size_t name = strcspn(pair, "=") + 1;
	for (size_t i = 0; i < run->env.n; i++)
		if (strncmp(run->env.items[i], pair, name) == 0) {
			run->env.items[i] = pair;
			return;
		}
	text_list_add(&run->env, a, pair);
}

/* "A=b C=d", or the old "A b c": each pair goes to @take. */
static struct err *each_pair(struct str text, struct arena *a, struct imgconf_run *run,
	void (*take)(struct imgconf_run *run, struct arena *a, const char *pair))
{
	struct str rest = text, first = str_cut(&rest, ' ');
	if (!memchr(first.p, '=', first.n)) {
		if (!trim(rest).n)
			return err_new(ERR_USAGE, "it has to be NAME=VALUE");
		take(run, a,
			arena_fmt(a, STR_FMT "=" STR_FMT, STR_ARG(first), STR_ARG(trim(rest))));
		return NULL;
	}
	while (text.n) {
		const char *pair = cut_word(&text, a);
		if (!strchr(pair, '=') || *pair == '=')
			return err_new(ERR_USAGE, "'%s' is not NAME=VALUE", pair);
		take(run, a, pair);
	}
	return NULL;
}

static struct err *do_env(struct str text, struct arena *a, struct imgconf_run *run)
{
	return each_pair(text, a, run, set_env);
}

static void set_label(struct imgconf_run *run, struct arena *a, const char *pair)
{
	struct str value = str_of(pair), key = str_cut(&value, '=');
	struct text_map *m = &run->labels;
	const char *name = arena_str(a, key), *text = arena_str(a, value);
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->items[i].key, name) == 0) {
			m->items[i].value = text;
			return;
		}
	struct text_pair *bigger = anew(a, struct text_pair, m->n + 1);
	if (m->n)
		memcpy(bigger, m->items, m->n * sizeof(*bigger));
	bigger[m->n] = (struct text_pair){ name, text };
	*m = (struct text_map){ bigger, m->n + 1 };
}

static struct err *do_label(struct str text, struct arena *a, struct imgconf_run *run)
{
	return each_pair(text, a, run, set_label);
}

static void add_key(struct list *keys, struct arena *a, const char *name)
{
	for (list_each(const struct imgconf_key, k, *keys))
		if (strcmp(k->name, name) == 0)
			return;
	struct imgconf_key *bigger = anew(a, struct imgconf_key, keys->n + 1);
	if (keys->n)
		memcpy(bigger, keys->items, keys->n * sizeof(*bigger));
	bigger[keys->n].name = name;
	*keys = (struct list){ bigger, keys->n + 1 };
}

static struct err *add_port(struct imgconf_run *run, struct arena *a, const char *word)
{
	struct str protocol = str_of(word), ports = str_cut(&protocol, '/');
	struct str last = ports, first = str_cut(&last, '-');
	int64_t from, to;
	if (!protocol.n)
		protocol = STR("tcp");
	if (!str_lists(STR("tcp udp sctp"), ' ', protocol))
		return err_new(ERR_USAGE, "'%s': its protocol is not tcp, udp or sctp", word);
	struct err *e = num_range(first, 1, 65535, &from);
	if (!e)
		e = num_range(last.n ? last : first, 1, 65535, &to);
	for (; !e && from <= to; from++)
		add_key(&run->exposed_ports, a,
			arena_fmt(a, "%d/" STR_FMT, (int)from, STR_ARG(protocol)));
	return e;
}

static struct err *do_expose(struct str text, struct arena *a, struct imgconf_run *run)
{
	struct err *e = NULL;
	while (!e && text.n)
		e = add_port(run, a, cut_word(&text, a));
	return e;
}

static struct err *do_volume(struct str text, struct arena *a, struct imgconf_run *run)
{
	struct text_list paths = {};
	if (!is_exec_form(text, a, &paths))
		while (text.n)
			text_list_add(&paths, a, cut_word(&text, a));
	for (size_t i = 0; i < paths.n; i++)
		add_key(&run->volumes, a, paths.items[i]);
	return NULL;
}

static struct err *do_user(struct str text, struct arena *a, struct imgconf_run *run)
{
	run->user = cut_word(&text, a);
	return text.n ? err_new(ERR_USAGE, "it takes one word") : NULL;
}

static struct err *do_workdir(struct str text, struct arena *a, struct imgconf_run *run)
{
	const char *base = run->working_dir ? run->working_dir : "/";
	run->working_dir = path_join(a, base, arena_str(a, text));
	return NULL;
}

static struct err *do_stopsignal(struct str text, struct arena *a, struct imgconf_run *run)
{
	run->stop_signal = cut_word(&text, a);
	return text.n ? err_new(ERR_USAGE, "it takes one word") : NULL;
}

static struct err *do_onbuild(struct str text, struct arena *a, struct imgconf_run *run)
{
	text_list_add(&run->on_build, a, arena_str(a, text));
	return NULL;
}

static const struct {
	const char *name;
	struct err *(*apply)(struct str text, struct arena *a, struct imgconf_run *run);
} instructions[] = {
	{ "CMD", do_cmd },
	{ "ENTRYPOINT", do_entrypoint },
	{ "ENV", do_env },
	{ "EXPOSE", do_expose },
	{ "LABEL", do_label },
	{ "ONBUILD", do_onbuild },
	{ "STOPSIGNAL", do_stopsignal },
	{ "USER", do_user },
	{ "VOLUME", do_volume },
	{ "WORKDIR", do_workdir },
};

struct err *instruct(const char *line, struct arena *a, struct imgconf_run *run)
{
	struct str text = trim(str_of(line));
	size_t n = 0;
	while (n < text.n && isalpha((unsigned char)text.p[n]))
		n++;
	struct str name = { text.p, n }, rest = trim((struct str){ text.p + n, text.n - n });
	for (size_t i = 0; i < ARRAY_LEN(instructions); i++) {
		const char *word = instructions[i].name;
		if (strlen(word) != n || strncasecmp(word, name.p, n) != 0)
			continue;
		struct err *e = rest.n ? instructions[i].apply(rest, a, run)
		                       : err_new(ERR_USAGE, "it says nothing");
		return e ? err_wrap(e, "--change '%s'", line) : NULL;
	}
	return err_hint(
		err_new(ERR_USAGE, "--change '%s': '" STR_FMT "' is not a valid change command",
			line, STR_ARG(name)),
		"CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and "
		"WORKDIR can "
		"be changed");
}
