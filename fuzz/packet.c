/* What clients say to a monitor: packets of any content, each as long as its first byte says. */
#include "fuzz.h"
#include "kernel/sock.h"
#include "monitor/clients.h"
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char room[PACKET_MAX];
	cleanup(fd_close) struct fd theirs = {};
	static struct clients all;
	struct client *c = &all.all[0];
	struct str packet;
	*c = (struct client){};
	HOLDS(!sock_pair(&theirs, &c->sock));
	while (n && fd_valid(c->sock)) {
		size_t size = data[0] < n - 1 ? data[0] : n - 1;
		bool hello = !c->greeted;
		(void)send(fd_num(theirs), data + 1, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		bool got = client_read(c, room, &packet);
		HOLDS(!got || (!hello && packet.n == size && size > 0));
		HOLDS(got || !fd_valid(c->sock) ||
			(hello && c->greeted && data[1] == PACKET_HELLO));
		data += size + 1;
		n -= size + 1;
		clients_send(&all, HELLO_OUTPUT, PACKET_OUTPUT, STR("x"), 1);
	}
	client_close(c);
	return 0;
}
