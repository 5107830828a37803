/* Programs are loaded into real processes, which then make real calls. */
#include "base/fd.h"
#include "base/test.h"
#include "kernel/compat.h"
#include "seccomp/abi.h"
#include "seccomp/seccomp.h"
#include "seccomp/seccomp_rules.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXTS(...)                                                                                 \
	(struct text_list)                                                                         \
	{                                                                                          \
		(const char *[]){ __VA_ARGS__, NULL },                                             \
			sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)                   \
	}

/* What a process that reports by its exit status can't do without, also under the sanitizers. */
static const struct seccomp_rule needed = { .names = TEXTS("exit_group", "exit", "rt_sigreturn",
						    "write", "mmap", "munmap", "futex",
						    "sched_yield", "sigaltstack"),
	.action = "SCMP_ACT_ALLOW" };

static struct seccomp_program compile(const struct seccomp_profile *p, struct arena *a)
{
	struct seccomp_program program = {};
	cleanup(err_free) struct err *e = seccomp_compile(p, NULL, a, &program);
	if (e)
		err_print(e, stderr, "compile");
	CHECK(!e);
	return program;
}

static long load(const struct seccomp_program *p)
{
	struct sock_filter *insns = anew(&(struct arena){}, struct sock_filter, BPF_MAXINSNS);
	memcpy(insns, p->filter.p, p->filter.n);
	struct sock_fprog fprog = { (unsigned short)(p->filter.n / sizeof(*insns)), insns };
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, p->flags, &fprog);
}

static void report(const struct seccomp_program *program, int (*call)(void))
{
	signal(SIGSYS, SIG_DFL); /* which the test framework catches */
	_exit(load(program) < 0 ? 99 : call());
}

/* Runs @call under @profile in a process of its own: its wait status. */
static int status_of(const struct seccomp_profile *profile, int (*call)(void))
{
	cleanup(arena_done) struct arena arena = {};
	struct seccomp_program program = compile(profile, &arena);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		report(&program, call);
	int status = -1;
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

/* The same for calls that end well: what @call returned. */
static int under(const struct seccomp_profile *profile, int (*call)(void))
{
	int status = status_of(profile, call);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int errno_of(long result)
{
	return result < 0 ? errno : 0;
}

static int call_getppid(void)
{
	return errno_of(syscall(__NR_getppid));
}

static int call_number_600(void)
{
	return errno_of(syscall(600));
}

static int call_number_minus_1(void)
{
	return errno_of(syscall(-1));
}

static int call_umask(void)
{
	return errno_of(syscall(__NR_umask, 022));
}

static struct seccomp_profile denying(const struct seccomp_rule *rules, size_t n)
{
	return (struct seccomp_profile){
		.default_action = "SCMP_ACT_ERRNO", .rules = rules, .n_rules = n
	};
}

TEST(what_is_not_allowed_is_denied)
{
	struct seccomp_rule rules[] = { needed, { TEXTS("umask"), "SCMP_ACT_ALLOW" } };
	struct seccomp_profile p = denying(rules, 2);
	CHECK(under(&p, call_umask) == 0);
	CHECK(under(&p, call_getppid) == EPERM);
	p.default_errno_ret = (struct opt_int){ true, EXDEV };
	CHECK(under(&p, call_getppid) == EXDEV);
}

static int call_file_getattr(void)
{
	return errno_of(syscall(468, -1, NULL, NULL, 0, 0));
}

/* 468 is newer than the library; what is above the newest name of the profile does not exist. */
TEST(numbers_above_the_newest_named_do_not_exist)
{
	struct seccomp_rule rules[] = { needed, { TEXTS("umask", "openat2"), "SCMP_ACT_ALLOW" } };
	struct seccomp_profile p = denying(rules, 2);
	CHECK(under(&p, call_number_600) == ENOSYS);
	CHECK(under(&p, call_file_getattr) == ENOSYS);
	CHECK(under(&p, call_getppid) == EPERM);
	rules[1].names = TEXTS("file_setattr");
	CHECK(under(&p, call_file_getattr) == EPERM);
	p.default_action = "SCMP_ACT_ALLOW";
	rules[1].action = "SCMP_ACT_ERRNO";
	CHECK(under(&p, call_number_600) == ENOSYS); /* the kernel's own answer */
}

TEST(no_call_at_all_is_answered_not_punished)
{
	struct seccomp_profile p = denying(&needed, 1);
	CHECK(under(&p, call_number_minus_1) == ENOSYS);
	p.default_action = "SCMP_ACT_ALLOW";
	CHECK(under(&p, call_number_minus_1) == ENOSYS);
}

/* getppid and umask as x32 would call them. */
static int call_x32(void)
{
	return errno_of(syscall(0x40000000 | __NR_getppid));
}

#ifdef __x86_64__
/* getppid as i386 calls it. */
static int call_i386(void)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(64) : "memory", "r8", "r9", "r10", "r11");
	return result < 0 ? (int)-result : 0;
}
#else
static int call_i386(void)
{
	return 0;
}
#endif

