#include "base/test.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "runtime/record.h"

#define DONE(call)                                                                                 \
	do {                                                                                       \
		cleanup(err_free) struct err *failed = (call);                                     \
		if (failed)                                                                        \
			test_failed(__FILE__, __LINE__, "%s", failed->text);                       \
	} while (0)

/* A claimed container in a new root; given back with done(). */
struct place {
	char dir[32];
	struct state_root root;
	struct state state;
};

static struct place place(struct arena *a)
{
	struct place p = { .dir = "/tmp/record_test.XXXXXX" };
	CHECK(mkdtemp(p.dir));
	DONE(state_root_open(arena_str(a, str_of(p.dir)), true, a, &p.root));
	DONE(state_claim(&p.root, "web", a, &p.state));
	return p;
}

static void done(struct place *p)
{
	p->state.root = fd_num(p->root.dir);
	DONE(state_remove(&p->state));
	state_close(&p->state);
	state_root_close(&p->root);
	CHECK(rmdir(p->dir) == 0);
}

static const struct cgroup_hierarchy hierarchies[] = {
	{ .mount = "/sys/fs/cgroup/memory", .controllers = "memory" },
	{ .mount = "/sys/fs/cgroup/unified", .controllers = "hugetlb", .v2 = true },
};
static struct cgroup_dir dirs[] = {
	{ &hierarchies[0], "/sys/fs/cgroup/memory/x/web", "/x/web" },
	{ &hierarchies[1], "/sys/fs/cgroup/unified/x/web", "/x/web" },
};
static struct text_pair notes[] = { { "a.b", "c \"d\"" }, { "empty", "" } };

static const struct record sample = {
	.id = "web",
	.oci_version = "1.2.0",
	.bundle = "/b",
	.rootfs = "/b/r",
	.created = "2026-11-29T12:28:35.5Z",
	.runtime = "0.1.0",
	.owner = 1000,
	.own_pid_namespace = true,
	.start_reads_config = true,
	.cgroup = { .mode = CGROUP_HYBRID,
		.dirs = { dirs, 2 },
		.scope = "x.scope",
		.slice = "y",
		.unit_path = "/y/x.scope",
		.user = true },
	.annotations = { notes, 2 },
};

TEST(a_record_is_read_as_it_was_written)
{
	cleanup(arena_done) struct arena a = {};
	struct place p = place(&a);
	struct record r = {};
	DONE(record_write(&p.state, &sample));
	DONE(record_read(&p.state, &a, &r));
	CHECK_TEXT(r.id, "web");
	CHECK_TEXT(r.oci_version, "1.2.0");
	CHECK_TEXT(r.bundle, "/b");
	CHECK_TEXT(r.rootfs, "/b/r");
	CHECK_TEXT(r.created, "2026-11-29T12:28:35.5Z");
	CHECK_TEXT(r.runtime, "0.1.0");
	CHECK(r.owner == 1000 && r.own_pid_namespace);
	CHECK(r.cgroup.mode == CGROUP_HYBRID && r.cgroup.dirs.n == 2);
	const struct cgroup_dir *d = r.cgroup.dirs.items;
	CHECK_TEXT(d[1].host, "/sys/fs/cgroup/unified/x/web");
	CHECK_TEXT(d[0].in->controllers, "memory");
	CHECK(d[1].in->v2 && !d[0].in->v2);
	CHECK_TEXT(r.cgroup.scope, "x.scope");
	CHECK_TEXT(r.cgroup.slice, "y");
	CHECK_TEXT(r.cgroup.unit_path, "/y/x.scope");
	CHECK(r.cgroup.user && r.start_reads_config && !r.has_poststop);
	CHECK(r.annotations.n == 2);
	CHECK_TEXT(r.annotations.items[0].value, "c \"d\"");
	done(&p);
}

/* The first words of the refusal of @text as record.json. */
static void refuses(const struct state *s, const char *text, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	struct record r = {};
	DONE(file_replace(
		fd_num(s->dir), "record.json", 0600, (struct bytes){ text, strlen(text) }));
	cleanup(err_free) struct err *e = record_read(s, &a, &r);
	CHECK(e && !r.id);
	const struct err *root = e;
	while (root->cause)
		root = root->cause;
	CHECK_TEXT(root->text, want);
}

TEST(damaged_records_are_refused_with_the_place)
{
	cleanup(arena_done) struct arena a = {};
	struct place p = place(&a);
	struct record r;
	cleanup(err_free) struct err *none = record_read(&p.state, &a, &r);
	CHECK(none && none->kind == ERR_NOT_FOUND);
	CHECK_TEXT(none->text, "container web has no record");

	refuses(&p.state, "[]", "expected an object, found a list");
	refuses(&p.state, "{}", "missing version");
	refuses(&p.state, "{\"version\":1,\"runtime\":7}",
		"runtime: expected text, found a number");
	refuses(&p.state, "{\"version\":2}",
		"container web was made by a later onggi-runtime: its record has version 2, this "
		"one "
		"knows 1");
	done(&p);
}

TEST(every_truncation_of_a_record_is_refused)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	struct place p = place(&a);
	DONE(record_write(&p.state, &sample));
	DONE(file_read(fd_num(p.state.dir), "record.json", 4096, &text));
	for (size_t n = 0; n + 1 < text.n; n++) {
		struct record r;
		DONE(file_replace(
			fd_num(p.state.dir), "record.json", 0600, (struct bytes){ text.p, n }));
		cleanup(err_free) struct err *e = record_read(&p.state, &a, &r);
		if (!e)
			test_failed(__FILE__, __LINE__, "%zu bytes were taken", n);
	}
	done(&p);
}

TEST(the_process_is_noted_with_its_start_time)
{
	cleanup(arena_done) struct arena a = {};
	struct place p = place(&a);
	struct process_record r = {};
	struct proc_stat self;
	bool there = true;
	DONE(record_read_process(&p.state, &r, &there));
	CHECK(!there);
	DONE(record_write_process(&p.state, getpid()));
	DONE(record_read_process(&p.state, &r, &there));
	DONE(proc_stat_read(getpid(), &self));
	CHECK(there && r.pid == getpid() && r.start_time == self.start_time);

	DONE(file_replace(
		fd_num(p.state.dir), "process.json", 0600, (struct bytes){ "{\"pid\":1", 8 }));
	cleanup(err_free) struct err *e = record_read_process(&p.state, &r, &there);
	CHECK(e && strstr(e->text, "damaged"));
	done(&p);
}
