#include "cli/ps_row.h"
#include "base/num.h"
#include "cli/health.h"
#include "cli/human.h"
#include "image/ref.h"
#include <string.h>

enum { SHORT_ID = 12, SHORT_COMMAND = 20, SHORT_MOUNT = 15 };

/* --- filters ------------------------------------------------------------------------------------
 */

struct err *ps_check_filters(const struct filters *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const char *key = f->items[i].key, *value = f->items[i].value;
		bool known = strcmp(key, "status") != 0;
		for (int s = 0; s < ENGINE_STATUSES; s++)
			known = known ||
			        strcmp(engine_status_name((enum engine_status)s), value) == 0;
		int64_t code;
		struct err *e = strcmp(key, "exited") == 0 ? num_parse(str_of(value), &code) : NULL;
		if (!known && !e)
			e = err_new(ERR_USAGE, "it is no status");
		if (e)
			return err_wrap(e, "invalid filter '%s=%s'", key, value);
	}
	return NULL;
}

static const char *complete(const char *name, struct arena *a)
{
	struct ref r = {};
	struct err *e = ref_parse(str_of(name), a, &r);
	const char *full = e ? name : ref_name(&r, a);
	err_free(&e);
	return full;
}

/* An image is called by name, with or without its tag, by its id, or by the beginning of that. */
static bool is_image(const struct container_record *r, const char *asked, struct arena *a)
{
	const char *id = r->image_id ? r->image_id : "", *hex = strchr(id, ':');
	hex = hex ? hex + 1 : id;
	if (*asked && *id && (strcmp(asked, id) == 0 || strncmp(hex, asked, strlen(asked)) == 0))
		return true;
	const char *name = r->image_name ? r->image_name : r->request.image;
	return name && strcmp(complete(name, a), complete(asked, a)) == 0;
}

static bool fits_ancestor(const struct engine_container *c, const char *asked, struct arena *a)
{
	return is_image(&c->record, asked, a);
}

static bool fits_volume(const struct engine_container *c, const char *asked, struct arena *)
{
	for (list_each(const struct mount_request, m, c->record.request.mounts))
		if (strcmp(m->target, asked) == 0 || (m->source && strcmp(m->source, asked) == 0))
			return true;
	return false;
}

static const char *network_of(const struct engine_container *c)
{
	return c->record.request.network ? c->record.request.network : "none";
}

static bool fits_network(const struct engine_container *c, const char *asked, struct arena *)
{
	return strcmp(network_of(c), asked) == 0;
}

static bool fits_exited(const struct engine_container *c, const char *asked, struct arena *)
{
	int64_t code;
	cleanup(err_free) struct err *e = num_parse(str_of(asked), &code);
	return !e && c->status == ENGINE_EXITED && c->exit.code == code;
}

static bool fits_health(const struct engine_container *c, const char *asked, struct arena *a)
{
	return strcmp(asked, health_status(c, a)) == 0;
}

static const struct {
	const char *key;
	bool (*fits)(const struct engine_container *c, const char *asked, struct arena *a);
} rows[] = {
	{ "ancestor", fits_ancestor },
	{ "exited", fits_exited },
	{ "health", fits_health },
	{ "network", fits_network },
	{ "volume", fits_volume },
};

/* True if one of the filters of a row fits, or there is none. */
static bool fits_row(
	const struct engine_container *c, const struct filters *f, size_t row, struct arena *a)
{
	bool asked = false;
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->items[i].key, rows[row].key) != 0)
			continue;
		if (rows[row].fits(c, f->items[i].value, a))
			return true;
		asked = true;
	}
	return !asked;
}

static bool is_older(const struct engine_container *x, const struct engine_container *y)
{
	return strcmp(x->record.created ? x->record.created : "",
		       y->record.created ? y->record.created : "") < 0;
}

