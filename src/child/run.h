/*
 * run.h - one function for each kind of operation that the child can execute.
 *
 * Each returns 0 or -errno. What it opens it closes, or puts into a slot.
 */
#pragma once
#include "child/runner.h"

/* Executes the operations; @out is all zero, or says which failed. */
void run_plan(struct runner *r, const struct plan *p, struct fault *out);

int run_post(struct runner *r, const struct op *op);
int run_await(struct runner *r, const struct op *op);
int run_gate(struct runner *r, const struct op *op);

int run_undumpable(struct runner *r, const struct op *op);
int run_join_cgroup(struct runner *r, const struct op *op);
int run_setns(struct runner *r, const struct op *op);
int run_unshare(struct runner *r, const struct op *op);
int run_refork(struct runner *r, const struct op *op);
int run_become_root(struct runner *r, const struct op *op);
int run_session(struct runner *r, const struct op *op);
int run_keyring(struct runner *r, const struct op *op);
int run_loopback(struct runner *r, const struct op *op);
int run_hostname(struct runner *r, const struct op *op);
int run_domainname(struct runner *r, const struct op *op);

int run_propagate(struct runner *r, const struct op *op);
int run_root(struct runner *r, const struct op *op);
int run_pivot(struct runner *r, const struct op *op);
int run_move_root(struct runner *r, const struct op *op);

int run_source(struct runner *r, const struct op *op);
int run_mount(struct runner *r, const struct op *op);
int run_attach(struct runner *r, const struct op *op);
int run_attr(struct runner *r, const struct op *op);

int run_proc_open(struct runner *r, const struct op *op);
int run_proc_write(struct runner *r, const struct op *op);

int run_device(struct runner *r, const struct op *op);
int run_symlink(struct runner *r, const struct op *op);
int run_mask(struct runner *r, const struct op *op);
int run_readonly(struct runner *r, const struct op *op);

int run_console(struct runner *r, const struct op *op);
int run_tty(struct runner *r, const struct op *op);
int run_stdio_owner(struct runner *r, const struct op *op);

int run_rlimit(struct runner *r, const struct op *op);
int run_scheduler(struct runner *r, const struct op *op);
int run_io_priority(struct runner *r, const struct op *op);
int run_affinity(struct runner *r, const struct op *op);
int run_memory_policy(struct runner *r, const struct op *op);
int run_personality(struct runner *r, const struct op *op);
int run_umask(struct runner *r, const struct op *op);

int run_bounding(struct runner *r, const struct op *op);
int run_identity(struct runner *r, const struct op *op);
int run_no_new_privs(struct runner *r, const struct op *op);
int run_seccomp(struct runner *r, const struct op *op);
int run_caps(struct runner *r, const struct op *op);

int run_chdir(struct runner *r, const struct op *op);
int run_find_command(struct runner *r, const struct op *op);
int run_close_fds(struct runner *r, const struct op *op);
int run_exec(struct runner *r, const struct op *op);
