#include "base/test.h"
#include "engine/record.h"
#include "kernel/tree.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

TEST(a_record_is_read_as_it_was_written)
{
	cleanup(arena_done) struct arena a = {};
	char path[] = "/tmp/record-XXXXXX";
	struct mount_request mount = {
		.type = "volume", .source = "v", .target = "/v", .no_copy = true
	};
	struct container_record in = {
		.id = "i", .name = "n", .restarts = 3, .stopped_by_user = true
	};
	struct container_record out = {};
	struct exit_record end = { .finished = "2025-01-01T00:00:00Z", .code = 0 }, seen = {};
	bool there = true;
	in.request.mounts = (struct list){ &mount, 1 };
	in.request.memory = (struct opt_int){ true, -1 };
	in.request.restart = (struct restart_request){ "on-failure", 5 };
	CHECK(mkdtemp(path));
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup(err_free) struct err *none = exit_record_read(dir, &a, &seen, &there);
	CHECK(!none && !there);
	cleanup(err_free) struct err *e = container_record_write(dir, &in);
	CHECK(!e);
	e = container_record_read(dir, &a, &out);
	CHECK(!e);
	CHECK_TEXT(out.id, "i");
	CHECK(out.restarts == 3 && out.stopped_by_user && out.request.memory.value == -1);
	CHECK_TEXT(out.request.restart.policy, "on-failure");
	const struct mount_request *m = out.request.mounts.items;
	CHECK(out.request.mounts.n == 1 && m->no_copy);
	CHECK_TEXT(m->source, "v");
	e = exit_record_write(dir, &end);
	CHECK(!e);
	e = exit_record_read(dir, &a, &seen, &there);
	CHECK(!e && there && seen.code == 0);
	close(dir);
	e = tree_remove(AT_FDCWD, path);
	CHECK(!e);
}
