#include "cli/commands.h"
#include "cli/format.h"
#include "cli/globals.h"
#include "cli/images.h"
#include "cli/inspect.h"
#include <string.h>

struct inspect_args {
	const char *format, *type;
};

/* Where things are looked for. */
struct sources {
	struct engine engine;
	struct image_store store;
	struct arena *arena;
};

static void sources_close(struct sources *s)
{
	image_store_close(&s->store);
	engine_close(&s->engine);
}

static struct err *add_container(struct sources *s, const char *name, struct format_rows *rows)
{
	struct engine_container c;
	struct err *e = container_find(&s->engine, name, s->arena, &c);
	if (!e)
		inspect_container(format_row(rows), &s->engine, &c, s->arena);
	return e;
}

static struct err *add_image(struct sources *s, const char *name, struct format_rows *rows)
{
	struct image image;
	struct err *e = image_find(&s->store, name, s->arena, &image);
	if (!e)
		images_inspect(format_row(rows), &image, s->arena);
	return e;
}

/* The first kind of thing that has the name. */
static struct err *add(
	struct sources *s, const char *type, const char *name, struct format_rows *rows)
{
	static const struct {
		const char *type;
		struct err *(*add)(struct sources *s, const char *name, struct format_rows *rows);
	} kinds[] = { { "container", add_container }, { "image", add_image } };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (type && strcmp(type, kinds[i].type) != 0)
			continue;
		struct err *e = kinds[i].add(s, name, rows);
		if (!e || type || e->kind != ERR_NOT_FOUND)
			return e;
		err_free(&e);
	}
	return err_new(ERR_NOT_FOUND, "No such object: %s", name);
}

static struct err *inspect(struct cmd_call *call)
{
	const struct inspect_args *args = call->args;
	cleanup(sources_close) struct sources s = { .arena = call->arena };
	cleanup(format_rows_done) struct format_rows rows = { .arena = call->arena };
	cleanup(buf_done) struct buf out = {};
	struct err *e = globals_engine(call, &s.engine);
	if (!e)
		e = images_open(call, &s.store);
	if (e)
		return e;
	for (int i = 0; !e && i < call->n_operands; i++)
		e = add(&s, args->type, call->operands[i], &rows);
	/* what is there is shown, also if something else isn't */
	struct err *unsaid = format_inspect(&rows, args->format, &out);
	if (!unsaid)
		unsaid = fd_write_all(STDOUT_FILENO, out.p, out.n);
	if (!e)
		return unsaid;
	err_free(&unsaid);
	return e;
}

#define AT(member) offsetof(struct inspect_args, member)
static const struct opt options[] = {
	{ "format", 'f', OPT_TEXT, AT(format), "form",
		"json, or a Go template: '{{.State.Status}}'" },
	{ "type", 0, OPT_TEXT, AT(type), "kind", "look for things of one kind alone",
		.words = "container image" },
};

const struct cmd cmd_inspect = {
	.name = "inspect",
	.operands = "name...",
	.summary = "Show all about containers and images, as JSON",
	OPTS(struct inspect_args, options),
	.min = 1,
	.max = CMD_ANY,
	.complete = "ps -a --format {{.Names}}",
	.run = inspect,
	.failure = 1,
};
