#include "base/test.h"
#include "image/store.h"
#include "kernel/file.h"
#include "kernel/tree.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A store in a directory of its own, with images whose layers hold nothing. */
struct world {
	struct arena arena;
	char root[40];
	struct image_store store;
};

static void world_open(struct world *w)
{
	snprintf(w->root, sizeof(w->root), "/tmp/onggi-store-XXXXXX");
	CHECK(mkdtemp(w->root));
	struct err *e = image_store_open(w->root, &w->store);
	CHECK_TEXT(e ? e->text : "", "");
}

static void world_done(struct world *w)
{
	image_store_close(&w->store);
	CHECK(!tree_remove(AT_FDCWD, w->root));
	arena_done(&w->arena);
}

static const char *put(struct world *w, const char *text)
{
	struct digest d;
	CHECK(!layout_put(&w->store.layout, (struct bytes){ text, strlen(text) }, &d));
	return arena_str(&w->arena, str_of(d.text));
}

/* Adds an image made of two layers: "base", and one of its own; the manifest's digest. */
static const char *make(struct world *w, const char *what)
{
	const char *diffs[] = { put(w, "base"), put(w, what) };
	struct digest chain = {};
	for (int i = 0; i < 2; i++) {
		cleanup(layer_drop) struct layer_writer l = {};
		char below[DIGEST_TEXT + 1];
		memcpy(below, chain.text, sizeof(below));
		digest_chain(i ? below : NULL, diffs[i], &chain);
		CHECK(!layer_begin(fd_num(w->store.layers), &l));
		CHECK(!layer_end(&l, &(struct layer){ .diff_id = diffs[i], .size = 100 }));
		CHECK(!layer_commit(&l, chain.text));
	}
	const char *conf = arena_fmt(&w->arena,
		"{\"created\":\"20%02zu-01-01T00:00:00Z\",\"config\":{},\"rootfs\":{\"type\":"
		"\"layers\","
		"\"diff_ids\":[\"%s\",\"%s\"]},\"history\":[{\"created_by\":\"a\"},"
		"{\"created_by\":\"env\",\"empty_layer\":true},{\"created_by\":\"b\"}]}",
		strlen(what), diffs[0], diffs[1]);
	return put(w, arena_fmt(&w->arena,
			      "{\"schemaVersion\":2,\"config\":{\"digest\":\"%s\",\"size\":%zu},"
			      "\"layers\":["
			      "{\"digest\":\"%s\",\"size\":4},{\"digest\":\"%s\",\"size\":%zu}]}",
			      put(w, conf), strlen(conf), diffs[0], diffs[1], strlen(what)));
}

static struct image add(struct world *w, const char *what, const char *name)
{
	struct text_list names = {};
	struct image image = {};
	if (name)
		text_list_add(&names, &w->arena, name);
	cleanup(err_free) struct err *e =
		image_add(&w->store, make(w, what), &names, &w->arena, &image);
	CHECK_TEXT(e ? e->text : "", "");
	return image;
}

static int count(const struct world *w, const char *dir)
{
	cleanup(buf_done) struct buf command = {};
	buf_add(&command, "ls %s/%s | wc -l", w->root, dir);
	FILE *f = popen(command.p, "r");
	int n = -1;
	CHECK(f && fscanf(f, "%d", &n) == 1);
	pclose(f);
	return n;
}

TEST(images_are_found_by_every_name_they_have)
{
	cleanup(world_done) struct world w = {};
	world_open(&w);
	struct image made = add(&w, "one", "docker.io/library/web:latest"), found = {};
	CHECK(made.size == 200 && made.layers.n == 2);
	const char *texts[] = { "web", "web:latest", "docker.io/library/web", made.id, made.id + 7,
		arena_fmt(&w.arena, "%.4s", made.id + 7),
		arena_fmt(&w.arena, "sha256:%.12s", made.id + 7), made.digest,
		arena_fmt(&w.arena, "web@%s", made.digest) };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		cleanup(err_free) struct err *e = image_find(&w.store, texts[i], &w.arena, &found);
		CHECK_TEXT(e ? e->text : "", "");
		CHECK_TEXT(found.id, made.id);
	}
	static const char *const none[] = { "nginx", "web:2", "ffffffffffff", "library/web:x" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		cleanup(err_free) struct err *e = image_find(&w.store, none[i], &w.arena, &found);
		CHECK(e && e->kind == ERR_NOT_FOUND && strstr(e->text, "No such image: "));
	}
}

TEST(a_name_moves_and_leaves_a_dangling_image)
{
	cleanup(world_done) struct world w = {};
	world_open(&w);
	add(&w, "one", "docker.io/library/web:latest");
	struct image two = add(&w, "two two", "docker.io/library/web:latest"), found;
	struct list all;
	CHECK(!image_find(&w.store, "web", &w.arena, &found));
	CHECK_TEXT(found.id, two.id);
	CHECK(!image_list(&w.store, &w.arena, &all));
	const struct image *images = all.items;
	CHECK(all.n == 2 && images[0].names.n == 1 && images[1].names.n == 0);
	struct image_removal out = {};
	CHECK(!image_prune(&w.store, false, NULL, &w.arena, &out));
	CHECK(out.deleted.n == 2); /* the image and the layer that was its own */
	CHECK(count(&w, "layers") == 2);
	CHECK(count(&w, "images/blobs/sha256") == 4);
}

