#include "monitor/stream.h"
#include "base/utf8.h"
#include "monitor/protocol.h"

/* A chunk fits into a packet, behind the byte that says what it is. */
enum { CHUNK = PACKET_MAX - 1, LOOK_AGAIN_NS = 50'000'000 };

bool stream_read(struct stream *s, int64_t now)
{
	if (s->fresh || !fd_valid(s->fd))
		return false;
	size_t room = LOG_TEXT_MAX - s->n;
	ssize_t n = read(fd_num(s->fd), s->text + s->n, room < CHUNK ? room : CHUNK);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	s->again = 0;
	if (n > 0) {
		s->n += (size_t)n;
		s->fresh = (size_t)n;
		return true;
	}
	/* Nobody has the terminal open: that is not its end, somebody may open it again. pty(7) */
	if (s->terminal && n < 0 && errno == EIO)
		s->again = now + LOOK_AGAIN_NS;
	else
		fd_close(&s->fd);
	return false;
}

/* Where text that fills an entry is cut: not inside a character. */
static size_t cut_at(struct str text)
{
	size_t n = text.n;
	for (int back = 0; back < 4 && n > 0; back++) {
		n--;
		if (!utf8_continues(text.p[n])) {
			size_t length = utf8_length(text.p + n);
			bool cut = length == 0 && (unsigned char)text.p[n] >= 0xc0;
			return cut && n > 0 ? n : text.n;
		}
	}
	return text.n;
}

void stream_log(struct stream *s, struct logfile *l)
{
	struct str rest = { s->text + s->logged, s->n - s->logged };
	const char *end;
	s->text[s->n] = 0;
	logfile_now(l);
	while (rest.n && (end = memchr(rest.p, '\n', rest.n)) != NULL)
		logfile_put(l, s->name, str_cut(&rest, '\n'), true);
	bool full = rest.n == LOG_TEXT_MAX;
	if (rest.n && (full || !fd_valid(s->fd))) {
		size_t n = full ? cut_at(rest) : rest.n;
		logfile_put(l, s->name, (struct str){ rest.p, n }, false);
		rest = (struct str){ rest.p + n, rest.n - n };
	}
	s->logged = s->n - rest.n;
	logfile_flush(l);
}

struct str stream_fresh(const struct stream *s)
{
	return (struct str){ s->text + s->n - s->fresh, s->fresh };
}

void stream_settle(struct stream *s)
{
	s->fresh = 0;
	s->n -= s->logged;
	memmove(s->text, s->text + s->logged, s->n);
	s->logged = 0;
}
