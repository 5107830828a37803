/* run and create: the same flags, and run has some more. */
#include "base/words.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/globals.h"
#include "engine/stream.h"
#include "kernel/file.h"
#include "kernel/signal.h"
#include <fcntl.h>
#include <string.h>

struct run_args {
	struct container_request r;
	struct text_list volumes, mounts, tmpfs, devices, ulimits, env_files, labels, annotations,
		sysctls, log_opts, attach, ports;
	const char *restart, *cpus, *cidfile, *entrypoint, *pull, *health_cmd;
	struct opt_bool sig_proxy;
	bool rootfs, replace;
};

/* --- from flags to a request --------------------------------------------------------------------
 */

static void *more(struct list *l, size_t size, struct arena *a)
{
	char *grown = arena_alloc(a, size, l->n + 1);
	if (l->n)
		memcpy(grown, l->items, l->n * size);
	l->items = grown;
	return grown + size * l->n++;
}

static struct err *read_mounts(const struct run_args *args, struct arena *a, struct list *out)
{
	const struct {
		const struct text_list *texts;
		struct err *(*read)(const char *text, struct arena *a, struct mount_request *out);
	} rows[] = { { &args->volumes, flag_volume }, { &args->mounts, flag_mount },
		{ &args->tmpfs, flag_tmpfs } };
	struct err *e = NULL;
	for (size_t k = 0; k < ARRAY_LEN(rows); k++)
		for (size_t i = 0; !e && i < rows[k].texts->n; i++)
			e = rows[k].read(rows[k].texts->items[i], a,
				more(out, sizeof(struct mount_request), a));
	return e;
}

static struct err *read_lists(
	const struct run_args *args, struct arena *a, struct container_request *r)
{
	struct err *e = read_mounts(args, a, &r->mounts);
	for (size_t i = 0; !e && i < args->devices.n; i++)
		e = flag_device(args->devices.items[i], a,
			more(&r->devices, sizeof(struct device_request), a));
	for (size_t i = 0; !e && i < args->ulimits.n; i++)
		e = flag_ulimit(args->ulimits.items[i], a,
			more(&r->ulimits, sizeof(struct ulimit_request), a));
	struct text_list env = {};
	for (size_t i = 0; !e && i < args->env_files.n; i++)
		e = flag_env_file(args->env_files.items[i], a, &env);
	for (size_t i = 0; i < r->env.n; i++)
		text_list_add(&env, a, r->env.items[i]);
	r->env = env;
	return e;
}

static void read_pairs(const struct run_args *args, struct arena *a, struct container_request *r)
{
	const struct {
		const struct text_list *texts;
		struct text_map *out;
	} rows[] = { { &args->labels, &r->labels }, { &args->annotations, &r->annotations },
		{ &args->sysctls, &r->sysctls }, { &args->log_opts, &r->log_options } };
	for (size_t k = 0; k < ARRAY_LEN(rows); k++)
		for (size_t i = 0; i < rows[k].texts->n; i++)
			flag_pair(rows[k].texts->items[i], a, rows[k].out);
}

static struct err *check(const struct run_args *args, const struct container_request *r)
{
	if (r->detached && r->remove && args->restart && r->restart.policy)
		return err_new(
			ERR_USAGE, "conflicting options: cannot specify both --restart and --rm");
	if (r->remove && r->restart.policy)
		return err_new(
			ERR_USAGE, "conflicting options: cannot specify both --restart and --rm");
	if (args->attach.n)
		return err_new(ERR_USAGE, "--attach is not supported yet");
	if (args->ports.n)
		return err_new(ERR_USAGE, "--publish is not supported yet");
	if (r->stop_signal && signal_number(r->stop_signal) <= 0)
		return err_new(ERR_USAGE, "invalid signal: %s", r->stop_signal);
	return NULL;
}