static bool killed_by_sigsys(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

TEST(interfaces_that_are_not_listed_are_deadly)
{
	if (strcmp(abi_native()->name, "SCMP_ARCH_X86_64") != 0)
		test_skipped("only x86-64 has calls of other interfaces in one process");
	struct seccomp_profile p = { .default_action = "SCMP_ACT_ALLOW" };
	CHECK(killed_by_sigsys(status_of(&p, call_x32)));
	CHECK(killed_by_sigsys(status_of(&p, call_i386)));

	p.architectures = TEXTS("SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_X86_64",
		"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
	CHECK(under(&p, call_i386) == 0);
	CHECK(WIFEXITED(status_of(&p, call_x32)));
	struct seccomp_rule rule = { TEXTS("getppid"), "SCMP_ACT_ERRNO", { true, EXDEV } };
	p.rules = &rule;
	p.n_rules = 1;
	CHECK(under(&p, call_i386) == EXDEV);
	CHECK(under(&p, call_x32) == EXDEV);
}

/* --- actions -------------------------------------------------------------------------------- */

static struct seccomp_profile only(const struct seccomp_rule *rule)
{
	return (struct seccomp_profile){
		.default_action = "SCMP_ACT_ALLOW", .rules = rule, .n_rules = 1
	};
}

TEST(every_action_does_what_it_says)
{
	struct seccomp_rule rule = { .names = TEXTS("getppid") };
	struct seccomp_profile p = only(&rule);
	rule.action = "SCMP_ACT_KILL_PROCESS";
	CHECK(killed_by_sigsys(status_of(&p, call_getppid)));
	rule.action = "SCMP_ACT_KILL";
	CHECK(killed_by_sigsys(status_of(&p, call_getppid)));
	rule.action = "SCMP_ACT_KILL_THREAD";
	CHECK(killed_by_sigsys(status_of(&p, call_getppid)));
	rule.action = "SCMP_ACT_TRAP";
	CHECK(killed_by_sigsys(status_of(&p, call_getppid)));
	rule.action = "SCMP_ACT_TRACE"; /* nobody traces */
	CHECK(under(&p, call_getppid) == ENOSYS);
	rule.action = "SCMP_ACT_LOG";
	CHECK(under(&p, call_getppid) == 0);
	rule.action = "SCMP_ACT_ERRNO";
	CHECK(under(&p, call_getppid) == EPERM);
	rule.errno_ret = (struct opt_int){ true, 100 };
	CHECK(under(&p, call_getppid) == 100);
}

static void trapped(int, siginfo_t *info, void *)
{
	_exit(info->si_syscall == __NR_getppid ? 42 : 1);
}

static int call_getppid_with_handler(void)
{
	struct sigaction act = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO };
	sigaction(SIGSYS, &act, NULL);
	return call_getppid();
}

TEST(trap_can_be_caught)
{
	struct seccomp_rule rule = { .names = TEXTS("getppid"), .action = "SCMP_ACT_TRAP" };
	struct seccomp_profile p = only(&rule);
	CHECK(under(&p, call_getppid_with_handler) == 42);
}

static void answer_one(int listener)
{
	struct seccomp_notif asked = {};
	CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) == 0);
	struct seccomp_notif_resp answer = { .id = asked.id, .error = -EXDEV };
	CHECK(asked.data.nr == __NR_getppid);
	CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0);
}

static int be_listener(const struct seccomp_program *program)
{
	int listener = (int)load(program);
	CHECK(listener >= 0);
	pid_t asking = fork();
	if (asking == 0)
		_exit(call_getppid());
	answer_one(listener);
	int status = -1;
	waitpid(asking, &status, 0);
	return WEXITSTATUS(status);
}

