#include "image/layers.h"
#include "kernel/file.h"
#include "kernel/tree.h"
#include <fcntl.h>
#include <sys/stat.h>

#define AT(member) MEMBER(struct layer, member)
static const struct field fields[] = {
	{ "diffId", AT(diff_id), .required = true },
	{ "parent", AT(parent) },
	{ "size", AT(size), .always = true },
	{ "entries", AT(entries), .always = true },
};
static const struct schema schema = { SCHEMA(struct layer, fields) };

struct err *layers_chain(const struct imgconf *conf, struct arena *a, struct text_list *out)
{
	struct text_list chain = {};
	const char *below = NULL;
	for (size_t i = 0; i < conf->rootfs.diff_ids.n; i++) {
		struct digest d;
		struct err *e = digest_check(str_of(conf->rootfs.diff_ids.items[i]));
		if (e)
			return e;
		digest_chain(below, conf->rootfs.diff_ids.items[i], &d);
		below = arena_str(a, str_of(d.text));
		text_list_add(&chain, a, below);
	}
	*out = chain;
	return NULL;
}

bool layer_exists(int dir, const char *chain)
{
	char path[DIGEST_HEX + 16];
	snprintf(path, sizeof(path), "%.64s/layer.json", digest_hex(chain));
	return faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

struct err *layer_read(int dir, const char *chain, struct arena *a, struct layer *out)
{
	enum { LIMIT = 64 << 10 };
	cleanup(buf_done) struct buf text = {};
	struct layer l = {};
	const char *path = arena_fmt(a, "%s/layer.json", digest_hex(chain));
	struct err *e = file_read(dir, path, LIMIT, &text);
	if (!e)
		e = decode_text(
			(struct str){ buf_text(&text), text.n }, "layer.json", &schema, &l, a);
	if (e)
		return err_wrap(e, "reading layer %s", chain);
	*out = l;
	return NULL;
}

struct err *layer_begin(int dir, struct layer_writer *w)
{
	*w = (struct layer_writer){ .dir = dir };
	for (int i = 0;; i++) {
		snprintf(w->name, sizeof(w->name), ".new.%d.%d", (int)getpid(), i);
		if (mkdirat(dir, w->name, 0755) == 0)
			break;
		if (errno != EEXIST)
			return err_sys(errno, "make a layer's directory");
	}
	struct err *e = fd_open(&w->at, dir, w->name, O_RDONLY | O_DIRECTORY);
	if (!e && mkdirat(fd_num(w->at), "diff", 0755) < 0)
		e = err_sys(errno, "make a layer's directory");
	return e ? e : fd_open(&w->diff, fd_num(w->at), "diff", O_RDONLY | O_DIRECTORY);
}

struct err *layer_end(struct layer_writer *w, const struct layer *l)
{
	cleanup(buf_done) struct buf text = {};
	encode_text(l, &schema, JSON_COMPACT, &text);
	return file_replace(fd_num(w->at), "layer.json", 0644, (struct bytes){ text.p, text.n });
}

struct err *layer_commit(struct layer_writer *w, const char *chain)
{
	if (renameat2(w->dir, w->name, w->dir, digest_hex(chain), RENAME_NOREPLACE) < 0) {
		if (errno != EEXIST)
			return err_sys(errno, "name layer %s", chain);
		layer_drop(w);
		return NULL;
	}
	fd_close(&w->at);
	fd_close(&w->diff);
	w->name[0] = '\0';
	return NULL;
}

void layer_drop(struct layer_writer *w)
{
	fd_close(&w->at);
	fd_close(&w->diff);
	if (w->name[0]) {
		/* What stays behind has no layer's name; fsck removes it. */
		struct err *e = tree_remove(w->dir, w->name);
		err_free(&e);
	}
	w->name[0] = '\0';
}

struct err *layer_remove(int dir, const char *chain)
{
	char gone[DIGEST_HEX + 8];
	snprintf(gone, sizeof(gone), ".gone.%.64s", digest_hex(chain));
	struct err *e = tree_remove(dir, gone); /* of one that was interrupted */
	if (e)
		return e;
	if (renameat(dir, digest_hex(chain), dir, gone) < 0)
		return errno == ENOENT ? NULL : err_sys(errno, "remove layer %s", chain);
	return tree_remove(dir, gone);
}
