#include "kernel/netdev.h"
#include "base/arena.h"
#include "base/fd.h"
#include "kernel/compat.h"
#include "kernel/netlink.h"
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* An address that is kept: what RTM_NEWADDR wants to be told again. */
struct address {
	struct address *next;
	struct ifaddrmsg fixed;
	struct bytes local, peer, broadcast; /* IFA_LOCAL, IFA_ADDRESS, IFA_BROADCAST */
	uint32_t flags;
};

struct move {
	struct arena arena;
	struct fd here, there; /* netlink sockets in both namespaces */
	struct address *addresses;
	uint32_t index;
};

static void move_done(struct move *m)
{
	fd_close(&m->here);
	fd_close(&m->there);
	arena_done(&m->arena);
}

/* --- sockets in both namespaces ----------------------------------------------------------- */

/* Sockets stay in the namespace they were made in. */
static struct err *open_there(pid_t pid, struct fd *out)
{
	char path[64];
	cleanup(fd_close) struct fd here = {}, there = {};
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	struct err *e = fd_open(&there, AT_FDCWD, path, O_RDONLY);
	if (!e)
		e = fd_open(&here, AT_FDCWD, "/proc/self/ns/net", O_RDONLY);
	if (e)
		return e;
	if (setns(fd_num(there), CLONE_NEWNET) < 0)
		return err_sys(errno, "enter the network namespace of process %d", (int)pid);
	e = netlink_open(out);
	if (setns(fd_num(here), CLONE_NEWNET) < 0 && !e)
		e = err_sys(errno, "come back from a network namespace");
	return e;
}

/* --- addresses ------------------------------------------------------------------------------ */

static struct bytes keep(struct arena *a, struct bytes from)
{
	void *p = from.n ? arena_alloc(a, 1, from.n) : NULL;
	if (p)
		memcpy(p, from.p, from.n);
	return (struct bytes){ p, from.n };
}

static uint32_t flags_of(const struct nlmsghdr *item, const struct ifaddrmsg *fixed)
{
	struct bytes wide = netlink_get(item, sizeof(*fixed), IFA_FLAGS);
	uint32_t flags = fixed->ifa_flags;
	if (wide.n == sizeof(flags))
		memcpy(&flags, wide.p, sizeof(flags));
	return flags;
}

static struct err *keep_address(void *ctx, const struct nlmsghdr *item)
{
	struct move *m = ctx;
	struct ifaddrmsg fixed;
	if (item->nlmsg_type != RTM_NEWADDR || item->nlmsg_len < NLMSG_LENGTH(sizeof(fixed)))
		return NULL;
	memcpy(&fixed, item + 1, sizeof(fixed)); /* NLMSG_DATA() drops const */
	uint32_t flags = flags_of(item, &fixed);
	if (fixed.ifa_index != m->index || fixed.ifa_scope != RT_SCOPE_UNIVERSE ||
		!(flags & IFA_F_PERMANENT))
		return NULL;

	struct address *a = anew(&m->arena, struct address, 1);
	*a = (struct address){
		.next = m->addresses,
		.fixed = fixed,
		.local = keep(&m->arena, netlink_get(item, sizeof(fixed), IFA_LOCAL)),
		.peer = keep(&m->arena, netlink_get(item, sizeof(fixed), IFA_ADDRESS)),
		.broadcast = keep(&m->arena, netlink_get(item, sizeof(fixed), IFA_BROADCAST)),
		.flags = flags & (IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_MANAGETEMPADDR |
					 IFA_F_MCAUTOJOIN),
	};
	m->addresses = a;
	return NULL;
}

static struct err *find_addresses(struct move *m)
{
	struct netlink request;
	struct ifaddrmsg any = {};
	netlink_begin(&request, RTM_GETADDR, 0, &any, sizeof(any));
	return netlink_dump(fd_num(m->here), &request, keep_address, m);
}

static void put_if_any(struct netlink *m, uint16_t type, struct bytes value)
{
	if (value.n)
		netlink_put(m, type, value.p, value.n);
}

static struct err *add_address(const struct move *m, const struct address *a)
{
	struct netlink request;
	struct ifaddrmsg fixed = { .ifa_family = a->fixed.ifa_family,
		.ifa_prefixlen = a->fixed.ifa_prefixlen,
		.ifa_scope = a->fixed.ifa_scope,
		.ifa_index = m->index };
	netlink_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &fixed, sizeof(fixed));
	put_if_any(&request, IFA_LOCAL, a->local);
	put_if_any(&request, IFA_ADDRESS, a->peer);
	put_if_any(&request, IFA_BROADCAST, a->broadcast);
	netlink_put(&request, IFA_FLAGS, &a->flags, sizeof(a->flags));
	return netlink_talk(fd_num(m->there), &request);
}

/* The list was made from its end, and the first address of a network is its primary one. */
static struct err *add_addresses(const struct move *m, const struct address *from)
{
	if (!from)
		return NULL;
	struct err *e = add_addresses(m, from->next);
	return e ? e : add_address(m, from);
}

