#include "child/old_mount.h"
#include "base/attr.h"
#include "child/attrs.h"
#include "child/text.h"
#include <linux/limits.h>

enum {
	VALUE_MAX = 255, /* what fsconfig() takes */
	DATA_MAX = 4095, /* what mount(2) takes: a page */
};

static const char *value_of(const char *param)
{
	while (*param && *param != '=')
		param++;
	return *param ? param + 1 : param;
}

bool old_mount_needed(const char *source, const char *const *params)
{
	if (source && text_len(source) > VALUE_MAX)
		return true;
	for (; params && *params; params++)
		if (text_len(value_of(*params)) > VALUE_MAX)
			return true;
	return false;
}

/* What mount(2) takes as a flag and would not understand as text. */
static const struct word {
	const char *name;
	unsigned long set, clear;
} words[] = {
	{ "ro", .set = MS_RDONLY },
	{ "rw", .clear = MS_RDONLY },
	{ "sync", .set = MS_SYNCHRONOUS },
	{ "async", .clear = MS_SYNCHRONOUS },
	{ "dirsync", .set = MS_DIRSYNC },
	{ "mand", .set = MS_MANDLOCK },
	{ "nomand", .clear = MS_MANDLOCK },
	{ "lazytime", .set = 1 << 25 /* MS_LAZYTIME */ },
	{ "nolazytime", .clear = 1 << 25 },
};

static const struct word *find_word(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_same(words[i].name, name))
			return &words[i];
	return NULL;
}

/* The parameters as mount(2) has them: flags and one text. */
static unsigned long old_params(const char *const *params, struct text *data)
{
	unsigned long flags = 0;
	for (; params && *params; params++) {
		const struct word *w = find_word(*params);
		if (w) {
			flags = (flags & ~w->clear) | w->set;
			continue;
		}
		text_add(data, data->n ? "," : "");
		text_add(data, *params);
	}
	return flags;
}

/* The mount at @place, detached. */
static int lift(struct runner *r, const char *place, uint64_t attrs)
{
	int tree =
		(int)sys_open_tree(&r->sys, AT_FDCWD, place, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	long failed = sys_umount2(&r->sys, place, MNT_DETACH | UMOUNT_NOFOLLOW);
	if (tree >= 0 && failed >= 0)
		failed = attrs_set(r, tree, &(struct attrs){ .set = attrs, .userns = -1 });
	if (tree < 0 || failed >= 0)
		return tree;
	runner_close(r, tree);
	return (int)failed;
}

int old_mount_make(struct runner *r, const char *type, const char *source,
	const char *const *params, uint64_t attrs)
{
	static const char place[] = "/dev"; /* any directory would do */
	char page[DATA_MAX + 1];
	struct text data = TEXT_IN(page);
	page[0] = 0;
	unsigned long flags = old_params(params, &data);
	if (data.full)
		return runner_refuse(r, E2BIG);
	long failed = sys_mount(&r->sys, source ? source : "none", place, type, flags, page);
	return failed < 0 ? (int)failed : lift(r, place, attrs);
}