TEST(removing_keeps_what_others_share)
{
	cleanup(world_done) struct world w = {};
	world_open(&w);
	struct image one = add(&w, "one", "docker.io/library/one:latest");
	add(&w, "two two", "docker.io/library/two:latest");
	CHECK(count(&w, "layers") == 3);
	CHECK(!image_tag(&w.store, &one, "uno:v1", &w.arena));
	struct image_removal out = {};
	CHECK(!image_remove(&w.store, "one", false, NULL, &w.arena, &out));
	CHECK(out.untagged.n == 1 && out.deleted.n == 0);
	CHECK_TEXT(out.untagged.items[0], "one:latest");
	out = (struct image_removal){};
	CHECK(!image_remove(&w.store, "uno:v1", false, NULL, &w.arena, &out));
	CHECK(out.deleted.n == 2 && out.freed > 100);
	CHECK(count(&w, "layers") == 2);
	out = (struct image_removal){};
	CHECK(!image_remove(&w.store, "two", false, NULL, &w.arena, &out));
	CHECK(count(&w, "layers") == 0);
	CHECK(count(&w, "images/blobs/sha256") == 0);
}

static const char *used(void *, const struct image *)
{
	return "container 0123";
}

TEST(an_image_in_use_stays)
{
	static const struct image_users users = { .user = used };
	cleanup(world_done) struct world w = {};
	world_open(&w);
	struct image one = add(&w, "one", "docker.io/library/one:latest"), found;
	struct image_removal out = {};
	cleanup(err_free) struct err *e =
		image_remove(&w.store, "one", false, &users, &w.arena, &out);
	CHECK(e && e->kind == ERR_CONFLICT && strstr(e->text, "container 0123 is using"));
	CHECK(!image_prune(&w.store, true, &users, &w.arena, &out));
	CHECK(!image_remove(&w.store, "one", true, &users, &w.arena, &out));
	CHECK(out.untagged.n == 1 && out.deleted.n == 0);
	CHECK(!image_find(&w.store, one.id, &w.arena, &found) && found.names.n == 0);
	CHECK(count(&w, "layers") == 2);
}

TEST(by_id_several_names_need_force)
{
	cleanup(world_done) struct world w = {};
	world_open(&w);
	struct image one = add(&w, "one", "docker.io/library/one:latest");
	struct image_removal out = {};
	CHECK(!image_tag(&w.store, &one, "uno", &w.arena));
	cleanup(err_free) struct err *e =
		image_remove(&w.store, one.id, false, NULL, &w.arena, &out);
	CHECK(e && strstr(e->text, "must be forced"));
	CHECK(!image_remove(&w.store, one.id, true, NULL, &w.arena, &out));
	CHECK(out.untagged.n == 2);
	CHECK(count(&w, "layers") == 0);
}

TEST(a_damaged_blob_is_noticed)
{
	cleanup(world_done) struct world w = {};
	world_open(&w);
	struct image one = add(&w, "one", "docker.io/library/one:latest"), found;
	const char *path = arena_fmt(&w.arena, "%s/images/blobs/sha256/%s", w.root, one.id + 7);
	CHECK(!file_write(AT_FDCWD, path, "X"));
	cleanup(err_free) struct err *e = image_find(&w.store, "one", &w.arena, &found);
	cleanup(buf_done) struct buf text = {};
	CHECK(e);
	err_show(e, &text);
	CHECK(strstr(text.p, "is damaged"));
}

TEST(an_image_without_its_layers_is_not_added)
{
	cleanup(world_done) struct world w = {};
	world_open(&w);
	const char *manifest = make(&w, "one");
	struct image image;
	struct text_list names = {};
	cleanup(buf_done) struct buf command = {};
	buf_add(&command, "rm -r %s/layers/*", w.root);
	CHECK(system(command.p) == 0);
	cleanup(err_free) struct err *e = image_add(&w.store, manifest, &names, &w.arena, &image);
	CHECK(e && e->kind == ERR_CONFLICT);
	CHECK(count(&w, "images/index.json 2>/dev/null") == 0);
}

TEST(history_has_a_size_for_each_layer)
{
	cleanup(world_done) struct world w = {};
	world_open(&w);
	struct image one = add(&w, "one", NULL);
	struct list steps;
	image_history(&one, &w.arena, &steps);
	const struct image_step *s = steps.items;
	CHECK(steps.n == 3 && s[0].size == 100 && s[1].size == 0 && s[2].size == 100);
	CHECK_TEXT(s[0].created_by, "b");
	CHECK_TEXT(s[0].id, one.id);
}