/* --- the interface ---------------------------------------------------------------------------- */

struct wanted {
	const char *name;
	uint32_t index; /* 0: not found */
};

static struct err *look_for(void *ctx, const struct nlmsghdr *item)
{
	struct wanted *w = ctx;
	struct ifinfomsg fixed;
	if (item->nlmsg_type != RTM_NEWLINK || item->nlmsg_len < NLMSG_LENGTH(sizeof(fixed)))
		return NULL;
	memcpy(&fixed, item + 1, sizeof(fixed)); /* NLMSG_DATA() drops const */
	struct bytes name = netlink_get(item, sizeof(fixed), IFLA_IFNAME);
	if (name.n && strncmp(name.p, w->name, name.n) == 0)
		w->index = (uint32_t)fixed.ifi_index;
	return NULL;
}

/* *@index is 0 if there is no such interface. */
static struct err *seek_interface(int sock, const char *name, uint32_t *index)
{
	struct netlink request;
	struct ifinfomsg any = {};
	struct wanted w = { .name = name };
	netlink_begin(&request, RTM_GETLINK, 0, &any, sizeof(any));
	struct err *e = netlink_dump(sock, &request, look_for, &w);
	*index = w.index;
	return e;
}

static struct err *find_interface(int sock, const char *name, uint32_t *index)
{
	struct err *e = seek_interface(sock, name, index);
	if (!e && !*index)
		e = err_new(ERR_NOT_FOUND, "there is no interface %s", name);
	return e;
}

/* Asked before: the kernel would find out when the interface has moved already. */
static struct err *check_name_is_free(const struct move *m, const char *name)
{
	uint32_t index;
	struct err *e = seek_interface(fd_num(m->there), name, &index);
	if (!e && index)
		e = err_hint(err_new(ERR_CONFLICT, "the container has an interface %s", name),
			"choose another name, or one that ends in %d");
	return e;
}

static struct err *change_namespace(const struct move *m, const char *new_name, pid_t pid)
{
	struct netlink request;
	struct ifinfomsg fixed = { .ifi_index = (int)m->index };
	uint32_t to = (uint32_t)pid;
	netlink_begin(&request, RTM_NEWLINK, 0, &fixed, sizeof(fixed));
	netlink_put(&request, IFLA_NET_NS_PID, &to, sizeof(to));
	netlink_put(&request, IFLA_IFNAME, new_name, strlen(new_name) + 1);
	return netlink_talk(fd_num(m->here), &request);
}

static struct err *rename_there(const struct move *m, const char *new_name)
{
	struct netlink request;
	struct ifinfomsg fixed = { .ifi_index = (int)m->index };
	netlink_begin(&request, RTM_NEWLINK, 0, &fixed, sizeof(fixed));
	netlink_put(&request, IFLA_IFNAME, new_name, strlen(new_name) + 1);
	return netlink_talk(fd_num(m->there), &request);
}

static struct err *bring_up(const struct move *m)
{
	struct netlink request;
	struct ifinfomsg up = {
		.ifi_index = (int)m->index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP
	};
	netlink_begin(&request, RTM_NEWLINK, 0, &up, sizeof(up));
	return netlink_talk(fd_num(m->there), &request);
}

/*
 * The index may be another one there, so that only a name finds it again; and what a template
 * comes to is not told. So it travels under a name that nobody else has, and gets its own there.
 */
static struct err *move_interface(struct move *m, const char *new_name, pid_t pid)
{
	char traveller[IFNAMSIZ];
	snprintf(traveller, sizeof(traveller), "onggi%08x", (uint32_t)getpid());
	bool template = strstr(new_name, "%d") != NULL;
	const char *on_the_way = template ? traveller : new_name;
	struct err *e = check_name_is_free(m, on_the_way);
	if (!e)
		e = change_namespace(m, on_the_way, pid);
	if (!e)
		e = find_interface(fd_num(m->there), on_the_way, &m->index);
	if (!e && template)
		e = rename_there(m, new_name);
	return e;
}

static struct err *move(struct move *m, const char *name, const char *new_name, pid_t pid)
{
	struct err *e = netlink_open(&m->here);
	if (!e)
		e = open_there(pid, &m->there);
	if (!e)
		e = find_interface(fd_num(m->here), name, &m->index);
	if (!e)
		e = find_addresses(m);
	if (!e)
		e = move_interface(m, new_name ? new_name : name, pid);
	if (!e)
		e = bring_up(m);
	return e ? e : add_addresses(m, m->addresses);
}

struct err *netdev_move(const char *name, const char *new_name, pid_t pid)
{
	cleanup(move_done) struct move m = {};
	struct err *e = move(&m, name, new_name, pid);
	if (!e)
		return NULL;
	if (e->kind == ERR_DENIED)
		e = err_hint(e, "moving interfaces needs CAP_NET_ADMIN in both network namespaces");
	return err_wrap(e, "moving interface %s into the container", name);
}
