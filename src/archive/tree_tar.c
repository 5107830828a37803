#include "archive/tree_tar.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/list.h"
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { DEEPEST = 800, BLOCK = 128 << 10 };

struct writing {
	struct archive *out;
	enum tree_form form;
	struct archive_entry_linkresolver *links;
	struct buf name; /* of what is being written */
	char *block;
};

static struct err *out_error(const struct writing *w)
{
	const char *text = archive_error_string(w->out);
	return err_new(ERR_SYSTEM, "write the archive: %s", text ? text : "no reason is known");
}

static bool is_marked(const char *path)
{
	char value[2] = "";
	return (lgetxattr(path, "trusted.overlay.opaque", value, sizeof(value)) == 1 ||
		       lgetxattr(path, "user.overlay.opaque", value, sizeof(value)) == 1) &&
	       value[0] == 'y';
}

static bool is_kept(const char *name)
{
	return (strncmp(name, "user.", 5) == 0 && strncmp(name, "user.overlay.", 13) != 0) ||
	       strcmp(name, "security.capability") == 0 ||
	       strncmp(name, "system.posix_acl_", 17) == 0;
}

static void add_xattrs(const char *path, struct archive_entry *entry)
{
	cleanup(buf_done) struct buf names = {}, value = {};
	ssize_t n = llistxattr(path, buf_room(&names, 64 << 10), 64 << 10);
	for (const char *p = names.p; n > 0 && p < names.p + n; p += strlen(p) + 1) {
		if (!is_kept(p))
			continue;
		ssize_t size = lgetxattr(path, p, buf_room(&value, 64 << 10), 64 << 10);
		if (size >= 0)
			archive_entry_xattr_add_entry(entry, p, value.p, (size_t)size);
	}
}

static struct err *put_header(struct writing *w, struct archive_entry *entry)
{
	struct archive_entry *spare = NULL;
	archive_entry_linkify(w->links, &entry, &spare);
	/* They differ from machine to machine and have served their purpose. */
	archive_entry_set_dev(entry, 0);
	archive_entry_set_ino(entry, 0);
	return archive_write_header(w->out, entry) == ARCHIVE_OK ? NULL : out_error(w);
}

/* Of a file that shrinks meanwhile the rest is zeros, of one that grows the rest is left out. */
static struct err *put_content(struct writing *w, int dir, const char *base, int64_t size)
{
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, dir, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	while (!e && size > 0) {
		size_t want = size < BLOCK ? (size_t)size : BLOCK;
		ssize_t n = read(fd_num(file), w->block, want);
		if (n < 0)
			return err_sys(errno, "read");
		if (n == 0) {
			memset(w->block, 0, want);
			n = (ssize_t)want;
		}
		if (archive_write_data(w->out, w->block, (size_t)n) != n)
			return out_error(w);
		size -= n;
	}
	return e;
}

static struct err *put_mark(struct writing *w, const char *name)
{
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, 0);
	archive_entry_set_mtime(entry, 0, 0);
	int result = archive_write_header(w->out, entry);
	archive_entry_free(entry);
	return result == ARCHIVE_OK ? NULL : out_error(w);
}

static struct err *put_whiteout(struct writing *w, const char *base)
{
	cleanup(buf_done) struct buf name = {};
	size_t dir = w->name.n - strlen(base);
	buf_put(&name, w->name.p, dir);
	buf_add(&name, ".wh.%s", base);
	return put_mark(w, name.p);
}

static struct archive_entry *describe(const char *name, const char *path, const struct stat *st)
{
	char target[4096];
	struct archive_entry *entry = archive_entry_new();
	archive_entry_copy_stat(entry, st);
	archive_entry_unset_atime(entry);
	archive_entry_unset_ctime(entry);
	archive_entry_unset_birthtime(entry);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mtime(entry, st->st_mtim.tv_sec, 0);
	if (S_ISLNK(st->st_mode)) {
		ssize_t n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		archive_entry_set_symlink(entry, target);
	}
	if (!S_ISREG(st->st_mode))
		archive_entry_set_size(entry, 0);
	add_xattrs(path, entry);
	return entry;
}

