#include "spec/mount_opts.h"
#include "kernel/compat.h"
#include "kernel/flags.h"
#include <stdlib.h>

/* What fsconfig() takes as one value: FSCONFIG_SET_STRING copies at most this, with its NUL. */
enum { PARAM_MAX = 256 };

/* Flags of the file system rather than of the mount: each is a parameter of the same name. */
enum {
	FS_SYNC = 1u << 0,
	FS_DIRSYNC = 1u << 1,
	FS_MAND = 1u << 2,
	FS_LAZYTIME = 1u << 3,
};
static const char *const fs_flags[] = { "sync", "dirsync", "mand", "lazytime" };
_Static_assert(1u << (ARRAY_LEN(fs_flags) - 1) == FS_LAZYTIME, "the place of a name is its bit");

/* What a word does, apart from the flags in its row. */
enum effect {
	NOTHING_ELSE,
	BIND,
	RBIND,
	REMOUNT,
	IDMAP,
	RIDMAP,
	COPY_UP,
	NO_SYMLINK,
	IDLE,
	REFUSED,
};

/* In alphabetical order: features lists them. */
static const struct row {
	const char *name;
	enum effect effect;
	uint64_t set, clear, rset, rclear;
	uint32_t fs_set, fs_clear;
	uint64_t propagation; /* with MS_REC for the whole tree */
} rows[] = {
	{ "async", .fs_clear = FS_SYNC },
	{ "atime", .clear = MOUNT_ATTR_NOATIME },
	{ "bind", BIND },
	{ "copy-symlink", REFUSED },
	{ "defaults" },
	{ "dest-nofollow", NO_SYMLINK },
	{ "dev", .clear = MOUNT_ATTR_NODEV },
	{ "diratime", .clear = MOUNT_ATTR_NODIRATIME },
	{ "dirsync", .fs_set = FS_DIRSYNC },
	{ "exec", .clear = MOUNT_ATTR_NOEXEC },
	{ "idmap", IDMAP },
	{ "iversion", IDLE },
	{ "lazytime", .fs_set = FS_LAZYTIME },
	{ "loud", IDLE },
	{ "mand", .fs_set = FS_MAND },
	{ "noatime", .set = MOUNT_ATTR_NOATIME, .clear = MOUNT_ATTR__ATIME },
	{ "nodev", .set = MOUNT_ATTR_NODEV },
	{ "nodiratime", .set = MOUNT_ATTR_NODIRATIME },
	{ "noexec", .set = MOUNT_ATTR_NOEXEC },
	{ "noiversion", IDLE },
	{ "nolazytime", .fs_clear = FS_LAZYTIME },
	{ "nomand", .fs_clear = FS_MAND },
	{ "norelatime" }, /* relatime is what the kernel does where nothing else is said */
	{ "nostrictatime", .clear = MOUNT_ATTR_STRICTATIME },
	{ "nosuid", .set = MOUNT_ATTR_NOSUID },
	{ "nosymfollow", .set = MOUNT_ATTR_NOSYMFOLLOW },
	{ "private", .propagation = MS_PRIVATE },
	{ "ratime", .rclear = MOUNT_ATTR_NOATIME },
	{ "rbind", RBIND },
	{ "rdev", .rclear = MOUNT_ATTR_NODEV },
	{ "rdiratime", .rclear = MOUNT_ATTR_NODIRATIME },
	{ "relatime", .clear = MOUNT_ATTR__ATIME },
	{ "remount", REMOUNT },
	{ "rexec", .rclear = MOUNT_ATTR_NOEXEC },
	{ "ridmap", RIDMAP },
	{ "rnoatime", .rset = MOUNT_ATTR_NOATIME, .rclear = MOUNT_ATTR__ATIME },
	{ "rnodev", .rset = MOUNT_ATTR_NODEV },
	{ "rnodiratime", .rset = MOUNT_ATTR_NODIRATIME },
	{ "rnoexec", .rset = MOUNT_ATTR_NOEXEC },
	{ "rnorelatime" },
	{ "rnostrictatime", .rclear = MOUNT_ATTR_STRICTATIME },
	{ "rnosuid", .rset = MOUNT_ATTR_NOSUID },
	{ "rnosymfollow", .rset = MOUNT_ATTR_NOSYMFOLLOW },
	{ "ro", .set = MOUNT_ATTR_RDONLY },
	{ "rprivate", .propagation = MS_PRIVATE | MS_REC },
	{ "rrelatime", .rclear = MOUNT_ATTR__ATIME },
	{ "rro", .rset = MOUNT_ATTR_RDONLY },
	{ "rrw", .rclear = MOUNT_ATTR_RDONLY },
	{ "rshared", .propagation = MS_SHARED | MS_REC },
	{ "rslave", .propagation = MS_SLAVE | MS_REC },
	{ "rstrictatime", .rset = MOUNT_ATTR_STRICTATIME, .rclear = MOUNT_ATTR__ATIME },
	{ "rsuid", .rclear = MOUNT_ATTR_NOSUID },
	{ "rsymfollow", .rclear = MOUNT_ATTR_NOSYMFOLLOW },
	{ "runbindable", .propagation = MS_UNBINDABLE | MS_REC },
	{ "rw", .clear = MOUNT_ATTR_RDONLY },
	{ "shared", .propagation = MS_SHARED },
	{ "silent", IDLE },
	{ "slave", .propagation = MS_SLAVE },
	{ "src-nofollow", REFUSED },
	{ "strictatime", .set = MOUNT_ATTR_STRICTATIME, .clear = MOUNT_ATTR__ATIME },
	{ "suid", .clear = MOUNT_ATTR_NOSUID },
	{ "symfollow", .clear = MOUNT_ATTR_NOSYMFOLLOW },
	{ "sync", .fs_set = FS_SYNC },
	{ "tmpcopyup", COPY_UP },
	{ "unbindable", .propagation = MS_UNBINDABLE },
};

