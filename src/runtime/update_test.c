/* Limits of a v2 group that is a directory of plain files: what is written is read back. */
#include "base/test.h"
#include "kernel/file.h"
#include "runtime/update.h"
#include <fcntl.h>
#include <sys/stat.h>

#define DONE(call)                                                                                 \
	do {                                                                                       \
		cleanup(err_free) struct err *failed = (call);                                     \
		if (failed)                                                                        \
			test_failed(__FILE__, __LINE__, "%s", failed->text);                       \
	} while (0)

struct place {
	struct arena arena;
	char dir[32], group[48];
	struct state_root root;
	struct container container;
};

/* "../x" is a file of the group above. */
static void put(const struct place *p, const char *file, const char *text)
{
	int dir = open(p->group, O_PATH | O_CLOEXEC);
	DONE(file_replace(dir, file, 0600, (struct bytes){ text, strlen(text) }));
	close(dir);
}

/* The first line. A plain file keeps the end of what was longer before. */
static const char *get(struct place *p, const char *file)
{
	cleanup(buf_done) struct buf text = {};
	DONE(file_read(AT_FDCWD, arena_fmt(&p->arena, "%s/%s", p->group, file), 4096, &text));
	struct str rest = { buf_text(&text), text.n };
	return arena_str(&p->arena, str_cut(&rest, '\n'));
}

/* A container whose process is this one. */
static void place_open(struct place *p)
{
	static const struct {
		const char *file, *text;
	} files[] = { { "cgroup.freeze", "0\n" },
		{ "../cgroup.controllers", "cpu cpuset io memory pids\n" },
		{ "../cgroup.subtree_control", "cpu cpuset io memory pids\n" },
		{ "cpu.max", "30000 50000\n" }, { "memory.max", "100\n" },
		{ "memory.swap.max", "40\n" }, { "pids.max", "7\n" } };
	*p = (struct place){ .dir = "/tmp/update_test.XXXXXX" };
	CHECK(mkdtemp(p->dir));
	snprintf(p->group, sizeof(p->group), "%s/group", p->dir);
	CHECK(mkdir(p->group, 0700) == 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		put(p, files[i].file, files[i].text);
	struct text_pair pair = { "", p->group };
	struct record r = { .id = "web",
		.oci_version = "1",
		.bundle = "/b",
		.rootfs = "/r",
		.created = "x",
		.runtime = "0" };
	cgroup_from_paths(&(struct text_map){ &pair, 1 }, &p->arena, &r.cgroup);
	cleanup(state_close) struct state s = {};
	DONE(state_root_open(arena_fmt(&p->arena, "%s/root", p->dir), true, &p->arena, &p->root));
	DONE(state_claim(&p->root, "web", &p->arena, &s));
	DONE(record_write(&s, &r));
	DONE(record_write_process(&s, getpid()));
	DONE(container_open(&p->root, "web", &p->arena, &p->container));
}

static void place_close(struct place *p)
{
	container_close(&p->container);
	state_root_close(&p->root);
	CHECK(system(arena_fmt(&p->arena, "rm -rf %s", p->dir)) == 0);
	arena_done(&p->arena);
}

static void update(struct place *p, struct spec_resources r)
{
	r.present = true;
	DONE(container_update(&p->container, &r, &p->arena));
}

TEST(half_of_the_processor_quota_keeps_the_other_half)
{
	struct place p;
	place_open(&p);
	update(&p, (struct spec_resources){ .cpu.period = { true, 20000 } });
	CHECK_TEXT(get(&p, "cpu.max"), "30000 20000");
	put(&p, "cpu.max", "max 50000\n");
	update(&p, (struct spec_resources){ .cpu.period = { true, 25000 } });
	CHECK_TEXT(get(&p, "cpu.max"), "max 25000");
	place_close(&p);
}

TEST(memory_and_swap_keep_their_sum)
{
	struct place p;
	place_open(&p);
	/* 140 together: more memory leaves less swap. */
	update(&p, (struct spec_resources){ .memory.limit = { true, 120 } });
	CHECK_TEXT(get(&p, "memory.max"), "120");
	CHECK_TEXT(get(&p, "memory.swap.max"), "20");
	update(&p, (struct spec_resources){ .memory.swap = { true, 150 } });
	CHECK_TEXT(get(&p, "memory.max"), "120");
	CHECK_TEXT(get(&p, "memory.swap.max"), "30");
	put(&p, "memory.swap.max", "max\n");
	update(&p, (struct spec_resources){ .memory.limit = { true, 130 } });
	CHECK_TEXT(get(&p, "memory.swap.max"), "max");
	place_close(&p);
}

TEST(what_is_not_asked_for_stays)
{
	struct place p;
	place_open(&p);
	update(&p, (struct spec_resources){ .pids_limit = { true, 9 } });
	CHECK_TEXT(get(&p, "pids.max"), "9");
	CHECK_TEXT(get(&p, "cpu.max"), "30000 50000");
	CHECK_TEXT(get(&p, "memory.max"), "100");
	place_close(&p);
}

TEST(memory_beyond_memory_and_swap_together_is_refused)
{
	struct place p;
	place_open(&p);
	struct spec_resources r = { .present = true, .memory.limit = { true, 200 } };
	cleanup(err_free) struct err *e = container_update(&p.container, &r, &p.arena);
	CHECK(e);
	CHECK_TEXT(get(&p, "memory.max"), "100");
	place_close(&p);
}

TEST(a_container_that_has_stopped_is_not_updated)
{
	struct place p;
	place_open(&p);
	p.container.process.start_time++;
	struct spec_resources r = { .present = true, .pids_limit = { true, 9 } };
	cleanup(err_free) struct err *e = container_update(&p.container, &r, &p.arena);
	CHECK(e);
	CHECK_TEXT(e->text, "container not running");
	cleanup(err_free) struct err *rdt =
		container_update_rdt(&p.container, "L3:0=f", NULL, &p.arena);
	CHECK_TEXT(rdt->text, "container web has no Intel RDT group");
	place_close(&p);
}
