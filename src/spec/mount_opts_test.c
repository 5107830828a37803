#include "base/test.h"
#include "base/words.h"
#include "kernel/compat.h"
#include "kernel/flags.h"
#include "spec/mount_opts.h"

static struct text_list split(char *words, const char **room)
{
	struct text_list list = { room, 0 };
	for (char *at = words; *at;) {
		list.items[list.n++] = at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = 0;
	}
	list.items[list.n] = NULL;
	return list;
}

static void show_bits(const char *name, const struct words *w, uint64_t bits, struct buf *out)
{
	if (!bits)
		return;
	buf_add(out, "%s=", name);
	words_show(w, bits, out);
	buf_add(out, " ");
}

static void show_opts(const struct mount_opts *o, struct buf *out)
{
	const struct {
		const char *name;
		bool yes;
	} bools[] = { { "bind ", o->bind }, { "recursive ", o->recursive },
		{ "remount ", o->remount }, { "idmap ", o->idmap },
		{ "all-idmap ", o->recursive_idmap }, { "copy-up ", o->copy_up },
		{ "no-symlink ", o->no_symlink } };
	for (size_t i = 0; i < ARRAY_LEN(bools); i++)
		buf_add(out, "%s", bools[i].yes ? bools[i].name : "");
	show_bits("set", &mount_attr_flags, o->set, out);
	show_bits("clear", &mount_attr_flags, o->clear, out);
	show_bits("rset", &mount_attr_flags, o->rset, out);
	show_bits("rclear", &mount_attr_flags, o->rclear, out);
	show_bits(o->propagation_recursive ? "rpropagation" : "propagation", &mount_flags,
		o->propagation, out);
	for (size_t i = 0; i < o->params.n; i++)
		buf_add(out, "[%s] ", o->params.items[i]);
	for (size_t i = 0; i < o->idle.n; i++)
		buf_add(out, "idle:%s ", o->idle.items[i]);
	if (out->n)
		out->p[--out->n] = 0;
}

/* Each word alone, then words that come together: the whole table, as features lists it. */
static const struct {
	const char *words, *means;
} cases[] = {
	{ "", "" },
	{ "async", "" },
	{ "atime", "clear=MOUNT_ATTR__ATIME" },
	{ "bind", "bind" },
	{ "defaults", "" },
	{ "dest-nofollow", "no-symlink" },
	{ "dev", "clear=MOUNT_ATTR_NODEV" },
	{ "diratime", "clear=MOUNT_ATTR_NODIRATIME" },
	{ "dirsync", "[dirsync]" },
	{ "exec", "clear=MOUNT_ATTR_NOEXEC" },
	{ "idmap", "idmap" },
	{ "iversion", "idle:iversion" },
	{ "lazytime", "[lazytime]" },
	{ "loud", "idle:loud" },
	{ "mand", "[mand]" },
	{ "noatime", "set=MOUNT_ATTR_NOATIME clear=MOUNT_ATTR__ATIME" },
	{ "nodev", "set=MOUNT_ATTR_NODEV" },
	{ "nodiratime", "set=MOUNT_ATTR_NODIRATIME" },
	{ "noexec", "set=MOUNT_ATTR_NOEXEC" },
	{ "noiversion", "idle:noiversion" },
	{ "nolazytime", "" },
	{ "nomand", "" },
	{ "norelatime", "" },
	{ "nostrictatime", "clear=MOUNT_ATTR__ATIME" },
	{ "nosuid", "set=MOUNT_ATTR_NOSUID" },
	{ "nosymfollow", "set=MOUNT_ATTR_NOSYMFOLLOW" },
	{ "private", "propagation=MS_PRIVATE" },
	{ "ratime", "rclear=MOUNT_ATTR__ATIME" },
	{ "rbind", "bind recursive" },
	{ "rdev", "rclear=MOUNT_ATTR_NODEV" },
	{ "rdiratime", "rclear=MOUNT_ATTR_NODIRATIME" },
	{ "relatime", "clear=MOUNT_ATTR__ATIME" },
	{ "remount", "remount" },
	{ "rexec", "rclear=MOUNT_ATTR_NOEXEC" },
	{ "ridmap", "idmap all-idmap" },
	{ "rnoatime", "rset=MOUNT_ATTR_NOATIME rclear=MOUNT_ATTR__ATIME" },
	{ "rnodev", "rset=MOUNT_ATTR_NODEV" },
	{ "rnodiratime", "rset=MOUNT_ATTR_NODIRATIME" },
	{ "rnoexec", "rset=MOUNT_ATTR_NOEXEC" },
	{ "rnorelatime", "" },
	{ "rnostrictatime", "rclear=MOUNT_ATTR__ATIME" },
	{ "rnosuid", "rset=MOUNT_ATTR_NOSUID" },
	{ "rnosymfollow", "rset=MOUNT_ATTR_NOSYMFOLLOW" },
	{ "ro", "set=MOUNT_ATTR_RDONLY" },
	{ "rprivate", "rpropagation=MS_PRIVATE" },
	{ "rrelatime", "rclear=MOUNT_ATTR__ATIME" },
	{ "rro", "rset=MOUNT_ATTR_RDONLY" },
	{ "rrw", "rclear=MOUNT_ATTR_RDONLY" },
	{ "rshared", "rpropagation=MS_SHARED" },
	{ "rslave", "rpropagation=MS_SLAVE" },
	{ "rstrictatime", "rset=MOUNT_ATTR_STRICTATIME rclear=MOUNT_ATTR__ATIME" },
	{ "rsuid", "rclear=MOUNT_ATTR_NOSUID" },
	{ "rsymfollow", "rclear=MOUNT_ATTR_NOSYMFOLLOW" },
	{ "runbindable", "rpropagation=MS_UNBINDABLE" },
	{ "rw", "clear=MOUNT_ATTR_RDONLY" },
	{ "shared", "propagation=MS_SHARED" },
	{ "silent", "idle:silent" },
	{ "slave", "propagation=MS_SLAVE" },
	{ "strictatime", "set=MOUNT_ATTR_STRICTATIME clear=MOUNT_ATTR__ATIME" },
	{ "suid", "clear=MOUNT_ATTR_NOSUID" },
	{ "symfollow", "clear=MOUNT_ATTR_NOSYMFOLLOW" },
	{ "sync", "[sync]" },
	{ "tmpcopyup", "copy-up" },
	{ "unbindable", "propagation=MS_UNBINDABLE" },
	{ "ro rw", "clear=MOUNT_ATTR_RDONLY" },
	{ "rw ro", "set=MOUNT_ATTR_RDONLY" },
	{ "nosuid suid nosuid", "set=MOUNT_ATTR_NOSUID" },
	{ "noatime relatime", "clear=MOUNT_ATTR__ATIME" },
	{ "noatime strictatime", "set=MOUNT_ATTR_STRICTATIME clear=MOUNT_ATTR__ATIME" },
	{ "strictatime atime", "set=MOUNT_ATTR_STRICTATIME clear=MOUNT_ATTR__ATIME" },
	{ "noatime atime", "clear=MOUNT_ATTR__ATIME" },
	{ "sync async lazytime dirsync", "[dirsync] [lazytime]" },
	{ "rprivate slave", "propagation=MS_SLAVE" },
	{ "rbind rro bind", "bind recursive rset=MOUNT_ATTR_RDONLY" },
	{ "ridmap idmap", "idmap" },
	{ "size=64m ro mode=755", "set=MOUNT_ATTR_RDONLY [size=64m] [mode=755]" },
	{ "size=64m,mode=755,", "[size=64m] [mode=755]" },
	{ "RO rO lower", "[RO] [rO] [lower]" },
};

