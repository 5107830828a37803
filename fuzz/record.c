/* A container's record.json, in the directory TMPDIR. */
#include "runtime/record.h"
#include "fuzz.h"
#include "kernel/file.h"
#include <fcntl.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *dir = getenv("TMPDIR");
	cleanup(arena_done) struct arena a = {};
	cleanup(state_close) struct state s = { .id = "web", .path = dir ? dir : "/tmp" };
	cleanup(err_free) struct err *e = fd_open(&s.dir, AT_FDCWD, s.path, O_DIRECTORY);
	HOLDS(!e);
	int file = openat(
		fd_num(s.dir), "record.json", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	HOLDS(file >= 0 && write(file, data, n) == (ssize_t)n && close(file) == 0);
	struct record r = {};
	cleanup(err_free) struct err *f = record_read(&s, &a, &r);
	HOLDS(f || r.id);
	return 0;
}