/* The first operand is the image, or with --rootfs the directory. */
static struct err *read_request(const struct cmd_call *call, struct container_request *r)
{
	const struct run_args *args = call->args;
	struct arena *a = call->arena;
	*r = args->r;
	*(args->rootfs ? &r->rootfs : &r->image) = call->operands[0];
	for (int i = 1; i < call->n_operands; i++)
		text_list_add(&r->command, a, call->operands[i]);
	if (args->entrypoint) {
		r->entrypoint_set = true;
		if (*args->entrypoint)
			text_list_add(&r->entrypoint, a, args->entrypoint);
	}
	if (args->health_cmd) {
		text_list_add(&r->health.test, a, "CMD-SHELL");
		text_list_add(&r->health.test, a, args->health_cmd);
	}
	read_pairs(args, a, r);
	struct err *e = read_lists(args, a, r);
	if (!e && args->restart)
		e = flag_restart(args->restart, &r->restart);
	if (!e && args->cpus)
		e = flag_cpus(args->cpus, &r->nano_cpus);
	return e ? e : check(args, r);
}

/* --- the commands -------------------------------------------------------------------------------
 */

static struct err *remove_old(const struct engine *eng, const char *name, struct arena *a)
{
	struct engine_container old;
	struct err *e = name ? container_find(eng, name, a, &old) : NULL;
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return NULL;
	}
	return e || !name ? e : container_remove(eng, &old, true, false, a);
}

static struct err *write_cidfile(const char *path, const char *id)
{
	if (!path)
		return NULL;
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file < 0 && errno == EEXIST)
		return err_hint(err_new(ERR_CONFLICT,
					"container ID file found, make sure the other container "
					"isn't running or delete %s",
					path),
			NULL);
	struct err *e = file < 0 ? err_sys(errno, "--cidfile %s", path)
	                         : fd_write_all(file, id, strlen(id));
	if (file >= 0)
		close(file);
	return e;
}

static struct err *make(struct cmd_call *call, const struct engine *eng,
	const struct container_request *r, struct engine_container *c)
{
	const struct run_args *args = call->args;
	if (args->cidfile && access(args->cidfile, F_OK) == 0)
		return write_cidfile(args->cidfile, "");
	struct err *e = args->replace ? remove_old(eng, r->name, call->arena) : NULL;
	if (!e)
		e = container_make(eng, r, call->arena, c);
	return e ? e : write_cidfile(args->cidfile, c->id);
}

static struct err *create(struct cmd_call *call)
{
	cleanup(engine_close) struct engine eng = {};
	struct container_request r;
	struct engine_container c;
	struct err *e = read_request(call, &r);
	if (!e)
		e = globals_engine(call, &eng);
	if (!e)
		e = make(call, &eng, &r, &c);
	return e ? e : globals_print(c.id);
}

static struct err *stay(struct cmd_call *call, const struct engine *eng,
	const struct engine_container *c, const struct started *s)
{
	const struct run_args *args = call->args;
	const struct container_request *r = &c->record.request;
	struct stream stream = { .engine = eng,
		.container = c,
		.arena = call->arena,
		.attach = fd_num(s->attach),
		.terminal = r->tty,
		.input = r->interactive,
		.proxy = !args->sig_proxy.set || args->sig_proxy.value,
		.until_gone = r->remove,
		.detach_keys = r->detach_keys };
	bool detached;
	return stream_run(&stream, &call->status, &detached);
}

/* A container that could not be started stays for a look, but for --rm. */
static struct err *give_up(struct cmd_call *call, const struct engine *eng,
	const struct engine_container *c, struct err *cause)
{
	struct err *e =
		c->record.request.remove ? container_remove(eng, c, true, true, call->arena) : NULL;
	err_free(&e);
	int status = err_exit_status(cause);
	call->status =
		cause->kind == ERR_NO_COMMAND || cause->kind == ERR_CANNOT_RUN ? status : 125;
	err_print(cause, stderr, "onggi");
	err_free(&cause);
	return NULL;
}

