#include "monitor/monitor.h"
#include "base/time.h"
#include "kernel/proc.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

/* How long exit.json waits for clients that don't take the last output. */
enum { REPORT_NS = 200'000'000 };

/* The most that a pipe holds (/proc/sys/fs/pipe-max-size). */
enum { PIPE_MOST = 1 << 20 };

/* What the loop waits for, in the order of its table. */
enum {
	AT_SIGNALS,
	AT_PROCESS,
	AT_LISTENER,
	AT_INPUT,
	AT_HEALTH,
	AT_STREAMS,
	AT_CLIENTS = AT_STREAMS + STREAMS,
	AT_ALL = AT_CLIENTS + MONITOR_CLIENTS
};

static void send_signal(struct monitor *m, int signal)
{
	struct err *e = proc_signal(fd_num(m->process), signal);
	err_free(&e); /* it has ended: that is what the loop waits for */
}

/* What the settings say that a container gets when it has become unhealthy. */
static void on_unhealthy(struct monitor *m, int64_t now)
{
	static const int64_t patience = 10'000'000'000;
	if (m->settings.health.failure == FAILURE_NONE || m->ended)
		return;
	bool stop = m->settings.health.failure == FAILURE_STOP;
	m->ending.unhealthy = true;
	m->kill_at = stop ? now + patience : 0;
	send_signal(m, stop ? (int)m->settings.stop_signal : SIGKILL);
}

/* Health checks that have ended, and orphans; the container's own process is reaped by its pidfd.
 */
static void reap_others(struct monitor *m, int64_t now)
{
	for (;;) {
		siginfo_t info = {};
		int status = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid ||
			info.si_pid == m->pid)
			return;
		(void)waitpid(info.si_pid, &status, WNOHANG);
		if (info.si_pid == m->health.pid && health_reaped(&m->health, status, now))
			on_unhealthy(m, now);
	}
}

