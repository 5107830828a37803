#include "archive/unpack.h"
#include "archive/unpack_parts.h"
#include "kernel/file.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* An entry on its way: where it goes. */
struct place {
	const char *name; /* the whole one, clean; "" for the root */
	int dir;          /* the directory it is in */
	const char *base; /* its name there */
};

/* --- attributes ----------------------------------------------------------------------------- */

/* What overlayfs keeps in "trusted." and "user.overlay." is ours to say: an archive could otherwise
 * redirect a directory to any other of the layers below. */
static bool is_wanted_xattr(const char *name)
{
	static const char *const wanted[] = { "user.", "security.capability",
		"system.posix_acl_access", "system.posix_acl_default" };
	if (strncmp(name, "user.overlay.", 13) == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (strncmp(name, wanted[i], strlen(wanted[i])) == 0)
			return true;
	return false;
}

/* The kernel has no call for a name in a directory: the directory's descriptor is a path. */
static struct err *set_xattrs(struct archive_entry *entry, const struct place *at)
{
	char path[64 + NAME_MAX];
	const char *name;
	const void *value;
	size_t n;
	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &n) == ARCHIVE_OK) {
		if (!is_wanted_xattr(name))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", at->dir, at->base);
		/* Without root some are not ours to give, and some file systems have none. */
		if (lsetxattr(path, name, value, n, 0) < 0 && errno != ENOTSUP &&
			(errno != EPERM || geteuid() == 0))
			return err_sys(errno, "set attribute %.100s", name);
	}
	return NULL;
}

static void times_of(struct archive_entry *entry, struct timespec out[2])
{
	out[1] = (struct timespec){ archive_entry_mtime(entry), archive_entry_mtime_nsec(entry) };
	out[0] = archive_entry_atime_is_set(entry) ? (struct timespec){ archive_entry_atime(entry),
		archive_entry_atime_nsec(entry) }
	                                           : out[1];
}

