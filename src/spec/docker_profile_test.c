#include "base/test.h"
#include "kernel/compat.h"
#include "seccomp/abi.h"
#include "seccomp/bpf_sim.h"
#include "seccomp/seccomp.h"
#include "spec/docker_profile.h"
#include <errno.h>
#include <string.h>

/* What Docker gives: CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE
 * NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP. */
static const uint64_t fourteen = 0xa80425fb;

struct world {
	struct arena arena;
	struct seccomp_program program;
};

static void world_done(struct world *w)
{
	arena_done(&w->arena);
}

static struct world world(uint64_t bounding)
{
	struct world w = {};
	struct seccomp_profile p = docker_profile(bounding, &w.arena);
	CHECK(!seccomp_compile(&p, NULL, &w.arena, &w.program));
	return w;
}

/* 0 if the call is allowed, else the error. */
static int verdict(const struct world *w, const char *name, uint64_t arg0)
{
	struct abi_call call;
	CHECK(abi_find_call(abi_native(), name, &call));
	struct seccomp_data data = {
		.nr = (int)call.number, .arch = abi_native()->audit, .args = { arg0 }
	};
	uint32_t answer = bpf_sim(w->program.filter, &data, NULL);
	if (answer == SECCOMP_RET_ALLOW)
		return 0;
	CHECK((answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO);
	return (int)(answer & SECCOMP_RET_DATA);
}

static void all_are(const struct world *w, const char *names, int want)
{
	char name[64];
	for (struct str rest = str_of(names); rest.n;) {
		struct str one = str_cut(&rest, ' ');
		snprintf(name, sizeof(name), STR_FMT, STR_ARG(one));
		int got = verdict(w, name, 0);
		if (got != want)
			test_failed(__FILE__, __LINE__, "%s: %d, not %d", name, got, want);
	}
}

TEST(docker_profile_denies_what_docker_denies)
{
	cleanup(world_done) struct world w = world(fourteen);
	all_are(&w,
		"add_key request_key keyctl bpf userfaultfd perf_event_open io_uring_setup "
		"io_uring_enter io_uring_register open_by_handle_at mount umount2 move_mount "
		"fsopen "
		"open_tree mount_setattr pivot_root setns unshare kexec_load init_module swapon "
		"swapoff reboot kcmp pidfd_getfd settimeofday clock_settime quotactl acct vhangup "
		"lookup_dcookie migrate_pages move_pages mbind set_mempolicy syslog "
		"process_madvise "
		"lsm_get_self_attr",
		EPERM);
	all_are(&w, "clone3", ENOSYS);
	all_are(&w, "open_tree_attr file_getattr listns", ENOSYS); /* newer than the profile */
}

TEST(docker_profile_allows_what_docker_allows)
{
	cleanup(world_done) struct world w = world(fourteen);
	all_are(&w,
		"read write openat2 close_range faccessat2 landlock_create_ruleset memfd_secret "
		"seccomp pidfd_open pidfd_send_signal name_to_handle_at clock_adjtime adjtimex "
		"statmount listmount mseal cachestat fchmodat2 futex_wait map_shadow_stack "
		"getxattrat process_mrelease ptrace process_vm_readv process_vm_writev chroot "
		"clone "
		"execve exit_group",
		0);
	CHECK(w.program.flags == SECCOMP_FILTER_FLAG_SPEC_ALLOW);
}

TEST(docker_profile_grants_by_capability)
{
	static const struct {
		int capability;
		const char *names;
	} table[] = {
		{ CAP_DAC_READ_SEARCH, "open_by_handle_at" },
		{ CAP_SYS_ADMIN, "bpf clone clone3 fsopen mount move_mount perf_event_open setns "
				 "sethostname syslog umount2 unshare lsm_list_modules" },
		{ CAP_SYS_BOOT, "reboot" },
		{ CAP_SYS_CHROOT, "chroot" },
		{ CAP_SYS_MODULE, "delete_module init_module finit_module" },
		{ CAP_SYS_PACCT, "acct" },
		{ CAP_SYS_PTRACE, "kcmp pidfd_getfd process_madvise" },
		{ CAP_SYS_TIME, "settimeofday clock_settime" },
		{ CAP_SYS_TTY_CONFIG, "vhangup" },
		{ CAP_SYS_NICE, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node" },
		{ CAP_SYSLOG, "syslog" },
		{ CAP_BPF, "bpf" },
		{ CAP_PERFMON, "perf_event_open" },
	};
	cleanup(world_done) struct world none = world(0);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		cleanup(world_done) struct world w = world(UINT64_C(1) << table[i].capability);
		all_are(&w, table[i].names, 0);
		if (table[i].capability != CAP_SYS_ADMIN)
			all_are(&none, table[i].names, EPERM);
	}
}

TEST(docker_profile_looks_at_arguments)
{
	cleanup(world_done) struct world w = world(fourteen);
	for (uint64_t family = 0; family < 64; family++)
		CHECK(verdict(&w, "socket", family) == (family == 38 || family == 40 ? EPERM : 0));
	/* The kernel looks at the lower half alone: these are AF_ALG and AF_VSOCK too. */
	CHECK(verdict(&w, "socket", 0x100000026) == EPERM);
	CHECK(verdict(&w, "socket", 0xffffffff00000028) == EPERM);

	static const uint64_t personalities[] = { 0, 8, 0x20000, 0x20008, 0xffffffff };
	for (size_t i = 0; i < ARRAY_LEN(personalities); i++)
		CHECK(verdict(&w, "personality", personalities[i]) == 0);
	CHECK(verdict(&w, "personality", 0x40000) == EPERM);
	CHECK(verdict(&w, "personality", UINT64_MAX) == EPERM);

	static const uint64_t namespaces[] = { CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC,
		CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP };
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
		CHECK(verdict(&w, "clone", namespaces[i] | 17) == EPERM);
	CHECK(verdict(&w, "clone", CLONE_VM | CLONE_FS | 17) == 0);
	cleanup(world_done) struct world admin = world(UINT64_C(1) << CAP_SYS_ADMIN);
	CHECK(verdict(&admin, "clone", CLONE_NEWUSER) == 0);
}

TEST(docker_profile_serves_every_interface_of_the_kernel)
{
	if (strcmp(abi_native()->name, "SCMP_ARCH_X86_64") != 0)
		test_skipped("looks at those of x86-64");
	cleanup(world_done) struct world w = world(fourteen);
	const struct abi *i386 = abi_by_name("SCMP_ARCH_X86"), *x32 = abi_by_name("SCMP_ARCH_X32");
	struct seccomp_data data = { .nr = 102, .arch = i386->audit }; /* socketcall */
	CHECK(bpf_sim(w.program.filter, &data, NULL) == SECCOMP_RET_ALLOW);
	data = (struct seccomp_data){ .nr = (int)x32->base, .arch = x32->audit }; /* read */
	CHECK(bpf_sim(w.program.filter, &data, NULL) == SECCOMP_RET_ALLOW);
	data = (struct seccomp_data){ .nr = 63, .arch = 0xC00000B7 }; /* of another machine */
	CHECK(bpf_sim(w.program.filter, &data, NULL) == SECCOMP_RET_KILL_PROCESS);
}

/* What the launch pays for: few instructions, fewer for one call. */
TEST(docker_profile_makes_a_short_program)
{
	cleanup(world_done) struct world w = world(fourteen);
	unsigned steps = 0;
	struct seccomp_data data = { .nr = 0, .arch = abi_native()->audit };
	bpf_sim(w.program.filter, &data, &steps);
	CHECK(w.program.filter.n / 8 < 700);
	CHECK(steps < 15);
}
