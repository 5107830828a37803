/* ELF files made here byte by byte, so that each can be wrong in one place. */
#include "base/test.h"
#include "image/elf.h"
#include "kernel/file.h"
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

enum { BASE = 0x400000 };

/* A program of 64 bits with everything that is read. */
struct sample {
	Elf64_Ehdr head;
	Elf64_Phdr segments[3];
	Elf64_Dyn dynamic[9];
	char interpreter[24];
	char strings[64];
};

static const char strings[64] = "\0libc.so.6\0libm.so.6\0self.so.1\0/opt/lib\0$ORIGIN/../lib";
enum { LIBC = 1, LIBM = 11, SELF = 21, OPT = 31, ORIGIN = 40 };

static struct sample sample(void)
{
	struct sample s = {
		.head = { .e_type = ET_DYN, .e_machine = EM_X86_64,
			.e_phoff = offsetof(struct sample, segments),
			.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 3 },
		.segments = {
			{ .p_type = PT_LOAD, .p_vaddr = BASE, .p_filesz = sizeof(struct sample) },
			{ .p_type = PT_INTERP, .p_offset = offsetof(struct sample, interpreter),
				.p_filesz = 24 },
			{ .p_type = PT_DYNAMIC, .p_offset = offsetof(struct sample, dynamic),
				.p_filesz = 9 * sizeof(Elf64_Dyn) },
		},
		.dynamic = {
			{ DT_NEEDED, { LIBC } },
			{ DT_NEEDED, { LIBM } },
			{ DT_SONAME, { SELF } },
			{ DT_RPATH, { OPT } },
			{ DT_RUNPATH, { ORIGIN } },
			{ DT_STRTAB, { BASE + offsetof(struct sample, strings) } },
			{ DT_STRSZ, { sizeof(strings) } },
			{ DT_FLAGS_1, { DF_1_NODEFLIB } },
			{ DT_NULL, { 0 } },
		},
		.interpreter = "/lib64/ld.so",
	};
	memcpy(s.head.e_ident, ELFMAG, SELFMAG);
	s.head.e_ident[EI_CLASS] = ELFCLASS64;
	s.head.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(s.strings, strings, sizeof(strings));
	return s;
}

static struct bytes bytes(const struct sample *s)
{
	return (struct bytes){ s, sizeof(*s) };
}

TEST(elf_tells_what_a_loader_wants_to_know)
{
	cleanup(arena_done) struct arena a = {};
	struct sample s = sample();
	struct elf_info elf;
	CHECK(!elf_read(bytes(&s), &a, &elf));
	CHECK(elf.wide && !elf.big_endian && elf.machine == EM_X86_64 && elf.no_default);
	CHECK_TEXT(elf.interpreter, "/lib64/ld.so");
	CHECK(elf.needed.n == 2);
	CHECK_TEXT(elf.needed.items[0], "libc.so.6");
	CHECK_TEXT(elf.needed.items[1], "libm.so.6");
	CHECK_TEXT(elf.soname, "self.so.1");
	CHECK_TEXT(elf.rpath, "/opt/lib");
	CHECK_TEXT(elf.runpath, "$ORIGIN/../lib");
}

/* What is static has neither interpreter nor dynamic section. */
TEST(elf_may_need_nothing)
{
	cleanup(arena_done) struct arena a = {};
	struct sample s = sample();
	struct elf_info elf;
	s.head.e_phnum = 1;
	CHECK(!elf_read(bytes(&s), &a, &elf));
	CHECK(!elf.interpreter && !elf.needed.n && !elf.soname);
	s.head.e_phnum = 0;
	CHECK(!elf_read(bytes(&s), &a, &elf));
}

/* A header of 32 bits, most significant byte first, and one program header. */
TEST(elf_of_32_bits_and_the_other_byte_order)
{
	static const uint8_t file[] = { 0x7f, 'E', 'L', 'F', 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 0, 0, 52, 0, 32,
		0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 84, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '/', 'l', 'd', '.', '1', 0 };
	cleanup(arena_done) struct arena a = {};
	struct elf_info elf;
	CHECK(!elf_read((struct bytes){ file, sizeof(file) }, &a, &elf));
	CHECK(!elf.wide && elf.big_endian && elf.machine == EM_MIPS);
	CHECK_TEXT(elf.interpreter, "/ld.1");
}

