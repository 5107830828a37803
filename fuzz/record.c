/* A container's record.json and process.json, in the directory TMPDIR: what is taken, written and
 * taken again has the same id. */
#include "runtime/record.h"
#include "fuzz.h"
#include "kernel/file.h"
#include <fcntl.h>

static void put(int dir, const char *name, const uint8_t *data, size_t n)
{
	int file = openat(dir, name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	HOLDS(file >= 0 && write(file, data, n) == (ssize_t)n && close(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *dir = getenv("TMPDIR");
	cleanup(arena_done) struct arena a = {};
	cleanup(state_close) struct state s = { .id = "web", .path = dir ? dir : "/tmp" };
	cleanup(err_free) struct err *e = fd_open(&s.dir, AT_FDCWD, s.path, O_DIRECTORY);
	HOLDS(!e);
	put(fd_num(s.dir), "record.json", data, n);
	put(fd_num(s.dir), "process.json", data, n);
	struct record r = {}, again = {};
	struct process_record p = {};
	bool there = false;
	cleanup(err_free) struct err *f = record_read_process(&s, &p, &there);
	cleanup(err_free) struct err *g = record_read(&s, &a, &r);
	cleanup(err_free) struct err *h = g ? NULL : record_write(&s, &r);
	cleanup(err_free) struct err *i = g ? NULL : record_read(&s, &a, &again);
	HOLDS(g || (!h && !i && strcmp(r.id, again.id) == 0));
	return 0;
}
