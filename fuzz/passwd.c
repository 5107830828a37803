/* /etc/passwd of a container, as the file "passwd" in the directory TMPDIR; the first two bytes are
 * the user. */
#include "planner/passwd.h"
#include "base/fd.h"
#include "fuzz.h"
#include <fcntl.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *path = getenv("TMPDIR");
	cleanup(arena_done) struct arena a = {};
	cleanup(fd_close) struct fd dir = {};
	cleanup(err_free) struct err *e =
		fd_open(&dir, AT_FDCWD, path ? path : "/tmp", O_RDONLY | O_DIRECTORY);
	HOLDS(!e);
	if (n < 2)
		return 0;
	int file = openat(fd_num(dir), "passwd", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	ssize_t rest = (ssize_t)n - 2;
	HOLDS(file >= 0 && write(file, data + 2, n - 2) == rest && close(file) == 0);
	uint32_t uid = (uint32_t)(data[0] | data[1] << 8);
	bool found = false;
	struct passwd_entry entry;
	cleanup(err_free) struct err *f =
		passwd_by_uid(fd_num(dir), "passwd", uid, &a, &entry, &found);
	HOLDS(!found || (entry.uid == uid && entry.home && !strchr(entry.home, '\n')));
	return 0;
}
