/* commands.h - the commands of the `onggi` program, one file each. */
#pragma once
#include "base/cmd.h"

extern const struct cmd cmd_attach;
extern const struct cmd cmd_create;
extern const struct cmd cmd_ended;
extern const struct cmd cmd_health;
extern const struct cmd cmd_update;
extern const struct cmd cmd_volume;
extern const struct cmd cmd_exec;
extern const struct cmd cmd_fsck;    /* checks the image store */
extern const struct cmd cmd_history; /* how an image came about */
extern const struct cmd cmd_image;   /* the group: image ls, image rm ... */
extern const struct cmd cmd_images;  /* lists images */
extern const struct cmd cmd_import;  /* makes an image of a root file system */
extern const struct cmd cmd_inspect;
extern const struct cmd cmd_kill;
extern const struct cmd cmd_load; /* reads images from an archive */
extern const struct cmd cmd_logs;
extern const struct cmd cmd_pack; /* makes a root file system of programs */
extern const struct cmd cmd_pause;
extern const struct cmd cmd_ps;
extern const struct cmd cmd_rename;
extern const struct cmd cmd_restart;
extern const struct cmd cmd_rm;
extern const struct cmd cmd_rmi; /* removes images */
extern const struct cmd cmd_run;
extern const struct cmd cmd_save; /* writes images to an archive */
extern const struct cmd cmd_start;
extern const struct cmd cmd_stop;
extern const struct cmd cmd_tag; /* names an image */
extern const struct cmd cmd_unpause;
extern const struct cmd cmd_version;
extern const struct cmd cmd_wait;

/* Those of the group, where the word is another or the place is. */
extern const struct cmd cmd_image_history, cmd_image_import, cmd_image_inspect, cmd_image_load,
	cmd_image_ls, cmd_image_rm, cmd_image_save, cmd_image_tag;
