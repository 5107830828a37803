/* launch_request.h - what is asked of the planner: one container, or one more process in it. */
#pragma once
#include "cgroup/cgroup.h"
#include "kernel/probe.h"
#include "seccomp/seccomp.h"
#include "spec/spec.h"

/* A root file system in layers: an overlay that nobody but the container sees. */
struct launch_overlay {
	struct text_list lowers;  /* absolute directories, the lowest first; at least one */
	const char *upper, *work; /* absolute, of one file system; NULL: nothing can be written */
};

struct launch_request {
	const char *id;
	const struct spec *spec;
	const char *bundle; /* absolute; sources and root.path are relative to it */
	const char *rootfs; /* absolute */
	/* What is mounted at rootfs first, within the container's own mounts; NULL: rootfs as it
	 * is. */
	const struct launch_overlay *overlay;
	const char *state_dir; /* the container's directory, absolute; holds the gate */
	const struct host_facts *host;
	const struct cgroup *cgroup; /* where it belongs; NULL: no control group is made */
	const struct seccomp_program *seccomp; /* NULL: no filter */
	const char *console_socket, *pid_file; /* or NULL */
	int preserve_fds;                      /* descriptors from 3 that reach the container */
	bool wait_at_gate;                     /* create, not run */
	bool own_terminal; /* run with a terminal and no socket: the parent keeps
	                    * the master, which the child sends on SLOT_SYNC */
	bool no_pivot, no_new_keyring, systemd;

	/* What has to be looked up first; survey_launch() does (survey.h). */
	const char *home;         /* of the process's user, for HOME where process.env has none */
	uint64_t host_namespaces; /* CLONE_NEW*: those to be joined that are this process's own */
	const char *resctrl;      /* where that is mounted, if the spec has intelRdt; or NULL */
};

/* One more process in a running container. */
struct exec_request {
	const char *id;
	const struct spec *spec;            /* the container's */
	const struct spec_process *process; /* the new process, with defaults already merged in */
	uint64_t namespaces;                /* CLONE_NEW* that differ from ours */
	const struct host_facts *host;
	const struct cgroup *cgroup; /* where it goes; NULL: stays where the caller is */
	const struct seccomp_program *seccomp;
	const char *console_socket, *pid_file;
	int preserve_fds;
	bool own_terminal, no_new_keyring;
	const char *home; /* survey_exec() */
};
