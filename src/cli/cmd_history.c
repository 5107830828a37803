#include "cli/commands.h"
#include "cli/images.h"

struct history_args {
	bool whole, quiet, human;
	const char *format;
};

static const char *made_by(const char *text, bool whole, struct arena *a)
{
	enum { SHOWN = 45 };
	if (!text)
		return "";
	char *line = arena_str(a, str_of(text));
	for (char *p = line; *p; p++)
		*p = *p == '\n' || *p == '\t' ? ' ' : *p;
	if (whole || strlen(line) <= SHOWN)
		return line;
	return arena_fmt(a, "%.*s…", SHOWN - 1, line);
}

static const char *id_of(const struct image_step *s, bool whole, struct arena *a)
{
	return s->id ? show_id(s->id, whole, a) : "<missing>";
}

static const char *size_of(const struct history_args *args, int64_t size, struct arena *a)
{
	return args->human ? show_size(size, a) : arena_fmt(a, "%lld", (long long)size);
}

static void show_table(
	const struct history_args *args, const struct list *steps, struct arena *a, struct buf *out)
{
	struct table t = { .columns = 5 };
	table_add(&t, a, (const char *[]){ "IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT" });
	for (list_each(const struct image_step, s, *steps))
		table_add(&t, a,
			(const char *[]){ id_of(s, args->whole, a),
				args->human ? show_age(s->created, a)
					    : (s->created ? s->created : "N/A"),
				made_by(s->created_by, args->whole, a), size_of(args, s->size, a),
				s->comment ? s->comment : "" });
	table_show(&t, out);
}

static void show_json(const struct history_args *args, const struct image_step *s, struct arena *a,
	struct buf *out)
{
	struct json_writer w = { .out = out };
	json_open(&w, NULL, '{');
	json_text(&w, "Comment", s->comment ? s->comment : "");
	json_text(&w, "CreatedAt", s->created ? s->created : "");
	json_text(&w, "CreatedBy", made_by(s->created_by, args->whole, a));
	json_text(&w, "CreatedSince", show_age(s->created, a));
	json_text(&w, "ID", id_of(s, args->whole, a));
	json_text(&w, "Size", size_of(args, s->size, a));
	json_close(&w, '}');
	buf_add(out, "\n");
}

static struct err *run(struct cmd_call *call)
{
	const struct history_args *args = call->args;
	cleanup(image_store_close) struct image_store store = {};
	cleanup(buf_done) struct buf out = {};
	struct image image;
	struct list steps;
	struct err *e = images_open(call, &store);
	if (!e)
		e = image_find(&store, call->operands[0], call->arena, &image);
	if (e)
		return e;
	image_history(&image, call->arena, &steps);
	bool json = strcmp(args->format, "json") == 0;
	if (!args->quiet && !json)
		show_table(args, &steps, call->arena, &out);
	for (list_each(const struct image_step, s, steps))
		if (args->quiet)
			buf_add(&out, "%s\n", id_of(s, args->whole, call->arena));
		else if (json)
			show_json(args, s, call->arena, &out);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

#define AT(member) offsetof(struct history_args, member)
static const struct opt options[] = {
	{ "format", 0, OPT_TEXT, AT(format), "form", "form of the list", .preset = "table",
		.words = "table json" },
	{ "human", 'H', OPT_FLAG, AT(human), NULL, "show sizes and dates for people",
		.preset = "true" },
	{ "no-trunc", 0, OPT_FLAG, AT(whole), NULL, "shorten nothing" },
	{ "quiet", 'q', OPT_FLAG, AT(quiet), NULL, "show ids alone" },
};

#define HISTORY(word)                                                                              \
	{                                                                                          \
		.name = word, .operands = "image", .summary = "Show how an image came about",      \
		OPTS(struct history_args, options), .run = run, .failure = 1, .min = 1, .max = 1,  \
		.complete = "images --format names",                                               \
	}
const struct cmd cmd_history = HISTORY("history"), cmd_image_history = HISTORY("history");
