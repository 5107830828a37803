/*
 * survey.h - what has to be looked up before a launch can be planned: the planner reads nothing.
 */
#pragma once
#include "planner/launch_request.h"
#include <sys/types.h>

/* Sets the members of @r that have to be looked up; the rest of the request is complete. */
[[nodiscard]] struct err *survey_launch(struct launch_request *r, struct arena *a);

/* Sets @r->home, from the files of @pid, a process of the container that the caller holds. */
[[nodiscard]] struct err *survey_exec(struct exec_request *r, pid_t pid, struct arena *a);
