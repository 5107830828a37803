#include "child/run.h"

#include "child/procfs.h"
#include "child/text.h"

int run_proc_open(struct runner *r, const struct op *)
{
	return procfs_open(r);
}

int run_proc_write(struct runner *r, const struct op *op)
{
	int fd = procfs_open_file(r, op->proc_write.path, O_WRONLY);
	if (fd < 0)
		return fd;
	size_t n = text_len(op->proc_write.text);
	long written = sys_write(&r->sys, fd, op->proc_write.text, n);
	runner_close(r, fd);
	if (written >= 0 && (size_t)written != n)
		return runner_refuse(r, EIO);
	return written < 0 ? (int)written : 0;
}
