/*
 * clients.h - who is connected to the monitor's socket, and what it is owed.
 *
 * Each client has what its socket holds, which the kernel bounds, and one mark for each stream:
 * that the fresh chunk did not fit. The stream stands still until no client has that mark.
 */
#pragma once
#include "base/fd.h"
#include "base/str.h"
#include "monitor/protocol.h"
#include <stdbool.h>

struct client {
	struct fd sock;
	bool greeted;  /* has said hello */
	uint8_t flags; /* HELLO_... */
	uint8_t owed;  /* the streams (HELLO_OUTPUT, HELLO_ERRORS) whose chunk it waits for */
	int64_t since; /* when it began to wait: steady clock */
	bool done;     /* has got the last packet */
};

struct clients {
	struct client all[MONITOR_CLIENTS];
};

/* Takes everybody who waits at the socket. Who finds no place is sent away. */
void clients_accept(struct clients *c, int listener);

/* The mark of who waits for the last packet, beside those of the streams. */
enum { OWED_LAST = 1u << 7 };

/* Reads one packet to @room, of PACKET_MAX bytes. What breaks the rules closes the client, and so
 * does its end. False if there is no packet. Hello is dealt with here and is no packet. */
bool client_read(struct client *c, char *room, struct str *out);

/* Closes, leaves the place empty. */
void client_close(struct client *c);

/* Sends a chunk to all who want the stream of @flag; who cannot take it is owed it from @now. */
void clients_send(struct clients *c, uint8_t flag, uint8_t packet, struct str chunk, int64_t now);

/* Sends the chunk again to @c, if it is owed it. */
void client_send_owed(struct client *c, uint8_t flag, uint8_t packet, struct str chunk);

/* Whether anybody is owed the chunk of the stream of @flag. */
bool clients_owed(const struct clients *c, uint8_t flag);

/* Whether anybody is there who has any of @flags. */
bool clients_have(const struct clients *c, uint8_t flags);

/* Closes those that have been waited for too long; returns when there is something to do next, 0 if
 * never. Steady clock. */
int64_t clients_expire(struct clients *c, int64_t now);

/* Sends the last packet to all who have not got it; true if nobody is left who waits for it. The
 * connections stay open, also in a program that is executed. */
bool clients_farewell(struct clients *c, const struct packet_exit *last, int64_t now);
