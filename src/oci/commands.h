/* commands.h - every command of onggi-runtime; main.c lists them in the order of help. */
#pragma once
#include "base/cmd.h"

extern const struct cmd cmd_checkpoint; /* not supported yet */
extern const struct cmd cmd_create;     /* makes a container that waits for start */
extern const struct cmd cmd_delete;     /* removes a container */
extern const struct cmd cmd_events;     /* shows what a container uses */
extern const struct cmd cmd_exec;       /* runs one more process in a container */
extern const struct cmd cmd_explain;    /* shows what create would do */
extern const struct cmd cmd_features;   /* tells what this runtime supports */
extern const struct cmd cmd_kill;       /* sends a signal */
extern const struct cmd cmd_list;       /* lists containers */
extern const struct cmd cmd_pause;      /* freezes a container */
extern const struct cmd cmd_ps;         /* lists a container's processes */
extern const struct cmd cmd_restore;    /* not supported yet */
extern const struct cmd cmd_resume;     /* thaws a container */
extern const struct cmd cmd_run;        /* create and start, and stay until the end */
extern const struct cmd cmd_spec;       /* writes a configuration to begin with */
extern const struct cmd cmd_start;      /* lets a created container go on */
extern const struct cmd cmd_state;      /* tells what a container is doing */
extern const struct cmd cmd_update;     /* changes limits */
