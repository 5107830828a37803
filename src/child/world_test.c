#include "child/world_test.h"
#include "kernel/compat.h"
#include <errno.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

/* What the files of an operation are, where it is not a directory on some other file system. */
static const struct setting {
	enum op_kind kind;
	uint16_t mode;
	uint32_t major, minor;
	long file_system;
	char stage;
} settings[] = {
	{ OP_AWAIT, .stage = STAGE_READY },
	{ OP_PROC_WRITE, .file_system = PROC_SUPER_MAGIC },
	{ OP_MASK, S_IFCHR | 0666, 1, 3 },
	{ OP_CONSOLE, S_IFCHR | 0666, 5, 2, DEVPTS_SUPER_MAGIC },
	{ OP_STDIO_OWNER, S_IFIFO | 0600 },
	{ OP_FIND_COMMAND, S_IFREG | 0755 },
	{ OP_MOVE_ROOT, .file_system = PROC_SUPER_MAGIC },
};

static void set_descriptor(struct world *w, long fd, bool open)
{
	if (fd < 0 || fd >= WORLD_FDS)
		return;
	if (w->open[fd] == open)
		test_failed(__FILE__, __LINE__, "descriptor %ld is %s already:\n%s", fd,
			open ? "open" : "closed", buf_text(&w->log));
	w->open[fd] = open;
}

static void answer_statx(const struct world *w, struct statx *st)
{
	*st = (struct statx){ .stx_mode = w->mode,
		.stx_ino = 1,
		.stx_rdev_major = w->major,
		.stx_rdev_minor = w->minor };
}

static long answer_pipe(struct world *w, int *out)
{
	for (int i = 0; i < 2; i++) {
		out[i] = w->fake.next_fd++;
		set_descriptor(w, out[i], true);
	}
	return 0;
}

static long answer_read(struct world *w, const struct sys_args *args)
{
	struct message m = { .kind = w->message, .stage = w->stage };
	if (w->text) {
		size_t n = strlen(w->text);
		memcpy((void *)args->a[1], w->text, n);
		w->text = "";
		return (long)n;
	}
	if (args->a[2] == 1)
		return 1;
	if ((size_t)args->a[2] != sizeof(m))
		return 0;
	memcpy((void *)args->a[1], &m, sizeof(m));
	return sizeof(m);
}

static long answer_open(struct world *w, const struct sys_args *args, long fd)
{
	if (w->missing && strcmp((const char *)args->a[1], w->missing) == 0)
		return -ENOENT;
	set_descriptor(w, fd, true);
	return fd;
}

static long answer_ioctl(struct world *w, const struct sys_args *args)
{
	if (args->a[1] != TIOCGPTPEER)
		return 0;
	long fd = w->fake.next_fd++;
	set_descriptor(w, fd, true);
	return fd;
}

static long answer_link(const struct world *w, const struct sys_args *args)
{
	if (!w->link)
		return -EINVAL;
	memcpy((void *)args->a[2], w->link, strlen(w->link));
	return (long)strlen(w->link);
}

static long answer(void *ctx, enum sys_call call, const struct sys_args *args, long result)
{
	struct world *w = ctx;
	switch ((int)call) {
	case SYS_OPENAT2:
		return answer_open(w, args, result);
	case SYS_ACCEPT4:
	case SYS_FSMOUNT:
	case SYS_FSOPEN:
	case SYS_OPEN_TREE:
	case SYS_SOCKET:
		set_descriptor(w, result, true);
		return result;
	case SYS_CLOSE:
		set_descriptor(w, args->a[0], false);
		return 0;
	case SYS_CLOSE_RANGE:
		for (long fd = args->a[0]; !args->a[2] && fd <= args->a[1]; fd++)
			set_descriptor(w, fd, false);
		return 0;
	case SYS_STATX:
		answer_statx(w, (struct statx *)args->a[4]);
		return 0;
	case SYS_FSTATFS:
		*(struct statfs *)args->a[1] = (struct statfs){ .f_type = w->file_system };
		return 0;
	case SYS_READ:
		return answer_read(w, args);
	case SYS_PIPE2:
		return answer_pipe(w, (int *)args->a[0]);
	case SYS_READLINKAT:
		return answer_link(w, args);
	case SYS_IOCTL:
		return answer_ioctl(w, args);
	case SYS_CLONE3:
		return w->clone;
	case SYS_GETCWD:
		memcpy((void *)args->a[0], "/root", 6);
		return 6;
	case SYS_CAPGET:
		memset((void *)args->a[1], 0xff, 24);
		return 0;
	case SYS_RECVFROM:
		return w->connections_lost-- > 0 ? 0 : 1;
	case SYS_SENDTO:
	case SYS_WRITE:
		return args->a[2];
	default:
		return result;
	}
}

/* Writes down which call it was: also of those that fail. */
static long noted(const struct sys *k, enum sys_call call, const struct sys_args *args)
{
	struct world *w = container_of(k, struct world, front);
	if (w->n_calls < (int)ARRAY_LEN(w->calls))
		w->calls[w->n_calls++] = call;
	return w->fake.sys.call(&w->fake.sys, call, args);
}

void world_make(struct world *w, enum op_kind kind)
{
	*w = (struct world){ .mode = S_IFDIR | 0755, .message = MESSAGE_STAGE };
	w->front.call = noted;
	w->fake = sys_fake(&w->log);
	w->fake.answer = answer;
	w->fake.ctx = w;
	for (int i = 0; i < WORLD_SLOTS; i++) {
		w->slots[i] = 10 + i;
		w->open[10 + i] = true;
	}
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct setting *s = &settings[i];
		if (s->kind != kind)
			continue;
		w->mode = s->mode ? s->mode : w->mode;
		w->major = s->major;
		w->minor = s->minor;
		w->file_system = s->file_system;
		w->stage = s->stage;
	}
}

struct fault world_run(struct world *w, const struct op *op)
{
	return plan_run(&w->front, &(struct plan){ op, 1 }, w->slots, WORLD_SLOTS);
}

void world_check_descriptors(const struct world *w)
{
	bool held[WORLD_FDS] = {};
	for (int i = 0; i < WORLD_SLOTS; i++)
		if (w->slots[i] >= 0)
			held[w->slots[i]] = true;
	for (int fd = 0; fd < WORLD_FDS; fd++)
		if (held[fd] != w->open[fd])
			test_failed(__FILE__, __LINE__, "descriptor %d is %s:\n%s", fd,
				held[fd] ? "closed but in a slot" : "left open", buf_text(&w->log));
}

void world_done(struct world *w)
{
	buf_done(&w->log);
}