bool ps_fits(const struct engine_container *c, const struct filters *f, const struct ps_limits *l,
	struct arena *a)
{
	const struct container_record *r = &c->record;
	bool fits = filters_start(f, "id", c->id) &&
	            filters_match(f, "name", r->name ? r->name : "") &&
	            filters_same(f, "status", engine_status_name(c->status)) &&
	            filters_labels(f, &r->request.labels) &&
	            (!l->before || is_older(c, l->before)) && (!l->since || is_older(l->since, c));
	for (size_t i = 0; i < ARRAY_LEN(rows) && fits; i++)
		fits = fits_row(c, f, i, a);
	return fits;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static void add_age(struct buf *out, const char *since, struct moment now)
{
	struct moment then = now;
	cleanup(err_free) struct err *unknown = since ? time_parse(str_of(since), &then) : NULL;
	human_span(now.s - then.s, out);
}

/* " (healthy)", " (health: starting)", or nothing. */
static void add_health(struct buf *out, const struct engine_container *c, struct arena *a)
{
	const char *health = health_status(c, a);
	if (strcmp(health, "none") != 0)
		buf_add(out, " (%s%s)", strcmp(health, "starting") == 0 ? "health: " : "", health);
}

static void add_status(
	struct buf *out, const struct engine_container *c, struct moment now, struct arena *a)
{
	switch (c->status) {
	case ENGINE_RUNNING:
	case ENGINE_PAUSED:
		buf_add(out, "Up ");
		add_age(out, c->record.started, now);
		if (c->status == ENGINE_PAUSED)
			buf_add(out, " (Paused)");
		else
			add_health(out, c, a);
		return;
	case ENGINE_RESTARTING:
	case ENGINE_EXITED:
		buf_add(out, "%s (%lld) ", c->status == ENGINE_EXITED ? "Exited" : "Restarting",
			(long long)c->exit.code);
		add_age(out, c->exit.finished, now);
		buf_add(out, " ago");
		return;
	case ENGINE_CREATED:
	case ENGINE_DEAD:
	case ENGINE_STATUSES:
		buf_add(out, "%s", c->status == ENGINE_CREATED ? "Created" : "Dead");
	}
}

/* @text as far as it is shown: at most @most bytes, of which the last are an ellipsis. */
static const char *shorten(const char *text, size_t most, bool whole, struct arena *a)
{
	if (whole || strlen(text) <= most)
		return text;
	size_t n = most - 1;
	while (n && (text[n] & 0xc0) == 0x80)
		n--;
	return arena_fmt(a, "%.*s\342\200\246", (int)n, text);
}

static const char *command_of(const struct engine_container *c, bool whole, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	for (size_t i = 0; i < c->record.args.n; i++)
		buf_add(&text, "%s%s", i ? " " : "", c->record.args.items[i]);
	const char *shown = arena_str(a, (struct str){ buf_text(&text), text.n });
	return arena_fmt(a, "\"%s\"", shorten(shown, SHORT_COMMAND, whole, a));
}

static const char *labels_of(const struct text_map *labels, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	for (size_t i = 0; i < labels->n; i++)
		buf_add(&text, "%s%s=%s", i ? "," : "", labels->items[i].key,
			labels->items[i].value ? labels->items[i].value : "");
	return arena_str(a, (struct str){ buf_text(&text), text.n });
}

/* What of the host it sees; *@volumes of them are volumes. */
static const char *mounts_of(
	const struct engine_container *c, bool whole, int64_t *volumes, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	*volumes = 0;
	for (list_each(const struct mount_request, m, c->record.request.mounts)) {
		*volumes += strcmp(m->type, "volume") == 0;
		if (m->source)
			buf_add(&text, "%s%s", text.n ? "," : "",
				shorten(m->source, SHORT_MOUNT, whole, a));
	}
	return arena_str(a, (struct str){ buf_text(&text), text.n });
}

/* As Docker writes moments here: "2025-11-29 12:01:02 +0000 UTC". */
static const char *moment_of(const char *rfc, struct arena *a)
{
	return rfc && strlen(rfc) > 19 ? arena_fmt(a, "%.10s %.8s +0000 UTC", rfc, rfc + 11) : "";
}

static const char *image_of(const struct container_record *r)
{
	if (r->request.image)
		return r->request.image;
	return r->image_name ? r->image_name : r->request.rootfs ? r->request.rootfs : "";
}

static void write_label(struct json_writer *w, const struct text_map *labels)
{
	json_open(w, "@Label", '{');
	for (size_t i = 0; i < labels->n; i++)
		json_text(w, labels->items[i].key,
			labels->items[i].value ? labels->items[i].value : "");
	json_close(w, '}');
}

void ps_row_write(struct json_writer *w, const struct engine_container *c, bool whole,
	struct moment now, struct arena *a)
{
	const struct container_record *r = &c->record;
	cleanup(buf_done) struct buf status = {}, age = {};
	int64_t volumes;
	const char *mounts = mounts_of(c, whole, &volumes, a);
	add_status(&status, c, now, a);
	add_age(&age, r->created, now);
	buf_add(&age, " ago");
	json_text(w, "Command", command_of(c, whole, a));
	json_text(w, "CreatedAt", moment_of(r->created, a));
	json_text(w, "ID", whole ? c->id : arena_fmt(a, "%.*s", SHORT_ID, c->id));
	json_text(w, "Image", image_of(r));
	json_text(w, "Labels", labels_of(&r->request.labels, a));
	json_text(w, "LocalVolumes", arena_fmt(a, "%lld", (long long)volumes));
	json_text(w, "Mounts", mounts);
	json_text(w, "Names", r->name ? r->name : "");
	json_text(w, "Networks", network_of(c));
	json_text(w, "Ports", "");
	json_text(w, "RunningFor", buf_text(&age));
	json_text(w, "State", engine_status_name(c->status));
	json_text(w, "Status", buf_text(&status));
	write_label(w, &r->request.labels);
}
