#include "cli/inspect.h"
#include "cli/health.h"
#include "engine/volume.h"
#include <string.h>

enum { SHORT_ID = 12, DEFAULT_SHM = 64 << 20 };

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* A moment that never was. */
static const char *or_never(const char *moment)
{
	return moment ? moment : "0001-01-01T00:00:00Z";
}

/* An empty list is null where Docker has null. */
static void write_texts(struct json_writer *w, const char *key, const struct text_list *l)
{
	if (!l->n) {
		json_text(w, key, NULL);
		return;
	}
	json_open(w, key, '[');
	for (size_t i = 0; i < l->n; i++)
		json_text(w, NULL, l->items[i]);
	json_close(w, ']');
}

static void write_map(struct json_writer *w, const char *key, const struct text_map *m)
{
	json_open(w, key, '{');
	for (size_t i = 0; i < m->n; i++)
		json_text(w, m->items[i].key, or_empty(m->items[i].value));
	json_close(w, '}');
}

static void write_empty(struct json_writer *w, const char *key, const char *brackets)
{
	json_open(w, key, brackets[0]);
	json_close(w, brackets[1]);
}

/* --- State --------------------------------------------------------------------------------------
 */

static void write_state(struct json_writer *w, const struct engine_container *c, struct arena *a)
{
	enum engine_status s = c->status;
	bool running = s == ENGINE_RUNNING || s == ENGINE_PAUSED || s == ENGINE_RESTARTING;
	json_open(w, "State", '{');
	json_text(w, "Status", engine_status_name(s));
	json_bool(w, "Running", running);
	json_bool(w, "Paused", s == ENGINE_PAUSED);
	json_bool(w, "Restarting", s == ENGINE_RESTARTING);
	json_bool(w, "OOMKilled", c->ended && c->exit.oom_killed);
	json_bool(w, "Dead", s == ENGINE_DEAD);
	json_int(w, "Pid", c->pid);
	json_int(w, "ExitCode", c->ended ? c->exit.code : 0);
	json_text(w, "Error", c->ended ? or_empty(c->exit.error) : "");
	json_text(w, "StartedAt", or_never(c->record.started));
	json_text(w, "FinishedAt", or_never(c->ended ? c->exit.finished : NULL));
	health_write(w, c, a);
	json_close(w, '}');
}

/* --- HostConfig ---------------------------------------------------------------------------------
 */

enum host_kind { HOST_BOOL, HOST_TEXT, HOST_TEXTS, HOST_LIST, HOST_NUMBER, HOST_MAYBE, HOST_KINDS };

static const struct host_row {
	const char *key;
	enum host_kind kind;
	size_t at;
} host_rows[] = {
#define ROW(key, kind, member)                                                                     \
	{                                                                                          \
		key, kind, offsetof(struct container_request, member)                              \
	}
	ROW("AutoRemove", HOST_BOOL, remove),
	ROW("BlkioWeight", HOST_NUMBER, blkio_weight),
	ROW("CapAdd", HOST_TEXTS, cap_add),
	ROW("CapDrop", HOST_TEXTS, cap_drop),
	ROW("CgroupParent", HOST_TEXT, cgroup_parent),
	ROW("CpuPeriod", HOST_NUMBER, cpu_period),
	ROW("CpuQuota", HOST_NUMBER, cpu_quota),
	ROW("CpuRealtimePeriod", HOST_NUMBER, cpu_rt_period),
	ROW("CpuRealtimeRuntime", HOST_NUMBER, cpu_rt_runtime),
	ROW("CpuShares", HOST_NUMBER, cpu_shares),
	ROW("CpusetCpus", HOST_TEXT, cpuset_cpus),
	ROW("CpusetMems", HOST_TEXT, cpuset_mems),
	ROW("DeviceCgroupRules", HOST_TEXTS, device_cgroup_rules),
	ROW("Dns", HOST_LIST, dns),
	ROW("DnsOptions", HOST_LIST, dns_options),
	ROW("DnsSearch", HOST_LIST, dns_search),
	ROW("ExtraHosts", HOST_TEXTS, add_hosts),
	ROW("GroupAdd", HOST_TEXTS, group_add),
	ROW("Init", HOST_BOOL, init),
	ROW("Memory", HOST_NUMBER, memory),
	ROW("MemoryReservation", HOST_NUMBER, memory_reservation),
	ROW("MemorySwap", HOST_NUMBER, memory_swap),
	ROW("MemorySwappiness", HOST_MAYBE, memory_swappiness),
	ROW("NanoCpus", HOST_NUMBER, nano_cpus),
	ROW("OomScoreAdj", HOST_NUMBER, oom_score_adj),
	ROW("PidMode", HOST_TEXT, pid),
	ROW("PidsLimit", HOST_MAYBE, pids_limit),
	ROW("Privileged", HOST_BOOL, privileged),
	ROW("PublishAllPorts", HOST_BOOL, publish_all),
	ROW("ReadonlyRootfs", HOST_BOOL, read_only),
	ROW("SecurityOpt", HOST_TEXTS, security_opts),
	ROW("UTSMode", HOST_TEXT, uts),
	ROW("UsernsMode", HOST_TEXT, userns),
	ROW("VolumesFrom", HOST_TEXTS, volumes_from),
#undef ROW
};

