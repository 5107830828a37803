#include "engine/stream.h"
#include "monitor/protocol.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>

enum { KEYS_MAX = 16 };

struct talk {
	const struct stream *s;
	int signals;
	bool raw, input, over, told, detached;
	struct termios before;
	int code;
	unsigned char keys[KEYS_MAX];
	size_t n_keys, matched;
};

static struct err *send_packet(const struct talk *t, const void *packet, size_t n)
{
	if (send(t->s->attach, packet, n, MSG_NOSIGNAL) >= 0 || errno == EPIPE ||
		errno == ECONNRESET)
		return NULL; /* its end is on the way to us */
	return err_sys(errno, "send to the container");
}

static struct err *resize(const struct talk *t)
{
	struct winsize size;
	if (!t->s->terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return NULL;
	struct packet_resize p = {
		.kind = PACKET_RESIZE, .rows = size.ws_row, .columns = size.ws_col
	};
	return send_packet(t, &p, sizeof(p));
}

/* Bytes that may be the beginning of the detach keys are kept back until that is decided. */
static size_t filter_keys(struct talk *t, const unsigned char *in, size_t n, char *out)
{
	size_t k = 0;
	for (size_t i = 0; i < n && !t->detached; i++) {
		if (t->n_keys && in[i] == t->keys[t->matched]) {
			t->detached = ++t->matched == t->n_keys;
			continue;
		}
		memcpy(out + k, t->keys, t->matched);
		k += t->matched;
		t->matched = t->n_keys && in[i] == t->keys[0];
		if (!t->matched)
			out[k++] = (char)in[i];
	}
	return k;
}

static struct err *pass_input(struct talk *t)
{
	unsigned char in[4096];
	char packet[1 + sizeof(in) + KEYS_MAX] = { PACKET_INPUT };
	ssize_t n = read(STDIN_FILENO, in, sizeof(in));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return NULL;
	size_t k = 0;
	if (n <= 0)
		t->input = false;
	else if (t->raw)
		k = filter_keys(t, in, (size_t)n, packet + 1);
	else
		memcpy(packet + 1, in, k = (size_t)n);
	if (k == 0 && n > 0)
		return NULL;
	return send_packet(t, packet, 1 + k);
}

static struct err *take_packet(struct talk *t)
{
	char packet[PACKET_MAX];
	ssize_t n = recv(t->s->attach, packet, sizeof(packet), 0);
	if (n < 0 && errno == EINTR)
		return NULL;
	if (n <= 0) {
		t->over = true;
		return t->told ? NULL
		               : err_new(ERR_SYSTEM, "the container's monitor went away: how the "
						     "container ended is not known");
	}
	if (packet[0] == PACKET_EXIT && (size_t)n == sizeof(struct packet_exit)) {
		struct packet_exit exit;
		memcpy(&exit, packet, sizeof(exit));
		t->code = exit.code;
		t->told = true;
		t->over = !t->s->until_gone;
	}
	struct err *e = NULL;
	if (packet[0] == PACKET_OUTPUT || packet[0] == PACKET_ERRORS)
		e = fd_write_all(packet[0] == PACKET_OUTPUT ? STDOUT_FILENO : STDERR_FILENO,
			packet + 1, (size_t)n - 1);
	return e;
}

static struct err *take_signal(struct talk *t)
{
	struct signalfd_siginfo info;
	if (read(t->signals, &info, sizeof(info)) != sizeof(info))
		return NULL;
	if (info.ssi_signo == SIGWINCH)
		return resize(t);
	/* One that has ended meanwhile hears nothing, and tells so itself. */
	struct engine_container now;
	struct err *e = container_find(t->s->engine, t->s->container->id, t->s->arena, &now);
	if (!e)
		e = container_signal(t->s->engine, &now, (int)info.ssi_signo, t->s->arena);
	err_free(&e);
	return NULL;
}

static struct err *loop(struct talk *t)
{
	struct err *e = resize(t);
	while (!e && !t->over && !t->detached) {
		struct pollfd p[] = { { .fd = t->s->attach, .events = POLLIN },
			{ .fd = t->input ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = t->signals, .events = POLLIN } };
		if (poll(p, 3, -1) < 0) {
			if (errno != EINTR)
				e = err_sys(errno, "poll");
			continue;
		}
		if (p[0].revents)
			e = take_packet(t);
		if (!e && !t->over && p[1].revents)
			e = pass_input(t);
		if (!e && p[2].revents)
			e = take_signal(t);
	}
	return e;
}

static struct err *watch_signals(struct talk *t, sigset_t *before)
{
	static const int passed[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM,
		SIGCONT };
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	for (size_t i = 0; t->s->proxy && i < ARRAY_LEN(passed); i++)
		sigaddset(&set, passed[i]);
	sigprocmask(SIG_BLOCK, &set, before);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return t->signals < 0 ? err_sys(errno, "signalfd") : NULL;
}

static void make_raw(struct talk *t)
{
	struct termios raw;
	if (!t->s->terminal || !t->input || tcgetattr(STDIN_FILENO, &t->before) < 0)
		return;
	raw = t->before;
	cfmakeraw(&raw);
	t->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

struct err *stream_keys(const char *text, unsigned char *out, size_t room, size_t *n)
{
	*n = 0;
	for (struct str rest = str_of(text); rest.n;) {
		struct str key = str_cut(&rest, ',');
		bool ctrl = key.n == 6 && memcmp(key.p, "ctrl-", 5) == 0;
		unsigned char c = key.n ? (unsigned char)key.p[key.n - 1] : 0;
		bool good = ctrl ? (c >= 'a' && c <= 'z') || (c >= '@' && c <= '_') : key.n == 1;
		if (!good || *n == room)
			return err_new(ERR_USAGE, "invalid detach keys: '%s'", text);
		out[(*n)++] = ctrl ? c & 0x1f : c;
	}
	return NULL;
}

struct err *stream_run(const struct stream *s, int *code, bool *detached)
{
	struct talk t = { .s = s, .input = s->input, .signals = -1 };
	sigset_t before;
	struct err *e = stream_keys(s->detach_keys ? s->detach_keys : "ctrl-p,ctrl-q", t.keys,
		sizeof(t.keys), &t.n_keys);
	if (!e)
		e = watch_signals(&t, &before);
	if (e)
		return e;
	make_raw(&t);
	e = loop(&t);
	if (t.raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t.before);
	close(t.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	*code = t.code;
	*detached = t.detached;
	return e;
}
