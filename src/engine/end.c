/* A container ends: signals, waiting, and what is undone afterwards. */
#include "base/log.h"
#include "base/time.h"
#include "engine/container.h"
#include "engine/container_start.h"
#include "engine/guard.h"
#include "engine/link.h"
#include "engine/names.h"
#include "engine/network.h"
#include "engine/volume.h"
#include "kernel/compat.h"
#include "kernel/proc.h"
#include "kernel/signal.h"
#include "kernel/tree.h"
#include "monitor/protocol.h"
#include "runtime/container.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

enum { DEFAULT_STOP_SECONDS = 10, KILL_PATIENCE = 10000 };

/* --- waiting ------------------------------------------------------------------------------------
 */

static int remaining(int64_t deadline)
{
	int64_t left = (deadline - time_steady() + 999999) / 1000000;
	return deadline < 0 ? -1 : left < 0 ? 0 : (int)left;
}

/* Reads packets up to that of the end; what else comes is for others. */
static struct err *await_packet(int socket, int64_t deadline, bool *ended)
{
	char packet[PACKET_MAX];
	*ended = false;
	for (;;) {
		struct pollfd p = { .fd = socket, .events = POLLIN };
		int n = poll(&p, 1, remaining(deadline));
		if (n < 0 && errno != EINTR)
			return err_sys(errno, "wait");
		if (n == 0)
			return NULL;
		ssize_t got = n > 0 ? recv(socket, packet, sizeof(packet), 0) : -1;
		*ended = (got > 0 && packet[0] == PACKET_EXIT) || got == 0;
		if (*ended || (n > 0 && got < 0 && errno != EINTR))
			return NULL;
	}
}

/* One without a monitor is watched itself. */
static struct err *await_process(
	const struct engine *e, const struct engine_container *c, int64_t deadline, struct arena *a)
{
	cleanup(container_close) struct container run = {};
	cleanup(fd_close) struct fd pidfd = {};
	bool ended;
	struct err *bad = container_open(&e->states, c->id, a, &run);
	if (!bad)
		bad = container_process(&run, &pidfd);
	if (!bad)
		bad = proc_await(fd_num(pidfd), remaining(deadline), &ended);
	if (bad && (bad->kind == ERR_NOT_FOUND || bad->kind == ERR_CONFLICT))
		err_free(&bad);
	return bad;
}

static bool is_gone(struct err **e)
{
	bool gone = *e && (*e)->kind == ERR_NOT_FOUND;
	if (gone)
		err_free(e);
	return gone;
}

/* The record is there once the end has been told; with --rm it may be gone by then, which only who
 * stays connected can do something about. */
struct err *container_wait(const struct engine *e, const struct engine_container *c,
	int milliseconds, struct arena *a, struct exit_record *out, bool *ended)
{
	cleanup(fd_close) struct fd socket = {};
	struct engine_container now = *c;
	int64_t deadline = milliseconds < 0 ? -1 : time_steady() + milliseconds * INT64_C(1000000);
	bool told;
	struct err *bad = link_connect(c->run_dir, 0, &socket);
	if (!bad)
		bad = await_packet(fd_num(socket), deadline, &told);
	else if (is_gone(&bad) && c->pid)
		bad = await_process(e, c, deadline, a);
	if (!bad)
		bad = container_recover(e, c->id, a);
	if (!bad)
		bad = container_find(e, c->id, a, &now);
	if (bad)
		return bad;
	*ended = now.ended;
	if (now.ended)
		*out = now.exit;
	return NULL;
}

/* --- signals ------------------------------------------------------------------------------------
 */

static struct err *not_running(const struct engine_container *c)
{
	return err_new(ERR_CONFLICT, "container %s is not running", c->id);
}

static struct err *send_signal(
	const struct engine *e, const struct engine_container *c, int signal, struct arena *a)
{
	cleanup(container_close) struct container run = {};
	struct err *bad = container_open(&e->states, c->id, a, &run);
	if (!bad)
		bad = container_kill(&run, signal);
	if (bad && (bad->kind == ERR_NOT_FOUND || bad->kind == ERR_CONFLICT)) {
		err_free(&bad);
		return not_running(c);
	}
	return bad;
}

/* A restart policy leaves alone what somebody ended on purpose. @c is what it is then. */
static struct err *note_stop(const struct engine *e, struct engine_container *c, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	struct err *bad = guard_take(e, c, a, &g);
	if (bad)
		return bad;
	c->record.stopped_by_user = true;
	return container_record_write(fd_num(g.dir), &c->record);
}

