/*
 * planner_test.h - for tests: a host that does not exist, requests on it, and plans as text.
 *
 * Documents are fragments of config.json with ' for ". A plan's text has a line for each operation:
 * its name and the arguments that say something. Lists of ids and texts are in brackets, flags have
 * their names.
 */
#pragma once
#include "base/test.h"
#include "planner/planner.h"

struct trial {
	struct arena arena;
	struct host_facts host; /* a root that may do everything; change it before planning */
	struct cgroup cgroup;   /* of trial_v1() or trial_v2(); the request has none before */
	struct spec spec;
	struct spec_process process; /* of exec, as the container's at first */
	struct launch_request launch;
	struct exec_request exec;
	struct launch_plan plan; /* once planned */
};

/* A container with these members of linux, process and the top (or NULL); its namespaces are those
 * that @linux has, else a mount namespace. */
void trial_make(struct trial *t, const char *linux_part, const char *process, const char *top);
void trial_done(struct trial *t);

/* The container gets a group "/g/web": on a v2 host, or on one with devices and cpu,cpuacct. */
void trial_v2(struct trial *t);
void trial_v1(struct trial *t);

/* Plans; ends the test if that fails. */
void trial_plan(struct trial *t);
void trial_plan_exec(struct trial *t);

/* Ends the test unless planning is refused with this message. */
void check_launch_refused(struct trial *t, const char *want);

/* Compares a whole half. */
void check_parent(const struct trial *t, const char *want);
void check_child(const struct trial *t, const char *want);
/* Compares those operations of both halves whose names are in the list "mount attach": the
 * parent's come first, with "> " in front. */
void check_some(const struct trial *t, const char *names, const char *want);
/* Compares the warnings, one a line. */
void check_warnings(const struct trial *t, const char *want);