TEST(each_mount_option_means_what_it_says)
{
	cleanup(arena_done) struct arena a = {};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *room[8];
		struct text_list words = split(arena_str(&a, str_of(cases[i].words)), room);
		struct mount_opts o;
		CHECK(!mount_opts_parse(&words, &a, &o));
		cleanup(buf_done) struct buf got = {};
		show_opts(&o, &got);
		if (strcmp(buf_text(&got), cases[i].means) != 0)
			test_failed(__FILE__, __LINE__, "'%s' means '%s'", cases[i].words,
				buf_text(&got));
	}
}

/* A word that is out of order would never be found; one without a case here is not tested. */
TEST(every_known_mount_option_has_its_case)
{
	cleanup(arena_done) struct arena a = {};
	struct text_list all = {};
	mount_opts_words(&a, &all);
	CHECK(all.n == 63);
	for (size_t i = 0; i < all.n; i++) {
		CHECK(i == 0 || strcmp(all.items[i - 1], all.items[i]) < 0);
		CHECK_TEXT(cases[i + 1].words, all.items[i]);
	}
}

static void check_refused(const char *word, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	struct text_list words = { &word, 1 };
	struct mount_opts o;
	cleanup(err_free) struct err *e = mount_opts_parse(&words, &a, &o);
	CHECK(e);
	CHECK_TEXT(e->text, want);
}

TEST(mount_options_of_others_are_refused_by_name)
{
	check_refused("copy-symlink", "mount option 'copy-symlink' is not supported");
	check_refused("src-nofollow", "mount option 'src-nofollow' is not supported");
	check_refused("idmap=uids=0-1-2;gids=0-1-2",
		"mount option 'idmap=uids=0-1-2;gids=0-1-2' is not supported");
}

TEST(a_parameter_that_the_kernel_would_cut_is_refused)
{
	char word[512] = "lowerdir=";
	memset(word + 9, 'x', sizeof(word) - 10);
	check_refused(word,
		"mount option 'lowerdir=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is longer than 255 "
		"bytes");
	word[255] = 0;
	cleanup(arena_done) struct arena a = {};
	struct text_list words = { (const char *[]){ word }, 1 };
	struct mount_opts o;
	CHECK(!mount_opts_parse(&words, &a, &o));
	CHECK(mount_opts_has(&o, "lowerdir") && !mount_opts_has(&o, "lower"));
}
