#include "kernel/sys_fake.h"
#include <stdbool.h>
#include <string.h>

static bool makes_descriptor(enum sys_call call)
{
	static const bool makes[SYS_CALLS] = {
		[SYS_ACCEPT4] = true,
		[SYS_FSMOUNT] = true,
		[SYS_FSOPEN] = true,
		[SYS_OPENAT2] = true,
		[SYS_OPEN_TREE] = true,
		[SYS_SOCKET] = true,
	};
	return makes[call];
}

static void add_argument(struct buf *log, char letter, long value)
{
	if (letter == 's')
		buf_add(log, value ? "\"%s\"" : "NULL", (const char *)value);
	else if (letter == 'x')
		buf_add(log, "%#lx", (unsigned long)value);
	else if (letter == 'p')
		buf_add(log, value ? "ptr" : "NULL");
	else
		buf_add(log, "%ld", value);
}

static long fake_call(const struct sys *k, enum sys_call call, const struct sys_args *args)
{
	struct sys_fake *f = container_of(k, struct sys_fake, sys);
	const struct sys_row *row = &sys_table[call];
	buf_add(f->log, "%s(", row->name);
	for (size_t i = 0; row->args[i]; i++) {
		buf_add(f->log, i ? ", " : "");
		add_argument(f->log, row->args[i], args->a[i]);
	}
	buf_add(f->log, ")\n");
	if (++f->calls == f->fail_at)
		return -f->fail_with;
	long result = makes_descriptor(call) ? f->next_fd++ : 0;
	return f->answer ? f->answer(f->ctx, call, args, result) : result;
}

struct sys_fake sys_fake(struct buf *log)
{
	return (struct sys_fake){ .log = log, .next_fd = 100, .sys = { .call = fake_call } };
}
