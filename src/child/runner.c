#include "child/runner.h"
#include "base/attr.h"
#include "child/text.h"

static bool is_later(const struct runner *r, int fd)
{
	return fd < LATER_MAX && r->later[fd / 64] >> fd % 64 & 1;
}

static bool has_later(const struct runner *r)
{
	uint64_t any = 0;
	for (size_t i = 0; i < ARRAY_LEN(r->later); i++)
		any |= r->later[i];
	return any;
}

/* A system call on behalf of an executor. */
static long noted_call(const struct sys *k, enum sys_call call, const struct sys_args *args)
{
	struct runner *r = container_of(k, struct runner, sys);
	long result;
	do {
		result = r->kernel->call(r->kernel, call, args);
		if (result != -EMFILE || !has_later(r))
			continue;
		runner_sweep(r);
		result = -EINTR;
	} while (result == -EINTR);
	if (result < 0)
		r->failed = call;
	return result;
}

void runner_init(struct runner *r, const struct sys *kernel, int *slots, int n_slots)
{
	*r = (struct runner){ .sys = { .call = noted_call },
		.kernel = kernel,
		.slots = slots,
		.n_slots = n_slots,
		.near_dir = -1 };
}

int runner_refuse(struct runner *r, int num)
{
	r->failed = SYS_NONE;
	return -num;
}

int runner_refuse_because(struct runner *r, int num, const char *why)
{
	struct text note = TEXT_IN(r->note);
	text_add(&note, why);
	return runner_refuse(r, num);
}

int runner_slot(const struct runner *r, int slot)
{
	return slot >= 0 && slot < r->n_slots ? r->slots[slot] : -1;
}

int runner_keep(struct runner *r, int slot, long fd)
{
	if (fd < 0)
		return (int)fd;
	if (slot < 0 || slot >= r->n_slots) {
		runner_close(r, fd);
		return runner_refuse(r, EBADF);
	}
	runner_close(r, r->slots[slot]);
	r->slots[slot] = (int)fd;
	return 0;
}

int runner_take(struct runner *r, int slot)
{
	int fd = runner_slot(r, slot);
	if (fd >= 0)
		r->slots[slot] = -1;
	return fd;
}

void runner_close(struct runner *r, long fd)
{
	if (fd >= 0 && fd < LATER_MAX)
		r->later[fd / 64] |= 1ull << fd % 64;
	else
		runner_close_now(r, fd);
}

void runner_close_now(struct runner *r, long fd)
{
	if (fd >= 0)
		sys_close(r->kernel, (int)fd);
}

void runner_sweep(struct runner *r)
{
	for (int fd = 0; fd < LATER_MAX; fd++) {
		int first = fd;
		while (is_later(r, fd))
			fd++;
		if (fd > first)
			sys_close_range(r->kernel, (unsigned int)first, (unsigned int)fd - 1, 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(r->later); i++)
		r->later[i] = 0;
}

void runner_close_slots(struct runner *r)
{
	for (int slot = 0; slot < r->n_slots; slot++)
		if (slot != SLOT_SYNC && slot != SLOT_STARTER && slot != SLOT_GATE)
			runner_close(r, runner_take(r, slot));
	runner_sweep(r);
}
