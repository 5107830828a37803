#include "monitor/clients.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static const int64_t patience_ns = MONITOR_PATIENCE_MS * 1'000'000LL;

void client_close(struct client *c)
{
	fd_close(&c->sock);
	*c = (struct client){};
}

static struct client *free_place(struct clients *c)
{
	for (size_t i = 0; i < MONITOR_CLIENTS; i++)
		if (!fd_valid(c->all[i].sock))
			return &c->all[i];
	return NULL;
}

void clients_accept(struct clients *c, int listener)
{
	int num;
	while ((num = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct client *place = free_place(c);
		if (place)
			*place = (struct client){ .sock = fd_own(num) };
		else
			close(num);
	}
}

/* The first packet has to be this. */
static bool take_hello(struct client *c, struct str packet)
{
	struct packet_hello hello;
	if (packet.n != sizeof(hello) || *packet.p != PACKET_HELLO)
		return false;
	memcpy(&hello, packet.p, sizeof(hello));
	c->flags = hello.flags;
	c->greeted = true;
	return true;
}

bool client_read(struct client *c, char *room, struct str *out)
{
	ssize_t n = recv(fd_num(c->sock), room, PACKET_MAX, MSG_TRUNC | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	bool good = n > 0 && n <= PACKET_MAX;
	struct str packet = { room, good ? (size_t)n : 0 };
	if (good && c->greeted) {
		*out = packet;
		return true;
	}
	if (!good || !take_hello(c, packet))
		client_close(c);
	return false;
}

/* False if the client's socket is full. A client that is gone is closed. */
static bool send_chunk(struct client *c, uint8_t packet, struct str chunk)
{
	struct iovec parts[] = { { &packet, 1 }, { (void *)(uintptr_t)chunk.p, chunk.n } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = ARRAY_LEN(parts) };
	ssize_t n;
	do
		n = sendmsg(fd_num(c->sock), &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM))
		return false;
	if (n < 0)
		client_close(c);
	return true;
}

void clients_send(struct clients *c, uint8_t flag, uint8_t packet, struct str chunk, int64_t now)
{
	for (size_t i = 0; i < MONITOR_CLIENTS; i++) {
		struct client *one = &c->all[i];
		if (!fd_valid(one->sock) || !(one->flags & flag) || send_chunk(one, packet, chunk))
			continue;
		if (!one->owed)
			one->since = now;
		one->owed |= flag;
	}
}

void client_send_owed(struct client *c, uint8_t flag, uint8_t packet, struct str chunk)
{
	if ((c->owed & flag) && send_chunk(c, packet, chunk))
		c->owed = (uint8_t)(c->owed & ~flag);
}

bool clients_owed(const struct clients *c, uint8_t flag)
{
	for (size_t i = 0; i < MONITOR_CLIENTS; i++)
		if (c->all[i].owed & flag)
			return true;
	return false;
}

bool clients_have(const struct clients *c, uint8_t flags)
{
	for (size_t i = 0; i < MONITOR_CLIENTS; i++)
		if (c->all[i].flags & flags)
			return true;
	return false;
}

int64_t clients_expire(struct clients *c, int64_t now)
{
	int64_t next = 0;
	for (size_t i = 0; i < MONITOR_CLIENTS; i++) {
		struct client *one = &c->all[i];
		if (!one->owed || (one->flags & HELLO_PATIENT))
			continue;
		int64_t end = one->since + patience_ns;
		if (end <= now)
			client_close(one);
		else if (!next || end < next)
			next = end;
	}
	return next;
}

static void send_last(struct client *c, const struct packet_exit *last, int64_t now)
{
	struct str rest = { (const char *)last + 1, sizeof(*last) - 1 };
	c->done = send_chunk(c, last->kind, rest);
	if (!c->done && !c->owed)
		c->since = now;
	c->owed = c->done ? 0 : OWED_LAST;
	if (fd_valid(c->sock))
		(void)fcntl(fd_num(c->sock), F_SETFD, 0);
}

bool clients_farewell(struct clients *c, const struct packet_exit *last, int64_t now)
{
	for (size_t i = 0; i < MONITOR_CLIENTS; i++)
		if (fd_valid(c->all[i].sock) && !c->all[i].done)
			send_last(&c->all[i], last, now);
	return !clients_owed(c, OWED_LAST);
}
