/* onggi-archive: everything that streams tar. */
#include "archive/main.h"
#include "archive/add.h"
#include "archive/load.h"
#include "archive/merge.h"
#include "archive/save.h"
#include "archive/tree_tar.h"
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>

struct request {
	const struct image_store *store;
	char *const *args;
	size_t n;
	struct arena *arena;
};

static struct err *report(struct buf *line)
{
	buf_add(line, "\n");
	struct err *e = fd_write_all(REPORT, line->p, line->n);
	line->n = 0;
	return e;
}

static struct err *run_load(const struct request *r)
{
	struct list images;
	cleanup(buf_done) struct buf line = {};
	struct err *e = load(r->store, STDIN_FILENO, r->arena, &images);
	if (e)
		return e;
	for (list_each(const struct loaded, image, images)) {
		struct json_writer w = { .out = &line };
		json_open(&w, NULL, '{');
		json_text(&w, "manifest", image->manifest);
		json_open(&w, "names", '[');
		for (size_t i = 0; i < image->names.n; i++)
			json_text(&w, NULL, image->names.items[i]);
		json_close(&w, ']');
		json_close(&w, '}');
		e = e ? e : report(&line);
	}
	return e;
}

static struct err *report_layer(const struct added_layer *layer)
{
	cleanup(buf_done) struct buf line = {};
	struct json_writer w = { .out = &line };
	json_open(&w, NULL, '{');
	json_text(&w, "digest", layer->blob.digest);
	json_int(&w, "size", layer->blob.size);
	json_text(&w, "mediaType", layer->blob.media_type);
	json_text(&w, "diffId", layer->diff_id);
	json_text(&w, "chain", layer->chain);
	json_close(&w, '}');
	return report(&line);
}

static struct err *make_layer(const struct request *r,
	struct err *(*make)(const struct image_store *s, int fd, const struct text_list *below,
		struct arena *a, struct added_layer *out))
{
	struct text_list below = {};
	struct added_layer layer;
	struct err *e = NULL;
	for (size_t i = 0; !e && i < r->n; i++) {
		e = digest_check(str_of(r->args[i]));
		text_list_add(&below, r->arena, r->args[i]);
	}
	if (!e)
		e = make(r->store, STDIN_FILENO, &below, r->arena, &layer);
	return e ? e : report_layer(&layer);
}

static struct err *run_layer(const struct request *r)
{
	return make_layer(r, add_new_layer);
}

static struct err *run_commit(const struct request *r)
{
	return make_layer(r, add_tree_layer);
}

static struct err *run_export(const struct request *r)
{
	cleanup(fd_close) struct fd merged = {};
	struct archive *tar = NULL;
	struct err *e = r->n ? merge_dirs(r->args, r->n, &merged) : NULL;
	if (!e)
		e = tree_tar_new(&tar);
	if (!e && archive_write_open_fd(tar, STDOUT_FILENO) != ARCHIVE_OK)
		e = err_new(ERR_SYSTEM, "begin an archive: %s", archive_error_string(tar));
	if (!e)
		e = tree_tar(fd_valid(merged) ? fd_num(merged) : STDIN_FILENO, TREE_PLAIN, tar);
	if (tar)
		archive_write_free(tar);
	return e;
}

/* Images are next to each other: "digest=a digest=b" is one image with two names. */
static struct err *run_save(const struct request *r)
{
	struct loaded *images = anew(r->arena, struct loaded, r->n);
	struct list all = { images, 0 };
	for (size_t i = 0; i < r->n; i++) {
		struct str name = str_of(r->args[i]), digest = str_cut(&name, '=');
		struct err *e = digest_check(digest);
		if (e)
			return e;
		const char *text = arena_str(r->arena, digest);
		if (!all.n || strcmp(images[all.n - 1].manifest, text) != 0)
			images[all.n++].manifest = text;
		if (name.n)
			text_list_add(
				&images[all.n - 1].names, r->arena, arena_str(r->arena, name));
	}
	return save(r->store, &all, STDOUT_FILENO, r->arena);
}

static struct err *run_unpack(const struct request *r)
{
	struct err *e = NULL;
	for (size_t i = 0; !e && i < r->n; i++) {
		struct str text;
		struct manifest m;
		struct imgconf conf;
		e = layout_read(&r->store->layout, r->args[i], r->arena, &text);
		if (!e)
			e = manifest_read(text, r->arena, &m);
		if (!e)
			e = layout_read(&r->store->layout, m.config.digest, r->arena, &text);
		if (!e)
			e = imgconf_read(text, r->arena, &conf);
		if (!e)
			e = add_layers(r->store, &m, &conf, r->arena);
	}
	return e;
}

static const struct operation {
	const char *name;
	struct err *(*run)(const struct request *r);
} operations[] = {
	{ "load", run_load },
	{ "layer", run_layer },
	{ "commit", run_commit },
	{ "export", run_export },
	{ "save", run_save },
	{ "unpack", run_unpack },
};

static struct err *run(int argc, char **argv, struct arena *a)
{
	cleanup(image_store_close) struct image_store store = {};
	if (argc < 3)
		return err_new(ERR_USAGE, "onggi runs this program; there is nothing to call");
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		if (strcmp(operations[i].name, argv[1]) != 0)
			continue;
		struct err *e = image_store_open(argv[2], &store);
		struct request r = { &store, argv + 3, (size_t)(argc - 3), a };
		return e ? e : operations[i].run(&r);
	}
	return err_new(ERR_USAGE, "'%s' is no operation", argv[1]);
}

static void answer(const struct err *e)
{
	cleanup(buf_done) struct buf line = {}, text = {};
	struct json_writer w = { .out = &line };
	json_open(&w, NULL, '{');
	if (e) {
		err_show(e, &text);
		json_text(&w, "error", buf_text(&text));
		json_int(&w, "kind", e->kind);
		if (err_hint_of(e))
			json_text(&w, "hint", err_hint_of(e));
	} else {
		json_bool(&w, "done", true);
	}
	json_close(&w, '}');
	struct err *unheard = report(&line);
	if (unheard && e)
		err_print(e, stderr, "onggi-archive");
	err_free(&unheard);
}

int main(int argc, char **argv)
{
	cleanup(arena_done) struct arena a = {};
	setlocale(LC_CTYPE, "C.UTF-8"); /* names in archives are UTF-8, whatever the user has */
	umask(0);
	signal(SIGPIPE, SIG_IGN); /* whoever reads may go; that is an error as any other */
	cleanup(err_free) struct err *e = run(argc, argv, &a);
	answer(e);
	return e ? 1 : 0;
}
