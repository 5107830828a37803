/* What a container may do: capabilities, the system call filter, labels. */
#include "base/num.h"
#include "engine/merge.h"
#include "kernel/cap.h"
#include "kernel/file.h"
#include "kernel/probe.h"
#include "spec/docker_profile.h"
#include "spec/spec_schema.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>

#define BIT(cap) (UINT64_C(1) << (cap))

/* Docker's fourteen. */
static const uint64_t default_caps = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) |
                                     BIT(CAP_FOWNER) | BIT(CAP_MKNOD) | BIT(CAP_NET_RAW) |
                                     BIT(CAP_SETGID) | BIT(CAP_SETUID) | BIT(CAP_SETFCAP) |
                                     BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) |
                                     BIT(CAP_SYS_CHROOT) | BIT(CAP_KILL) | BIT(CAP_AUDIT_WRITE);

static bool is_all(const char *word)
{
	return strcmp(word, "ALL") == 0 || strcmp(word, "all") == 0;
}

/* ORs the named ones together; ALL is @all. */
static struct err *caps_of(const struct text_list *names, uint64_t all, uint64_t *out)
{
	for (size_t i = 0; i < names->n; i++) {
		int number = is_all(names->items[i]) ? -1 : cap_number(names->items[i]);
		if (is_all(names->items[i]))
			*out |= all;
		else if (number < 0)
			return err_new(ERR_USAGE, "invalid capability: '%s'", names->items[i]);
		else
			*out |= BIT(number);
	}
	return NULL;
}

static bool mentions_all(const struct text_list *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (is_all(names->items[i]))
			return true;
	return false;
}

/* Added ones hold against "drop all", and dropped ones against "add all". */
static struct err *choose_caps(struct merge *m, uint64_t *out)
{
	const struct container_request *r = m->request;
	struct host_facts host;
	uint64_t add = 0, drop = 0;
	struct err *e = probe_host(&host);
	uint64_t all =
		e ? 0
		  : host.bounding & (BIT(host.last_capability) | (BIT(host.last_capability) - 1));
	if (!e)
		e = caps_of(&r->cap_add, all, &add);
	if (!e)
		e = caps_of(&r->cap_drop, mentions_all(&r->cap_drop) ? ~UINT64_C(0) : 0, &drop);
	if (e)
		return e;
	if (r->privileged)
		*out = all;
	else if (mentions_all(&r->cap_drop))
		*out = add;
	else
		*out = (default_caps | add) & ~drop;
	return NULL;
}

static struct text_list cap_names(uint64_t caps, struct arena *a)
{
	struct text_list names = {};
	for (int i = 0; i < 64; i++)
		if (caps & BIT(i) && cap_name(i))
			text_list_add(&names, a, cap_name(i));
	return names;
}

/* --- the filter ---------------------------------------------------------------------------------
 */

static void fill_syscall(const struct seccomp_rule *rule, struct arena *a, struct spec_syscall *out)
{
	*out = (struct spec_syscall){
		.names = rule->names, .action = rule->action, .errno_ret = rule->errno_ret
	};
	for (size_t i = 0; i < rule->n_args; i++) {
		const struct seccomp_arg *arg = &rule->args[i];
		*merge_new(&out->args, struct spec_syscall_arg, a) = (struct spec_syscall_arg){
			.index = arg->index,
			.value = (int64_t)arg->value,
			.value_two = (int64_t)arg->value_two,
			.op = arg->op,
		};
	}
}

static void default_filter(struct merge *m, uint64_t caps)
{
	struct seccomp_profile p = docker_profile(caps, m->arena);
	struct spec_seccomp *s = &m->spec->linux.seccomp;
	*s = (struct spec_seccomp){ .present = true,
		.default_action = p.default_action,
		.default_errno_ret = p.default_errno_ret,
		.architectures = p.architectures,
		.flags = p.flags };
	for (size_t i = 0; i < p.n_rules; i++)
		fill_syscall(&p.rules[i], m->arena,
			merge_new(&s->syscalls, struct spec_syscall, m->arena));
}

/* A file has the form of linux.seccomp. Docker's own, with conditions, would lose them. */
static struct err *filter_from(struct merge *m, const char *path)
{
	cleanup(buf_done) struct buf text = {};
	const struct json *doc;
	struct err *e = file_read(AT_FDCWD, path, 4 << 20, &text);
	if (!e)
		e = json_read((struct str){ buf_text(&text), text.n }, path, m->arena, &doc);
	if (e)
		return err_wrap(e, "opening seccomp profile");
	if (json_get(doc, "archMap"))
		return merge_refuse("a seccomp profile with archMap");
	return decode(doc, &spec_seccomp_schema, &m->spec->linux.seccomp, m->arena);
}

