/*
 * What killed commands and monitors left behind is put right: a container whose process has ended
 * and whose monitor is gone gets an exit record that says so; half made and half removed ones go.
 */
#include "base/time.h"
#include "engine/adopt.h"
#include "engine/container.h"
#include "engine/guard.h"
#include "engine/names.h"
#include "engine/network.h"
#include "kernel/lock.h"
#include "kernel/tree.h"
#include "runtime/container.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Its end was seen by nobody: the code is not known, and 255 says that it was none of success. */
static struct err *note_unknown(int dir)
{
	cleanup(buf_done) struct buf now = {};
	time_show(time_now(), &now);
	struct exit_record r = { .finished = buf_text(&now),
		.code = 255,
		.unknown = true,
		.error = "its monitor was killed, so nobody knows how it ended" };
	return exit_record_write(dir, &r);
}

static bool needs_care(const struct engine_container *c, bool has_state)
{
	bool ended = c->status == ENGINE_EXITED || c->status == ENGINE_CREATED;
	return ended && (has_state || (c->record.started && !c->ended));
}

static bool has_state(const struct engine *e, const char *id)
{
	struct stat st;
	return fstatat(fd_num(e->states.dir), id, &st, 0) == 0;
}

/* Somebody else may have come first. */
static struct err *watch_again(const struct engine *e, struct engine_container *c, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	struct err *bad = guard_take(e, c, a, &g);
	return bad || !adopt_needed(c) ? bad : adopt(e, c, a);
}

struct err *container_recover(const struct engine *e, const char *id, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	struct engine_container c;
	struct err *bad = container_find(e, id, a, &c);
	if (!bad && adopt_needed(&c))
		return watch_again(e, &c, a);
	if (bad || !needs_care(&c, has_state(e, id)) || container_has_monitor(&c))
		return bad;
	bad = guard_take(e, &c, a, &g);
	if (bad || !needs_care(&c, has_state(e, id)) || container_has_monitor(&c))
		return bad;
	bad = container_delete(&e->states, id, true, a);
	if (!bad)
		bad = network_detach(e, &c, a);
	if (!bad && c.record.started && !c.ended)
		bad = note_unknown(fd_num(g.dir));
	return bad ? bad : tree_remove(AT_FDCWD, c.run_dir);
}

/* A directory without a record that nobody works on. */
static struct err *remove_rest(const struct engine *e, const char *id, struct arena *a)
{
	cleanup(fd_close) struct fd dir = {};
	const char *path = arena_fmt(a, "containers/%s", id);
	bool taken = false;
	struct stat st;
	struct err *bad = fd_open(&dir, fd_num(e->dir), path, O_RDONLY | O_DIRECTORY);
	if (!bad)
		bad = lock_take(fd_num(dir), 0, &taken);
	if (bad && bad->kind == ERR_NOT_FOUND)
		err_free(&bad);
	if (bad || !taken || fstatat(fd_num(dir), "record.json", &st, 0) == 0)
		return bad;
	bad = container_delete(&e->states, id, true, a);
	return bad ? bad : tree_remove(fd_num(e->dir), path);
}

struct err *container_recover_all(const struct engine *e, struct arena *a)
{
	struct text_list ids = {};
	struct err *bad = name_ids(e, a, &ids);
	for (size_t i = 0; !bad && i < ids.n; i++) {
		struct stat st;
		const char *record = arena_fmt(a, "containers/%s/record.json", ids.items[i]);
		bad = fstatat(fd_num(e->dir), record, &st, 0) == 0
		              ? container_recover(e, ids.items[i], a)
		              : remove_rest(e, ids.items[i], a);
		if (bad && bad->kind == ERR_NOT_FOUND)
			err_free(&bad);
	}
	return bad;
}
