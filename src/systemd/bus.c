#include "systemd/bus.h"
#include "base/arena.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What systemd's refusals are to us. Others are ERR_SYSTEM. */
static const struct refusal {
	const char *name;
	enum err_kind kind;
} refusals[] = {
	{ "org.freedesktop.systemd1.UnitExists", ERR_CONFLICT },
	{ "org.freedesktop.systemd1.NoSuchUnit", ERR_NOT_FOUND },
	{ "org.freedesktop.DBus.Error.ServiceUnknown", ERR_NOT_FOUND },
	{ "org.freedesktop.DBus.Error.NameHasNoOwner", ERR_NOT_FOUND },
	{ "org.freedesktop.DBus.Error.AccessDenied", ERR_DENIED },
	{ "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", ERR_DENIED },
	{ "org.freedesktop.DBus.Error.InvalidArgs", ERR_USAGE },
	{ "org.freedesktop.DBus.Error.PropertyReadOnly", ERR_USAGE },
	{ "org.freedesktop.DBus.Error.UnknownProperty", ERR_USAGE },
};

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1'000'000 + t.tv_nsec / 1000;
}

static struct err *too_late(const struct bus *b, const char *what)
{
	return err_new(
		ERR_SYSTEM, "systemd did not answer within %d seconds (%s)", b->seconds, what);
}

struct err *bus_error(const struct bus *b, int r, const char *what)
{
	return r == -ETIMEDOUT ? too_late(b, what) : err_sys(-r, "talk to systemd (%s)", what);
}

static int open_private(const char *path, sd_bus **out)
{
	cleanup(arena_done) struct arena a = {};
	int r = sd_bus_new(out);
	if (r >= 0)
		r = sd_bus_set_address(*out, arena_fmt(&a, "unix:path=%s/private", path));
	if (r >= 0)
		r = sd_bus_start(*out);
	if (r < 0)
		*out = sd_bus_unref(*out);
	return r;
}

static int open_user(sd_bus **out)
{
	cleanup(arena_done) struct arena a = {};
	const char *dir = getenv("XDG_RUNTIME_DIR");
	if (!dir)
		dir = arena_fmt(&a, "/run/user/%u", (unsigned)getuid());
	setenv("XDG_RUNTIME_DIR", dir, 0); /* the library finds the user's bus by it */
	if (!getenv("DBUS_SESSION_BUS_ADDRESS") &&
		open_private(arena_fmt(&a, "%s/systemd", dir), out) >= 0)
		return 0;
	return sd_bus_open_user(out);
}

static int open_system(sd_bus **out)
{
	if (!getenv("DBUS_SYSTEM_BUS_ADDRESS") && geteuid() == 0 &&
		open_private("/run/systemd", out) >= 0)
		return 0;
	return sd_bus_open_system(out);
}

struct err *bus_open(bool user, int seconds, struct bus *out)
{
	int r = user ? open_user(&out->bus) : open_system(&out->bus);
	out->seconds = seconds;
	out->deadline = now() + (int64_t)seconds * 1'000'000;
	if (r == -ENOENT || r == -ECONNREFUSED || r == -ENOMEDIUM)
		return err_new(
			ERR_NOT_FOUND, "there is no systemd here that listens: %s", strerror(-r));
	return r < 0 ? bus_error(out, r, "connect") : NULL;
}

void bus_close(struct bus *b)
{
	b->bus = sd_bus_close_unref(b->bus);
}

struct err *bus_method(struct bus *b, const char *method, sd_bus_message **out)
{
	int r = sd_bus_message_new_method_call(b->bus, out, "org.freedesktop.systemd1",
		"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", method);
	return r < 0 ? bus_error(b, r, method) : NULL;
}

void bus_drop(sd_bus_message **m)
{
	*m = sd_bus_message_unref(*m);
}

struct err *bus_until(struct bus *b, const bool *done, const char *what)
{
	for (;;) {
		int r = sd_bus_process(b->bus, NULL);
		if (*done)
			return NULL;
		if (r < 0)
			return bus_error(b, r, what);
		int64_t left = b->deadline - now();
		if (left <= 0)
			return too_late(b, what);
		if (r == 0)
			r = sd_bus_wait(b->bus, (uint64_t)left);
		if (r < 0 && r != -EINTR)
			return bus_error(b, r, what);
	}
}

struct answer {
	bool here;
	sd_bus_message *message;
};

static int take_answer(sd_bus_message *m, void *ctx, sd_bus_error *)
{
	struct answer *a = ctx;
	a->message = sd_bus_message_ref(m);
	a->here = true;
	return 1;
}

static struct err *refused(const struct bus *b, const sd_bus_error *error, const char *what)
{
	enum err_kind kind = ERR_SYSTEM;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (strcmp(error->name, refusals[i].name) == 0)
			kind = refusals[i].kind;
	if (strcmp(error->name, "org.freedesktop.DBus.Error.NoReply") == 0)
		return too_late(b, what);
	return err_new(kind, "systemd: %s", error->message ? error->message : error->name);
}

struct err *bus_call(struct bus *b, sd_bus_message *call, sd_bus_message **out)
{
	struct answer a = {};
	sd_bus_slot *slot = NULL;
	char what[64] = ""; /* a copy: the message moves its text when it is sealed */
	strncat(what, sd_bus_message_get_member(call), sizeof(what) - 1);
	/* Its own time limit is never reached: ours is earlier. */
	int r = sd_bus_call_async(b->bus, &slot, call, take_answer, &a, UINT64_MAX);
	struct err *e = r < 0 ? bus_error(b, r, what) : bus_until(b, &a.here, what);
	sd_bus_slot_unref(slot);
	if (!e && sd_bus_message_is_method_error(a.message, NULL))
		e = refused(b, sd_bus_message_get_error(a.message), what);
	if (e)
		sd_bus_message_unref(a.message);
	else
		*out = a.message;
	return e;
}

void bus_tell(struct bus *b, sd_bus_message *call)
{
	sd_bus_message_set_expect_reply(call, 0);
	sd_bus_send(b->bus, call, NULL); /* what fails here fails for the next call too */
}
