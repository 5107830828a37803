#include "monitor/logfile.h"
#include "base/time.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static entry_form *const forms[] = {
	[LOG_FORM_JSON] = entry_json,
	[LOG_FORM_K8S] = entry_k8s,
	[LOG_FORM_NONE] = NULL,
};
_Static_assert(ARRAY_LEN(forms) == LOG_FORMS, "every form of logs is written");

/* A batch is written when it is this long; an entry can be longer: six bytes for each of the text.
 */
enum { BATCH = 4096, ENTRY_MAX = 6 * LOG_TEXT_MAX + 256, FILE_NAME_MAX = 4096 };

static bool open_file(struct logfile *l)
{
	struct stat st;
	l->file = fd_own(openat(l->dir, l->settings->file,
		O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
	if (!fd_valid(l->file) || fstat(fd_num(l->file), &st) < 0) {
		l->error = errno;
		return false;
	}
	l->size = st.st_size;
	return true;
}

struct err *logfile_open(struct logfile *l, const struct log_settings *s, int dir)
{
	*l = (struct logfile){ .settings = s, .dir = dir };
	if (!forms[s->form])
		return NULL;
	if (strlen(s->file) > FILE_NAME_MAX - 8)
		return err_new(ERR_USAGE, "log file: the name is too long");
	size_t attrs = s->attrs ? strlen(s->attrs) : 0;
	buf_room(&l->batch, BATCH + ENTRY_MAX + attrs);
	logfile_now(l);
	return open_file(l) ? NULL : err_sys(l->error, "log file %s", s->file);
}

void logfile_now(struct logfile *l)
{
	l->time.n = 0;
	time_show(time_now(), &l->time);
}

/* NAME, or NAME.@i. */
static void name_of(const struct logfile *l, int64_t i, char name[static FILE_NAME_MAX])
{
	snprintf(name, FILE_NAME_MAX, i ? "%s.%d" : "%s", l->settings->file, (int)i);
}

/* Gives the full file its next name beside its own, which it keeps until the new one takes it:
 * there is no moment without a file of that name. A name that is missing is no reason to stop. */
static void shift_files(const struct logfile *l)
{
	char from[FILE_NAME_MAX], to[FILE_NAME_MAX];
	for (int64_t i = l->settings->files - 1; i > 1; i--) {
		name_of(l, i - 1, from);
		name_of(l, i, to);
		(void)renameat(l->dir, from, l->dir, to);
	}
	if (l->settings->files < 2)
		return;
	name_of(l, 1, to);
	(void)unlinkat(l->dir, to, 0); /* of two files the older one */
	if (linkat(l->dir, l->settings->file, l->dir, to, 0) < 0)
		(void)renameat(l->dir, l->settings->file, l->dir, to);
}

/* The new file is made before anything else is done: without it, all stays as it is. */
static void rotate(struct logfile *l)
{
	char beside[FILE_NAME_MAX];
	snprintf(beside, sizeof(beside), "%s.new", l->settings->file);
	logfile_flush(l);
	(void)unlinkat(l->dir, beside, 0); /* of a monitor that was killed */
	struct fd fresh = fd_own(
		openat(l->dir, beside, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640));
	if (!fd_valid(fresh)) {
		l->error = errno;
		return;
	}
	shift_files(l);
	(void)renameat(l->dir, beside, l->dir, l->settings->file);
	fd_close(&l->file);
	l->file = fresh;
	l->size = 0;
}

/* Whether an entry of @n bytes belongs into the next file. One that is larger than a file is alone
 * in one. */
static bool is_full(const struct logfile *l, size_t n)
{
	int64_t used = l->size + (int64_t)l->batch.n;
	return l->settings->size && used && used + (int64_t)n > l->settings->size;
}

void logfile_put(struct logfile *l, const char *stream, struct str text, bool whole)
{
	if (!forms[l->settings->form])
		return;
	struct entry entry = { stream, { l->time.p, l->time.n }, text, whole };
	size_t before = l->batch.n;
	forms[l->settings->form](&entry, l->settings->attrs, &l->batch);
	size_t n = l->batch.n - before;
	l->batch.n = before;
	if (is_full(l, n)) {
		char *made = l->batch.p + before; /* flushing leaves the bytes where they are */
		rotate(l);
		memmove(l->batch.p, made, n);
	}
	l->batch.n += n;
	l->collected++;
	if (l->batch.n >= BATCH)
		logfile_flush(l);
}

/* Writes the batch, whole. */
static bool write_batch(struct logfile *l)
{
	for (size_t done = 0; done < l->batch.n;) {
		ssize_t n = write(fd_num(l->file), l->batch.p + done, l->batch.n - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			l->error = n < 0 ? errno : ENOSPC;
			(void)!ftruncate(fd_num(l->file), l->size);
			return false;
		}
		done += (size_t)n;
	}
	l->size += (int64_t)l->batch.n;
	return true;
}

void logfile_flush(struct logfile *l)
{
	if (!l->batch.n)
		return;
	if (!(fd_valid(l->file) || open_file(l)) || !write_batch(l))
		l->lost += l->collected;
	l->batch.n = 0;
	l->collected = 0;
}

void logfile_close(struct logfile *l)
{
	logfile_flush(l);
	fd_close(&l->file);
	buf_done(&l->batch);
	buf_done(&l->time);
}
