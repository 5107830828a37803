#include "seccomp/abi.h"
#include "base/attr.h"
#include <linux/audit.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

/* Interfaces the library does not know before 2.6 have their AUDIT_ARCH_* here, as it does then. */
enum { NUMBERS_X32 = 0x40000000, NUMBERS_O32 = 4000, NUMBERS_N64 = 5000, NUMBERS_N32 = 6000 };

const struct abi abis[ABIS] = {
	{ "SCMP_ARCH_X86", ABI_X86, SCMP_ARCH_X86, AUDIT_ARCH_I386 },
	{ "SCMP_ARCH_X86_64", ABI_X86, SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, .wide = true },
	{ "SCMP_ARCH_X32", ABI_X86, SCMP_ARCH_X32, AUDIT_ARCH_X86_64, NUMBERS_X32 },
	{ "SCMP_ARCH_ARM", ABI_ARM, SCMP_ARCH_ARM, AUDIT_ARCH_ARM, .apart = 0xf0000 },
	{ "SCMP_ARCH_AARCH64", ABI_ARM, SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, .wide = true },
	{ "SCMP_ARCH_MIPS", ABI_MIPS_BIG, SCMP_ARCH_MIPS, AUDIT_ARCH_MIPS, NUMBERS_O32,
		.big_endian = true },
	{ "SCMP_ARCH_MIPS64", ABI_MIPS_BIG, SCMP_ARCH_MIPS64, AUDIT_ARCH_MIPS64, NUMBERS_N64,
		.wide = true, .big_endian = true },
	{ "SCMP_ARCH_MIPS64N32", ABI_MIPS_BIG, SCMP_ARCH_MIPS64N32, AUDIT_ARCH_MIPS64N32,
		NUMBERS_N32, .big_endian = true },
	{ "SCMP_ARCH_MIPSEL", ABI_MIPS_LITTLE, SCMP_ARCH_MIPSEL, AUDIT_ARCH_MIPSEL, NUMBERS_O32 },
	{ "SCMP_ARCH_MIPSEL64", ABI_MIPS_LITTLE, SCMP_ARCH_MIPSEL64, AUDIT_ARCH_MIPSEL64,
		NUMBERS_N64, .wide = true },
	{ "SCMP_ARCH_MIPSEL64N32", ABI_MIPS_LITTLE, SCMP_ARCH_MIPSEL64N32, AUDIT_ARCH_MIPSEL64N32,
		NUMBERS_N32 },
	{ "SCMP_ARCH_PPC", ABI_PPC_BIG, SCMP_ARCH_PPC, AUDIT_ARCH_PPC, .big_endian = true },
	{ "SCMP_ARCH_PPC64", ABI_PPC_BIG, SCMP_ARCH_PPC64, AUDIT_ARCH_PPC64, .wide = true,
		.big_endian = true },
	{ "SCMP_ARCH_PPC64LE", ABI_PPC_LITTLE, SCMP_ARCH_PPC64LE, AUDIT_ARCH_PPC64LE,
		.wide = true },
	{ "SCMP_ARCH_S390", ABI_S390, SCMP_ARCH_S390, AUDIT_ARCH_S390, .big_endian = true },
	{ "SCMP_ARCH_S390X", ABI_S390, SCMP_ARCH_S390X, AUDIT_ARCH_S390X, .wide = true,
		.big_endian = true },
	{ "SCMP_ARCH_PARISC", ABI_PARISC, SCMP_ARCH_PARISC, AUDIT_ARCH_PARISC, .big_endian = true },
	{ "SCMP_ARCH_PARISC64", ABI_PARISC, SCMP_ARCH_PARISC64, AUDIT_ARCH_PARISC64, .wide = true,
		.big_endian = true },
	{ "SCMP_ARCH_RISCV64", ABI_RISCV, SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, .wide = true },
	{ "SCMP_ARCH_LOONGARCH64", ABI_LOONGARCH, 0xC0000102, 0xC0000102, .wide = true },
	{ "SCMP_ARCH_M68K", ABI_M68K, 0x00000004, 0x00000004, .big_endian = true },
	{ "SCMP_ARCH_SH", ABI_SH, 0x4000002A, 0x4000002A },
	{ "SCMP_ARCH_SHEB", ABI_SH_BIG, 0x0000002A, 0x0000002A, .big_endian = true },
};

const struct abi *abi_native(void)
{
	uint32_t token = seccomp_arch_native();
	for (size_t i = 0; i < ABIS; i++)
		if (abis[i].token == token)
			return &abis[i];
	return NULL;
}

const struct abi *abi_by_name(const char *name)
{
	for (size_t i = 0; i < ABIS; i++)
		if (strcmp(abis[i].name, name) == 0)
			return &abis[i];
	return NULL;
}

/*
 * Calls that came after Linux 5.17, the newest one libseccomp 2.5.4 knows. New calls have had the
 * same number in every interface since 5.1, but for those of one processor.
 */