/* --- --security-opt -----------------------------------------------------------------------------
 */

struct choice {
	const char *seccomp; /* NULL: the default */
	bool plain_paths;
};

static struct err *set_seccomp(struct merge *, struct choice *c, const char *value)
{
	c->seccomp = value;
	return NULL;
}

static struct err *set_apparmor(struct merge *m, struct choice *, const char *value)
{
	m->spec->process.apparmor_profile = strcmp(value, "unconfined") == 0 ? NULL : value;
	return NULL;
}

static struct err *set_privileges(struct merge *m, struct choice *, const char *value)
{
	return num_truth(str_of(*value ? value : "true"), &m->spec->process.no_new_privileges);
}

static struct err *set_paths(struct merge *, struct choice *c, const char *value)
{
	c->plain_paths = strcmp(value, "unconfined") == 0;
	return c->plain_paths ? NULL
	                      : err_new(ERR_USAGE, "systempaths: only 'unconfined' is known");
}

static struct err *set_label(struct merge *, struct choice *, const char *value)
{
	return strcmp(value, "disable") == 0 ? NULL : merge_refuse("an SELinux label");
}

static const struct security_row {
	const char *name;
	struct err *(*set)(struct merge *m, struct choice *c, const char *value);
} security_rows[] = {
	{ "seccomp", set_seccomp },
	{ "apparmor", set_apparmor },
	{ "no-new-privileges", set_privileges },
	{ "systempaths", set_paths },
	{ "label", set_label },
};

/* "name=value"; "name:value" is an old form. */
static struct err *set_option(struct merge *m, struct choice *c, const char *text)
{
	size_t n = strcspn(text, "=:");
	const char *value = text[n] ? text + n + 1 : "";
	for (size_t i = 0; i < ARRAY_LEN(security_rows); i++) {
		const struct security_row *row = &security_rows[i];
		if (!str_eq(str_of(row->name), (struct str){ text, n }))
			continue;
		struct err *e = row->set(m, c, value);
		return e ? err_wrap(e, "--security-opt %s", text) : NULL;
	}
	return err_new(ERR_USAGE, "invalid --security-opt: \"%s\"", text);
}

static struct err *add_filter(struct merge *m, const struct choice *c, uint64_t caps)
{
	bool none = c->seccomp ? strcmp(c->seccomp, "unconfined") == 0 : m->request->privileged;
	if (none)
		return NULL;
	if (c->seccomp && strcmp(c->seccomp, "builtin") != 0)
		return filter_from(m, c->seccomp);
	default_filter(m, caps);
	return NULL;
}

static const char *const masked[] = { "/proc/acpi", "/proc/asound", "/proc/interrupts",
	"/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
	"/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware" };
static const char *const readonly[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
	"/proc/sysrq-trigger" };

static void add_hidden(struct merge *m, const struct choice *c)
{
	struct spec_linux *l = &m->spec->linux;
	if (m->request->privileged || c->plain_paths)
		return;
	for (size_t i = 0; i < ARRAY_LEN(masked); i++)
		text_list_add(&l->masked_paths, m->arena, masked[i]);
	for (int i = 0; i < 4096; i++) {
		char *path =
			arena_fmt(m->arena, "/sys/devices/system/cpu/cpu%d/thermal_throttle", i);
		*strrchr(path, '/') = 0;
		bool there = access(path, F_OK) == 0;
		path[strlen(path)] = '/';
		if (!there)
			break;
		if (access(path, F_OK) == 0)
			text_list_add(&l->masked_paths, m->arena, path);
	}
	for (size_t i = 0; i < ARRAY_LEN(readonly); i++)
		text_list_add(&l->readonly_paths, m->arena, readonly[i]);
}

struct err *merge_security(struct merge *m)
{
	const struct text_list *opts = &m->request->security_opts;
	struct choice c = {};
	uint64_t caps = 0;
	struct err *e = choose_caps(m, &caps);
	for (size_t i = 0; !e && i < opts->n; i++)
		e = set_option(m, &c, opts->items[i]);
	if (!e)
		e = add_filter(m, &c, caps);
	if (e)
		return e;
	struct text_list names = cap_names(caps, m->arena);
	m->spec->process.capabilities = (struct spec_caps){ true, .bounding = names,
		.effective = names, .permitted = names };
	add_hidden(m, &c);
	return NULL;
}
