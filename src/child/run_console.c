#include "child/run.h"

#include "child/inside.h"
#include "child/mounts.h"
#include "child/text.h"
#include <linux/magic.h>
#include <sys/ioctl.h>

/* Whether @fd is a character device with these numbers. */
static bool is_char_device(const struct statx *st, uint32_t major, uint32_t minor)
{
	return S_ISCHR(st->stx_mode) && st->stx_rdev_major == major && st->stx_rdev_minor == minor;
}

/* The directory of terminals, which must be the kernel's and not one that an image brought. */
static int open_pts(struct runner *r)
{
	struct statfs fs;
	int pts = inside_open(r, "dev/pts", O_DIRECTORY);
	if (pts < 0)
		return pts;
	int failed = (int)sys_fstatfs(&r->sys, pts, &fs);
	if (failed >= 0 && fs.f_type != DEVPTS_SUPER_MAGIC)
		failed = runner_refuse(r, ENODEV);
	if (failed >= 0)
		return pts;
	runner_close(r, pts);
	return failed;
}

static int open_master(struct runner *r)
{
	struct statx st;
	int pts = open_pts(r);
	int master = pts < 0 ? pts
	                     : open_at(r, pts, "ptmx", O_RDWR | O_NOCTTY,
				       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	runner_close(r, pts);
	if (master < 0)
		return master;
	int failed = inside_look(r, master, &st);
	if (failed >= 0 && !is_char_device(&st, 5, 2))
		failed = runner_refuse(r, ENODEV);
	if (failed >= 0)
		return master;
	runner_close(r, master);
	return failed;
}

/* The slave side, by the master and not by a name. */
static int open_slave(struct runner *r, int master, const struct op *op)
{
	const int unlocked = 0;
	const struct winsize size = { .ws_row = op->console.rows, .ws_col = op->console.columns };
	long failed = sys_ioctl(&r->sys, master, TIOCSPTLCK, (long)&unlocked);
	if (failed >= 0 && (size.ws_row || size.ws_col))
		failed = sys_ioctl(&r->sys, master, TIOCSWINSZ, (long)&size);
	if (failed < 0)
		return (int)failed;
	int slave = (int)sys_ioctl(&r->sys, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || !op->console.uid)
		return slave;
	failed = sys_fchownat(&r->sys, slave, "", op->console.uid, UINT32_MAX, AT_EMPTY_PATH);
	if (failed >= 0)
		return slave;
	runner_close(r, slave);
	return (int)failed;
}

/* Attaches the slave on /dev/console, an empty file that is made for it. What is there already is
 * neither followed nor opened. */
static int attach_console(struct runner *r, int slave)
{
	struct target t = {
		.path = "dev/console", .flags = MOUNT_NO_SYMLINK | MOUNT_IN_PROC, .like = slave
	};
	int place = inside_target(r, &t);
	int copy = place < 0 ? place : mount_clone(r, slave, 0);
	int failed = copy < 0 ? copy : mount_attach(r, copy, place);
	runner_close(r, copy);
	runner_close(r, place);
	return failed;
}

/* Sends the master with the slave's name. */
static int send_master(struct runner *r, int master)
{
	unsigned int number = 0;
	char name[32];
	struct text text = TEXT_IN(name);
	long failed = sys_ioctl(&r->sys, master, TIOCGPTN, (long)&number);
	if (failed < 0)
		return (int)failed;
	text_add(&text, "/dev/pts/");
	text_add_number(&text, number, 10);

	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS } };
	*(int *)(void *)CMSG_DATA(&control.head) = master;
	struct iovec data = { .iov_base = name, .iov_len = text.n };
	const struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	failed = sys_sendmsg(&r->sys, runner_slot(r, SLOT_CONSOLE), &message, MSG_NOSIGNAL);
	return failed < 0 ? (int)failed : 0;
}

int run_console(struct runner *r, const struct op *op)
{
	int master = open_master(r);
	if (master < 0)
		return master;
	int slave = open_slave(r, master, op);
	int failed = slave;
	if (failed >= 0 && op->console.on_dev_console)
		failed = attach_console(r, slave);
	if (failed >= 0)
		failed = send_master(r, master);
	runner_close_now(r, master);
	runner_close_now(r, runner_take(r, SLOT_CONSOLE));
	if (failed >= 0)
		return runner_keep(r, SLOT_TTY, slave);
	runner_close(r, slave);
	return failed;
}

int run_tty(struct runner *r, const struct op *)
{
	int tty = runner_slot(r, SLOT_TTY);
	long failed = 0;
	for (int fd = 0; fd <= 2 && failed >= 0; fd++)
		failed = sys_dup3(&r->sys, tty, fd, 0);
	if (failed >= 0)
		failed = sys_ioctl(&r->sys, 0, TIOCSCTTY, 0);
	if (failed < 0)
		return (int)failed;
	runner_close(r, runner_take(r, SLOT_TTY));
	return 0;
}

/* What has no owner to change, or is not ours to give, stays as it is. */
static bool is_beyond_us(int failed)
{
	return failed == -EINVAL || failed == -EPERM || failed == -EROFS || failed == -EBADF;
}

static int give(struct runner *r, int fd, uint32_t uid)
{
	struct statx st;
	int failed = inside_look(r, fd, &st);
	if (failed == -EBADF)
		return 0;
	if (failed < 0 || st.stx_uid == uid || is_char_device(&st, 1, 3))
		return failed;
	failed = (int)sys_fchownat(&r->sys, fd, "", uid, UINT32_MAX, AT_EMPTY_PATH);
	return is_beyond_us(failed) ? 0 : failed;
}

int run_stdio_owner(struct runner *r, const struct op *op)
{
	int failed = 0;
	for (int fd = 0; fd <= 2 && failed >= 0; fd++)
		failed = give(r, fd, op->identity.uid);
	return failed;
}