static void refused(const struct sample *s, size_t n, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	struct elf_info elf;
	cleanup(err_free) struct err *e = elf_read((struct bytes){ s, n }, &a, &elf);
	CHECK(e);
	CHECK_TEXT(e->text, want);
}

#define BROKEN(change, want)                                                                       \
	do {                                                                                       \
		struct sample s = sample();                                                        \
		change;                                                                            \
		refused(&s, sizeof(s), "not a sound ELF file: " want);                             \
	} while (0)

TEST(elf_that_is_broken_says_where)
{
	BROKEN(s.head.e_ident[EI_CLASS] = 3, "its first bytes are unknown");
	BROKEN(s.head.e_ident[EI_DATA] = 0, "its first bytes are unknown");
	BROKEN(s.head.e_type = ET_CORE, "it is neither a program nor a shared library");
	BROKEN(s.head.e_phoff = sizeof(s), "its program headers lie outside of it");
	BROKEN(s.head.e_phoff = UINT64_MAX - 8, "its program headers lie outside of it");
	BROKEN(s.head.e_phnum = 0xffff, "its program headers lie outside of it");
	BROKEN(s.head.e_phentsize = 1, "its program headers lie outside of it");
	BROKEN(s.segments[1].p_offset = sizeof(s) - 2, "the name of its interpreter is broken");
	BROKEN(s.segments[1].p_filesz = UINT64_MAX, "the name of its interpreter is broken");
	BROKEN(s.segments[1].p_filesz = 0, "the name of its interpreter is broken");
	BROKEN(s.segments[1].p_filesz = 5, "the name of its interpreter is broken");
	BROKEN(s.interpreter[0] = 'x', "the name of its interpreter is not absolute");
	BROKEN(s.segments[2].p_offset = UINT64_MAX, "its dynamic section lies outside of it");
	BROKEN(s.segments[2].p_filesz = 1 << 30, "its dynamic section lies outside of it");
	BROKEN(s.segments[0].p_filesz = 8, "its string table is in no segment");
	BROKEN(s.dynamic[5].d_un.d_val = 1, "its string table is in no segment");
	BROKEN(s.dynamic[6].d_un.d_val = 1000, "its string table lies outside of it");
	BROKEN(s.dynamic[6].d_un.d_val = UINT64_MAX, "its string table lies outside of it");
	BROKEN(s.dynamic[0].d_un.d_val = 64, "a name in its dynamic section is broken");
	BROKEN(s.dynamic[0].d_un.d_val = 0, "it needs a library without a name");
	BROKEN(memset(s.strings + 1, 'x', 63), "a name in its dynamic section is broken");
	struct sample whole = sample();
	refused(&whole, 3, "not an ELF file");
	refused(&whole, 5, "not a sound ELF file: its first bytes are unknown");
	refused(&whole, 17, "not a sound ELF file: its header is cut off");
}

/* Cut off anywhere, or with any byte changed, it is read or refused, but nothing beyond it. */
TEST(elf_with_any_damage_is_survived)
{
	for (size_t n = 0; n <= sizeof(struct sample); n++) {
		cleanup(arena_done) struct arena a = {};
		struct sample s = sample();
		struct elf_info elf;
		char *exact = malloc(n + 1); /* for the sanitizer: nothing lies behind it */
		memcpy(exact, &s, n);
		cleanup(err_free) struct err *e = elf_read((struct bytes){ exact, n }, &a, &elf);
		free(exact);
		CHECK(e || n == sizeof(s));
	}
	for (size_t at = 0; at < sizeof(struct sample); at++)
		for (int with = 0; with < 256; with += 51) {
			cleanup(arena_done) struct arena a = {};
			struct sample s = sample();
			struct elf_info elf;
			((uint8_t *)&s)[at] = (uint8_t)with;
			cleanup(err_free) struct err *e = elf_read(bytes(&s), &a, &elf);
		}
}

TEST(elf_of_this_very_program)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	struct elf_info elf;
	CHECK(!file_read(AT_FDCWD, "/proc/self/exe", 1 << 30, &text));
	CHECK(!elf_read((struct bytes){ text.p, text.n }, &a, &elf));
	CHECK(elf.interpreter && elf.needed.n);
}