struct err *container_signal(
	const struct engine *e, const struct engine_container *c, int signal, struct arena *a)
{
	struct engine_container now = *c;
	bool ends = signal == SIGKILL || signal == SIGTERM;
	struct err *bad = NULL;
	if (c->record.request.restart.policy && ends)
		bad = note_stop(e, &now, a);
	if (!bad && now.status != ENGINE_RUNNING && now.status != ENGINE_PAUSED)
		bad = not_running(c);
	return bad ? bad : send_signal(e, c, signal, a);
}

struct err *container_set_paused(
	const struct engine *e, const struct engine_container *c, bool paused, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	cleanup(container_close) struct container run = {};
	struct engine_container now = *c;
	struct err *bad = guard_take(e, &now, a, &g);
	if (bad)
		return bad;
	if (paused && now.status == ENGINE_PAUSED)
		return err_new(ERR_CONFLICT, "container %s is already paused", c->id);
	if (now.status != ENGINE_RUNNING && now.status != ENGINE_PAUSED)
		return not_running(c);
	if (!paused && now.status != ENGINE_PAUSED)
		return err_new(ERR_CONFLICT, "container %s is not paused", c->id);
	bad = container_open(&e->states, c->id, a, &run);
	if (!bad)
		bad = paused ? container_pause(&run) : container_resume(&run);
	return bad;
}

static struct err *kill_and_wait(
	const struct engine *e, const struct engine_container *c, struct arena *a)
{
	struct exit_record exit;
	bool ended = false;
	struct err *bad = send_signal(e, c, SIGKILL, a);
	if (bad && bad->kind == ERR_CONFLICT)
		err_free(&bad);
	if (!bad)
		bad = container_wait(e, c, KILL_PATIENCE, a, &exit, &ended);
	if (bad && bad->kind == ERR_NOT_FOUND) {
		err_free(&bad); /* --rm */
		return NULL;
	}
	if (!bad && !ended)
		bad = err_new(ERR_SYSTEM, "container %s does not end after SIGKILL", c->id);
	return bad;
}

static struct err *stop_signal_of(const struct engine_container *c, const char *asked, int *out)
{
	const char *word = asked                           ? asked
	                   : c->record.request.stop_signal ? c->record.request.stop_signal
	                                                   : "SIGTERM";
	*out = signal_number(word);
	return *out > 0 ? NULL : err_new(ERR_USAGE, "invalid signal: %s", word);
}

static int milliseconds(int64_t seconds)
{
	return seconds < 0 ? -1 : seconds > 2000000 ? 2000000000 : (int)seconds * 1000;
}

struct err *container_stop(const struct engine *e, const struct engine_container *c,
	struct opt_int seconds, const char *signal, struct arena *a)
{
	struct opt_int own = c->record.request.stop_timeout;
	int64_t wait = seconds.set ? seconds.value : own.set ? own.value : DEFAULT_STOP_SECONDS;
	struct engine_container now = *c;
	struct exit_record exit;
	bool ended = false;
	int number;
	struct err *bad = stop_signal_of(c, signal, &number);
	if (!bad)
		bad = note_stop(e, &now, a);
	if (is_gone(&bad) || bad || !now.pid)
		return bad;
	bad = send_signal(e, &now, number, a);
	if (bad && bad->kind == ERR_CONFLICT)
		err_free(&bad); /* it has ended meanwhile */
	if (!bad && now.status == ENGINE_RUNNING)
		bad = container_wait(e, &now, milliseconds(wait), a, &exit, &ended);
	if (is_gone(&bad))
		return NULL;
	return bad || ended ? bad : kill_and_wait(e, &now, a);
}

/* --- removal ------------------------------------------------------------------------------------
 */

/* The record goes first: what is killed in between is no container any more, but a rest that
 * recover removes. */
static struct err *remove_all(
	const struct engine *e, const struct engine_container *c, struct guard *g, struct arena *a)
{
	struct err *bad = container_delete(&e->states, c->id, true, a);
	if (!bad)
		bad = network_detach(e, c, a);
	if (!bad && unlinkat(fd_num(g->dir), "record.json", 0) < 0 && errno != ENOENT)
		bad = err_sys(errno, "remove record.json of %s", c->id);
	if (!bad)
		bad = name_release(e, c->record.name, c->id, a);
	if (!bad)
		bad = tree_remove(AT_FDCWD, c->run_dir);
	return bad ? bad : tree_remove(fd_num(e->dir), arena_fmt(a, "containers/%s", c->id));
}

