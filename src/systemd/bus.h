/*
 * bus.h - a connection to systemd on which nothing takes longer than it may.
 *
 * Root talks to systemd's own socket where it is there, as systemctl does, and so needs no bus
 * daemon; everybody else, and who sets DBUS_SYSTEM_BUS_ADDRESS, goes through the bus. All calls
 * are asynchronous and waited for here, because the library's own waiting has no deadline
 * while it connects.
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

struct bus {
	sd_bus *bus;
	int seconds;      /* for all that is asked */
	int64_t deadline; /* monotonic, in microseconds */
};

/* Connects, to the user's systemd or the system's. ERR_NOT_FOUND if nobody listens. */
[[nodiscard]] struct err *bus_open(bool user, int seconds, struct bus *out);
/* Fits cleanup(). */
void bus_close(struct bus *b);

/* A call of a method of systemd's manager, to be filled. Fits cleanup(bus_drop). */
[[nodiscard]] struct err *bus_method(struct bus *b, const char *method, sd_bus_message **out);
void bus_drop(sd_bus_message **m);

/* Sends @call and waits for its answer, which the caller owns. What systemd refuses is an error
 * with a kind to match. */
[[nodiscard]] struct err *bus_call(struct bus *b, sd_bus_message *call, sd_bus_message **out);

/* Sends @call; nobody wants to know what comes of it. */
void bus_tell(struct bus *b, sd_bus_message *call);

/* Handles what comes in until *@done; @what is what we wait for. */
[[nodiscard]] struct err *bus_until(struct bus *b, const bool *done, const char *what);

/* Turns a failure of the library into an error. */
[[nodiscard]] struct err *bus_error(const struct bus *b, int r, const char *what);