TEST(notify_asks_a_listener)
{
	cleanup(arena_done) struct arena arena = {};
	struct seccomp_rule rule = { .names = TEXTS("getppid"), .action = "SCMP_ACT_NOTIFY" };
	struct seccomp_profile p = only(&rule);
	p.flags = TEXTS("SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
	struct seccomp_program program = compile(&p, &arena);
	CHECK(program.notify);
	CHECK(program.flags ==
		(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
	if (!seccomp_kernel_has_flag(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV))
		program.flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	pid_t pid = fork();
	if (pid == 0)
		_exit(be_listener(&program));
	int status = -1;
	waitpid(pid, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXDEV);
}

TEST(flags_reach_the_kernel)
{
	cleanup(arena_done) struct arena arena = {};
	struct seccomp_rule rule = { .names = TEXTS("getppid"), .action = "SCMP_ACT_ERRNO" };
	struct seccomp_profile p = only(&rule);
	CHECK(compile(&p, &arena).flags == 0);
	p.flags = TEXTS("SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
		"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
	CHECK(compile(&p, &arena).flags ==
		(SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW));
	CHECK(under(&p, call_getppid) == EPERM);
	CHECK(seccomp_kernel_has_flag(SECCOMP_FILTER_FLAG_LOG));
	CHECK(!seccomp_kernel_has_flag(1u << 30));
}

/* --- arguments -------------------------------------------------------------------------------- */

/* Calls umask(@value) in a process under the rule that forbids it if its argument fits. */
static long umask_value;
static int call_umask_value(void)
{
	return errno_of(syscall(__NR_umask, umask_value));
}

static bool fits(const struct seccomp_arg *args, size_t n, long value)
{
	struct seccomp_rule rule = {
		.names = TEXTS("umask"), .action = "SCMP_ACT_ERRNO", .args = args, .n_args = n
	};
	struct seccomp_profile p = only(&rule);
	umask_value = value;
	return under(&p, call_umask_value) == EPERM;
}

TEST(every_operator_compares)
{
	static const struct {
		const char *op;
		bool below, equal, above;
	} table[] = {
		{ "SCMP_CMP_EQ", false, true, false },
		{ "SCMP_CMP_NE", true, false, true },
		{ "SCMP_CMP_LT", true, false, false },
		{ "SCMP_CMP_LE", true, true, false },
		{ "SCMP_CMP_GT", false, false, true },
		{ "SCMP_CMP_GE", false, true, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct seccomp_arg arg = { 0, table[i].op, 0x100000005, 0 };
		CHECK(fits(&arg, 1, 0x100000004) == table[i].below);
		CHECK(fits(&arg, 1, 5) == table[i].below);
		CHECK(fits(&arg, 1, 0x100000005) == table[i].equal);
		CHECK(fits(&arg, 1, 0x100000006) == table[i].above);
		CHECK(fits(&arg, 1, 0x200000000) == table[i].above);
	}
	struct seccomp_arg masked = { 0, "SCMP_CMP_MASKED_EQ", 0xf0, 0x20 };
	CHECK(fits(&masked, 1, 0x123) && !fits(&masked, 1, 0x133));
	CHECK(ARRAY_LEN(table) + 1 == seccomp_operators.n);
}

TEST(arguments_must_all_fit_unless_one_is_there_twice)
{
	struct seccomp_arg both[] = { { 0, "SCMP_CMP_EQ", 1, 0 }, { 1, "SCMP_CMP_EQ", 2, 0 } };
	CHECK(!fits(both, 2, 1)); /* argument 1 is something else */
	struct seccomp_arg either[] = { { 0, "SCMP_CMP_EQ", 1, 0 }, { 0, "SCMP_CMP_EQ", 2, 0 } };
	CHECK(fits(either, 2, 1) && fits(either, 2, 2) && !fits(either, 2, 3));
}

TEST(a_rule_without_arguments_decides)
{
	struct seccomp_arg one = { 0, "SCMP_CMP_EQ", 1, 0 };
	struct seccomp_rule rules[] = {
		{ TEXTS("umask"), "SCMP_ACT_ERRNO", { true, EXDEV }, &one, 1 },
		{ TEXTS("umask"), "SCMP_ACT_ERRNO", { true, ENOANO } },
		{ TEXTS("umask"), "SCMP_ACT_ALLOW", {} },
	};
	struct seccomp_profile p = {
		.default_action = "SCMP_ACT_ALLOW", .rules = rules, .n_rules = 3
	};
	umask_value = 1;
	CHECK(under(&p, call_umask_value) == ENOANO);
	p.n_rules = 1;
	CHECK(under(&p, call_umask_value) == EXDEV);
}

/* --- what is refused ---------------------------------------------------------------------------
 */

static void refused(const struct seccomp_profile *p, const char *want)
{
	cleanup(arena_done) struct arena arena = {};
	cleanup(buf_done) struct buf got = {};
	struct seccomp_program program;
	cleanup(err_free) struct err *e = seccomp_compile(p, NULL, &arena, &program);
	for (const struct err *it = e; it; it = it->cause)
		buf_add(&got, "%s%s", it == e ? "" : ": ", it->text);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(unknown_words_are_refused_with_their_place)
{
	struct seccomp_arg arg = { 0, "SCMP_CMP_LIKE", 0, 0 };
	struct seccomp_rule rules[] = { needed, needed };
	struct seccomp_profile p = { .rules = rules, .n_rules = 2 };
	refused(&p, "defaultAction: string '' is not a valid action for seccomp");
	p.default_action = "SCMP_ACT_NOTIFY";
	refused(&p, "SCMP_ACT_NOTIFY cannot be used as default action");
	p.default_action = "SCMP_ACT_ERRNO";
	p.default_errno_ret = (struct opt_int){ true, 4096 };
	refused(&p, "defaultErrnoRet: 4096 is not between 0 and 4095");
	p.default_errno_ret.set = false;
	rules[1].action = "SCMP_ACT_DENY";
	refused(&p, "syscalls[1]: action: string SCMP_ACT_DENY is not a valid action for seccomp");
	rules[1].action = "SCMP_ACT_ALLOW";
	rules[1].errno_ret = (struct opt_int){ true, 1 };
	refused(&p, "syscalls[1]: errnoRet: SCMP_ACT_ALLOW takes no error number");
	rules[1].errno_ret.set = false;
	rules[1].args = &arg;
	rules[1].n_args = 1;
	refused(&p, "syscalls[1]: args[0]: op: string SCMP_CMP_LIKE is not a valid operator for "
		    "seccomp");
	arg = (struct seccomp_arg){ 6, "SCMP_CMP_EQ", 0, 0 };
	refused(&p, "syscalls[1]: args[0]: index: system calls have no argument 6");
	arg.index = 5;
	rules[1].action = "SCMP_ACT_NOTIFY";
	refused(&p, "syscalls[1]: SCMP_ACT_NOTIFY cannot be used for the write syscall");
	rules[1].action = "SCMP_ACT_ALLOW";
	p.architectures = TEXTS("SCMP_ARCH_X86_64", "SCMP_ARCH_VAX");
	refused(&p, "architectures[1]: string SCMP_ARCH_VAX is not a valid arch for seccomp");
	p.architectures.n = 0;
	p.flags = TEXTS("SECCOMP_FILTER_FLAG_MAGIC");
	refused(&p, "flags[0]: seccomp flag SECCOMP_FILTER_FLAG_MAGIC is not known");
}

TEST(a_profile_longer_than_the_kernel_takes_is_refused)
{
	enum { MANY = 500 };
	static struct seccomp_arg args[MANY];
	static struct seccomp_rule rules[MANY];
	struct text_list one = TEXTS("umask"), two = TEXTS("umask", "getppid");
	for (size_t i = 0; i < MANY; i++) {
		args[i] = (struct seccomp_arg){ 0, "SCMP_CMP_GT", i << 32 | i, 0 };
		rules[i] = (struct seccomp_rule){ one, "SCMP_ACT_ALLOW", {}, &args[i], 1 };
	}
	struct seccomp_profile p = denying(rules, MANY);
	refused(&p, "");
	for (size_t i = 0; i < MANY; i++)
		rules[i].names = two;
	refused(&p, "the program has more than the 4096 instructions that the kernel takes");
}

TEST(unknown_calls_are_ignored)
{
	struct seccomp_rule rules[] = { needed,
		{ TEXTS("umask", "no_such_call", ""), "SCMP_ACT_ALLOW" },
		{ .action = "SCMP_ACT_ALLOW" } };
	struct seccomp_profile p = denying(rules, 3);
	CHECK(under(&p, call_umask) == 0);
	CHECK(under(&p, call_number_600) == ENOSYS);
}

TEST(every_architecture_of_the_specification_has_a_name)
{
	CHECK(abi_native());
	for (size_t i = 0; i < ABIS; i++)
		CHECK(abi_by_name(abis[i].name) == &abis[i]);
	CHECK(!abi_by_name("SCMP_ARCH_NATIVE"));
}