static struct err *set_owner(struct archive_entry *entry, const struct place *at)
{
	int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
	if (uid < 0 || gid < 0 || uid >= UINT32_MAX || gid >= UINT32_MAX)
		return err_new(
			ERR_USAGE, "its owner %lld:%lld cannot be", (long long)uid, (long long)gid);
	if (geteuid() != 0)
		return NULL; /* all belongs to who unpacks it */
	if (fchownat(at->dir, at->base, (uid_t)uid, (gid_t)gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(errno, "chown");
	return NULL;
}

/* The mode comes after the owner, who takes setuid away; capabilities after both. What is changed
 * here we have made ourselves, in a directory that nobody else can reach. */
static struct err *set_attributes(
	struct unpacking *u, struct archive_entry *entry, const struct place *at)
{
	struct timespec times[2];
	bool link = archive_entry_filetype(entry) == AE_IFLNK;
	struct err *e = set_owner(entry, at);
	if (!e && !link && fchmodat(at->dir, at->base, archive_entry_perm(entry) & 07777, 0) < 0)
		e = err_sys(errno, "chmod");
	if (!e)
		e = set_xattrs(entry, at);
	if (e)
		return e;
	times_of(entry, times);
	if (archive_entry_filetype(entry) == AE_IFDIR)
		return unpack_note_times(u, at->name, times);
	if (utimensat(at->dir, at->base, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(errno, "set its times");
	return NULL;
}

/* --- kinds of entries ----------------------------------------------------------------------- */

static struct err *write_at(int file, const char *p, size_t n, int64_t at)
{
	while (n) {
		ssize_t done = pwrite(file, p, n, at);
		if (done < 0 && errno != EINTR)
			return err_sys(errno, "write");
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
		at += done > 0 ? done : 0;
	}
	return NULL;
}

static struct err *write_content(struct unpacking *u, int file, int64_t size)
{
	const void *p;
	size_t n = 1;
	int64_t at = 0, end = 0;
	struct err *e = NULL;
	while (!e && n) {
		e = tar_data(&u->tar, &p, &n, &at);
		if (!e && n)
			e = write_at(file, p, n, at);
		end = !e && n ? at + (int64_t)n : end;
	}
	if (!e && end < size && ftruncate(file, size) < 0)
		e = err_sys(errno, "make it %lld bytes long", (long long)size);
	return e;
}

static struct err *add_file(
	struct unpacking *u, struct archive_entry *entry, const struct place *at)
{
	int64_t size = archive_entry_size(entry);
	if (size < 0 || size > UNPACK_SIZE - u->done.size)
		return err_new(ERR_USAGE, "the archive's files are larger than %lld bytes",
			(long long)UNPACK_SIZE);
	u->done.size += size;
	cleanup(fd_close) struct fd file = fd_own(openat(
		at->dir, at->base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
	if (!fd_valid(file))
		return err_sys(errno, "create it");
	return write_content(u, fd_num(file), size);
}

static struct err *add_symlink(
	struct unpacking *, struct archive_entry *entry, const struct place *at)
{
	const char *target = archive_entry_symlink(entry);
	if (!target || !*target)
		return err_new(ERR_USAGE, "it is a link to nothing");
	return symlinkat(target, at->dir, at->base) < 0 ? err_sys(errno, "make the link") : NULL;
}

static struct err *add_directory(struct unpacking *, struct archive_entry *, const struct place *at)
{
	return mkdirat(at->dir, at->base, 0700) < 0 ? err_sys(errno, "mkdir") : NULL;
}

/* A device that can't be made without root's rights is counted and left out. */
static struct err *add_node(
	struct unpacking *u, struct archive_entry *entry, const struct place *at)
{
	mode_t type = archive_entry_filetype(entry);
	dev_t major = archive_entry_rdevmajor(entry), minor = archive_entry_rdevminor(entry);
	if (major > UINT32_MAX || minor > UINT32_MAX)
		return err_new(ERR_USAGE, "its device number cannot be");
	dev_t device = type == AE_IFIFO ? 0 : makedev((unsigned)major, (unsigned)minor);
	if (type == AE_IFCHR && device == makedev(0, 0))
		return err_new(ERR_USAGE, "a device 0:0 is how overlayfs marks what is deleted");
	if (mknodat(at->dir, at->base, type | 0600, device) == 0)
		return NULL;
	if (errno != EPERM || type == AE_IFIFO)
		return err_sys(errno, "make the device");
	u->done.devices++;
	return NULL;
}

/* One row a kind; sockets can't be in a tar archive. */
static const struct {
	mode_t type;
	struct err *(*add)(
		struct unpacking *u, struct archive_entry *entry, const struct place *at);
} kinds[] = {
	{ AE_IFREG, add_file },
	{ AE_IFDIR, add_directory },
	{ AE_IFLNK, add_symlink },
	{ AE_IFCHR, add_node },
	{ AE_IFBLK, add_node },
	{ AE_IFIFO, add_node },
};

/* --- hard links ----------------------------------------------------------------------------- */

/* A link to a file of a layer below needs the file here: overlayfs would copy it up just so. */
static struct err *copy_up(struct unpacking *u, const char *name)
{
	struct stat st;
	char path[64];
	int dir;
	cleanup(fd_close) struct fd found = {}, from = {}, to = {};
	struct err *e = unpack_open_lower(u, name, &found);
	if (e)
		return e;
	if (fstat(fd_num(found), &st) < 0 || !S_ISREG(st.st_mode))
		return err_new(ERR_USAGE, "it links to what is no file: %s", name);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_num(found));
	const char *base = strrchr(name, '/');
	struct str parent = { name, base ? (size_t)(base - name) : 0 };
	e = fd_open(&from, AT_FDCWD, path, O_RDONLY);
	if (!e)
		e = unpack_parent(u, parent, &dir);
	if (e)
		return e;
	to = fd_own(
		openat(dir, base ? base + 1 : name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	if (!fd_valid(to))
		return err_sys(errno, "create %s", name);
	for (off_t done = 0; done < st.st_size;) {
		ssize_t n = copy_file_range(fd_num(from), NULL, fd_num(to), NULL, 1 << 30, 0);
		if (n <= 0)
			return err_sys(n ? errno : EIO, "copy %s from the layer below", name);
		done += n;
	}
	if (geteuid() == 0 && fchown(fd_num(to), st.st_uid, st.st_gid) < 0)
		return err_sys(errno, "chown %s", name);
	if (fchmod(fd_num(to), st.st_mode & 07777) < 0 ||
		futimens(fd_num(to), (struct timespec[2]){ st.st_atim, st.st_mtim }) < 0)
		return err_sys(errno, "copy the attributes of %s", name);
	u->done.size += st.st_size;
	return NULL;
}

static struct err *open_target(struct unpacking *u, const char *name, struct fd *out)
{
	struct err *e = file_open_in(out, u->request->root, name, O_PATH | O_NOFOLLOW);
	if (!e || e->kind != ERR_NOT_FOUND)
		return e;
	err_free(&e);
	e = copy_up(u, name);
	return e ? e : file_open_in(out, u->request->root, name, O_PATH | O_NOFOLLOW);
}

static struct err *add_hard_link(struct unpacking *u, const char *link, const char *name)
{
	cleanup(buf_done) struct buf target = {};
	cleanup(fd_close) struct fd file = {};
	struct in_the_way way;
	struct stat st;
	char path[64];
	int dir;
	struct err *e = tar_name(link, &target);
	if (e)
		return err_wrap(e, "its target");
	if (!target.n || strcmp(target.p, name) == 0)
		return target.n ? NULL : err_new(ERR_USAGE, "it links to the root");
	e = open_target(u, target.p, &file);
	if (e)
		return err_wrap(e, "its target");
	if (fstat(fd_num(file), &st) < 0 || S_ISDIR(st.st_mode))
		return err_new(ERR_USAGE, "it links to a directory");
	const char *base = strrchr(name, '/');
	e = unpack_parent(u, (struct str){ name, base ? (size_t)(base - name) : 0 }, &dir);
	base = base ? base + 1 : name;
	if (!e)
		e = unpack_make_way(u, dir, base, false, &way);
	if (e)
		return e;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_num(file));
	if (linkat(AT_FDCWD, path, dir, base, AT_SYMLINK_FOLLOW) < 0)
		return err_sys(errno, "link it to %s", target.p);
	return NULL;
}

/* --- whiteouts ------------------------------------------------------------------------------ */

static struct err *add_whiteout(const struct unpacking *u, const struct place *at)
{
	const char *name = at->base + 4;
	struct stat st;
	if (strcmp(at->base, ".wh..wh..opq") == 0)
		return u->request->lowers && u->request->lowers->n ? unpack_set_opaque(at->dir)
		                                                   : NULL;
	if (strncmp(name, ".wh.", 4) == 0)
		return NULL; /* what aufs kept for itself */
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_new(ERR_USAGE, "it is a whiteout of nothing");
	if (!u->request->lowers || !u->request->lowers->n)
		return NULL;
	/* What this layer brings itself stays; of a directory only what is below goes. */
	if (fstatat(at->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		cleanup(fd_close) struct fd dir = {};
		if (!S_ISDIR(st.st_mode))
			return NULL;
		struct err *e = fd_open(&dir, at->dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		return e ? e : unpack_set_opaque(fd_num(dir));
	}
	if (mknodat(at->dir, name, S_IFCHR, makedev(0, 0)) < 0)
		return err_sys(errno, "make the whiteout");
	return NULL;
}

/* --- entries -------------------------------------------------------------------------------- */

static struct err *add_in_place(
	struct unpacking *u, struct archive_entry *entry, const struct place *at)
{
	struct in_the_way way;
	mode_t type = archive_entry_filetype(entry);
	int64_t devices = u->done.devices;
	size_t kind = 0;
	while (kind < ARRAY_LEN(kinds) && kinds[kind].type != type)
		kind++;
	if (kind == ARRAY_LEN(kinds))
		return err_new(ERR_USAGE, "it is of a kind that is not known (%o)", type);
	struct err *e = unpack_make_way(u, at->dir, at->base, type == AE_IFDIR, &way);
	if (!e && !way.stays)
		e = kinds[kind].add(u, entry, at);
	if (!e && way.whiteout && type == AE_IFDIR) {
		cleanup(fd_close) struct fd dir = {};
		e = fd_open(&dir, at->dir, at->base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (!e)
			e = unpack_set_opaque(fd_num(dir));
	}
	return e || devices != u->done.devices ? e : set_attributes(u, entry, at);
}

/* The root itself has attributes and nothing else. */
static struct err *add_root(struct unpacking *u, struct archive_entry *entry)
{
	if (archive_entry_filetype(entry) != AE_IFDIR)
		return err_new(ERR_USAGE, "the root is a directory and stays one");
	return set_attributes(u, entry, &(struct place){ "", u->request->root, "." });
}

static struct err *add_entry(struct unpacking *u, struct archive_entry *entry, struct buf *name)
{
	struct err *e = tar_name(archive_entry_pathname(entry), name);
	if (e)
		return e;
	const char *link = archive_entry_hardlink(entry);
	if (!name->n)
		return link ? err_new(ERR_USAGE, "the root is no link") : add_root(u, entry);
	const char *base = strrchr(name->p, '/');
	struct str parent = { name->p, base ? (size_t)(base - name->p) : 0 };
	struct place at = { .name = name->p, .base = base ? base + 1 : name->p };
	if (strlen(at.base) > NAME_MAX)
		return err_sys(ENAMETOOLONG, "create it");
	bool whiteout = strncmp(at.base, ".wh.", 4) == 0;
	if (link && !whiteout)
		return add_hard_link(u, link, name->p);
	e = unpack_parent(u, parent, &at.dir);
	if (e)
		return e;
	return whiteout ? add_whiteout(u, &at) : add_in_place(u, entry, &at);
}

static struct err *add_all(struct unpacking *u)
{
	cleanup(buf_done) struct buf name = {};
	for (;;) {
		struct archive_entry *entry = NULL;
		struct err *e = tar_next(&u->tar, &entry);
		if (e || !entry)
			return e;
		e = ++u->done.entries > UNPACK_ENTRIES
		            ? err_new(ERR_USAGE, "more than %d entries", UNPACK_ENTRIES)
		            : add_entry(u, entry, &name);
		if (e) {
			cleanup(buf_done) struct buf shown = {};
			tar_show_name(archive_entry_pathname(entry), &shown);
			return err_wrap(e, "entry '%s'", buf_text(&shown));
		}
	}
}

static void unpacking_done(struct unpacking *u)
{
	tar_close(&u->tar);
	buf_done(&u->parent);
	buf_done(&u->times);
	fd_close(&u->parent_dir);
}

struct err *unpack(const struct unpack_request *r, struct source *source, struct unpacked *out)
{
	cleanup(unpacking_done) struct unpacking u = { .request = r };
	struct err *e = tar_open(source, &u.tar);
	if (!e)
		e = add_all(&u);
	if (!e)
		e = unpack_set_times(&u);
	if (!e)
		*out = u.done;
	return e;
}
