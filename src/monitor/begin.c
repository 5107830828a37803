#include "base/time.h"
#include "kernel/proc.h"
#include "monitor/monitor.h"
#include <fcntl.h>

static struct err *take(int num, struct fd *out)
{
	if (fcntl(num, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(errno, "descriptor %d", num);
	*out = fd_own(num);
	return NULL;
}

/* The same for what is read and written in the loop. */
static struct err *take_ready(int num, struct fd *out)
{
	int flags = fcntl(num, F_GETFL);
	if (flags < 0 || fcntl(num, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(errno, "descriptor %d", num);
	return take(num, out);
}

static struct err *take_all(struct monitor *m)
{
	const struct {
		int num;
		struct err *(*take)(int num, struct fd *out);
		struct fd *to;
	} rows[] = {
		{ MONITOR_PIDFD, take, &m->process },
		{ MONITOR_INPUT, take_ready, &m->input.own },
		{ MONITOR_OUTPUT, take_ready, &m->streams[STREAM_OUTPUT].fd },
		{ MONITOR_ERRORS, take_ready, &m->streams[STREAM_ERRORS].fd },
		{ MONITOR_ATTACH, take_ready, &m->listener },
		{ MONITOR_DIRECTORY, take, &m->directory },
	};
	_Static_assert(ARRAY_LEN(rows) == MONITOR_FDS_END - MONITOR_PIDFD, "all are taken");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err *e = rows[i].take(rows[i].num, rows[i].to);
		if (e)
			return e;
	}
	return NULL;
}

static void set_streams(struct monitor *m)
{
	struct stream *output = &m->streams[STREAM_OUTPUT], *errors = &m->streams[STREAM_ERRORS];
	output->name = "stdout";
	output->packet = PACKET_OUTPUT;
	output->flag = HELLO_OUTPUT;
	errors->name = "stderr";
	errors->packet = PACKET_ERRORS;
	errors->flag = HELLO_ERRORS;
	output->terminal = m->settings.terminal;
	if (m->settings.terminal)
		fd_close(&errors->fd);
	if (m->settings.terminal || !m->settings.input)
		fd_close(&m->input.own);
	m->input.fd = m->settings.terminal && m->settings.input ? fd_num(output->fd)
	                                                        : fd_num(m->input.own);
}

static struct err *open_counter(const char *path, struct fd *out)
{
	return path ? fd_open(out, AT_FDCWD, path, O_RDONLY) : NULL;
}

static struct err *open_files(struct monitor *m)
{
	struct err *e = open_counter(m->settings.memory_events, &m->memory_events);
	if (!e)
		e = open_counter(m->settings.memory_peak, &m->memory_peak);
	if (!e)
		e = logfile_open(&m->log, &m->settings.log, fd_num(m->directory));
	return e;
}

/* Those who are there already get all there is: their hellos count before any output is read. */
static void welcome(struct monitor *m)
{
	struct str none;
	clients_accept(&m->clients, fd_num(m->listener));
	for (size_t i = 0; i < MONITOR_CLIENTS; i++)
		if (fd_valid(m->clients.all[i].sock))
			(void)client_read(&m->clients.all[i], m->packet, &none);
}

struct err *monitor_begin(struct monitor *m, char **words)
{
	struct err *e = settings_read(words, &m->settings);
	if (!e)
		e = take_all(m);
	if (!e)
		e = proc_number(fd_num(m->process), &m->pid);
	if (!e)
		e = self_begin(&m->self);
	if (!e)
		e = open_files(m);
	if (e)
		return e;
	int64_t now = time_steady();
	set_streams(m);
	welcome(m);
	health_begin(&m->health, &m->settings.health, m->settings.check, &m->self,
		fd_num(m->directory), now);
	m->holding = m->settings.hold;
	m->hold_end = now + MONITOR_PATIENCE_MS * 1'000'000LL;
	m->time_over = m->settings.timeout ? now + m->settings.timeout * 1'000'000'000LL : 0;
	return NULL;
}
