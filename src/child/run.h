/*
 * run.h - one function for each kind of operation that the child can execute.
 *
 * Each returns 0 or -errno. What it opens it closes, or puts into a slot.
 */
#pragma once
#include "child/runner.h"

/* Executes the operations; @out is all zero, or says which failed. */
void run_plan(struct runner *r, const struct plan *p, struct fault *out);

/* How an operation is executed. */
typedef int executor(struct runner *r, const struct op *op);

/* The parent and the start command: run_sync.c. */
executor run_post, run_await, run_gate;
/* Namespaces, and what belongs to one: run_ns.c. */
executor run_undumpable, run_join_cgroup, run_setns, run_unshare, run_refork, run_become_root,
	run_session, run_keyring, run_loopback, run_hostname, run_domainname;
/* The root: run_root.c. */
executor run_propagate, run_root, run_pivot, run_move_root;
/* Mounts: run_mount.c. */
executor run_source, run_mount, run_attach, run_attr;
/* Files of procfs: run_proc.c. */
executor run_proc_open, run_proc_write;
/* Devices, links, masks: run_paths.c. */
executor run_device, run_symlink, run_mask, run_readonly;
/* The terminal and the standard streams: run_console.c. */
executor run_console, run_tty, run_stdio_owner;
/* Limits and scheduling: run_limits.c. */
executor run_rlimit, run_scheduler, run_io_priority, run_affinity, run_memory_policy,
	run_personality, run_umask;
/* Ids, capabilities, the filter: run_ids.c. */
executor run_bounding, run_identity, run_no_new_privs, run_seccomp, run_caps;
/* The command: run_exec.c. */
executor run_chdir, run_find_command, run_close_fds, run_exec;
