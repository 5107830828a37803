#include "image/elf.h"
#include <elf.h>
#include <limits.h>
#include <string.h>

enum { NEEDED_MAX = 4096, SEGMENTS_MAX = 4096, DYNAMIC_MAX = 65536 };

/*
 * The file while it is read. A read outside of it, or an impossible value, sets @broken, which says
 * what was being read; the first one stays, and later reads give 0.
 */
struct view {
	struct bytes file;
	bool wide, swapped;
	const char *broken;
};

bool elf_is(struct bytes file)
{
	return file.n >= SELFMAG && memcmp(file.p, ELFMAG, SELFMAG) == 0;
}

static void breaks(struct view *v, const char *what)
{
	if (!v->broken)
		v->broken = what;
}

static bool inside(const struct view *v, uint64_t at, uint64_t n)
{
	return n <= v->file.n && at <= v->file.n - n;
}

/* A number of @n bytes in the file's byte order. */
static uint64_t number(struct view *v, uint64_t at, size_t n, const char *what)
{
	if (!inside(v, at, n))
		breaks(v, what);
	if (v->broken)
		return 0;
	const uint8_t *p = (const uint8_t *)v->file.p + at;
	uint64_t value = 0;
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)p[v->swapped ? n - 1 - i : i] << 8 * i;
	return value;
}

