#include "engine/logs.h"
#include "engine/link.h"
#include "monitor/reader.h"
#include <fcntl.h>
#include <string.h>

const char *logs_driver(const struct container_request *r)
{
	return r->log_driver ? r->log_driver : "json-file";
}

const char *logs_file(const struct engine_container *c, struct arena *a)
{
	const char *driver = logs_driver(&c->record.request);
	if (strcmp(driver, "none") == 0)
		return NULL;
	return strcmp(driver, "json-file") == 0 ? arena_fmt(a, "%s-json.log", c->id)
	                                        : "container.log";
}

struct err *logs_make(int dir, const struct engine_container *c, struct arena *a)
{
	const char *name = logs_file(c, a);
	if (!name)
		return NULL;
	cleanup(fd_close) struct fd file =
		fd_own(openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
	return fd_valid(file) ? NULL : err_sys(errno, "make the log %s", name);
}

struct err *logs_read(const struct engine_container *c, const struct logs_ask *ask, struct arena *a)
{
	cleanup(fd_close) struct fd dir = {}, link = {};
	const char *driver = logs_driver(&c->record.request);
	const char *name = logs_file(c, a);
	if (!name)
		return err_new(ERR_CONFLICT,
			"configured logging driver does not support reading: '%s'", driver);
	struct err *e = fd_open(&dir, AT_FDCWD, c->dir, O_RDONLY | O_DIRECTORY);
	if (!e && ask->follow)
		e = link_connect(c->run_dir, 0, &link);
	if (e && e->kind == ERR_NOT_FOUND && fd_valid(dir))
		err_free(&e); /* it does not run: nothing will follow */
	const struct log_ask files = { .dir = fd_num(dir),
		.name = name,
		.k8s = strcmp(driver, "k8s-file") == 0,
		.tail = ask->tail,
		.since = ask->since,
		.until = ask->until,
		.take = ask->take,
		.to = ask->to,
		.stop = fd_num(link) };
	if (!e)
		e = log_read(&files);
	if (e && e->kind == ERR_NOT_FOUND && fd_valid(dir) && !c->record.started)
		err_free(&e);
	return e;
}
