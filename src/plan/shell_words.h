/*
 * shell_words.h - the rows of shell.c, one function each: shell_host.c has what is done to the
 * host, shell_files.c the container's files, shell_process.c what its process is.
 */
#pragma once
#include "plan/shell.h"

void shell_scope(const struct shell *s, const struct op *op, struct buf *out);
void shell_cgroup_make(const struct shell *s, const struct op *op, struct buf *out);
void shell_cgroup_set(const struct shell *s, const struct op *op, struct buf *out);
void shell_userns(const struct shell *s, const struct op *op, struct buf *out);
void shell_id_map(const struct shell *s, const struct op *op, struct buf *out);
void shell_oom_score(const struct shell *s, const struct op *op, struct buf *out);
void shell_net_device(const struct shell *s, const struct op *op, struct buf *out);
void shell_rdt(const struct shell *s, const struct op *op, struct buf *out);
void shell_hook(const struct shell *s, const struct op *op, struct buf *out);
void shell_pid_file(const struct shell *s, const struct op *op, struct buf *out);
void shell_pivot(const struct shell *s, const struct op *op, struct buf *out);

void shell_source(const struct shell *s, const struct op *op, struct buf *out);
void shell_propagate(const struct shell *s, const struct op *op, struct buf *out);
void shell_root(const struct shell *s, const struct op *op, struct buf *out);
void shell_proc_write(const struct shell *s, const struct op *op, struct buf *out);
void shell_mount(const struct shell *s, const struct op *op, struct buf *out);
void shell_attach(const struct shell *s, const struct op *op, struct buf *out);
void shell_attr(const struct shell *s, const struct op *op, struct buf *out);
void shell_device(const struct shell *s, const struct op *op, struct buf *out);
void shell_symlink(const struct shell *s, const struct op *op, struct buf *out);
void shell_mask(const struct shell *s, const struct op *op, struct buf *out);
void shell_console(const struct shell *s, const struct op *op, struct buf *out);
void shell_readonly(const struct shell *s, const struct op *op, struct buf *out);

void shell_join_cgroup(const struct shell *s, const struct op *op, struct buf *out);
void shell_setns(const struct shell *s, const struct op *op, struct buf *out);
void shell_clone(const struct shell *s, const struct op *op, struct buf *out);
void shell_unshare(const struct shell *s, const struct op *op, struct buf *out);
void shell_session(const struct shell *s, const struct op *op, struct buf *out);
void shell_loopback(const struct shell *s, const struct op *op, struct buf *out);
void shell_hostname(const struct shell *s, const struct op *op, struct buf *out);
void shell_domainname(const struct shell *s, const struct op *op, struct buf *out);
void shell_stdio_owner(const struct shell *s, const struct op *op, struct buf *out);
void shell_rlimit(const struct shell *s, const struct op *op, struct buf *out);
void shell_scheduler(const struct shell *s, const struct op *op, struct buf *out);
void shell_io_priority(const struct shell *s, const struct op *op, struct buf *out);
void shell_affinity(const struct shell *s, const struct op *op, struct buf *out);
void shell_personality(const struct shell *s, const struct op *op, struct buf *out);
void shell_umask(const struct shell *s, const struct op *op, struct buf *out);
void shell_bounding(const struct shell *s, const struct op *op, struct buf *out);
void shell_identity(const struct shell *s, const struct op *op, struct buf *out);
void shell_no_new_privs(const struct shell *s, const struct op *op, struct buf *out);
void shell_caps(const struct shell *s, const struct op *op, struct buf *out);
void shell_close_fds(const struct shell *s, const struct op *op, struct buf *out);
void shell_chdir(const struct shell *s, const struct op *op, struct buf *out);
void shell_exec(const struct shell *s, const struct op *op, struct buf *out);
