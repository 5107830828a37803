#include "base/test.h"
#include "engine/files.h"
#include <string.h>

static const char *one_item[] = { "9.9.9.9", NULL };
static const char *dot[] = { ".", NULL };

TEST(resolv_conf_has_what_was_asked_and_the_rest_of_the_host)
{
	static const char host[] = "# a comment\nnameserver 1.1.1.1\nsearch a.example b.example\n"
				   "options ndots:2\nnameserverx 2\n";
	cleanup(buf_done) struct buf all = {}, dns = {}, none = {};
	files_resolv(&(struct container_request){}, str_of(host), &all);
	CHECK_TEXT(buf_text(&all),
		"nameserver 1.1.1.1\nsearch a.example b.example\noptions ndots:2\n");
	files_resolv(&(struct container_request){ .dns = { one_item, 1 } }, str_of(host), &dns);
	CHECK_TEXT(buf_text(&dns),
		"nameserver 9.9.9.9\nsearch a.example b.example\noptions ndots:2\n");
	files_resolv(&(struct container_request){ .dns_search = { dot, 1 } }, str_of(host), &none);
	CHECK_TEXT(buf_text(&none), "nameserver 1.1.1.1\noptions ndots:2\n");
}

static struct err *hosts_with(const char *entry, struct buf *out)
{
	const char *items[] = { entry, NULL };
	return files_hosts(
		&(struct container_request){ .network = "host", .add_hosts = { items, 1 } }, "box",
		out);
}

TEST(hosts_take_addresses_of_both_kinds)
{
	static const struct {
		const char *entry, *line;
	} rows[] = { { "db:10.0.0.1", "10.0.0.1\tdb\n" }, { "db=10.0.0.1", "10.0.0.1\tdb\n" },
		{ "db:::1", "::1\tdb\n" }, { "db:[fe80::1]", "fe80::1\tdb\n" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(buf_done) struct buf out = {};
		cleanup(err_free) struct err *e = hosts_with(rows[i].entry, &out);
		CHECK(!e && strstr(buf_text(&out), rows[i].line));
	}
}

TEST(hosts_refuse_what_could_become_another_line)
{
	static const char *const bad[] = { "db", "db:", ":10.0.0.1", "db:name", "d b:10.0.0.1",
		"db\n127.0.0.1 x:10.0.0.1", "db:10.0.0.1\n" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(buf_done) struct buf out = {};
		cleanup(err_free) struct err *e = hosts_with(bad[i], &out);
		CHECK(e && e->kind == ERR_USAGE);
	}
}
