/* logs and attach: what a container has written, and what it writes. */
#include "base/num.h"
#include "cli/commands.h"
#include "cli/globals.h"
#include "engine/link.h"
#include "engine/logs.h"
#include "engine/stream.h"
#include "monitor/protocol.h"
#include <stdio.h>
#include <string.h>

struct logs_args {
	bool follow, timestamps;
	const char *tail, *since, *until;
};

/* "2025-11-29T12:01:02Z"; "10m": so long ago; "1764417662.5": seconds since 1970. */
static struct err *read_moment(const char *text, struct moment *out)
{
	struct str rest = str_of(text);
	struct str whole = str_cut(&rest, '.');
	int64_t ago = 0, seconds = 0;
	struct err *e = time_parse(str_of(text), out);
	if (!e)
		return NULL;
	struct err *bad = num_range(whole, 0, INT32_MAX * INT64_C(50), &seconds);
	if (!bad) {
		err_free(&e);
		cleanup(buf_done) struct buf moment = {};
		time_show((struct moment){ seconds, 0 }, &moment);
		if (rest.n) { /* the fraction, in the place of "Z" */
			moment.n--;
			buf_add(&moment, "." STR_FMT "Z", STR_ARG(rest));
		}
		return time_parse((struct str){ moment.p, moment.n }, out);
	}
	err_free(&bad);
	bad = num_duration(str_of(text), &ago);
	if (bad) {
		err_free(&bad);
		return e;
	}
	err_free(&e);
	*out = time_now();
	out->s -= ago / 1'000'000'000;
	return NULL;
}

static struct err *read_limit(
	const char *text, const char *option, struct moment *room, const struct moment **out)
{
	if (!text)
		return NULL;
	*out = room;
	struct err *e = read_moment(text, room);
	return e ? err_wrap(e, "--%s", option) : NULL;
}

/* "all", or a number; what is negative is all, too. */
static struct err *read_tail(const char *text, int64_t *out)
{
	*out = -1;
	if (!text || strcmp(text, "all") == 0)
		return NULL;
	struct err *e = num_parse(str_of(text), out);
	return e ? err_wrap(e, "--tail") : NULL;
}

static struct err *print_entry(void *to, const struct entry_read *entry)
{
	const struct logs_args *args = to;
	FILE *out = entry->errors ? stderr : stdout;
	if (entry->errors)
		fflush(stdout);
	if (args->timestamps)
		fprintf(out, STR_FMT " ", STR_ARG(entry->time));
	fwrite(entry->text.p, 1, entry->text.n, out);
	if (entry->whole)
		putc('\n', out);
	if ((args->follow && fflush(out) != 0) || ferror(out))
		return err_sys(errno, "write the log");
	return NULL;
}

static struct err *logs(struct cmd_call *call)
{
	const struct logs_args *args = call->args;
	struct logs_args own = *args;
	cleanup(engine_close) struct engine eng = {};
	struct engine_container c;
	struct moment since, until;
	struct logs_ask ask = { .follow = args->follow, .take = print_entry, .to = &own };
	struct err *e = read_tail(args->tail, &ask.tail);
	if (!e)
		e = read_limit(args->since, "since", &since, &ask.since);
	if (!e)
		e = read_limit(args->until, "until", &until, &ask.until);
	if (!e)
		e = globals_engine(call, &eng);
	if (!e)
		e = container_find(&eng, call->operands[0], call->arena, &c);
	if (!e)
		e = logs_read(&c, &ask, call->arena);
	if (!e && fflush(stdout) != 0)
		e = err_sys(errno, "write the log");
	return e;
}

#define AT(member) offsetof(struct logs_args, member)
static const struct opt logs_options[] = {
	{ "follow", 'f', OPT_FLAG, AT(follow), NULL, "go on until the container ends" },
	{ "since", 0, OPT_TEXT, AT(since), "time", "from then: a time, or 10m for so long ago" },
	{ "tail", 'n', OPT_TEXT, AT(tail), "lines", "only so many from the end" },
	{ "timestamps", 't', OPT_FLAG, AT(timestamps), NULL, "show when each was written" },
	{ "until", 0, OPT_TEXT, AT(until), "time", "until then" },
};

const struct cmd cmd_logs = {
	.name = "logs",
	.operands = "container",
	.summary = "Show what a container has written",
	.complete = "ps --all --quiet",
	OPTS(struct logs_args, logs_options),
	.min = 1,
	.max = 1,
	.run = logs,
};

struct attach_args {
	bool no_stdin;
	struct opt_bool sig_proxy;
	const char *detach_keys;
};

static struct err *may_attach(const struct engine_container *c)
{
	if (c->status == ENGINE_PAUSED)
		return err_new(
			ERR_CONFLICT, "You cannot attach to a paused container, unpause it first");
	if (c->status != ENGINE_RUNNING)
		return err_new(
			ERR_CONFLICT, "You cannot attach to a stopped container, start it first");
	return NULL;
}

static struct err *attach(struct cmd_call *call)
{
	const struct attach_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	cleanup(fd_close) struct fd link = {};
	struct engine_container c;
	bool detached;
	struct err *e = globals_engine(call, &eng);
	if (!e)
		e = container_find(&eng, call->operands[0], call->arena, &c);
	if (!e)
		e = may_attach(&c);
	if (e)
		return e;
	const struct container_request *r = &c.record.request;
	bool input = r->interactive && !args->no_stdin;
	uint8_t flags = (uint8_t)(HELLO_OUTPUT | HELLO_ERRORS | (input ? HELLO_INPUT : 0));
	e = link_connect(c.run_dir, flags, &link);
	if (e)
		return e;
	const struct stream stream = { .engine = &eng,
		.container = &c,
		.arena = call->arena,
		.attach = fd_num(link),
		.terminal = r->tty,
		.input = input,
		.proxy = !args->sig_proxy.set || args->sig_proxy.value,
		.until_gone = r->remove,
		.detach_keys = args->detach_keys ? args->detach_keys : r->detach_keys };
	return stream_run(&stream, &call->status, &detached);
}

static const struct opt attach_options[] = {
	{ "detach-keys", 0, OPT_TEXT, offsetof(struct attach_args, detach_keys), "keys",
		"what leaves it running: ctrl-p,ctrl-q" },
	{ "no-stdin", 0, OPT_FLAG, offsetof(struct attach_args, no_stdin), NULL,
		"pass no input on" },
	{ "sig-proxy", 0, OPT_MAYBE_FLAG, offsetof(struct attach_args, sig_proxy), NULL,
		"pass signals on (default: true)" },
};

const struct cmd cmd_attach = {
	.name = "attach",
	.operands = "container",
	.summary = "Connect to a running container's input and output",
	.complete = "ps --quiet",
	OPTS(struct attach_args, attach_options),
	.min = 1,
	.max = 1,
	.run = attach,
};
