#include "image/layout.h"
#include "kernel/file.h"
#include "kernel/lock.h"
#include <fcntl.h>
#include <sys/stat.h>

static struct err *make_dir(int dir, const char *name)
{
	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return err_sys(errno, "mkdir %s", name);
	return NULL;
}

static struct err *open_dir(int dir, const char *name, struct fd *out)
{
	struct err *e = make_dir(dir, name);
	return e ? e : fd_open(out, dir, name, O_RDONLY | O_DIRECTORY);
}

struct err *layout_open(int dir, const char *name, struct layout *out)
{
	static const char version[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	cleanup(layout_close) struct layout l = {};
	struct err *e = open_dir(dir, name, &l.dir);
	if (!e)
		e = make_dir(fd_num(l.dir), "blobs");
	if (!e)
		e = open_dir(fd_num(l.dir), "blobs/sha256", &l.blobs);
	if (!e && faccessat(fd_num(l.dir), "oci-layout", F_OK, 0) < 0)
		e = file_replace(fd_num(l.dir), "oci-layout", 0644,
			(struct bytes){ version, sizeof(version) - 1 });
	if (e)
		return err_wrap(e, "opening the images' directory");
	*out = l;
	l = (struct layout){};
	return NULL;
}

void layout_close(struct layout *l)
{
	fd_close(&l->dir);
	fd_close(&l->blobs);
}

/* The index itself is replaced, so the lock is on a file that stays. */
struct err *layout_lock(const struct layout *l, struct fd *lock)
{
	cleanup(fd_close) struct fd file =
		fd_own(openat(fd_num(l->dir), ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	bool taken = false;
	if (!fd_valid(file))
		return err_sys(errno, "open images/.lock");
	struct err *e = lock_take(fd_num(file), 60000, &taken);
	if (!e && !taken)
		e = err_new(ERR_CONFLICT, "another command has been changing images for a minute");
	if (e)
		return e;
	*lock = fd_take(&file);
	return NULL;
}

struct err *layout_index(const struct layout *l, struct arena *a, struct manifest *out)
{
	cleanup(buf_done) struct buf text = {};
	struct err *e = file_read(fd_num(l->dir), "index.json", MANIFEST_LIMIT, &text);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		*out = (struct manifest){ .schema_version = 2, .media_type = MEDIA_INDEX };
		return NULL;
	}
	if (!e)
		e = index_read((struct str){ buf_text(&text), text.n }, a, out);
	return e ? err_wrap(e, "reading images/index.json") : NULL;
}

static struct err *sync_file(int dir, const char *name)
{
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, dir, name, O_RDONLY);
	if (!e && fsync(fd_num(file)) < 0)
		e = err_sys(errno, "fsync %s", name);
	return e;
}

struct err *layout_set_index(const struct layout *l, const struct manifest *index)
{
	cleanup(buf_done) struct buf text = {};
	int dir = fd_num(l->dir);
	encode_text(index, &index_schema, JSON_COMPACT, &text);
	if (text.n > MANIFEST_LIMIT)
		return err_new(ERR_USAGE, "images/index.json would be larger than %d bytes",
			MANIFEST_LIMIT);
	struct err *e =
		file_replace(dir, "index.json.next", 0644, (struct bytes){ text.p, text.n });
	if (!e)
		e = sync_file(dir, "index.json.next");
	if (!e && renameat(dir, "index.json.next", dir, "index.json") < 0)
		e = err_sys(errno, "rename index.json.next");
	if (!e && fsync(dir) < 0)
		e = err_sys(errno, "fsync the images' directory");
	return e ? err_wrap(e, "writing images/index.json") : NULL;
}

bool layout_has(const struct layout *l, const char *digest, int64_t size)
{
	struct stat st;
	return fstatat(fd_num(l->blobs), digest_hex(digest), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && (size < 0 || st.st_size == size);
}

struct err *layout_read(
	const struct layout *l, const char *digest, struct arena *a, struct str *out)
{
	cleanup(buf_done) struct buf text = {};
	struct digest found;
	struct err *e = digest_check(str_of(digest));
	if (!e)
		e = file_read(fd_num(l->blobs), digest_hex(digest), MANIFEST_LIMIT, &text);
	if (e)
		return err_wrap(e, "reading blob %s", digest);
	digest_of((struct bytes){ buf_text(&text), text.n }, &found);
	if (strcmp(found.text, digest) != 0)
		return err_new(
			ERR_SYSTEM, "blob %s is damaged: its content is %s", digest, found.text);
	*out = (struct str){ arena_str(a, (struct str){ buf_text(&text), text.n }), text.n };
	return NULL;
}

struct err *layout_put(const struct layout *l, struct bytes data, struct digest *out)
{
	cleanup(blob_drop) struct blob_writer w = {};
	struct err *e = blob_begin(l, &w);
	if (!e)
		e = blob_add(&w, data.p, data.n);
	return e ? e : blob_end(&w, out, NULL);
}

struct err *blob_begin(const struct layout *l, struct blob_writer *w)
{
	struct err *e = NULL;
	*w = (struct blob_writer){ .layout = l };
	for (int i = 0; !e && !fd_valid(w->file); i++) {
		snprintf(w->beside, sizeof(w->beside), ".new.%d.%d", (int)getpid(), i);
		w->file = fd_own(openat(fd_num(l->blobs), w->beside,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
		if (!fd_valid(w->file) && errno != EEXIST)
			e = err_sys(errno, "create a blob");
	}
	sha256_init(&w->sum);
	return e;
}

struct err *blob_add(struct blob_writer *w, const void *data, size_t n)
{
	sha256_add(&w->sum, data, n);
	w->size += (int64_t)n;
	return fd_write_all(fd_num(w->file), data, n);
}

struct err *blob_end(struct blob_writer *w, struct digest *out, bool *made)
{
	struct digest d;
	int blobs = fd_num(w->layout->blobs);
	digest_end(&w->sum, &d);
	bool there = layout_has(w->layout, d.text, w->size);
	if (!there && renameat(blobs, w->beside, blobs, digest_hex(d.text)) < 0)
		return err_sys(errno, "rename blob %s", d.text);
	if (!there)
		fd_close(&w->file); /* it has its name: nothing to drop */
	if (made)
		*made = !there;
	*out = d;
	return NULL;
}

void blob_drop(struct blob_writer *w)
{
	if (fd_valid(w->file))
		unlinkat(fd_num(w->layout->blobs), w->beside, 0);
	fd_close(&w->file);
}
