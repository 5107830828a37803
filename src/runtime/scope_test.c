/*
 * Without systemd, and with one that hangs. tests/systemd has the real one.
 */
#include "base/test.h"
#include "kernel/sock.h"
#include "runtime/scope.h"
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char *const properties[] = { "Delegate=b true", NULL };
static const struct scope_order order = {
	.unit = "onggi-unit.scope", .slice = "system.slice", .properties = properties, .seconds = 1
};

/* What comes of asking while the bus is at @address. */
static struct err *ask_at(const char *address)
{
	struct scope s = {};
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	struct err *e = scope_start(&order, &s);
	CHECK(e && !s.helper && !fd_valid(s.input));
	if (strstr(e->cause->text, "not installed"))
		test_skipped("onggi-systemd was not built");
	CHECK_TEXT(e->text, "asking systemd for onggi-unit.scope");
	return e;
}

TEST(without_systemd_that_is_said)
{
	cleanup(err_free) struct err *e = ask_at("unix:path=/nonexistent/bus");
	CHECK(e->kind == ERR_NOT_FOUND && e->cause->hint);
	CHECK_TEXT(
		e->cause->text, "there is no systemd here that listens: No such file or directory");
	err_free(&e);
	e = scope_stop("onggi-unit.scope", false);
	CHECK(e && e->kind == ERR_NOT_FOUND);
}

/* A bus that takes connections and never says a word. */
TEST(a_bus_that_hangs_is_given_up)
{
	char dir[] = "/tmp/onggi-unit-XXXXXX";
	CHECK(mkdtemp(dir));
	cleanup(buf_done) struct buf path = {}, address = {};
	buf_add(&path, "%s/bus", dir);
	buf_add(&address, "unix:path=%s", path.p);
	cleanup(fd_close) struct fd bus = {};
	cleanup(err_free) struct err *e = sock_listen(path.p, &bus);
	CHECK(!e);
	time_t before = time(NULL);
	e = ask_at(address.p);
	time_t took = time(NULL) - before;
	unlink(path.p);
	rmdir(dir);
	CHECK(took <= 3);
	CHECK_TEXT(e->cause->text, "systemd did not answer within 1 seconds (StartTransientUnit)");
}

TEST(line_breaks_do_not_become_requests)
{
	static const char *const bad[] = { "A=s x\nslice other.slice", NULL };
	cleanup(err_free) struct err *e = scope_set("onggi-unit.scope", false, bad);
	CHECK(e && e->kind == ERR_USAGE);
	err_free(&e);
	e = scope_stop("a\nb", false);
	CHECK(e && e->kind == ERR_USAGE);
}

TEST(releasing_nothing_is_fine)
{
	struct scope s = {};
	scope_release(&s);
	CHECK(!s.helper);
}
