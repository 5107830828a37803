#include "base/json.h"
#include "base/test.h"
#include "seccomp/seccomp.h"
#include "spec/features.h"
#include <linux/seccomp.h>

/* The member at the end of a path of keys. */
static const struct json *at(const struct json *doc, const char *path)
{
	struct str rest = str_of(path);
	while (doc && rest.n) {
		char key[64];
		struct str step = str_cut(&rest, '.');
		snprintf(key, sizeof(key), STR_FMT, STR_ARG(step));
		doc = json_get(doc, key);
	}
	if (!doc)
		test_failed(__FILE__, __LINE__, "no %s", path);
	return doc;
}

static bool lists(const struct json *doc, const char *path, const char *text)
{
	for (const struct json *item = at(doc, path)->first; item; item = item->next)
		if (str_eq(item->text, str_of(text)))
			return true;
	return false;
}

TEST(features_are_told_from_the_tables)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	features_write(JSON_INDENTED, &text);
	const struct json *doc;
	cleanup(err_free) struct err *e =
		json_read((struct str){ text.p, text.n }, "features", &a, &doc);
	CHECK(!e);
	CHECK_TEXT(at(doc, "ociVersionMin")->text.p, "1.0.0");
	CHECK(at(doc, "hooks")->n == 6 && lists(doc, "hooks", "createContainer"));
	CHECK(lists(doc, "mountOptions", "rro") && lists(doc, "mountOptions", "tmpcopyup"));
	CHECK(at(doc, "linux.namespaces")->n == 8 && lists(doc, "linux.namespaces", "time"));
	CHECK(lists(doc, "linux.capabilities", "CAP_CHECKPOINT_RESTORE"));
	CHECK(lists(doc, "linux.seccomp.actions", "SCMP_ACT_NOTIFY"));
	CHECK(lists(doc, "linux.seccomp.archs", "SCMP_ARCH_X86_64"));
	CHECK(lists(doc, "linux.memoryPolicy.modes", "MPOL_BIND"));
	CHECK(at(doc, "linux.cgroup.v2")->yes &&
		at(doc, "linux.mountExtensions.idmap.enabled")->yes);
	CHECK(lists(doc, "linux.seccomp.supportedFlags", "SECCOMP_FILTER_FLAG_LOG") ==
		seccomp_kernel_has_flag(SECCOMP_FILTER_FLAG_LOG));
}

static bool is_sorted(const struct json *list)
{
	for (const struct json *item = list->first; item && item->next; item = item->next)
		if (strcmp(item->text.p, item->next->text.p) >= 0)
			return false;
	return list->n > 0;
}

TEST(lists_of_features_are_sorted_and_without_doubles)
{
	static const char *const paths[] = { "mountOptions", "linux.namespaces",
		"linux.capabilities", "linux.seccomp.actions", "linux.seccomp.operators",
		"linux.seccomp.archs", "linux.seccomp.knownFlags", "linux.memoryPolicy.modes",
		"linux.memoryPolicy.flags" };
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	features_write(JSON_COMPACT, &text);
	const struct json *doc;
	cleanup(err_free) struct err *e =
		json_read((struct str){ text.p, text.n }, "features", &a, &doc);
	CHECK(!e);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (!is_sorted(at(doc, paths[i])))
			test_failed(__FILE__, __LINE__, "%s is not in order", paths[i]);
}