static int compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct row *)row)->name);
}

static const struct row *find_row(const char *name)
{
	return bsearch(name, rows, ARRAY_LEN(rows), sizeof(rows[0]), compare);
}

/* What the words have added up to so far. */
struct sum {
	struct mount_opts *o;
	struct arena *arena;
	uint32_t fs;
};

static uint64_t applied(uint64_t bits, uint64_t set, uint64_t clear)
{
	return (bits & ~clear) | set;
}

static void apply_flags(struct sum *s, const struct row *w)
{
	struct mount_opts *o = s->o;
	o->clear = applied(o->clear, w->clear, w->set);
	o->set = applied(o->set, w->set, w->clear);
	o->rclear = applied(o->rclear, w->rclear, w->rset);
	o->rset = applied(o->rset, w->rset, w->rclear);
	s->fs = (uint32_t)applied(s->fs, w->fs_set, w->fs_clear);
	if (w->propagation) {
		o->propagation = w->propagation & ~(uint64_t)MS_REC;
		o->propagation_recursive = w->propagation & MS_REC;
	}
}

static struct err *apply(struct sum *s, const struct row *w)
{
	struct mount_opts *o = s->o;
	apply_flags(s, w);
	switch (w->effect) {
	case NOTHING_ELSE:
		return NULL;
	case BIND:
	case RBIND:
		o->bind = true;
		o->recursive |= w->effect == RBIND;
		return NULL;
	case REMOUNT:
		o->remount = true;
		return NULL;
	case IDMAP:
	case RIDMAP:
		o->idmap = true;
		o->recursive_idmap = w->effect == RIDMAP;
		return NULL;
	case COPY_UP:
		o->copy_up = true;
		return NULL;
	case NO_SYMLINK:
		o->no_symlink = true;
		return NULL;
	case IDLE:
		text_list_add(&o->idle, s->arena, w->name);
		return NULL;
	case REFUSED:
		break;
	}
	return err_new(ERR_USAGE, "mount option '%s' is not supported", w->name);
}

/* What no table knows is the file system's: "size=64m", or several of those with commas between. */
static struct err *add_params(struct sum *s, const char *word)
{
	if (strncmp(word, "idmap=", 6) == 0 || strncmp(word, "ridmap=", 7) == 0)
		return err_hint(err_new(ERR_USAGE, "mount option '%s' is not supported", word),
			"use uidMappings and gidMappings of the mount");
	for (struct str rest = str_of(word); rest.n;) {
		struct str param = str_cut(&rest, ',');
		if (param.n >= PARAM_MAX)
			return err_new(ERR_USAGE, "mount option '%.40s...' is longer than %d bytes",
				param.p, PARAM_MAX - 1);
		if (param.n)
			text_list_add(&s->o->params, s->arena, arena_str(s->arena, param));
	}
	return NULL;
}

/* Which kind of access times is one choice of several: saying anything about it says all. */
static uint64_t whole_choice(uint64_t set, uint64_t clear)
{
	return (set | clear) & MOUNT_ATTR__ATIME ? clear | MOUNT_ATTR__ATIME : clear;
}

static void finish(struct sum *s)
{
	struct mount_opts *o = s->o;
	o->clear = whole_choice(o->set, o->clear);
	o->rclear = whole_choice(o->rset, o->rclear);
	for (size_t i = 0; i < ARRAY_LEN(fs_flags); i++)
		if (s->fs & 1u << i)
			text_list_add(&o->params, s->arena, fs_flags[i]);
}

struct err *mount_opts_parse(const struct text_list *words, struct arena *a, struct mount_opts *out)
{
	struct mount_opts o = {};
	struct sum s = { &o, a };
	for (size_t i = 0; i < words->n; i++) {
		const struct row *w = find_row(words->items[i]);
		struct err *e = w ? apply(&s, w) : add_params(&s, words->items[i]);
		if (e)
			return e;
	}
	finish(&s);
	*out = o;
	return NULL;
}

bool mount_opts_has(const struct mount_opts *o, const char *key)
{
	size_t n = strlen(key);
	for (size_t i = 0; i < o->params.n; i++)
		if (strncmp(o->params.items[i], key, n) == 0 && o->params.items[i][n] == '=')
			return true;
	return false;
}

uint64_t mount_opts_propagation(const char *word)
{
	const struct row *w = find_row(word);
	return w ? w->propagation : 0;
}

void mount_opts_words(struct arena *a, struct text_list *out)
{
	*out = (struct text_list){};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].effect != REFUSED)
			text_list_add(out, a, rows[i].name);
}
