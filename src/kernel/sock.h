/*
 * sock.h - unix sockets and the descriptors that travel through them.
 *
 * Paths may be longer than the 108 bytes of a socket address: they are reached through a
 * descriptor of their directory. Source: unix(7).
 */
#pragma once
#include "base/bytes.h"
#include "base/fd.h"

/* Connects a stream socket to @path. ERR_NOT_FOUND if nothing is there; if there is a socket but
 * nobody listens, *@refused is set instead of an error (@refused may be NULL: an error then). */
[[nodiscard]] struct err *sock_connect(const char *path, struct fd *out, bool *refused);

/* Whether somebody has the stream socket @path open to listen; nothing there is false. Never waits,
 * and wakes nobody. */
[[nodiscard]] struct err *sock_listens(const char *path, bool *out);

/* Makes a listening stream socket at @path, mode 0600. */
[[nodiscard]] struct err *sock_listen(const char *path, struct fd *out);

/* Two connected sockets that keep message boundaries (SOCK_SEQPACKET). */
[[nodiscard]] struct err *sock_pair(struct fd *a, struct fd *b);

/* Sends @data with @passed, a descriptor, in one message. */
[[nodiscard]] struct err *sock_send_fd(int sock, struct bytes data, int passed);

/* Connects to the stream socket at @path and sends @passed there; a NULL @path sends nothing. */
[[nodiscard]] struct err *sock_hand_over(const char *path, struct bytes data, int passed);

/* Receives a descriptor, waiting for it. An end of file is an error. */
[[nodiscard]] struct err *sock_recv_fd(int sock, struct fd *out);