static struct err *remove_volumes(
	const struct engine *e, const struct engine_container *c, struct arena *a)
{
	struct err *bad = NULL;
	for (size_t i = 0; !bad && i < c->record.anonymous.n; i++) {
		bad = volume_remove(e, c->record.anonymous.items[i], a);
		/* Another container may have it through --volumes-from. */
		if (bad && (bad->kind == ERR_CONFLICT || bad->kind == ERR_NOT_FOUND))
			err_free(&bad);
	}
	return bad;
}

static bool is_active(const struct engine_container *c)
{
	return c->status == ENGINE_RUNNING || c->status == ENGINE_PAUSED ||
	       c->status == ENGINE_RESTARTING;
}

struct err *container_remove(const struct engine *e, const struct engine_container *c, bool force,
	bool volumes, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	struct engine_container now = *c;
	struct err *bad = NULL;
	if (is_active(c) && !force)
		return err_hint(
			err_new(ERR_CONFLICT, "cannot remove container \"%s\": container is %s",
				c->record.name ? c->record.name : c->id,
				engine_status_name(c->status)),
			"stop the container before removing or force remove");
	if (is_active(c))
		bad = note_stop(e, &now, a);
	if (!bad && now.pid)
		bad = kill_and_wait(e, &now, a);
	if (!bad)
		bad = guard_take(e, &now, a, &g);
	if (!bad)
		bad = remove_all(e, &now, &g, a);
	if (is_gone(&bad))
		return NULL;
	return bad || !volumes ? bad : remove_volumes(e, &now, a);
}

struct err *container_rename(
	const struct engine *e, const struct engine_container *c, const char *name, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	struct engine_container now = *c;
	struct err *bad = guard_take(e, &now, a, &g);
	if (!bad && now.record.name && strcmp(now.record.name, name) == 0)
		bad = err_new(
			ERR_USAGE, "Renaming a container with the same name as its current name");
	if (!bad)
		bad = name_claim(e, name, c->id, a);
	if (bad)
		return bad;
	const char *old = now.record.name;
	now.record.name = name;
	bad = container_record_write(fd_num(g.dir), &now.record);
	return bad ? bad : name_release(e, old, c->id, a);
}

/* --- after the end ------------------------------------------------------------------------------
 */

/* 100 ms, doubled with each restart, up to a minute; somebody who stops it meanwhile is heard. */
static struct err *hold_off(const struct engine *e, struct engine_container *c, struct arena *a)
{
	int64_t step = c->record.restarts < 10 ? c->record.restarts : 10;
	int64_t wait = INT64_C(100) << step;
	wait = wait > 60000 ? 60000 : wait;
	for (int64_t end = time_steady() + wait * 1000000; time_steady() < end;) {
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
		struct err *bad = container_find(e, c->id, a, c);
		if (bad || c->record.stopped_by_user)
			return bad;
	}
	return NULL;
}

/* Those of the life that has ended: what we inherited; what is ours closes on exec. */
static void close_clients(void)
{
	for (int fd = MONITOR_FDS_END; fd < MONITOR_FDS_END + 4 * MONITOR_CLIENTS; fd++) {
		int flags = fcntl(fd, F_GETFD);
		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
}

static struct err *again(const struct engine *e, const char *id, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	cleanup(supervise_done) struct supervise s = {};
	struct engine_container c;
	struct err *bad = container_find(e, id, a, &c);
	if (!bad)
		bad = hold_off(e, &c, a);
	if (!bad)
		bad = guard_take(e, &c, a, &g);
	/* Somebody else may have started or stopped it while we waited. */
	if (bad || c.record.stopped_by_user || c.pid)
		return bad;
	s.listener = fd_own(fcntl(MONITOR_ATTACH, F_DUPFD_CLOEXEC, 64));
	close_clients();
	c.record.restarts++;
	return start_become(e, &c, &s, a);
}

struct err *container_ended(const struct engine *e, const char *id, struct arena *a)
{
	struct engine_container c = {};
	bool restart = false, remove = false;
	struct err *bad = container_find(e, id, a, &c);
	if (is_gone(&bad))
		return NULL;
	if (!bad) {
		cleanup(guard_release) struct guard g = {};
		bad = guard_take(e, &c, a, &g);
		if (!bad)
			bad = container_delete(&e->states, id, true, a);
		if (!bad)
			bad = network_detach(e, &c, a);
		restart = !bad && container_restarts(&c);
		remove = !bad && c.record.request.remove;
	}
	if (restart)
		bad = again(e, id, a);
	else if (remove)
		bad = container_remove(e, &c, true, true, a);
	if (!remove && !bad)
		bad = tree_remove(AT_FDCWD, c.run_dir);
	return bad;
}
