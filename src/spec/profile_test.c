#include "base/test.h"
#include "spec/profile.h"

/* What is written is read again. */
static void write_and_read(const struct profile_request *r, struct arena *a, struct spec *out)
{
	cleanup(buf_done) struct buf text = {};
	profile_write(r, &text);
	cleanup(err_free) struct err *e = spec_parse(text.p, text.n, "config.json", a, out);
	if (e)
		test_failed(__FILE__, __LINE__, "%s", e->cause ? e->cause->text : e->text);
}

static bool has_namespace(const struct spec *s, const char *type)
{
	for (list_each(struct spec_namespace, ns, s->linux.namespaces))
		if (strcmp(ns->type, type) == 0)
			return true;
	return false;
}

static bool has_text(struct text_list list, const char *text)
{
	for (size_t i = 0; i < list.n; i++)
		if (strcmp(list.items[i], text) == 0)
			return true;
	return false;
}

/* True if there is a mount on @destination that has @option. */
static bool has_mount(const struct spec *s, const char *destination, const char *option)
{
	for (list_each(struct spec_mount, m, s->mounts))
		if (strcmp(m->destination, destination) == 0 && has_text(m->options, option))
			return true;
	return false;
}

TEST(the_default_spec_is_a_shell_with_little)
{
	cleanup(arena_done) struct arena a = {};
	struct spec s;
	write_and_read(&(struct profile_request){}, &a, &s);
	CHECK_TEXT(s.oci_version, SPEC_VERSION_MAX);
	CHECK_TEXT(s.root.path, "rootfs");
	CHECK(s.root.readonly && s.process.terminal && s.process.no_new_privileges);
	CHECK(s.process.args.n == 1 && strcmp(s.process.args.items[0], "sh") == 0);
	CHECK(s.process.env.n == 2 && s.process.capabilities.bounding.n == 3);
	CHECK(s.process.capabilities.ambient.n == 0 && s.process.rlimits.n == 1);
	CHECK(s.mounts.n == 7 && has_mount(&s, "/sys/fs/cgroup", "ro"));
	CHECK(has_mount(&s, "/dev/pts", "gid=5"));
	CHECK(s.linux.namespaces.n == 5 && has_namespace(&s, "network"));
	CHECK(!has_namespace(&s, "cgroup") && !has_namespace(&s, "user"));
	CHECK(s.linux.masked_paths.n == 10 && s.linux.readonly_paths.n == 5);
	const struct spec_device_rule *rule = s.linux.resources.devices.items;
	CHECK(s.linux.resources.devices.n == 1 && !rule->allow && !rule->type);
}

TEST(the_spec_of_a_user_without_root_asks_for_nothing_more)
{
	cleanup(arena_done) struct arena a = {};
	struct spec s;
	write_and_read(
		&(struct profile_request){
			.rootless = true, .cgroup_v2 = true, .uid = 1000, .gid = 1001 },
		&a, &s);
	CHECK(has_namespace(&s, "user") && has_namespace(&s, "cgroup"));
	CHECK(!has_namespace(&s, "network") && !s.linux.resources.present);
	const struct spec_idmap *uids = s.linux.uid_mappings.items;
	const struct spec_idmap *gids = s.linux.gid_mappings.items;
	CHECK(uids->host == 1000 && uids->container == 0 && uids->size == 1 && gids->host == 1001);
	CHECK(!has_mount(&s, "/dev/pts", "gid=5") && !has_mount(&s, "/sys/fs/cgroup", "ro"));
	CHECK(has_mount(&s, "/sys", "rbind"));
}