static void write_bool(struct json_writer *w, const char *key, const void *at)
{
	json_bool(w, key, *(const bool *)at);
}

static void write_text(struct json_writer *w, const char *key, const void *at)
{
	json_text(w, key, or_empty(*(const char *const *)at));
}

static void write_host_texts(struct json_writer *w, const char *key, const void *at)
{
	write_texts(w, key, at);
}

static void write_list(struct json_writer *w, const char *key, const void *at)
{
	const struct text_list *l = at;
	if (l->n)
		write_texts(w, key, l);
	else
		write_empty(w, key, "[]");
}

static void write_number(struct json_writer *w, const char *key, const void *at)
{
	const struct opt_int *n = at;
	json_int(w, key, n->set ? n->value : 0);
}

static void write_maybe(struct json_writer *w, const char *key, const void *at)
{
	const struct opt_int *n = at;
	if (n->set)
		json_int(w, key, n->value);
	else
		json_text(w, key, NULL);
}

static void write_host_rows(struct json_writer *w, const struct container_request *r)
{
	static void (*const write[])(struct json_writer *, const char *, const void *) = {
		[HOST_BOOL] = write_bool,
		[HOST_TEXT] = write_text,
		[HOST_TEXTS] = write_host_texts,
		[HOST_LIST] = write_list,
		[HOST_NUMBER] = write_number,
		[HOST_MAYBE] = write_maybe,
	};
	_Static_assert(ARRAY_LEN(write) == HOST_KINDS, "every kind can be written");
	for (size_t i = 0; i < ARRAY_LEN(host_rows); i++)
		write[host_rows[i].kind](w, host_rows[i].key, (const char *)r + host_rows[i].at);
}

/* Binds and volumes as -v has them. */
static void write_binds(struct json_writer *w, const struct container_request *r, struct arena *a)
{
	struct text_list binds = {};
	for (list_each(const struct mount_request, m, r->mounts))
		if (m->source && strcmp(m->type, "tmpfs") != 0)
			text_list_add(&binds, a,
				arena_fmt(a, "%s:%s%s", m->source, m->target,
					m->read_only ? ":ro" : ""));
	write_texts(w, "Binds", &binds);
}

static void write_tmpfs(struct json_writer *w, const struct container_request *r, struct arena *a)
{
	json_open(w, "Tmpfs", '{');
	for (list_each(const struct mount_request, m, r->mounts)) {
		cleanup(buf_done) struct buf options = {};
		if (strcmp(m->type, "tmpfs") != 0)
			continue;
		for (size_t i = 0; i < m->options.n; i++)
			buf_add(&options, "%s%s", i ? "," : "", m->options.items[i]);
		json_text(w, arena_str(a, str_of(m->target)), buf_text(&options));
	}
	json_close(w, '}');
}

