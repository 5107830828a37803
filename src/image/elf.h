/*
 * elf.h - what a dynamic loader wants to know of an ELF file: its interpreter, the libraries it
 * needs, and where it says to look for them. Reads nothing but the bytes given, and believes none
 * of them: every offset is checked. Source: elf(5), ld.so(8).
 */
#pragma once
#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/list.h"
#include <stdint.h>

struct elf_info {
	bool wide, big_endian; /* of 64 bits; most significant byte first */
	uint16_t machine;      /* EM_X86_64 */
	const char *
		interpreter; /* "/lib64/ld-linux-x86-64.so.2"; NULL if it is static, or a library */
	const char *soname;  /* the name by which others need it, or NULL */
	struct text_list needed;     /* names, or paths that contain a slash */
	const char *rpath, *runpath; /* directories with colons between, or NULL */
	bool no_default;             /* only the places above count (DF_1_NODEFLIB) */
};

/* True if @file begins as ELF files do. */
bool elf_is(struct bytes file);

/* Reads @file, an executable or a shared library. Texts are copied into the arena. */
[[nodiscard]] struct err *elf_read(struct bytes file, struct arena *a, struct elf_info *out);
