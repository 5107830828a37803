#include "child/mounts.h"
#include "child/old_mount.h"
#include "child/text.h"

int mount_attach(struct runner *r, int tree, int place)
{
	return (int)sys_move_mount(
		&r->sys, tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int mount_clone(struct runner *r, int from, unsigned int flags)
{
	return (int)sys_open_tree(
		&r->sys, from, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | flags);
}

/* "key=value" or "flag". */
static int set_param(struct runner *r, int fs, const char *param)
{
	char name[64];
	struct text key = TEXT_IN(name);
	size_t n = 0;
	while (param[n] && param[n] != '=')
		n++;
	text_add_some(&key, param, n);
	if (key.full)
		return runner_refuse(r, EINVAL);
	if (!param[n])
		return (int)sys_fsconfig(&r->sys, fs, FSCONFIG_SET_FLAG, name, NULL, 0);
	return (int)sys_fsconfig(&r->sys, fs, FSCONFIG_SET_STRING, name, param + n + 1, 0);
}

static int configure(struct runner *r, int fs, const char *source, const char *const *params)
{
	int failed = 0;
	if (source)
		failed = (int)sys_fsconfig(&r->sys, fs, FSCONFIG_SET_STRING, "source", source, 0);
	for (; failed >= 0 && params && *params; params++)
		failed = set_param(r, fs, *params);
	if (failed < 0)
		return failed;
	return (int)sys_fsconfig(&r->sys, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

/* The first message of the file system: "e tmpfs: Bad value for 'size'", as fsopen(2) has it. */
static void take_note(struct runner *r, int fs)
{
	char said[sizeof(r->note)];
	struct text note = TEXT_IN(r->note);
	long n = sys_read(r->kernel, fs, said, sizeof(said) - 1);
	if (n > 2 && said[0] == 'e' && said[1] == ' ')
		text_add_some(&note, said + 2, (size_t)n - (said[n - 1] == '\n' ? 3 : 2));
}

int mount_make(struct runner *r, const char *type, const char *source, const char *const *params,
	uint64_t attrs)
{
	if (old_mount_needed(source, params))
		return old_mount_make(r, type, source, params, attrs);
	int fs = (int)sys_fsopen(&r->sys, type, FSOPEN_CLOEXEC);
	if (fs < 0)
		return fs;
	int mount = configure(r, fs, source, params);
	if (mount < 0)
		take_note(r, fs);
	else
		mount = (int)sys_fsmount(&r->sys, fs, FSMOUNT_CLOEXEC, (unsigned int)attrs);
	runner_close(r, fs);
	return mount;
}