static const struct newer {
	const char *name;
	uint16_t number;
	uint32_t only; /* a library token; 0: in all */
} newer[] = {
	{ "riscv_hwprobe", 258, SCMP_ARCH_RISCV64 },
	{ "uretprobe", 335, SCMP_ARCH_X86_64 },
	{ "uprobe", 336, SCMP_ARCH_X86_64 },
	{ "cachestat", 451 },
	{ "fchmodat2", 452 },
	{ "map_shadow_stack", 453 },
	{ "futex_wake", 454 },
	{ "futex_wait", 455 },
	{ "futex_requeue", 456 },
	{ "statmount", 457 },
	{ "listmount", 458 },
	{ "lsm_get_self_attr", 459 },
	{ "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 },
	{ "mseal", 462 },
	{ "setxattrat", 463 },
	{ "getxattrat", 464 },
	{ "listxattrat", 465 },
	{ "removexattrat", 466 },
	{ "open_tree_attr", 467 },
	{ "file_getattr", 468 },
	{ "file_setattr", 469 },
	{ "listns", 470 },
	{ "rseq_slice_yield", 471 },
};

static bool find_newer(const struct abi *abi, const char *name, struct abi_call *out)
{
	for (size_t i = 0; i < ARRAY_LEN(newer); i++) {
		if (strcmp(newer[i].name, name) != 0)
			continue;
		if (newer[i].only && newer[i].only != abi->token)
			return false;
		out->number = abi->base + newer[i].number;
		return true;
	}
	return false;
}

/*
 * The library answers -101 to -120 for calls of socketcall(2) and -201 to -224 for those of ipc(2),
 * where these are multiplexers. Since Linux 4.3 and 5.1 most can also be called directly.
 */
enum { SOCKET_CALLS = -100, SOCKET_LAST = -120, IPC_CALLS = -200, IPC_LAST = -224 };

static const struct direct {
	int pseudo;
	uint16_t x86, s390, ppc, mips; /* 0: only multiplexed */
} direct[] = {
	{ -101, 359, 359, 326, 183 }, /* socket */
	{ -102, 361, 361, 327, 169 }, /* bind */
	{ -103, 362, 362, 328, 170 }, /* connect */
	{ -104, 363, 363, 329, 174 }, /* listen */
	{ -105, 0, 0, 330, 168 },     /* accept */
	{ -106, 367, 367, 331, 172 }, /* getsockname */
	{ -107, 368, 368, 332, 171 }, /* getpeername */
	{ -108, 360, 360, 333, 184 }, /* socketpair */
	{ -109, 0, 0, 334, 178 },     /* send */
	{ -110, 0, 0, 336, 175 },     /* recv */
	{ -111, 369, 369, 335, 180 }, /* sendto */
	{ -112, 371, 371, 337, 176 }, /* recvfrom */
	{ -113, 373, 373, 338, 182 }, /* shutdown */
	{ -114, 366, 366, 339, 181 }, /* setsockopt */
	{ -115, 365, 365, 340, 173 }, /* getsockopt */
	{ -116, 370, 370, 341, 179 }, /* sendmsg */
	{ -117, 372, 372, 342, 177 }, /* recvmsg */
	{ -118, 364, 364, 344, 334 }, /* accept4 */
	{ -119, 337, 357, 343, 335 }, /* recvmmsg */
	{ -120, 345, 358, 349, 343 }, /* sendmmsg */
	{ -202, 393, 393, 393, 393 }, /* semget */
	{ -203, 394, 394, 394, 394 }, /* semctl */
	{ -211, 400, 400, 400, 400 }, /* msgsnd */
	{ -212, 401, 401, 401, 401 }, /* msgrcv */
	{ -213, 399, 399, 399, 399 }, /* msgget */
	{ -214, 402, 402, 402, 402 }, /* msgctl */
	{ -221, 397, 397, 397, 397 }, /* shmat */
	{ -222, 398, 398, 398, 398 }, /* shmdt */
	{ -223, 395, 395, 395, 395 }, /* shmget */
	{ -224, 396, 396, 396, 396 }, /* shmctl */
};

/* semtimedop(2) is direct in 64-bit interfaces alone. */
enum { SEMTIMEDOP = -204, SEMTIMEDOP_DIRECT = 392 };

static uint32_t direct_column(const struct direct *row, enum abi_family family)
{
	switch (family) {
	case ABI_X86:
		return row->x86;
	case ABI_S390:
		return row->s390;
	case ABI_PPC_BIG:
	case ABI_PPC_LITTLE:
		return row->ppc;
	case ABI_MIPS_BIG:
	case ABI_MIPS_LITTLE:
		return row->mips;
	default:
		return 0; /* no multiplexers there */
	}
}

static uint32_t direct_number(const struct abi *abi, int pseudo)
{
	if (pseudo == SEMTIMEDOP && abi->wide)
		return SEMTIMEDOP_DIRECT;
	for (size_t i = 0; i < ARRAY_LEN(direct); i++)
		if (direct[i].pseudo == pseudo)
			return direct_column(&direct[i], abi->family);
	return 0;
}

static bool multiplexed(const struct abi *abi, int pseudo, struct abi_call *out)
{
	bool ipc = pseudo <= IPC_CALLS;
	int shared = seccomp_syscall_resolve_name_arch(abi->token, ipc ? "ipc" : "socketcall");
	if (shared < 0)
		return false;
	uint32_t number = direct_number(abi, pseudo);
	if (number)
		out->number = abi->base + number;
	out->shared = shared;
	out->selector = (uint32_t)((ipc ? IPC_CALLS : SOCKET_CALLS) - pseudo);
	return true;
}

static bool is_multiplexed(int number)
{
	return (number < SOCKET_CALLS && number >= SOCKET_LAST) ||
	       (number < IPC_CALLS && number >= IPC_LAST);
}

bool abi_find_call(const struct abi *abi, const char *name, struct abi_call *out)
{
	*out = (struct abi_call){ ABI_NO_CALL, ABI_NO_CALL, 0 };
	int number = seccomp_syscall_resolve_name_arch(abi->token, name);
	if (number == __NR_SCMP_ERROR)
		return find_newer(abi, name, out);
	if (is_multiplexed(number))
		return multiplexed(abi, number, out);
	out->number = number >= 0 ? number : ABI_NO_CALL;
	return number >= 0; /* below: the library's number for "not in this interface" */
}
