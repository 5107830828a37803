#include "cli/health.h"
#include "base/json.h"
#include "kernel/file.h"
#include <fcntl.h>

enum { HEALTH_FILE_MAX = 1 << 20 };

/* health.json as it is and as a tree; false if there is none that can be read. */
static bool read_health(const struct engine_container *c, struct arena *a, struct buf *text,
	const struct json **tree)
{
	if (!c->record.request.health.test.n || c->record.request.health.disabled)
		return false;
	const char *path = arena_fmt(a, "%s/health.json", c->dir);
	cleanup(err_free) struct err *e = file_read(AT_FDCWD, path, HEALTH_FILE_MAX, text);
	if (!e)
		e = json_read((struct str){ buf_text(text), text->n }, path, a, tree);
	return !e && (*tree)->type == JSON_OBJECT;
}

const char *health_status(const struct engine_container *c, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	const struct json *tree, *status;
	if (!read_health(c, a, &text, &tree))
		return "none";
	status = json_get(tree, "Status");
	return status && status->type == JSON_TEXT ? status->text.p : "none";
}

void health_write(struct json_writer *w, const struct engine_container *c, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	const struct json *tree;
	if (!read_health(c, a, &text, &tree)) {
		json_text(w, "@Health", NULL);
		return;
	}
	while (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	json_raw(w, "Health", (struct str){ text.p, text.n });
}
