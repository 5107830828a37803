#include "monitor/input.h"

static void close_if_done(struct input *in)
{
	if (in->closing && !in->rest.n && fd_valid(in->own)) {
		fd_close(&in->own);
		in->fd = -1;
	}
}

void input_write(struct input *in)
{
	while (in->rest.n) {
		ssize_t n =
			in->fd < 0 ? (ssize_t)in->rest.n : write(in->fd, in->rest.p, in->rest.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) { /* nobody reads any more */
			in->closing = true;
			n = (ssize_t)in->rest.n;
		}
		in->rest = (struct str){ in->rest.p + n, in->rest.n - (size_t)n };
	}
	close_if_done(in);
}

void input_take(struct input *in, struct str bytes)
{
	in->rest = bytes;
	if (!bytes.n)
		in->closing = true;
	input_write(in);
}

void input_end(struct input *in)
{
	in->closing = true;
	close_if_done(in);
}
