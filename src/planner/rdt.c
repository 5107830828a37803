#include "planner/rdt.h"
#include "base/fd.h"
#include "kernel/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MOUNTS_MAX = 16 << 20, STATUS_MAX = 4096 };

/* --- where ----------------------------------------------------------------------------------- */

/* "36 25 0:33 / /sys/fs/resctrl rw - resctrl resctrl rw": the fifth word, if the type is right. */
static bool resctrl_at(struct str line, struct str *where)
{
	static const char type[] = " - resctrl ";
	if (!memmem(line.p, line.n, type, sizeof(type) - 1))
		return false;
	for (int word = 0; word < 5; word++)
		*where = str_cut(&line, ' ');
	return true;
}

struct err *rdt_find_mount(struct arena *a, const char **out)
{
	cleanup(buf_done) struct buf mounts = {};
	struct err *e = file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTS_MAX, &mounts);
	if (e)
		return e;
	*out = NULL;
	for (struct str rest = { mounts.p, mounts.n }, where; rest.n && !*out;)
		if (resctrl_at(str_cut(&rest, '\n'), &where))
			*out = arena_str(a, where);
	return NULL;
}

/* --- the plan -------------------------------------------------------------------------------- */

static bool has(const char *text)
{
	return text && *text;
}

static bool is_own(const struct spec_intel_rdt *rdt)
{
	return !has(rdt->clos_id);
}

static const char *group_of(
	const struct spec_intel_rdt *rdt, const char *id, const char *mount, struct arena *a)
{
	const char *name = is_own(rdt) ? id : rdt->clos_id;
	return strcmp(name, "/") == 0 ? mount : arena_fmt(a, "%s/%s", mount, name);
}

static const char *monitor_of(
	const struct spec_intel_rdt *rdt, const char *id, const char *group, struct arena *a)
{
	return rdt->enable_monitoring ? arena_fmt(a, "%s/mon_groups/%s", group, id) : NULL;
}

struct lines {
	const char **items;
	size_t n;
	struct arena *arena;
};

/* The lines of @text that are (or are not) about memory bandwidth. */
static void add_lines(struct lines *to, const char *text, bool bandwidth_too)
{
	for (struct str rest = str_of(text ? text : ""); rest.n;) {
		struct str line = str_cut(&rest, '\n');
		bool bandwidth = line.n >= 3 && memcmp(line.p, "MB:", 3) == 0;
		if (line.n && (bandwidth_too || !bandwidth))
			to->items[to->n++] = arena_str(to->arena, line);
	}
}

static size_t count_lines(const char *text)
{
	size_t n = 1;
	for (; text && *text; text++)
		n += *text == '\n';
	return n;
}

/* memBwSchema takes precedence over what l3CacheSchema says of bandwidth; schemata come last. */
static const char *const *schemata_of(const struct spec_intel_rdt *rdt, struct arena *a)
{
	size_t room = count_lines(rdt->l3_cache_schema) + count_lines(rdt->mem_bw_schema) +
	              rdt->schemata.n + 1;
	struct lines all = { anew(a, const char *, room), 0, a };
	add_lines(&all, rdt->l3_cache_schema, !has(rdt->mem_bw_schema));
	add_lines(&all, rdt->mem_bw_schema, true);
	for (size_t i = 0; i < rdt->schemata.n; i++)
		all.items[all.n++] = rdt->schemata.items[i];
	return all.n ? all.items : NULL;
}

struct err *rdt_plan(const struct spec_intel_rdt *rdt, const char *id, const char *mount,
	struct arena *a, struct plan_builder *out)
{
	if (!rdt->present)
		return NULL;
	if (!mount)
		return err_hint(
			err_new(ERR_SYSTEM, "linux.intelRdt: intelRdt is specified in config, but "
					    "Intel RDT is not supported or enabled"),
			"mount -t resctrl resctrl /sys/fs/resctrl, if the processor has it");
	const char *group = group_of(rdt, id, mount, a);
	const char *const *schemata = schemata_of(rdt, a);
	plan_add(out, (struct op){ .kind = OP_RDT,
			      .why = "share of cache and memory bandwidth",
			      .rdt = {
				      .host = group,
				      .schemata = schemata,
				      .create = is_own(rdt) || schemata,
				      .monitor = monitor_of(rdt, id, group, a),
			      } });
	return NULL;
}

const char *rdt_owned(
	const struct spec_intel_rdt *rdt, const char *id, const char *mount, struct arena *a)
{
	if (!rdt->present || !mount)
		return NULL;
	const char *group = group_of(rdt, id, mount, a);
	return is_own(rdt) ? group : monitor_of(rdt, id, group, a);
}

/* --- doing it ----------------------------------------------------------------------------------
 */

static struct err *make_group(const char *path)
{
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return NULL;
	struct err *e = err_sys(errno, "make resctrl group %s", path);
	return errno == ENOSPC
	               ? err_hint(e, "the processor has no class or monitor left: remove a group")
	               : e;
}

/* The kernel says in a file of its own what it did not like. */
static const char *last_status(const char *group, struct buf *text)
{
	struct arena a = {};
	const char *slash = strrchr(group, '/');
	const char *up = arena_fmt(&a, "%.*s/info/last_cmd_status", (int)(slash - group), group);
	const char *here = arena_fmt(&a, "%s/info/last_cmd_status", group);
	struct err *e = file_read(AT_FDCWD, up, STATUS_MAX, text);
	if (e) {
		err_free(&e);
		e = file_read(AT_FDCWD, here, STATUS_MAX, text);
	}
	err_free(&e);
	arena_done(&a);
	if (text->n && text->p[text->n - 1] == '\n')
		text->p[text->n - 1] = '\0';
	return buf_text(text);
}

static struct err *write_in(const char *group, const char *file, const char *text)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf status = {};
	struct err *e = file_write(AT_FDCWD, arena_fmt(&a, "%s/%s", group, file), text);
	if (!e)
		return NULL;
	const char *reason = last_status(group, &status);
	return *reason ? err_wrap(e, "resctrl says '%s'", reason) : e;
}

static struct err *check_group(const char *host)
{
	struct stat st;
	if (stat(host, &st) == 0 && S_ISDIR(st.st_mode))
		return NULL;
	return err_hint(err_new(ERR_NOT_FOUND, "resctrl group %s does not exist", host),
		"make it, or say in linux.intelRdt what it shall have");
}

static struct err *write_schemata(const char *host, const char *const *schemata)
{
	cleanup(buf_done) struct buf line = {};
	for (; schemata && *schemata; schemata++) {
		line.n = 0;
		buf_add(&line, "%s\n", *schemata);
		struct err *e = write_in(host, "schemata", buf_text(&line));
		if (e)
			return e;
	}
	return NULL;
}

struct err *rdt_apply(
	const char *host, const char *const *schemata, bool create, const char *monitor, pid_t pid)
{
	char number[16];
	snprintf(number, sizeof(number), "%d", (int)pid);
	struct err *e = create ? make_group(host) : check_group(host);
	if (!e)
		e = write_schemata(host, schemata);
	if (!e)
		e = write_in(host, "tasks", number);
	if (!e && monitor)
		e = make_group(monitor);
	if (!e && monitor)
		e = write_in(monitor, "tasks", number);
	return e;
}
