#include "base/test.h"
#include "cli/flags.h"

/* A mount as one line: "bind /a->/b ro rslave". */
static void show_mount(const struct mount_request *m, struct buf *out)
{
	buf_add(out, "%s %s->%s", m->type, m->source ? m->source : "-", m->target);
	buf_add(out, "%s%s%s", m->read_only ? " ro" : "", m->no_copy ? " nocopy" : "",
		m->create_source ? " create" : "");
	if (m->propagation)
		buf_add(out, " %s", m->propagation);
	if (m->subpath)
		buf_add(out, " subpath=%s", m->subpath);
	if (m->tmpfs_size)
		buf_add(out, " size=%lld", (long long)m->tmpfs_size);
	if (m->tmpfs_mode.set)
		buf_add(out, " mode=%llo", (unsigned long long)m->tmpfs_mode.value);
	for (size_t i = 0; i < m->options.n; i++)
		buf_add(out, " %s", m->options.items[i]);
}

static const struct mount_row {
	struct err *(*read)(const char *text, struct arena *a, struct mount_request *out);
	const char *text, *want; /* want: NULL for an error */
} mounts[] = {
	{ flag_volume, "/data", "volume -->/data" },
	{ flag_volume, "name:/data", "volume name->/data" },
	{ flag_volume, "name:/data:ro", "volume name->/data ro" },
	{ flag_volume, "name:/data:ro,nocopy", "volume name->/data ro nocopy" },
	{ flag_volume, "/a:/b", "bind /a->/b create" },
	{ flag_volume, "/a:/b:ro,rslave", "bind /a->/b ro create rslave" },
	{ flag_volume, "/a:/b:rw", "bind /a->/b create" },
	{ flag_volume, "", NULL },
	{ flag_volume, "name", NULL },
	{ flag_volume, "/a:b", NULL },
	{ flag_volume, "/a:/b:sometimes", NULL },
	{ flag_mount, "type=bind,source=/a,target=/b", "bind /a->/b" },
	{ flag_mount, "type=bind,src=/a,dst=/b,readonly", "bind /a->/b ro" },
	{ flag_mount, "type=bind,src=/a,destination=/b,ro=false", "bind /a->/b" },
	{ flag_mount, "type=bind,src=/a,dst=/b,bind-propagation=rshared", "bind /a->/b rshared" },
	{ flag_mount, "src=name,target=/b,volume-nocopy", "volume name->/b nocopy" },
	{ flag_mount, "target=/b", "volume -->/b" },
	{ flag_mount, "type=tmpfs,target=/b,tmpfs-size=1m,tmpfs-mode=1777",
		"tmpfs -->/b size=1048576 mode=1777" },
	{ flag_mount, "type=bind,target=/b", NULL },
	{ flag_mount, "type=bind,source=/a", NULL },
	{ flag_mount, "type=bind,source=/a,target=b", NULL },
	{ flag_mount, "type=tmpfs,source=/a,target=/b", NULL },
	{ flag_mount, "type=bind,source=/a,target=/b,colour=red", NULL },
	{ flag_mount, "type=bind,source=/a,target=/b,readonly=perhaps", NULL },
	{ flag_mount, "type=tmpfs,target=/b,tmpfs-mode=9", NULL },
	{ flag_mount, "type=tmpfs,target=/b,tmpfs-size=x", NULL },
	{ flag_tmpfs, "/tmp", "tmpfs -->/tmp" },
	{ flag_tmpfs, "/tmp:size=1m,mode=1777", "tmpfs -->/tmp size=1m mode=1777" },
	{ flag_tmpfs, "tmp", NULL },
	{ flag_tmpfs, "", NULL },
};

TEST(mounts_are_read_in_every_form)
{
	for (size_t i = 0; i < ARRAY_LEN(mounts); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(buf_done) struct buf got = {};
		struct mount_request m = {};
		cleanup(err_free) struct err *e = mounts[i].read(mounts[i].text, &a, &m);
		if (e)
			buf_add(&got, "refused: %s", mounts[i].text);
		else
			show_mount(&m, &got);
		cleanup(buf_done) struct buf want = {};
		buf_add(&want, mounts[i].want ? "%s" : "refused: %s",
			mounts[i].want ? mounts[i].want : mounts[i].text);
		CHECK(!e || e->kind == ERR_USAGE);
		CHECK_TEXT(buf_text(&got), buf_text(&want));
	}
}

