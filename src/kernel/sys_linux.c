#include "kernel/raw_call.h"
#include "kernel/sys.h"

static long linux_call(const struct sys *, enum sys_call call, const struct sys_args *args)
{
	return raw_call(sys_table[call].number, args->a);
}

const struct sys sys_linux = { .call = linux_call };
