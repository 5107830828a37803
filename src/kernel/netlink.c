#include "kernel/netlink.h"
#include <string.h>
#include <sys/socket.h>

enum { ANSWER = 32768 }; /* the kernel's own limit for one part of a list */

struct err *netlink_open(struct fd *out)
{
	*out = fd_own(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
	return fd_valid(*out) ? NULL : err_sys(errno, "open a netlink socket");
}

void netlink_begin(struct netlink *m, uint16_t type, uint16_t flags, const void *fixed, size_t n)
{
	*m = (struct netlink){ .header = { .nlmsg_len = (uint32_t)NLMSG_LENGTH(n),
				       .nlmsg_type = type,
				       .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) } };
	memcpy(m->room, fixed, n);
}

void netlink_put(struct netlink *m, uint16_t type, const void *p, size_t n)
{
	size_t at = NLMSG_ALIGN(m->header.nlmsg_len) - sizeof(m->header);
	struct rtattr attr = { .rta_len = (uint16_t)RTA_LENGTH(n), .rta_type = type };
	if (at + RTA_SPACE(n) > sizeof(m->room))
		return;
	memcpy(m->room + at, &attr, sizeof(attr));
	memcpy(m->room + at + RTA_LENGTH(0), p, n);
	m->header.nlmsg_len = (uint32_t)(sizeof(m->header) + at + RTA_LENGTH(n));
}

static struct err *send_request(int sock, const struct netlink *m)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;
	do
		n = sendto(sock, m, m->header.nlmsg_len, 0, (const struct sockaddr *)&kernel,
			sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(errno, "send to netlink") : NULL;
}

static struct err *receive(int sock, char *answer, size_t *n)
{
	ssize_t got;
	do
		got = recv(sock, answer, ANSWER, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(errno, "receive from netlink");
	*n = (size_t)got;
	return NULL;
}

/* Both an error and an acknowledgement, which is error 0. */
static struct err *error_of(const struct nlmsghdr *item)
{
	const struct nlmsgerr *answer = (const void *)(item + 1);
	return answer->error ? err_sys(-answer->error, "netlink") : NULL;
}

struct err *netlink_talk(int sock, struct netlink *m)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER];
	size_t n = 0;
	m->header.nlmsg_flags |= NLM_F_ACK;
	struct err *e = send_request(sock, m);
	if (!e)
		e = receive(sock, answer, &n);
	if (e)
		return e;
	const struct nlmsghdr *item = (const struct nlmsghdr *)answer;
	if (!NLMSG_OK(item, n) || item->nlmsg_type != NLMSG_ERROR)
		return err_new(ERR_SYSTEM, "netlink: the kernel sent no answer");
	return error_of(item);
}

/* Visits what came in one part of a list; *@done at its end. */
static struct err *visit(const char *answer, size_t n, bool *done,
	struct err *(*each)(void *ctx, const struct nlmsghdr *item), void *ctx)
{
	struct err *e = NULL;
	const struct nlmsghdr *item = (const struct nlmsghdr *)(const void *)answer;
	while (!e && !*done && NLMSG_OK(item, n)) {
		*done = item->nlmsg_type == NLMSG_DONE || item->nlmsg_type == NLMSG_ERROR;
		if (item->nlmsg_type == NLMSG_ERROR)
			e = error_of(item);
		else if (!*done)
			e = each(ctx, item);
		size_t step = NLMSG_ALIGN(item->nlmsg_len);
		n = step < n ? n - step : 0;
		item = (const struct nlmsghdr *)(const void *)((const char *)item + step);
	}
	return e;
}

struct err *netlink_dump(int sock, struct netlink *m,
	struct err *(*each)(void *ctx, const struct nlmsghdr *item), void *ctx)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER];
	bool done = false;
	m->header.nlmsg_flags |= NLM_F_DUMP;
	struct err *e = send_request(sock, m);
	while (!e && !done) {
		size_t n = 0;
		e = receive(sock, answer, &n);
		if (!e)
			e = visit(answer, n, &done, each, ctx);
	}
	return e;
}

struct bytes netlink_get(const struct nlmsghdr *item, size_t fixed, uint16_t type)
{
	size_t left = item->nlmsg_len, at = NLMSG_SPACE(fixed);
	const char *start = (const char *)item;
	while (at + sizeof(struct rtattr) <= left) {
		struct rtattr attr;
		memcpy(&attr, start + at, sizeof(attr));
		if (attr.rta_len < sizeof(attr) || attr.rta_len > left - at)
			break;
		if ((attr.rta_type & NLA_TYPE_MASK) == type)
			return (struct bytes){ start + at + RTA_LENGTH(0),
				attr.rta_len - RTA_LENGTH(0) };
		at += RTA_ALIGN(attr.rta_len);
	}
	return (struct bytes){ NULL, 0 };
}
