#include "runtime/record.h"
#include "base/encode.h"
#include "kernel/file.h"
#include "kernel/proc.h"

enum { RECORD_VERSION = 1, RECORD_MAX = 1 << 20 };

/* --- record.json -------------------------------------------------------------------------- */

/* struct cgroup in the form that cgroup_from_paths() takes. */
struct cgroup_form {
	const char *scope, *slice, *unit_path;
	bool user;
	struct text_map paths; /* from a hierarchy's controllers to the directory */
};

static const struct field cgroup_fields[] = {
	{ "scope", MEMBER(struct cgroup_form, scope) },
	{ "slice", MEMBER(struct cgroup_form, slice) },
	{ "unitPath", MEMBER(struct cgroup_form, unit_path) },
	{ "user", MEMBER(struct cgroup_form, user) },
	{ "paths", MEMBER(struct cgroup_form, paths) },
};
static const struct schema cgroup_schema = { SCHEMA(struct cgroup_form, cgroup_fields) };

struct record_form {
	int64_t version;
	struct record record;
	struct cgroup_form cgroup;
};

static const struct field record_fields[] = {
	{ "version", MEMBER(struct record_form, version), .min = 1, .max = INT32_MAX,
		.required = true },
	{ "runtime", MEMBER(struct record_form, record.runtime), .required = true },
	{ "id", MEMBER(struct record_form, record.id), .required = true },
	{ "ociVersion", MEMBER(struct record_form, record.oci_version), .required = true },
	{ "bundle", MEMBER(struct record_form, record.bundle), .required = true },
	{ "rootfs", MEMBER(struct record_form, record.rootfs), .required = true },
	{ "created", MEMBER(struct record_form, record.created), .required = true },
	{ "owner", MEMBER(struct record_form, record.owner), .max = UINT32_MAX, .required = true },
	{ "ownPidNamespace", MEMBER(struct record_form, record.own_pid_namespace) },
	{ "annotations", MEMBER(struct record_form, record.annotations) },
	{ "startReadsConfig", MEMBER(struct record_form, record.start_reads_config) },
	{ "hasPoststop", MEMBER(struct record_form, record.has_poststop) },
	{ "rdtDir", MEMBER(struct record_form, record.rdt_dir) },
	{ "cgroup", MEMBER(struct record_form, cgroup), .of = &cgroup_schema },
};
static const struct schema record_schema = { SCHEMA(struct record_form, record_fields) };

static struct cgroup_form cgroup_to_form(const struct cgroup *c, struct arena *a)
{
	struct text_pair *pairs = anew(a, struct text_pair, c->dirs.n);
	size_t n = 0;
	for (list_each(const struct cgroup_dir, d, c->dirs))
		pairs[n++] = (struct text_pair){ d->in->v2 ? "" : d->in->controllers, d->host };
	return (struct cgroup_form){ .scope = c->scope,
		.slice = c->slice,
		.unit_path = c->unit_path,
		.user = c->user,
		.paths = { pairs, n } };
}

static void cgroup_from_form(const struct cgroup_form *form, struct arena *a, struct cgroup *out)
{
	cgroup_from_paths(&form->paths, a, out);
	out->scope = form->scope;
	out->slice = form->slice;
	out->unit_path = form->unit_path;
	out->user = form->user;
}

struct err *record_write(const struct state *s, const struct record *r)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	struct record_form form = { RECORD_VERSION, *r, cgroup_to_form(&r->cgroup, &a) };
	encode_text(&form, &record_schema, JSON_COMPACT, &text);
	struct err *e =
		file_replace(fd_num(s->dir), "record.json", 0600, (struct bytes){ text.p, text.n });
	return e ? err_wrap(e, "recording container %s", s->id) : NULL;
}

static struct err *damaged(const struct state *s, struct err *why)
{
	return err_hint(err_wrap(why, "the record of container %s is damaged", s->id),
		"delete --force removes what can be found of it");
}

/* Only the version: a later format may have changed everything else. */
static struct err *check_version(const struct state *s, const struct json *doc)
{
	static const struct field fields[] = { { "version", FIELD_INT, .required = true } };
	static const struct schema schema = { .size = sizeof(int64_t), .fields = fields, .n = 1 };
	int64_t version;
	struct err *e = decode(doc, &schema, &version, NULL);
	if (e)
		return damaged(s, e);
	if (version <= RECORD_VERSION)
		return NULL;
	return err_hint(err_new(ERR_SYSTEM,
				"container %s was made by a later onggi-runtime: its record has "
				"version %lld, this one knows %d",
				s->id, (long long)version, RECORD_VERSION),
		"use that version, or delete --force, which removes what can be found");
}

struct err *record_read(const struct state *s, struct arena *a, struct record *out)
{
	cleanup(buf_done) struct buf text = {};
	const struct json *doc;
	struct err *e = file_read(fd_num(s->dir), "record.json", RECORD_MAX, &text);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return err_hint(err_new(ERR_NOT_FOUND, "container %s has no record", s->id),
			"its creation was interrupted: delete --force removes it");
	}
	if (!e)
		e = json_read((struct str){ buf_text(&text), text.n }, "record.json", a, &doc);
	if (e)
		return damaged(s, e);
	e = check_version(s, doc);
	if (e)
		return e;
	struct record_form form = {};
	e = decode(doc, &record_schema, &form, a);
	if (e)
		return damaged(s, e);
	if (form.cgroup.paths.n)
		cgroup_from_form(&form.cgroup, a, &form.record.cgroup);
	*out = form.record;
	return NULL;
}

/* --- process.json ------------------------------------------------------------------------- */

struct process_form {
	int64_t pid, start_time;
};

static const struct field process_fields[] = {
	{ "pid", MEMBER(struct process_form, pid), .min = 1, .max = INT32_MAX, .required = true },
	{ "startTime", MEMBER(struct process_form, start_time), .required = true },
};
static const struct schema process_schema = { SCHEMA(struct process_form, process_fields) };

struct err *record_write_process(const struct state *s, pid_t pid)
{
	cleanup(buf_done) struct buf text = {};
	struct proc_stat stat;
	struct err *e = proc_stat_read(pid, &stat);
	if (!e) {
		struct process_form form = { pid, (int64_t)stat.start_time };
		encode_text(&form, &process_schema, JSON_COMPACT, &text);
		e = file_replace(
			fd_num(s->dir), "process.json", 0600, (struct bytes){ text.p, text.n });
	}
	return e ? err_wrap(e, "recording the process of container %s", s->id) : NULL;
}

struct err *record_read_process(const struct state *s, struct process_record *out, bool *there)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	struct process_form form = {};
	struct err *e = file_read(fd_num(s->dir), "process.json", 4096, &text);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		*there = false;
		return NULL;
	}
	if (!e)
		e = decode_text((struct str){ buf_text(&text), text.n }, "process.json",
			&process_schema, &form, &a);
	if (e)
		return damaged(s, e);
	*out = (struct process_record){ (pid_t)form.pid, (uint64_t)form.start_time };
	*there = true;
	return NULL;
}
