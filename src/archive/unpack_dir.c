#include "archive/unpack_parts.h"
#include "kernel/file.h"
#include "kernel/tree.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

struct err *unpack_set_opaque(int dir)
{
	/* Only root outside of user namespaces may write the trusted one. */
	if (fsetxattr(dir, "trusted.overlay.opaque", "y", 1, 0) == 0 ||
		fsetxattr(dir, "user.overlay.opaque", "y", 1, 0) == 0)
		return NULL;
	return err_sys(errno, "mark it opaque");
}

struct err *unpack_open_lower(const struct unpacking *u, const char *name, struct fd *out)
{
	const struct text_list *lowers = u->request->lowers;
	for (size_t i = lowers ? lowers->n : 0; i-- > 0;) {
		cleanup(fd_close) struct fd root = {}, found = {};
		struct err *e = fd_open(&root, AT_FDCWD, lowers->items[i], O_PATH | O_DIRECTORY);
		if (!e)
			e = file_open_in(&found, fd_num(root), name, O_PATH | O_NOFOLLOW);
		if (!e) {
			struct stat st;
			if (fstat(fd_num(found), &st) == 0 && is_whiteout(&st))
				break;
			*out = fd_take(&found);
			return NULL;
		}
		if (e->kind != ERR_NOT_FOUND)
			return e;
		err_free(&e);
	}
	return err_new(ERR_NOT_FOUND, "%s is in no layer below", name);
}

/* A directory that the archive does not describe is what it is in the layers below. */
static struct err *inherit(struct unpacking *u, const char *name, int dir)
{
	cleanup(fd_close) struct fd lower = {};
	struct stat st;
	struct err *e = unpack_open_lower(u, name, &lower);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return NULL;
	}
	if (e || fstat(fd_num(lower), &st) < 0 || !S_ISDIR(st.st_mode))
		return e;
	if (geteuid() == 0 && fchown(dir, st.st_uid, st.st_gid) < 0)
		return err_sys(errno, "chown %s", name);
	if (fchmod(dir, st.st_mode & 07777) < 0)
		return err_sys(errno, "chmod %s", name);
	return unpack_note_times(u, name, (struct timespec[2]){ st.st_mtim, st.st_mtim });
}

static struct err *make_missing(struct unpacking *u, int in, struct str part, const char *whole)
{
	char name[NAME_MAX + 1];
	struct in_the_way way = {};
	if (part.n > NAME_MAX)
		return err_sys(ENAMETOOLONG, "mkdir");
	snprintf(name, sizeof(name), STR_FMT, STR_ARG(part));
	struct stat st;
	if (fstatat(in, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !is_whiteout(&st))
		return err_new(ERR_USAGE, "%s is no directory", whole);
	struct err *e = unpack_make_way(u, in, name, false, &way);
	if (!e && mkdirat(in, name, 0755) < 0)
		e = err_sys(errno, "mkdir %s", whole);
	cleanup(fd_close) struct fd made = {};
	if (!e)
		e = fd_open(&made, in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (!e && way.whiteout)
		return unpack_set_opaque(fd_num(made));
	return e ? e : inherit(u, whole, fd_num(made));
}

/* Whiteouts of directories that hold something make no sense: ".wh.a/b". */
static struct err *check_part(struct str part)
{
	if (part.n >= 4 && memcmp(part.p, ".wh.", 4) == 0)
		return err_new(ERR_USAGE, "a whiteout holds nothing");
	return NULL;
}

static struct err *open_each(struct unpacking *u, struct str name, struct fd *out)
{
	cleanup(buf_done) struct buf so_far = {};
	cleanup(fd_close) struct fd at = {};
	struct err *e = fd_open(&at, u->request->root, ".", O_RDONLY | O_DIRECTORY);
	while (!e && name.n) {
		struct str part = str_cut(&name, '/');
		cleanup(fd_close) struct fd next = {};
		buf_add(&so_far, "%s" STR_FMT, so_far.n ? "/" : "", STR_ARG(part));
		e = check_part(part);
		if (!e)
			e = file_open_in(&next, u->request->root, so_far.p, O_RDONLY | O_DIRECTORY);
		if (e && e->kind == ERR_NOT_FOUND) {
			err_free(&e);
			e = make_missing(u, fd_num(at), part, so_far.p);
			if (!e)
				e = file_open_in(
					&next, u->request->root, so_far.p, O_RDONLY | O_DIRECTORY);
		}
		fd_close(&at);
		at = fd_take(&next);
	}
	if (!e)
		*out = fd_take(&at);
	return e;
}

struct err *unpack_parent(struct unpacking *u, struct str name, int *out)
{
	struct str open = { buf_text(&u->parent), u->parent.n };
	if (u->parent_open && str_eq(open, name)) {
		*out = fd_num(u->parent_dir);
		return NULL;
	}
	u->parent_open = false;
	fd_close(&u->parent_dir);
	cleanup(buf_done) struct buf text = {};
	buf_put(&text, name.p, name.n);
	struct err *e =
		name.n ? file_open_in(
				 &u->parent_dir, u->request->root, text.p, O_RDONLY | O_DIRECTORY)
		       : fd_open(&u->parent_dir, u->request->root, ".", O_RDONLY | O_DIRECTORY);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		e = open_each(u, name, &u->parent_dir);
	}
	if (e)
		return e;
	u->parent.n = 0;
	buf_put(&u->parent, name.p, name.n);
	u->parent_open = true;
	*out = fd_num(u->parent_dir);
	return NULL;
}

struct err *unpack_make_way(
	struct unpacking *u, int dir, const char *name, bool for_dir, struct in_the_way *out)
{
	struct stat st;
	*out = (struct in_the_way){};
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? NULL : err_sys(errno, "stat");
	out->whiteout = is_whiteout(&st);
	out->stays = for_dir && S_ISDIR(st.st_mode);
	if (out->stays)
		return NULL;
	u->parent_open = false; /* it may be what is removed now */
	return tree_remove(dir, name);
}

/* A row of u->times is two times and a name with its NUL. */
struct err *unpack_note_times(struct unpacking *u, const char *name, const struct timespec times[2])
{
	if (u->times.n > UNPACK_DIRS)
		return err_new(ERR_USAGE, "the archive has too many directories");
	buf_put(&u->times, times, 2 * sizeof(*times));
	buf_put(&u->times, name, strlen(name) + 1);
	return NULL;
}

struct err *unpack_set_times(struct unpacking *u)
{
	const char *p = buf_text(&u->times), *end = p + u->times.n;
	while (p < end) {
		struct timespec times[2];
		cleanup(fd_close) struct fd dir = {};
		memcpy(times, p, sizeof(times));
		p += sizeof(times);
		struct err *e = file_open_in(
			&dir, u->request->root, *p ? p : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (e && e->kind != ERR_NOT_FOUND)
			return e;
		/* What a later entry replaced has no times any more. */
		if (!e && futimens(fd_num(dir), times) < 0)
			return err_sys(errno, "set the times of %s", p);
		err_free(&e);
		p += strlen(p) + 1;
	}
	return NULL;
}
