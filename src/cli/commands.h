/* commands.h - the commands of the `onggi` program, one file each. */
#pragma once
#include "base/cmd.h"

extern const struct cmd cmd_create;
extern const struct cmd cmd_ended;
extern const struct cmd cmd_exec;
extern const struct cmd cmd_kill;
extern const struct cmd cmd_pack;
extern const struct cmd cmd_pause;
extern const struct cmd cmd_ps;
extern const struct cmd cmd_rename;
extern const struct cmd cmd_restart;
extern const struct cmd cmd_rm;
extern const struct cmd cmd_run;
extern const struct cmd cmd_start;
extern const struct cmd cmd_stop;
extern const struct cmd cmd_unpause;
extern const struct cmd cmd_wait;
