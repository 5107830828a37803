#include "spec/features.h"
#include "config.h"
#include "kernel/cap.h"
#include "kernel/ns.h"
#include "kernel/sched.h"
#include "spec/scope_annotation.h"
#include "seccomp/abi.h"
#include "seccomp/seccomp.h"
#include "seccomp/seccomp_rules.h"
#include "spec/mount_opts.h"
#include "spec/profile.h"
#include "spec/spec_schema.h"
#include <stdlib.h>

/* Annotations of a config.json that change what a container may do: whoever passes specs of others
 * on must look at them. One that ends in a dot stands for all that begin with it. */
static const char *const acted_on[] = { SCOPE_ANNOTATION };

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A list in alphabetical order, which is how others print theirs. */
static void put_sorted(struct json_writer *w, const char *key, struct text_list list)
{
	if (list.n)
		qsort(list.items, list.n, sizeof(*list.items), by_text);
	json_open(w, key, '[');
	for (size_t i = 0; i < list.n; i++)
		json_text(w, NULL, list.items[i]);
	json_close(w, ']');
}

/* The names of a table for which @is_there, if given, is true of the value. */
static void put_words(struct json_writer *w, const char *key, const struct words *table,
	bool (*is_there)(uint32_t value))
{
	cleanup(arena_done) struct arena a = {};
	struct text_list list = { anew(&a, const char *, table->n), 0 };
	for (size_t i = 0; i < table->n; i++)
		if (!is_there || is_there((uint32_t)table->rows[i].value))
			list.items[list.n++] = table->rows[i].name;
	put_sorted(w, key, list);
}

static void put_switch(struct json_writer *w, const char *key)
{
	json_open(w, key, '{');
	json_bool(w, "enabled", true);
	json_close(w, '}');
}

static void put_hooks(struct json_writer *w)
{
	json_open(w, "hooks", '[');
	for (size_t i = 0; i < spec_hooks_schema.n; i++)
		json_text(w, NULL, spec_hooks_schema.fields[i].key);
	json_close(w, ']');
}

static void put_mount_options(struct json_writer *w)
{
	cleanup(arena_done) struct arena a = {};
	struct text_list list;
	mount_opts_words(&a, &list);
	put_sorted(w, "mountOptions", list);
}

static void put_namespaces(struct json_writer *w)
{
	const char *names[NS_KINDS];
	for (size_t i = 0; i < NS_KINDS; i++)
		names[i] = ns_kinds[i].type;
	put_sorted(w, "namespaces", (struct text_list){ names, NS_KINDS });
}

static void put_cgroup(struct json_writer *w)
{
	static const char *const all[] = { "v1", "v2", "systemd", "systemdUser", "rdma" };
	json_open(w, "cgroup", '{');
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		json_bool(w, all[i], true);
	json_close(w, '}');
}

static void put_seccomp(struct json_writer *w)
{
	const char *archs[ABIS];
	for (size_t i = 0; i < ABIS; i++)
		archs[i] = abis[i].name;
	json_open(w, "seccomp", '{');
	json_bool(w, "enabled", true);
	put_words(w, "actions", &seccomp_actions, NULL);
	put_words(w, "operators", &seccomp_operators, NULL);
	put_sorted(w, "archs", (struct text_list){ archs, ABIS });
	put_words(w, "knownFlags", &seccomp_flags, NULL);
	put_words(w, "supportedFlags", &seccomp_flags, seccomp_kernel_has_flag);
	json_close(w, '}');
}

static void put_intel_rdt(struct json_writer *w)
{
	json_open(w, "intelRdt", '{');
	json_bool(w, "enabled", true);
	json_bool(w, "schemata", true);
	json_bool(w, "monitoring", true);
	json_close(w, '}');
}

static void put_memory_policy(struct json_writer *w)
{
	json_open(w, "memoryPolicy", '{');
	put_words(w, "modes", &mempolicy_modes, NULL);
	put_words(w, "flags", &mempolicy_flags, NULL);
	json_close(w, '}');
}

static void put_linux(struct json_writer *w)
{
	json_open(w, "linux", '{');
	put_namespaces(w);
	put_words(w, "capabilities", &cap_words, NULL);
	put_cgroup(w);
	put_seccomp(w);
	put_switch(w, "apparmor");
	put_switch(w, "selinux");
	put_intel_rdt(w);
	put_memory_policy(w);
	json_open(w, "mountExtensions", '{');
	put_switch(w, "idmap");
	json_close(w, '}');
	put_switch(w, "netDevices");
	json_close(w, '}');
}

static void put_annotations(struct json_writer *w)
{
	json_open(w, "annotations", '{');
	json_text(w, "org.onggi.version", ONGGI_VERSION);
	json_text(w, "org.onggi.checkpoint.enabled", "false");
	json_close(w, '}');
	json_open(w, "potentiallyUnsafeConfigAnnotations", '[');
	for (size_t i = 0; i < ARRAY_LEN(acted_on); i++)
		json_text(w, NULL, acted_on[i]);
	json_close(w, ']');
}

void features_write(enum json_style style, struct buf *out)
{
	struct json_writer w = { .out = out, .style = style };
	json_open(&w, NULL, '{');
	json_text(&w, "ociVersionMin", SPEC_VERSION_MIN);
	json_text(&w, "ociVersionMax", SPEC_VERSION_MAX);
	put_hooks(&w);
	put_mount_options(&w);
	put_linux(&w);
	put_annotations(&w);
	json_close(&w, '}');
	buf_add(out, "\n");
}
