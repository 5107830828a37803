/*
 * abi.h - the system call interfaces of Linux: which there are, which of them one kernel serves,
 * and the number behind a system call's name in each.
 *
 * Names and numbers come from libseccomp; those that are newer than the library, from a table of
 * ours. Names as in config.json: "SCMP_ARCH_X86_64". Source: Documentation/process/adding-syscalls.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Interfaces of one family are served by one kernel: x86-64 kernels also run i386 and x32. */
enum abi_family {
	ABI_X86,
	ABI_ARM,
	ABI_MIPS_BIG,
	ABI_MIPS_LITTLE,
	ABI_PPC_BIG,
	ABI_PPC_LITTLE,
	ABI_S390,
	ABI_PARISC,
	ABI_RISCV,
	ABI_LOONGARCH,
	ABI_M68K,
	ABI_SH,
	ABI_SH_BIG,
};

struct abi {
	const char *name;
	enum abi_family family;
	uint32_t token; /* what libseccomp calls it */
	uint32_t audit; /* AUDIT_ARCH_*: what the kernel calls it; x32 shares that of x86-64 */
	uint32_t base;  /* numbers start here */
	uint32_t apart; /* numbers of calls that no other interface has start here; 0: none */
	bool wide;      /* arguments have 64 bits */
	bool big_endian;
};

enum { ABIS = 23 };
extern const struct abi abis[ABIS];

/* The interface this program was built for. */
const struct abi *abi_native(void);

/* The interface called @name, or NULL. */
const struct abi *abi_by_name(const char *name);

enum { ABI_NO_CALL = -1 };

/*
 * What a name means in one interface. Some have calls that several others are multiplexed through,
 * socketcall(2) and ipc(2): then a name means two numbers, and the second one means it only if its
 * first argument is @selector.
 */
struct abi_call {
	int64_t number; /* of its own, or ABI_NO_CALL */
	int64_t shared; /* the multiplexer's, or ABI_NO_CALL */
	uint32_t selector;
};

/* False if there is no such call in @abi, or none of that name at all. */
bool abi_find_call(const struct abi *abi, const char *name, struct abi_call *out);