static struct err *put_tree(struct writing *w, int dir, int depth);

static struct err *put_directory(
	struct writing *w, int dir, const char *base, const char *path, int depth)
{
	cleanup(fd_close) struct fd sub = {};
	size_t whole = w->name.n;
	struct err *e = NULL;
	if (w->form == TREE_LAYER && is_marked(path)) {
		cleanup(buf_done) struct buf mark = {};
		buf_add(&mark, "%s/.wh..wh..opq", w->name.p);
		e = put_mark(w, mark.p);
	}
	if (!e && depth >= DEEPEST)
		e = err_new(ERR_USAGE, "directories are nested more than %d deep", DEEPEST);
	if (!e)
		e = fd_open(&sub, dir, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (e)
		return e;
	buf_add(&w->name, "/");
	e = put_tree(w, fd_num(sub), depth + 1);
	w->name.n = whole;
	w->name.p[whole] = '\0';
	return e;
}

/* w->name is the entry's. Sockets can't be in an archive, and nobody misses them. */
static struct err *put_entry(struct writing *w, int dir, const char *base, int depth)
{
	char path[320];
	struct stat st;
	if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? NULL : err_sys(errno, "stat %s", w->name.p);
	if (S_ISSOCK(st.st_mode))
		return NULL;
	if (w->form == TREE_LAYER && S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0))
		return put_whiteout(w, base);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, base);
	struct archive_entry *entry = describe(w->name.p, path, &st);
	struct err *e = put_header(w, entry);
	bool content = S_ISREG(st.st_mode) && !archive_entry_hardlink(entry);
	archive_entry_free(entry);
	if (!e && content)
		e = put_content(w, dir, base, st.st_size);
	if (!e && S_ISDIR(st.st_mode))
		e = put_directory(w, dir, base, path, depth);
	return e ? err_wrap(e, "%s", base) : NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct err *list_names(int dir, struct arena *a, struct text_list *out)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	if (!d) {
		struct err *e = err_sys(errno, "list a directory");
		if (copy >= 0)
			close(copy);
		return e;
	}
	for (const struct dirent *entry; (entry = readdir(d));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			text_list_add(out, a, arena_str(a, str_of(entry->d_name)));
	closedir(d);
	if (out->n)
		qsort(out->items, out->n, sizeof(*out->items), by_text);
	return NULL;
}

static struct err *put_tree(struct writing *w, int dir, int depth)
{
	cleanup(arena_done) struct arena a = {};
	struct text_list names = {};
	size_t whole = w->name.n;
	struct err *e = list_names(dir, &a, &names);
	for (size_t i = 0; !e && i < names.n; i++) {
		buf_add(&w->name, "%s", names.items[i]);
		e = put_entry(w, dir, names.items[i], depth);
		w->name.n = whole;
		if (w->name.p)
			w->name.p[whole] = '\0';
	}
	return e;
}

struct err *tree_tar_new(struct archive **out)
{
	struct archive *a = archive_write_new();
	if (!a)
		return err_new(ERR_SYSTEM, "no memory");
	archive_write_set_format_pax_restricted(a);
	archive_write_set_options(a, "xattrheader=SCHILY");
	*out = a;
	return NULL;
}

static void writing_done(struct writing *w)
{
	archive_entry_linkresolver_free(w->links);
	buf_done(&w->name);
}

struct err *tree_tar(int dir, enum tree_form form, struct archive *out)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(writing_done) struct writing w = {
		.out = out, .form = form, .block = arena_alloc(&a, 1, BLOCK)
	};
	struct stat st;
	w.links = archive_entry_linkresolver_new();
	if (!w.links)
		return err_new(ERR_SYSTEM, "no memory");
	archive_entry_linkresolver_set_strategy(w.links, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED);
	if (fstat(dir, &st) < 0)
		return err_sys(errno, "fstat");
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d/.", dir);
	struct archive_entry *entry = describe("./", path, &st);
	struct err *e = put_header(&w, entry);
	archive_entry_free(entry);
	if (!e)
		e = put_tree(&w, dir, 0);
	if (!e && archive_write_close(out) != ARCHIVE_OK)
		e = out_error(&w);
	return e;
}