static void write_devices(struct json_writer *w, const struct container_request *r)
{
	json_open(w, "Devices", '[');
	for (list_each(const struct device_request, d, r->devices)) {
		json_open(w, NULL, '{');
		json_text(w, "PathOnHost", d->host);
		json_text(w, "PathInContainer", d->inside ? d->inside : d->host);
		json_text(w, "CgroupPermissions", d->access ? d->access : "rwm");
		json_close(w, '}');
	}
	json_close(w, ']');
	json_open(w, "Ulimits", '[');
	for (list_each(const struct ulimit_request, u, r->ulimits)) {
		json_open(w, NULL, '{');
		json_text(w, "Name", u->name);
		json_int(w, "Hard", u->hard);
		json_int(w, "Soft", u->soft);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static const char *network_of(const struct container_request *r)
{
	return r->network ? r->network : "none";
}

static void write_host_config(
	struct json_writer *w, const struct container_request *r, struct arena *a)
{
	json_open(w, "HostConfig", '{');
	write_binds(w, r, a);
	json_open(w, "LogConfig", '{');
	json_text(w, "Type", r->log_driver ? r->log_driver : "json-file");
	write_map(w, "Config", &r->log_options);
	json_close(w, '}');
	json_text(w, "NetworkMode", network_of(r));
	write_empty(w, "PortBindings", "{}");
	json_open(w, "RestartPolicy", '{');
	json_text(w, "Name", r->restart.policy ? r->restart.policy : "no");
	json_int(w, "MaximumRetryCount", r->restart.maximum);
	json_close(w, '}');
	json_text(w, "IpcMode", r->ipc ? r->ipc : "private");
	json_text(w, "CgroupnsMode", r->cgroupns ? r->cgroupns : "private");
	json_int(w, "ShmSize", r->shm_size.set ? r->shm_size.value : DEFAULT_SHM);
	json_text(w, "Runtime", "onggi");
	write_map(w, "Sysctls", &r->sysctls);
	write_tmpfs(w, r, a);
	write_devices(w, r);
	write_host_rows(w, r);
	json_close(w, '}');
}

/* --- Mounts, Config, NetworkSettings ------------------------------------------------------------
 */

static void write_mount(struct json_writer *w, const struct engine *e,
	const struct mount_request *m, struct arena *a)
{
	bool volume = strcmp(m->type, "volume") == 0;
	json_open(w, NULL, '{');
	json_text(w, "Type", m->type);
	if (volume)
		json_text(w, "Name", or_empty(m->source));
	json_text(w, "Source",
		volume && m->source ? volume_path(e, m->source, a) : or_empty(m->source));
	json_text(w, "Destination", m->target);
	if (volume)
		json_text(w, "Driver", "local");
	json_text(w, "Mode", m->read_only ? "ro" : "");
	json_bool(w, "RW", !m->read_only);
	json_text(w, "Propagation", m->propagation ? m->propagation : volume ? "" : "rprivate");
	json_close(w, '}');
}

/* Docker has those of --tmpfs in HostConfig alone. */
static void write_mounts(struct json_writer *w, const struct engine *e,
	const struct container_request *r, struct arena *a)
{
	json_open(w, "Mounts", '[');
	for (list_each(const struct mount_request, m, r->mounts))
		if (strcmp(m->type, "tmpfs") != 0)
			write_mount(w, e, m, a);
	json_close(w, ']');
}

static void write_config(struct json_writer *w, const struct engine_container *c, struct arena *a)
{
	const struct container_request *r = &c->record.request;
	bool attached = !r->detached;
	json_open(w, "Config", '{');
	json_text(w, "Hostname", r->hostname ? r->hostname : arena_fmt(a, "%.*s", SHORT_ID, c->id));
	json_text(w, "Domainname", or_empty(r->domainname));
	json_text(w, "User", or_empty(r->user));
	json_bool(w, "AttachStdin", attached && r->interactive);
	json_bool(w, "AttachStdout", attached);
	json_bool(w, "AttachStderr", attached);
	json_bool(w, "Tty", r->tty);
	json_bool(w, "OpenStdin", r->interactive);
	json_bool(w, "StdinOnce", attached && r->interactive);
	write_list(w, "Env", &r->env);
	write_texts(w, "Cmd", &r->command);
	json_text(w, "Image", r->image ? r->image : or_empty(r->rootfs));
	json_text(w, "Volumes", NULL);
	json_text(w, "WorkingDir", or_empty(r->workdir));
	write_texts(w, "Entrypoint", &r->entrypoint);
	json_text(w, "OnBuild", NULL);
	write_map(w, "Labels", &r->labels);
	if (r->stop_signal)
		json_text(w, "StopSignal", r->stop_signal);
	if (r->stop_timeout.set)
		json_int(w, "StopTimeout", r->stop_timeout.value);
	json_close(w, '}');
}

static void write_network(struct json_writer *w, const struct container_request *r)
{
	json_open(w, "NetworkSettings", '{');
	write_empty(w, "Ports", "{}");
	json_text(w, "Gateway", "");
	json_text(w, "IPAddress", "");
	json_int(w, "IPPrefixLen", 0);
	json_text(w, "MacAddress", "");
	json_open(w, "Networks", '{');
	json_open(w, network_of(r), '{');
	json_text(w, "Gateway", "");
	json_text(w, "IPAddress", "");
	json_int(w, "IPPrefixLen", 0);
	json_text(w, "MacAddress", "");
	json_close(w, '}');
	json_close(w, '}');
	json_close(w, '}');
}

/* The directories, as overlayfs takes them: the topmost first. A directory that was given as root
 * has none. */
static void write_driver(struct json_writer *w, const struct engine_container *c, struct arena *a)
{
	const struct container_record *r = &c->record;
	cleanup(buf_done) struct buf lower = {};
	for (size_t i = r->layers.n; i-- > 0;)
		buf_add(&lower, "%s%s", lower.n ? ":" : "", r->layers.items[i]);
	json_open(w, "GraphDriver", '{');
	json_open(w, "Data", '{');
	if (!r->request.rootfs) {
		json_text(w, "LowerDir", buf_text(&lower));
		json_text(w, "UpperDir", arena_fmt(a, "%s/upper", c->dir));
		json_text(w, "WorkDir", arena_fmt(a, "%s/work", c->dir));
	}
	json_close(w, '}');
	json_text(w, "Name", r->request.rootfs ? "rootfs" : "overlay2");
	json_close(w, '}');
}

static const char *log_path(const struct engine_container *c, struct arena *a)
{
	const char *driver = c->record.request.log_driver;
	if (!driver || strcmp(driver, "json-file") == 0)
		return arena_fmt(a, "%s/%s-json.log", c->dir, c->id);
	return strcmp(driver, "none") == 0 ? "" : arena_fmt(a, "%s/container.log", c->dir);
}

void inspect_container(struct json_writer *w, const struct engine *e,
	const struct engine_container *c, struct arena *a)
{
	const struct container_record *r = &c->record;
	json_text(w, "Id", c->id);
	json_text(w, "Created", or_empty(r->created));
	json_text(w, "Path", r->args.n ? r->args.items[0] : "");
	json_open(w, "Args", '[');
	for (size_t i = 1; i < r->args.n; i++)
		json_text(w, NULL, r->args.items[i]);
	json_close(w, ']');
	write_state(w, c, a);
	json_text(w, "Image", or_empty(r->image_id));
	json_text(w, "ResolvConfPath", arena_fmt(a, "%s/resolv.conf", c->dir));
	json_text(w, "HostnamePath", arena_fmt(a, "%s/hostname", c->dir));
	json_text(w, "HostsPath", arena_fmt(a, "%s/hosts", c->dir));
	json_text(w, "LogPath", log_path(c, a));
	json_text(w, "Name", arena_fmt(a, "/%s", or_empty(r->name)));
	json_int(w, "RestartCount", r->restarts);
	json_text(w, "Driver", r->request.rootfs ? "rootfs" : "overlay2");
	json_text(w, "Platform", "linux");
	json_text(w, "MountLabel", "");
	json_text(w, "ProcessLabel", "");
	json_text(w, "AppArmorProfile", "");
	json_text(w, "ExecIDs", NULL);
	write_host_config(w, &r->request, a);
	write_driver(w, c, a);
	write_mounts(w, e, &r->request, a);
	write_config(w, c, a);
	write_network(w, &r->request);
}
