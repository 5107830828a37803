/*
 * netlink.h - builds, sends and reads rtnetlink messages.
 *
 * Small enough to live here: the runtime is one static file, and of libmnl there is no static
 * library. Source: netlink(7), rtnetlink(7).
 *
 *	struct netlink m;
 *	netlink_begin(&m, RTM_NEWLINK, 0, &header, sizeof(header));
 *	netlink_put(&m, IFLA_IFNAME, name, strlen(name) + 1);
 *	e = netlink_talk(sock, &m);
 */
#pragma once
#include "base/bytes.h"
#include "base/fd.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>

/* A message that grows. What does not fit is a mistake of the caller's: nothing that comes from
 * outside is that long. */
struct netlink {
	struct nlmsghdr header;
	char room[1024];
};

/* Opens a socket in the network namespace this process is in. */
[[nodiscard]] struct err *netlink_open(struct fd *out);

/* Starts a request with the fixed part of its kind; @flags are NLM_F_* besides REQUEST and ACK. */
void netlink_begin(struct netlink *m, uint16_t type, uint16_t flags, const void *fixed, size_t n);

/* Adds an attribute. */
void netlink_put(struct netlink *m, uint16_t type, const void *p, size_t n);

/* Sends it and waits for the kernel's answer. The error is the kernel's alone: callers say what was
 * asked for. */
[[nodiscard]] struct err *netlink_talk(int sock, struct netlink *m);

/* Sends a request for a list and calls @each for every message of it; stops at the first error. */
[[nodiscard]] struct err *netlink_dump(int sock, struct netlink *m,
	struct err *(*each)(void *ctx, const struct nlmsghdr *item), void *ctx);

/* Attribute @type of a message whose fixed part has @fixed bytes; no bytes and NULL if there is
 * none. */
struct bytes netlink_get(const struct nlmsghdr *item, size_t fixed, uint16_t type);