TEST(devices_are_read_in_every_form)
{
	static const struct {
		const char *text, *host, *inside, *access; /* host: NULL for an error */
	} rows[] = {
		{ "/dev/fuse", "/dev/fuse", "", "" },
		{ "/dev/a:/dev/b", "/dev/a", "/dev/b", "" },
		{ "/dev/a:/dev/b:rw", "/dev/a", "/dev/b", "rw" },
		{ "/dev/a:rwm", "/dev/a", "", "rwm" },
		{ "", NULL, NULL, NULL },
		{ ":/dev/b", NULL, NULL, NULL },
		{ "/dev/a:/dev/b:x", NULL, NULL, NULL },
		{ "/dev/a:b", NULL, NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(arena_done) struct arena a = {};
		struct device_request d = {};
		cleanup(err_free) struct err *e = flag_device(rows[i].text, &a, &d);
		CHECK((e == NULL) == (rows[i].host != NULL));
		if (e)
			continue;
		CHECK_TEXT(d.host, rows[i].host);
		CHECK_TEXT(d.inside ? d.inside : "", rows[i].inside);
		CHECK_TEXT(d.access ? d.access : "", rows[i].access);
	}
}

TEST(limits_are_read_in_every_form)
{
	static const struct {
		const char *text;
		bool good;
		int64_t soft, hard;
	} rows[] = {
		{ "nofile=1024", true, 1024, 1024 },
		{ "nofile=1024:2048", true, 1024, 2048 },
		{ "core=-1", true, -1, -1 },
		{ "core=0:-1", true, 0, -1 },
		{ "nofile", false, 0, 0 },
		{ "nofile=", false, 0, 0 },
		{ "nofile=x", false, 0, 0 },
		{ "nofile=2:1", false, 0, 0 },
		{ "nofile=-1:1", false, 0, 0 },
		{ "nofile=1:2:3", false, 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(arena_done) struct arena a = {};
		struct ulimit_request u = {};
		cleanup(err_free) struct err *e = flag_ulimit(rows[i].text, &a, &u);
		CHECK((e == NULL) == rows[i].good);
		CHECK(e || (u.soft == rows[i].soft && u.hard == rows[i].hard));
	}
}

TEST(restart_policies_are_read_in_every_form)
{
	static const struct {
		const char *text, *policy; /* policy: NULL for an error */
		int64_t maximum;
	} rows[] = {
		{ "no", "", 0 },
		{ "always", "always", 0 },
		{ "unless-stopped", "unless-stopped", 0 },
		{ "on-failure", "on-failure", 0 },
		{ "on-failure:3", "on-failure", 3 },
		{ "always:3", NULL, 0 },
		{ "on-failure:x", NULL, 0 },
		{ "on-failure:-1", NULL, 0 },
		{ "sometimes", NULL, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct restart_request r = {};
		cleanup(err_free) struct err *e = flag_restart(rows[i].text, &r);
		CHECK((e == NULL) == (rows[i].policy != NULL));
		if (e)
			continue;
		CHECK_TEXT(r.policy ? r.policy : "", rows[i].policy);
		CHECK(r.maximum == rows[i].maximum);
	}
}

TEST(numbers_of_cpus_are_decimal)
{
	static const struct {
		const char *text;
		int64_t nanos; /* -1 for an error */
	} rows[] = { { "1", 1000000000 }, { "1.5", 1500000000 }, { "0.01", 10000000 },
		{ "0.123456789", 123456789 }, { "", -1 }, { "x", -1 }, { "-1", -1 },
		{ "1.5.2", -1 }, { "1,5", -1 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct opt_int n = {};
		cleanup(err_free) struct err *e = flag_cpus(rows[i].text, &n);
		CHECK((e == NULL) == (rows[i].nanos >= 0));
		CHECK(e || (n.set && n.value == rows[i].nanos));
	}
}

TEST(of_pairs_with_one_key_the_last_counts)
{
	cleanup(arena_done) struct arena a = {};
	struct text_map m = {};
	flag_pair("a=1", &a, &m);
	flag_pair("b", &a, &m);
	flag_pair("a=x=y", &a, &m);
	CHECK(m.n == 2);
	CHECK_TEXT(m.items[0].value, "x=y");
	CHECK_TEXT(m.items[1].key, "b");
	CHECK_TEXT(m.items[1].value, "");
}
