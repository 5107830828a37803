#include "child/program.h"
#include "child/run.h"
#include "child/talk.h"
#include <sys/prctl.h>

/* What a launch replaces with its plan. */
struct packed_plan program_plan __attribute__((section(".plan"))) = { .magic = 0 };

/* Without a C library: the stack is aligned, and nothing on it is of interest. */
#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tand $-16, %rsp\n\tcall program_main\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, xzr\n\tmov x30, xzr\n\tb program_main\n");
#elif defined(__riscv)
__asm__(".globl _start\n_start:\n\t.option push\n\t.option norelax\n\tla gp, __global_pointer$\n"
	"\t.option pop\n\ttail program_main\n");
#endif

/* Compilers make calls of these two out of assignments, C library or not. */
void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);

void *memset(void *to, int byte, size_t n)
{
	char *p = to;
	while (n--)
		*p++ = (char)byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	char *p = to;
	const char *q = from;
	while (n--)
		*p++ = *q++;
	return to;
}

static _Noreturn void leave(int status)
{
	for (;;)
		sys_exit_group(&sys_linux, status);
}

_Noreturn void program_main(void);

_Noreturn void program_main(void)
{
	const struct packed_plan *packed = &program_plan;
	if (packed->magic != PACKED_MAGIC)
		leave(2);
	struct runner r;
	struct message m = { .kind = MESSAGE_FAULT };
	const struct plan plan = { (const struct op *)(uintptr_t)packed->ops, packed->n_ops };
	runner_init(&r, &sys_linux, (int *)(uintptr_t)packed->slots, (int)packed->n_slots);
	sys_umask(&sys_linux, 0);
	sys_prctl(&sys_linux, PR_SET_NAME, (unsigned long)"onggi-child", 0); /* for ps */
	run_plan(&r, &plan, &m.fault);
	if (m.fault.num)
		talk_send(&r, talk_partner(&r), &m);
	leave(m.fault.num ? 1 : 0);
}