/* A member of a structure that exists in two sizes. */
#define FIELD(v, at, type, member, what)                                                           \
	((v)->wide ? number((v), (at) + offsetof(Elf64_##type, member),                            \
			     sizeof(((Elf64_##type *)0)->member), (what))                          \
		   : number((v), (at) + offsetof(Elf32_##type, member),                            \
			     sizeof(((Elf32_##type *)0)->member), (what)))
#define SIZE(v, type) ((v)->wide ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

/* --- segments ------------------------------------------------------------------------------------
 */

struct segment {
	uint64_t type, offset, address, size;
};

struct segments {
	uint64_t at, step, n;
};

static struct segments find_segments(struct view *v)
{
	static const char what[] = "its program headers lie outside of it";
	struct segments s = {
		.at = FIELD(v, 0, Ehdr, e_phoff, what),
		.step = FIELD(v, 0, Ehdr, e_phentsize, what),
		.n = FIELD(v, 0, Ehdr, e_phnum, what),
	};
	if (s.n > SEGMENTS_MAX ||
		(s.n && (s.step < SIZE(v, Phdr) || !inside(v, s.at, s.n * s.step))))
		breaks(v, what);
	if (v->broken)
		s.n = 0;
	return s;
}

static struct segment segment_at(struct view *v, const struct segments *s, uint64_t i)
{
	static const char what[] = "a program header lies outside of it";
	uint64_t at = s->at + i * s->step;
	return (struct segment){
		.type = FIELD(v, at, Phdr, p_type, what),
		.offset = FIELD(v, at, Phdr, p_offset, what),
		.address = FIELD(v, at, Phdr, p_vaddr, what),
		.size = FIELD(v, at, Phdr, p_filesz, what),
	};
}

static bool find_segment(
	struct view *v, const struct segments *s, uint64_t type, struct segment *out)
{
	for (uint64_t i = 0; i < s->n; i++) {
		*out = segment_at(v, s, i);
		if (out->type == type)
			return true;
	}
	return false;
}

/* Where in the file the byte is that will be at @address. */
static uint64_t offset_of(struct view *v, const struct segments *s, uint64_t address)
{
	for (uint64_t i = 0; i < s->n; i++) {
		struct segment g = segment_at(v, s, i);
		if (g.type == PT_LOAD && address >= g.address && address - g.address < g.size)
			return g.offset + (address - g.address);
	}
	breaks(v, "its string table is in no segment");
	return 0;
}

/* --- texts
 * ----------------------------------------------------------------------------------------- */

/* The text at @at, which has to end before @end. */
static const char *text(
	struct view *v, uint64_t at, uint64_t end, struct arena *a, const char *what)
{
	if (end > v->file.n || at >= end)
		breaks(v, what);
	if (v->broken)
		return NULL;
	const char *p = (const char *)v->file.p + at;
	size_t room = end - at, n = strnlen(p, room);
	if (n == room || n >= PATH_MAX) {
		breaks(v, what);
		return NULL;
	}
	return arena_str(a, (struct str){ p, n });
}

static void read_interpreter(
	struct view *v, const struct segments *s, struct arena *a, struct elf_info *out)
{
	static const char what[] = "the name of its interpreter is broken";
	struct segment g;
	if (!find_segment(v, s, PT_INTERP, &g))
		return;
	if (!inside(v, g.offset, g.size))
		breaks(v, what);
	out->interpreter = text(v, g.offset, g.offset + g.size, a, what);
	if (out->interpreter && *out->interpreter != '/')
		breaks(v, "the name of its interpreter is not absolute");
}

/* --- the dynamic section
 * ------------------------------------------------------------------------------ */

struct dynamic {
	uint64_t at, n;           /* entries */
	uint64_t strings, length; /* the string table, as an offset */
};

static uint64_t tag_at(struct view *v, const struct dynamic *d, uint64_t i)
{
	return FIELD(v, d->at + i * SIZE(v, Dyn), Dyn, d_tag, "its dynamic section is cut off");
}

static uint64_t value_at(struct view *v, const struct dynamic *d, uint64_t i)
{
	return FIELD(v, d->at + i * SIZE(v, Dyn), Dyn, d_un, "its dynamic section is cut off");
}

static struct dynamic find_dynamic(struct view *v, const struct segments *s)
{
	static const char what[] = "its dynamic section lies outside of it";
	struct dynamic d = {};
	struct segment g;
	if (!find_segment(v, s, PT_DYNAMIC, &g))
		return d;
	if (!inside(v, g.offset, g.size) || g.size / SIZE(v, Dyn) > DYNAMIC_MAX)
		breaks(v, what);
	if (v->broken)
		return d;
	d.at = g.offset;
	uint64_t strings = 0, room = g.size / SIZE(v, Dyn);
	for (d.n = 0; d.n < room && tag_at(v, &d, d.n) != DT_NULL; d.n++) {
		uint64_t tag = tag_at(v, &d, d.n), value = value_at(v, &d, d.n);
		strings = tag == DT_STRTAB ? value : strings;
		d.length = tag == DT_STRSZ ? value : d.length;
	}
	if (d.n)
		d.strings = offset_of(v, s, strings);
	if (!v->broken && !inside(v, d.strings, d.length))
		breaks(v, "its string table lies outside of it");
	return d;
}

static const char *string(struct view *v, const struct dynamic *d, uint64_t index, struct arena *a)
{
	static const char what[] = "a name in its dynamic section is broken";
	if (index >= d->length)
		breaks(v, what);
	return v->broken ? NULL : text(v, d->strings + index, d->strings + d->length, a, what);
}

static void add_needed(struct view *v, const char *name, struct arena *a, struct elf_info *out)
{
	if (name && !*name)
		breaks(v, "it needs a library without a name");
	else if (out->needed.n == NEEDED_MAX)
		breaks(v, "it needs too many libraries");
	else if (name)
		text_list_add(&out->needed, a, name);
}

static void read_entry(
	struct view *v, const struct dynamic *d, uint64_t i, struct arena *a, struct elf_info *out)
{
	uint64_t value = value_at(v, d, i);
	switch (tag_at(v, d, i)) {
	case DT_NEEDED:
		add_needed(v, string(v, d, value, a), a, out);
		break;
	case DT_SONAME:
		out->soname = string(v, d, value, a);
		break;
	case DT_RPATH:
		out->rpath = string(v, d, value, a);
		break;
	case DT_RUNPATH:
		out->runpath = string(v, d, value, a);
		break;
	case DT_FLAGS_1:
		out->no_default = value & DF_1_NODEFLIB;
		break;
	default:
		break;
	}
}

static void read_dynamic(
	struct view *v, const struct segments *s, struct arena *a, struct elf_info *out)
{
	struct dynamic d = find_dynamic(v, s);
	for (uint64_t i = 0; i < d.n && !v->broken; i++)
		read_entry(v, &d, i, a, out);
}

/* --- the header
 * -------------------------------------------------------------------------------------- */

static void read_header(struct view *v, struct elf_info *out)
{
	const uint8_t *ident = v->file.p;
	if (v->file.n < EI_NIDENT ||
		(ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64) ||
		(ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)) {
		breaks(v, "its first bytes are unknown");
		return;
	}
	v->wide = out->wide = ident[EI_CLASS] == ELFCLASS64;
	v->swapped = out->big_endian = ident[EI_DATA] == ELFDATA2MSB;
	uint64_t type = FIELD(v, 0, Ehdr, e_type, "its header is cut off");
	out->machine = (uint16_t)FIELD(v, 0, Ehdr, e_machine, "its header is cut off");
	if (!v->broken && type != ET_EXEC && type != ET_DYN)
		breaks(v, "it is neither a program nor a shared library");
}

struct err *elf_read(struct bytes file, struct arena *a, struct elf_info *out)
{
	struct view v = { .file = file };
	*out = (struct elf_info){};
	if (!elf_is(file))
		return err_new(ERR_USAGE, "not an ELF file");
	read_header(&v, out);
	struct segments s = {};
	if (!v.broken)
		s = find_segments(&v);
	if (!v.broken)
		read_interpreter(&v, &s, a, out);
	if (!v.broken)
		read_dynamic(&v, &s, a, out);
	return v.broken ? err_new(ERR_USAGE, "not a sound ELF file: %s", v.broken) : NULL;
}
