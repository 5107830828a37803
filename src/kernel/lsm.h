/*
 * lsm.h - labels of the two security modules that containers use: AppArmor and SELinux.
 *
 * A process asks for the label of the program it is about to execute by writing to a file below
 * /proc/self/attr. Which file and which text is decided here, before the launch; a label for a
 * module that is not in force is an error, never silently left out.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "kernel/probe.h"

/* What has to be written: @path is relative to a procfs, as OP_PROC_WRITE wants it. */
struct lsm_write {
	const char *path, *text;
};

/* The AppArmor profile for the next exec. */
[[nodiscard]] struct err *lsm_apparmor_exec(
	const struct host_facts *host, const char *profile, struct arena *a, struct lsm_write *out);

/* The SELinux label for the next exec. */
[[nodiscard]] struct err *lsm_selinux_exec(
	const struct host_facts *host, const char *label, struct arena *a, struct lsm_write *out);

/* The SELinux label for keyrings this process makes. */
[[nodiscard]] struct err *lsm_selinux_key(
	const struct host_facts *host, const char *label, struct arena *a, struct lsm_write *out);

/* The mount option that gives every file of a new file system the SELinux @label: "context=...".
 * Its value may contain commas, and so is quoted where options are one text; fsconfig() takes it
 * unquoted. */
[[nodiscard]] struct err *lsm_selinux_mount(
	const struct host_facts *host, const char *label, struct arena *a, const char **option);
