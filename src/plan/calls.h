/*
 * calls.h - the rows of op_calls(), one function each: calls_host.c has what the parent does,
 * calls_files.c the container's files, calls_process.c what its process is.
 *
 * Told are the calls that change something, and those that open what these work on, in their
 * order. Left out are looks that guard them (statx, fstatfs), close, and what only repeats a call
 * after an interruption. A descriptor is called by its slot or by what it is open on. A unit test
 * holds the child's rows against what its executors really do.
 */
#pragma once
#include "plan/plan.h"

/* Appends one call as a line. */
void call_add(struct buf *out, const char *fmt, ...) printf_like(2, 3);
/* Appends text as a C string; NULL as NULL. What is very long is cut, with "..." behind it. */
void call_text(const char *text, struct buf *out);
/* The same for a list of texts: {"sh", "-c"}. */
void call_texts(const char *const *texts, struct buf *out);

void calls_sync(const struct op *op, struct buf *out);
void calls_record(const struct op *op, struct buf *out);
void calls_scope(const struct op *op, struct buf *out);
void calls_cgroup_make(const struct op *op, struct buf *out);
void calls_cgroup_set(const struct op *op, struct buf *out);
void calls_cgroup_devices(const struct op *op, struct buf *out);
void calls_open(const struct op *op, struct buf *out);
void calls_connect(const struct op *op, struct buf *out);
void calls_gate_make(const struct op *op, struct buf *out);
void calls_userns(const struct op *op, struct buf *out);
void calls_clone(const struct op *op, struct buf *out);
void calls_take_pid(const struct op *op, struct buf *out);
void calls_id_map(const struct op *op, struct buf *out);
void calls_oom_score(const struct op *op, struct buf *out);
void calls_net_device(const struct op *op, struct buf *out);
void calls_rdt(const struct op *op, struct buf *out);
void calls_hook(const struct op *op, struct buf *out);
void calls_pid_file(const struct op *op, struct buf *out);

void calls_source(const struct op *op, struct buf *out);
void calls_propagate(const struct op *op, struct buf *out);
void calls_root(const struct op *op, struct buf *out);
void calls_proc_open(const struct op *op, struct buf *out);
void calls_proc_write(const struct op *op, struct buf *out);
void calls_mount(const struct op *op, struct buf *out);
void calls_attach(const struct op *op, struct buf *out);
void calls_attr(const struct op *op, struct buf *out);
void calls_device(const struct op *op, struct buf *out);
void calls_symlink(const struct op *op, struct buf *out);
void calls_mask(const struct op *op, struct buf *out);
void calls_readonly(const struct op *op, struct buf *out);
void calls_console(const struct op *op, struct buf *out);
void calls_pivot(const struct op *op, struct buf *out);
void calls_move_root(const struct op *op, struct buf *out);
void calls_chdir(const struct op *op, struct buf *out);

void calls_undumpable(const struct op *op, struct buf *out);
void calls_join_cgroup(const struct op *op, struct buf *out);
void calls_setns(const struct op *op, struct buf *out);
void calls_unshare(const struct op *op, struct buf *out);
void calls_refork(const struct op *op, struct buf *out);
void calls_become_root(const struct op *op, struct buf *out);
void calls_session(const struct op *op, struct buf *out);
void calls_keyring(const struct op *op, struct buf *out);
void calls_loopback(const struct op *op, struct buf *out);
void calls_hostname(const struct op *op, struct buf *out);
void calls_domainname(const struct op *op, struct buf *out);
void calls_tty(const struct op *op, struct buf *out);
void calls_stdio_owner(const struct op *op, struct buf *out);
void calls_rlimit(const struct op *op, struct buf *out);
void calls_scheduler(const struct op *op, struct buf *out);
void calls_io_priority(const struct op *op, struct buf *out);
void calls_affinity(const struct op *op, struct buf *out);
void calls_memory_policy(const struct op *op, struct buf *out);
void calls_personality(const struct op *op, struct buf *out);
void calls_umask(const struct op *op, struct buf *out);
void calls_find_command(const struct op *op, struct buf *out);
void calls_gate(const struct op *op, struct buf *out);
void calls_bounding(const struct op *op, struct buf *out);
void calls_identity(const struct op *op, struct buf *out);
void calls_no_new_privs(const struct op *op, struct buf *out);
void calls_close_fds(const struct op *op, struct buf *out);
void calls_seccomp(const struct op *op, struct buf *out);
void calls_caps(const struct op *op, struct buf *out);
void calls_exec(const struct op *op, struct buf *out);