static struct err *run(struct cmd_call *call)
{
	cleanup(engine_close) struct engine eng = {};
	cleanup(started_done) struct started s = {};
	struct container_request r;
	struct engine_container c;
	struct err *e = read_request(call, &r);
	if (!e && r.tty && r.interactive && !r.detached && !isatty(STDIN_FILENO))
		e = err_new(ERR_USAGE, "the input device is not a TTY");
	if (!e)
		e = globals_engine(call, &eng);
	if (!e)
		e = make(call, &eng, &r, &c);
	if (e)
		return e;
	e = container_start(&eng, &c, r.detached ? NULL : &s, call->arena);
	if (e)
		return give_up(call, &eng, &c, e);
	return r.detached ? globals_print(c.id) : stay(call, &eng, &c, &s);
}

#define AT(member) offsetof(struct run_args, member)
#define R(member)  offsetof(struct run_args, r.member)
/* Those of run alone come last. */
static const struct opt options[] = {
	{ "add-host", 0, OPT_TEXTS, R(add_hosts), "host:ip", "add a line to /etc/hosts" },
	{ "annotation", 0, OPT_TEXTS, AT(annotations), "key=value",
		"an annotation for the runtime" },
	{ "attach", 'a', OPT_TEXTS, AT(attach), "stream", NULL },
	{ "blkio-weight", 0, OPT_MAYBE_INT, R(blkio_weight), "weight",
		"share of block I/O, 10 to 1000" },
	{ "cap-add", 0, OPT_TEXTS, R(cap_add), "capability", "give a capability" },
	{ "cap-drop", 0, OPT_TEXTS, R(cap_drop), "capability", "take a capability away" },
	{ "cgroup-parent", 0, OPT_TEXT, R(cgroup_parent), "path",
		"the control group that its own is made in" },
	{ "cgroupns", 0, OPT_TEXT, R(cgroupns), "mode", "control group namespace",
		.words = "host private" },
	{ "cidfile", 0, OPT_TEXT, AT(cidfile), "file", "write the container's id to a new file" },
	{ "cpu-period", 0, OPT_MAYBE_INT, R(cpu_period), "us", "the period of --cpu-quota" },
	{ "cpu-quota", 0, OPT_MAYBE_INT, R(cpu_quota), "us", "CPU time in each period" },
	{ "cpu-shares", 'c', OPT_MAYBE_INT, R(cpu_shares), "shares",
		"CPU time in proportion to others; 1024 is usual" },
	{ "cpus", 0, OPT_TEXT, AT(cpus), "number", "how many CPUs it may use: 1.5" },
	{ "cpuset-cpus", 0, OPT_TEXT, R(cpuset_cpus), "list", "which CPUs it may use: 0-3,7" },
	{ "cpuset-mems", 0, OPT_TEXT, R(cpuset_mems), "list", "which memory nodes it may use" },
	{ "detach-keys", 0, OPT_TEXT, R(detach_keys), "keys",
		"what leaves it running: ctrl-p,ctrl-q" },
	{ "device", 0, OPT_TEXTS, AT(devices), "host[:inside[:rwm]]",
		"give it a device of the host" },
	{ "device-cgroup-rule", 0, OPT_TEXTS, R(device_cgroup_rules), "rule",
		"allow devices: 'c 1:3 rwm'" },
	{ "dns", 0, OPT_TEXTS, R(dns), "address", "a name server" },
	{ "dns-option", 0, OPT_TEXTS, R(dns_options), "option", "an option of resolv.conf" },
	{ "dns-search", 0, OPT_TEXTS, R(dns_search), "domain", "a search domain" },
	{ "domainname", 0, OPT_TEXT, R(domainname), "name", "NIS domain name" },
	{ "entrypoint", 0, OPT_TEXT, AT(entrypoint), "program",
		"instead of the image's; may be empty" },
	{ "env", 'e', OPT_TEXTS, R(env), "NAME=value",
		"an environment variable; NAME alone takes ours" },
	{ "env-file", 0, OPT_TEXTS, AT(env_files), "file", "environment variables, a line each" },
	{ "group-add", 0, OPT_TEXTS, R(group_add), "group", "a further group" },
	{ "health-cmd", 0, OPT_TEXT, AT(health_cmd), "command", "is it well? a shell command" },
	{ "health-interval", 0, OPT_DURATION, R(health.interval), "time",
		"between health checks (default: 30s)" },
	{ "health-on-failure", 0, OPT_TEXT, R(health.on_failure), "action",
		"what is done to an unhealthy one", .words = "none kill stop" },
	{ "health-retries", 0, OPT_INT, R(health.retries), "number",
		"failures until it is unhealthy (default: 3)" },
	{ "health-start-interval", 0, OPT_DURATION, R(health.start_interval), "time",
		"between health checks at the start (default: 5s)" },
	{ "health-start-period", 0, OPT_DURATION, R(health.start_period), "time",
		"how long failures do not count" },
	{ "health-timeout", 0, OPT_DURATION, R(health.timeout), "time",
		"of one health check (default: 30s)" },
	{ "no-healthcheck", 0, OPT_FLAG, R(health.disabled), NULL, "no health check of the image" },
	{ "hostname", 'h', OPT_TEXT, R(hostname), "name", "its host name" },
	{ "init", 0, OPT_FLAG, R(init), NULL,
		"run an init as process 1: it forwards signals and reaps" },
	{ "interactive", 'i', OPT_FLAG, R(interactive), NULL, "keep standard input open" },
	{ "ip", 0, OPT_TEXT, R(ip), "address", NULL },
	{ "ipc", 0, OPT_TEXT, R(ipc), "mode", "IPC namespace: private, host" },
	{ "label", 'l', OPT_TEXTS, AT(labels), "key=value", "a label" },
	{ "log-driver", 0, OPT_TEXT, R(log_driver), "driver", "json-file, k8s-file or none" },
	{ "log-opt", 0, OPT_TEXTS, AT(log_opts), "key=value", "max-size=10m, max-file=3" },
	{ "mac-address", 0, OPT_TEXT, R(mac_address), "address", NULL },
	{ "memory", 'm', OPT_MAYBE_SIZE, R(memory), "bytes", "limit of memory" },
	{ "memory-reservation", 0, OPT_MAYBE_SIZE, R(memory_reservation), "bytes",
		"memory that is left to it when it is short" },
	{ "memory-swap", 0, OPT_MAYBE_SIZE, R(memory_swap), "bytes",
		"limit of memory and swap; -1 for none" },
	{ "memory-swappiness", 0, OPT_MAYBE_INT, R(memory_swappiness), "0-100",
		"how gladly it swaps" },
	{ "mount", 0, OPT_TEXTS, AT(mounts), "type=...,...", "mount a bind, volume or tmpfs" },
	{ "name", 0, OPT_TEXT, R(name), "name", "what it is called" },
	{ "network", 0, OPT_TEXT, R(network), "network", "none, host or container:NAME" },
	{ "net", 0, OPT_TEXT, R(network), "network", NULL },
	{ "oom-kill-disable", 0, OPT_MAYBE_FLAG, R(oom_kill_disable), NULL,
		"do not kill it where memory is short" },
	{ "oom-score-adj", 0, OPT_MAYBE_INT, R(oom_score_adj), "number",
		"how gladly it is killed where memory is short" },
	{ "pid", 0, OPT_TEXT, R(pid), "mode", "process namespace: private, host, container:NAME" },
	{ "pids-limit", 0, OPT_MAYBE_INT, R(pids_limit), "number",
		"limit of processes; -1 for none" },
	{ "platform", 0, OPT_TEXT, R(platform), "os/arch", NULL },
	{ "privileged", 0, OPT_FLAG, R(privileged), NULL, "give it all rights and devices" },
	{ "publish", 'p', OPT_TEXTS, AT(ports), "port", NULL },
	{ "publish-all", 'P', OPT_FLAG, R(publish_all), NULL, NULL },
	{ "pull", 0, OPT_TEXT, AT(pull), "when", "missing or never; nothing is fetched",
		.words = "missing never" },
	{ "read-only", 0, OPT_FLAG, R(read_only), NULL, "its root can't be changed" },
	{ "replace", 0, OPT_FLAG, AT(replace), NULL,
		"remove another container of that name first" },
	{ "restart", 0, OPT_TEXT, AT(restart), "policy",
		"no, always, unless-stopped, on-failure[:times]" },
	{ "rm", 0, OPT_FLAG, R(remove), NULL, "remove it when it ends" },
	{ "rootfs", 0, OPT_FLAG, AT(rootfs), NULL, "the operand is a directory, not an image" },
	{ "security-opt", 0, OPT_TEXTS, R(security_opts), "option",
		"seccomp=, apparmor=, no-new-privileges, systempaths=unconfined" },
	{ "shm-size", 0, OPT_MAYBE_SIZE, R(shm_size), "bytes", "size of /dev/shm" },
	{ "stop-signal", 0, OPT_TEXT, R(stop_signal), "signal", "what stop sends first" },
	{ "stop-timeout", 0, OPT_MAYBE_INT, R(stop_timeout), "seconds", "how long stop waits" },
	{ "sysctl", 0, OPT_TEXTS, AT(sysctls), "key=value", "a kernel setting of its namespaces" },
	{ "timeout", 0, OPT_INT, R(timeout), "seconds", "kill it after that time" },
	{ "tmpfs", 0, OPT_TEXTS, AT(tmpfs), "path[:options]", "mount a tmpfs" },
	{ "tty", 't', OPT_FLAG, R(tty), NULL, "give it a terminal" },
	{ "ulimit", 0, OPT_TEXTS, AT(ulimits), "name=soft[:hard]", "a resource limit" },
	{ "user", 'u', OPT_TEXT, R(user), "user[:group]", "who runs in it" },
	{ "userns", 0, OPT_TEXT, R(userns), "mode", NULL },
	{ "uts", 0, OPT_TEXT, R(uts), "mode", "host name namespace: private, host" },
	{ "volume", 'v', OPT_TEXTS, AT(volumes), "source:inside[:options]",
		"mount a directory or a volume" },
	{ "volumes-from", 0, OPT_TEXTS, R(volumes_from), "container",
		"mount what another has mounted" },
	{ "workdir", 'w', OPT_TEXT, R(workdir), "path", "working directory" },
	{ "detach", 'd', OPT_FLAG, R(detached), NULL, "print its id and return at once" },
	{ "sig-proxy", 0, OPT_MAYBE_FLAG, AT(sig_proxy), NULL, "pass signals on (default: true)" },
};
enum { OPTIONS_OF_RUN_ALONE = 2 };

const struct cmd cmd_create = {
	.name = "create",
	.operands = "image [command [argument...]]",
	.summary = "Make a container without starting it",
	.opts = options,
	.n_opts = ARRAY_LEN(options) - OPTIONS_OF_RUN_ALONE,
	.args_size = sizeof(struct run_args),
	.min = 1,
	.max = CMD_ANY,
	.options_first = true,
	.run = create,
};

const struct cmd cmd_run = {
	.name = "run",
	.operands = "image [command [argument...]]",
	.summary = "Make a container and run a command in it",
	.about = "The exit status is that of the command; 128 and the number of the signal that\n"
		 "ended it; 127 if there is no such command, 126 if it can't be executed, 125 for\n"
		 "everything else that keeps the container from starting.",
	OPTS(struct run_args, options),
	.min = 1,
	.max = CMD_ANY,
	.options_first = true,
	.failure = 125,
	.run = run,
};
