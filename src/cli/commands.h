/* commands.h - the commands of the `onggi` program, one file each. */
#pragma once
#include "base/cmd.h"

extern const struct cmd cmd_pack;