static void on_signals(struct monitor *m, int64_t now)
{
	struct signalfd_siginfo info;
	while (read(fd_num(m->self.signals), &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		m->ending.stopping = true;
		send_signal(m, (int)m->settings.stop_signal);
	}
	reap_others(m, now);
}

/* Its counters are read first: whoever cleans up may be waiting for the end, too. */
static void on_end(struct monitor *m, int64_t now)
{
	struct ending *end = &m->ending;
	end->oom_kills = report_oom_kills(fd_num(m->memory_events));
	end->memory_peak = report_memory_peak(fd_num(m->memory_peak));
	struct err *e = proc_reap(fd_num(m->process), &end->status);
	if (e) /* not our child: its monitor was killed, and we came later */
		end->unknown = !proc_ended(fd_num(m->process), &end->status);
	err_free(&e);
	m->ended = now;
	m->holding = false;
	m->time_over = m->kill_at = 0;
	health_end(&m->health);
}

/* True if there was something to read and everybody has it: there may be more. */
static bool pump(struct monitor *m, struct stream *s, int64_t now)
{
	if (m->holding)
		return false;
	bool got = stream_read(s, now);
	if (got)
		clients_send(&m->clients, s->flag, s->packet, stream_fresh(s), now);
	else if (fd_valid(s->fd))
		return false;
	if (s->terminal && !fd_valid(s->fd))
		m->input.fd = -1;
	stream_log(s, &m->log);
	if (!clients_owed(&m->clients, s->flag))
		stream_settle(s);
	return got && !s->fresh;
}

static void resize(struct monitor *m, struct str packet)
{
	struct packet_resize to;
	if (packet.n != sizeof(to) || !m->settings.terminal)
		return;
	memcpy(&to, packet.p, sizeof(to));
	struct winsize size = { .ws_row = to.rows, .ws_col = to.columns };
	(void)ioctl(fd_num(m->streams[STREAM_OUTPUT].fd), TIOCSWINSZ, &size);
}

static void on_packet(struct monitor *m, struct client *c, struct str packet)
{
	struct str rest = { packet.p + 1, packet.n - 1 };
	if (*packet.p == PACKET_INPUT && (c->flags & HELLO_INPUT))
		input_take(&m->input, rest);
	else if (*packet.p == PACKET_RESIZE)
		resize(m, packet);
	else
		client_close(c);
}

/* A stream that everybody has goes on. */
static void settle(struct monitor *m)
{
	for (int i = 0; i < STREAMS; i++)
		if (m->streams[i].fresh && !clients_owed(&m->clients, m->streams[i].flag))
			stream_settle(&m->streams[i]);
}

static void on_client(struct monitor *m, struct client *c, short events)
{
	struct str packet;
	bool input = c->flags & HELLO_INPUT;
	for (int i = 0; i < STREAMS && (events & (POLLOUT | POLLERR | POLLHUP)); i++)
		client_send_owed(
			c, m->streams[i].flag, m->streams[i].packet, stream_fresh(&m->streams[i]));
	if (fd_valid(c->sock) && (events & (POLLIN | POLLHUP)) && !(input && m->input.rest.n) &&
		client_read(c, m->packet, &packet))
		on_packet(m, c, packet);
}

/* The packet of input that is not written yet lies where the next would come: clients that may send
 * input wait. */
static struct pollfd wait_for_client(const struct monitor *m, const struct client *c)
{
	bool waits = (c->flags & HELLO_INPUT) && m->input.rest.n;
	short events = (short)((waits ? 0 : POLLIN) | (c->owed ? POLLOUT : 0));
	return (struct pollfd){ .fd = events ? fd_num(c->sock) : -1, .events = events };
}

static void prepare(const struct monitor *m, struct pollfd all[static AT_ALL])
{
	all[AT_SIGNALS] = (struct pollfd){ fd_num(m->self.signals), POLLIN, 0 };
	all[AT_PROCESS] = (struct pollfd){ m->ended ? -1 : fd_num(m->process), POLLIN, 0 };
	all[AT_LISTENER] = (struct pollfd){ fd_num(m->listener), POLLIN, 0 };
	all[AT_INPUT] = (struct pollfd){ m->input.rest.n ? m->input.fd : -1, POLLOUT, 0 };
	all[AT_HEALTH] = (struct pollfd){ fd_num(m->health.out), POLLIN, 0 };
	for (int i = 0; i < STREAMS; i++) {
		const struct stream *s = &m->streams[i];
		bool idle = m->holding || s->fresh || s->again;
		all[AT_STREAMS + i] = (struct pollfd){ idle ? -1 : fd_num(s->fd), POLLIN, 0 };
	}
	for (int i = 0; i < MONITOR_CLIENTS; i++)
		all[AT_CLIENTS + i] = wait_for_client(m, &m->clients.all[i]);
}

static void handle(struct monitor *m, const struct pollfd all[static AT_ALL], int64_t now)
{
	if (all[AT_SIGNALS].revents)
		on_signals(m, now);
	if (all[AT_LISTENER].revents)
		clients_accept(&m->clients, fd_num(m->listener));
	if (all[AT_INPUT].revents)
		input_write(&m->input);
	if (all[AT_HEALTH].revents)
		health_read(&m->health);
	for (int i = 0; i < MONITOR_CLIENTS; i++)
		if (all[AT_CLIENTS + i].revents)
			on_client(m, &m->clients.all[i], all[AT_CLIENTS + i].revents);
	settle(m);
	for (int i = 0; i < STREAMS; i++)
		if (all[AT_STREAMS + i].revents)
			pump(m, &m->streams[i], now);
	if (all[AT_PROCESS].revents && !m->ended)
		on_end(m, now);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* With the last client that had input, input ends, if it was asked for. */
static void watch_input(struct monitor *m)
{
	bool have = clients_have(&m->clients, HELLO_INPUT);
	if (m->had_input && !have && m->settings.input_once && !m->settings.terminal)
		input_end(&m->input);
	m->had_input = have;
}

/* Does what is due and says when something is due next; 0: nothing. */
static int64_t keep_time(struct monitor *m, int64_t now)
{
	if (m->time_over && m->time_over <= now) {
		m->ending.timed_out = true;
		m->time_over = 0;
		send_signal(m, SIGKILL);
	}
	if (m->kill_at && m->kill_at <= now) {
		m->kill_at = 0;
		send_signal(m, SIGKILL);
	}
	if (m->holding &&
		(m->hold_end <= now || clients_have(&m->clients, HELLO_OUTPUT | HELLO_ERRORS)))
		m->holding = false;
	int64_t next = clients_expire(&m->clients, now);
	settle(m);
	watch_input(m);
	next = earlier(next, m->time_over);
	next = earlier(next, m->kill_at);
	next = earlier(next, m->ended ? 0 : health_keep_time(&m->health, now));
	next = earlier(next, m->holding ? m->hold_end : 0);
	for (int i = 0; i < STREAMS; i++) {
		struct stream *s = &m->streams[i];
		if (s->again && s->again <= now)
			pump(m, s, now);
		next = earlier(next, s->again);
	}
	return earlier(next, m->ended && !m->reported ? m->ended + REPORT_NS : 0);
}

/* All that the container wrote is read. Whoever still has its end of a pipe, having outlived the
 * container's process, is not waited for, however much it writes. */
static bool drain(struct monitor *m, int64_t now)
{
	for (int i = 0; i < STREAMS; i++) {
		struct stream *s = &m->streams[i];
		for (int64_t most = PIPE_MOST; most > 0 && pump(m, s, now);)
			most -= PACKET_MAX;
		if (s->fresh)
			return false;
	}
	return true;
}

static void report(struct monitor *m)
{
	m->ending.log_lost = m->log.lost;
	m->ending.log_error = m->log.error;
	struct err *e = report_write(fd_num(m->directory), &m->ending, m->settings.sync);
	if (e)
		err_print(e, stderr, "onggi-monitor");
	err_free(&e);
	m->reported = true;
}

static void close_streams(struct monitor *m)
{
	for (int i = 0; i < STREAMS; i++) {
		fd_close(&m->streams[i].fd);
		(void)pump(m, &m->streams[i], 0); /* a last line without an end is left */
	}
	m->input.fd = -1;
}

/* The container has ended: true once everything is told to everybody. */
static bool finish(struct monitor *m, int64_t now)
{
	bool drained = drain(m, now);
	if (drained)
		close_streams(m);
	if (!m->reported && (drained || now >= m->ended + REPORT_NS))
		report(m);
	if (!drained)
		return false;
	const struct packet_exit last = { .kind = PACKET_EXIT,
		.oom_killed = m->ending.oom_kills > 0,
		.code = ending_code(&m->ending) };
	return clients_farewell(&m->clients, &last, now);
}

static int milliseconds(int64_t now, int64_t next)
{
	int64_t ms = (next - now + 999'999) / 1'000'000;
	return !next || ms > INT32_MAX ? -1 : ms < 0 ? 0 : (int)ms;
}

void monitor_run(struct monitor *m)
{
	struct pollfd all[AT_ALL];
	for (;;) {
		int64_t now = time_steady();
		int64_t next = keep_time(m, now);
		if (m->ended && finish(m, now))
			return;
		prepare(m, all);
		if (poll(all, AT_ALL, milliseconds(now, next)) > 0)
			handle(m, all, time_steady());
	}
}

struct err *monitor_become(struct monitor *m)
{
	logfile_close(&m->log);
	if (fcntl(fd_num(m->listener), F_SETFD, 0) < 0)
		return err_sys(errno, "descriptor %d", fd_num(m->listener));
	return err_sys(
		self_become(&m->self, m->settings.program), "execute %s", *m->settings.program);
}
