#include "monitor/reader.h"
#include "monitor/logset.h"
#include <poll.h>
#include <sys/inotify.h>

/* The most that is read at once. */
enum { CHUNK = 64 * 1024 };

struct reader {
	const struct log_ask *ask;
	struct logset set;
	struct log_place place; /* what was taken ends here */
	struct buf block;       /* what was read behind that: the beginning of an entry */
	struct buf text;
	bool over; /* @until is behind us */
};

static struct err *take_line(struct reader *r, struct str line)
{
	const struct log_ask *ask = r->ask;
	struct entry_read entry;
	if (!(ask->k8s ? entry_parse_k8s : entry_parse_json)(line, &r->text, &entry))
		return NULL; /* after a power cut */
	if (ask->since || ask->until) {
		struct moment when;
		struct err *e = time_parse(entry.time, &when);
		if (e) {
			err_free(&e);
			return NULL;
		}
		r->over = ask->until && logset_earlier(*ask->until, when);
		if (r->over || (ask->since && logset_earlier(when, *ask->since)))
			return NULL;
	}
	return ask->take(ask->to, &entry);
}

static struct err *take_lines(struct reader *r)
{
	struct str rest = { r->block.p, r->block.n };
	struct err *e = NULL;
	while (!e && !r->over && rest.n && memchr(rest.p, '\n', rest.n))
		e = take_line(r, str_cut(&rest, '\n'));
	r->place.offset += (int64_t)(r->block.n - rest.n);
	if (rest.n)
		memmove(r->block.p, rest.p, rest.n);
	r->block.n = rest.n;
	return e;
}

/* To the end of the file that is read now. */
static struct err *read_file(struct reader *r)
{
	int file = fd_num(r->set.files[r->place.file]);
	while (!r->over) {
		char *room = buf_room(&r->block, CHUNK);
		ssize_t n = pread(file, room, CHUNK, r->place.offset + (int64_t)r->block.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(errno, "read the log");
		if (n == 0)
			return NULL;
		buf_grown(&r->block, (size_t)n);
		struct err *e = take_lines(r);
		if (e)
			return e;
	}
	return NULL;
}

/* To the end of the newest file. */
static struct err *catch_up(struct reader *r)
{
	struct err *e = read_file(r);
	while (!e && r->place.file > 0) {
		r->place = (struct log_place){ r->place.file - 1, 0 };
		r->block.n = 0;
		e = read_file(r);
	}
	return e;
}

/* The file after @last in @set; the oldest, if @last is not there any more. */
static size_t file_after(const struct logset *set, int last)
{
	for (size_t i = 1; i < set->n; i++)
		if (logset_same(fd_num(set->files[i]), last))
			return i - 1;
	return set->n - 1;
}

/* Goes over to what was begun after our newest file, if there is something. */
static struct err *advance(struct reader *r, bool *moved)
{
	struct logset next;
	int last = fd_num(r->set.files[0]);
	struct err *e = logset_open(&next, r->ask->dir, r->ask->name);
	*moved = !e && !logset_same(fd_num(next.files[0]), last);
	if (e && e->kind == ERR_NOT_FOUND) /* in the middle of a rotation */
		err_free(&e);
	if (!e && *moved)
		e = read_file(r); /* its last entries came before it was renamed */
	if (e || !*moved) {
		logset_close(&next);
		return e;
	}
	r->place = (struct log_place){ file_after(&next, last), 0 };
	r->block.n = 0;
	logset_close(&r->set);
	r->set = next;
	return NULL;
}

static struct err *read_all(struct reader *r)
{
	bool moved = true;
	struct err *e = NULL;
	while (!e && moved && !r->over) {
		e = catch_up(r);
		if (!e)
			e = advance(r, &moved);
	}
	return e;
}

/* Waits for something to happen to the files; *@stop says that there will be no more. */
static struct err *await(int events, int stopper, bool *stop)
{
	char room[4096];
	struct pollfd all[] = { { events, POLLIN, 0 }, { stopper, POLLIN, 0 } };
	if (poll(all, 2, -1) < 0 && errno != EINTR)
		return err_sys(errno, "poll");
	if (all[0].revents)
		(void)!read(events, room, sizeof(room));
	*stop = all[1].revents != 0;
	return NULL;
}

static struct err *follow(struct reader *r)
{
	char path[64];
	bool stop = false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", r->ask->dir);
	cleanup(fd_close) struct fd events = fd_own(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	if (!fd_valid(events) ||
		inotify_add_watch(fd_num(events), path, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return err_sys(errno, "watch the log");
	struct err *e = read_all(r);
	while (!e && !stop && !r->over) {
		e = await(fd_num(events), r->ask->stop, &stop);
		if (!e)
			e = read_all(r);
	}
	return e;
}

/* Where to begin: what was asked for last, of the two. */
static struct err *find_place(struct reader *r)
{
	const struct log_ask *ask = r->ask;
	struct log_place since;
	struct err *e = NULL;
	r->place = logset_start(&r->set);
	if (ask->tail >= 0)
		e = logset_tail(&r->set, ask->tail, &r->place);
	if (!e && ask->since) {
		e = logset_since(
			&r->set, *ask->since, ask->k8s ? entry_time_k8s : entry_time_json, &since);
		r->place = e ? r->place : logset_later(r->place, since);
	}
	return e;
}

struct err *log_read(const struct log_ask *ask)
{
	struct reader r = { .ask = ask };
	struct err *e = logset_open(&r.set, ask->dir, ask->name);
	if (e)
		return e;
	e = find_place(&r);
	if (!e)
		e = ask->stop >= 0 ? follow(&r) : read_all(&r);
	logset_close(&r.set);
	buf_done(&r.block);
	buf_done(&r.text);
	return e;
}
