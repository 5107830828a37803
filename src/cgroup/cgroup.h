/*
 * cgroup.h - control groups: where they are, and what can be done to one container's.
 *
 * v2 is the model; v1 and hybrid hosts are mapped to it by one table of operations. A container
 * has one directory in every v1 hierarchy that is mounted and one in the v2 hierarchy if there is
 * one; struct cgroup holds them all. Sources: cgroups(7), Documentation/admin-guide/cgroup-v2.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include <stdbool.h>
#include <sys/types.h>

enum cgroup_mode {
	CGROUP_NONE,   /* nothing is mounted */
	CGROUP_V1,     /* v1 hierarchies alone */
	CGROUP_HYBRID, /* v1 hierarchies, and a v2 one beside them */
	CGROUP_V2,     /* the v2 hierarchy alone */
};

/* One mounted hierarchy. */
struct cgroup_hierarchy {
	const char *mount;       /* "/sys/fs/cgroup/memory" */
	const char *controllers; /* "cpu,cpuacct", "name=systemd"; on v2 "cpu io", or NULL: unknown,
	                          * cgroup_dir_of() looks into cgroup.controllers */
	bool v2;
	const char *root; /* the hierarchy's directory that is mounted there: "/" */
	const char *own;  /* this process's group in it: "/" */
};

struct cgroup_host {
	enum cgroup_mode mode;
	struct list hierarchies; /* of cgroup_hierarchy */
	/* The group of systemd's user manager ("/user.slice/user-1000.slice/user@1000.service"):
	 * set by a caller that has no root, for cgroup_locate(). NULL: the system's manager. */
	const char *user_manager;
};

/* Reads the mount table and this process's groups. Hierarchies that cannot be reached, because
 * something is mounted over them, are left out; of several mounts the one that shows most. */
[[nodiscard]] struct err *cgroup_host_read(struct arena *a, struct cgroup_host *out);

/* The same from the text of /proc/self/mountinfo and /proc/self/cgroup; v2 has no controllers. */
void cgroup_host_parse(
	struct str mounts, struct str groups, struct arena *a, struct cgroup_host *out);

/* For cgroup_host.user_manager: the manager of @uid, or of the user whose group we are in. */
const char *cgroup_user_manager(const struct cgroup_host *host, uid_t uid, struct arena *a);

/* A container's group. */
struct cgroup_dir {
	const struct cgroup_hierarchy *in;
	const char *host; /* absolute directory */
	const char *path; /* relative to the hierarchy: "/onggi/web" */
};
struct cgroup {
	enum cgroup_mode mode;
	struct list dirs; /* of cgroup_dir, one a hierarchy */
	/* With the systemd driver: what is asked of it. NULL with the cgroupfs driver. */
	const char *scope, *slice;
	const char *unit_path; /* where systemd puts it: "/system.slice/onggi-web.scope" */
	bool user;             /* it is the user's systemd that is asked */
};

/*
 * Where container @id belongs. @path is linux.cgroupsPath or NULL (then it is @id): absolute from
 * what is mounted, relative below this process's group on v1 and beside it on v2, where a group
 * with processes can't pass controllers on. With @systemd it is "slice:prefix:name": unit
 * prefix-name.scope, or name alone if it ends in ".slice" or there is no prefix; without a slice
 * system.slice (user.slice of a user's manager), "-" is the root slice. Refuses "..",
 * newlines and whatever would leave the hierarchy.
 */
[[nodiscard]] struct err *cgroup_locate(const struct cgroup_host *host, const char *path,
	const char *id, bool systemd, struct arena *a, struct cgroup *out);

/* The directory of a controller ("memory"; "" for the v2 hierarchy), or NULL. On a v2 host every
 * controller is in the one directory. */
const struct cgroup_dir *cgroup_dir_of(const struct cgroup *c, const char *controller);

/*
 * The group again, from what was kept of it: pairs of a hierarchy's controllers ("" for v2) and
 * the absolute directory.
 */
void cgroup_from_paths(const struct text_map *paths, struct arena *a, struct cgroup *out);

/* ERR_CONFLICT if the group is there with processes in it, or frozen: a container can't share one,
 * for its end would be theirs. */
[[nodiscard]] struct err *cgroup_check_free(const struct cgroup *c);

/* Makes the directory @dir, and those above it that are missing. *@created is false if it was
 * there. */
[[nodiscard]] struct err *cgroup_make(const char *dir, bool *created);

/*
 * Writes @text to @file of the group @dir, each line as a write of its own. With NULL the file gets
 * what the parent group has, if it is empty (cpuset on v1, where an empty one keeps processes out).
 * cgroup.subtree_control: only what it lacks is written. Errors say what the kernel's refusal
 * means. A file that is not there is ERR_NOT_FOUND.
 */
[[nodiscard]] struct err *cgroup_set(const char *dir, const char *file, const char *text);

/* Gives the directory @dir and those of its files that the kernel means for delegation to @uid, who
 * can then make groups below it and put processes into them (v2). Source: cgroup-v2 "Delegation".
 */
[[nodiscard]] struct err *cgroup_give(const char *dir, uid_t uid);

/* The processes in the group and below it, each once. */
[[nodiscard]] struct err *cgroup_pids(
	const struct cgroup *c, struct arena *a, struct int_list *out);

/* Sends @signal to every process in the group and below it, also to those that fork meanwhile;
 * SIGKILL reaches frozen ones (v2 cgroup.kill; v1 kill, thaw, again until the group is empty).
 * A group that this process is in itself is neither signalled nor frozen: ERR_CONFLICT. */
[[nodiscard]] struct err *cgroup_signal(const struct cgroup *c, int signal);

/* Freezes or thaws and returns when that is done. A group that is not there is thawed already. */
[[nodiscard]] struct err *cgroup_freeze(const struct cgroup *c, bool frozen);
/* True if the group is frozen or freezing. A group that is not there is not frozen. */
[[nodiscard]] struct err *cgroup_is_frozen(const struct cgroup *c, bool *out);

/* Removes the group and all below it; kills nothing; what is gone already is fine. Waits for
 * processes that are being reaped up to @milliseconds. */
[[nodiscard]] struct err *cgroup_remove(const struct cgroup *c, int milliseconds);

/* The same for a group whose processes are not wanted any more: those there are, are killed. A
 * group without any costs no more than its removal. */
[[nodiscard]] struct err *cgroup_end(const struct cgroup *c, int milliseconds);

/* How many processes the kernel's OOM killer has killed in the group; -1 if it doesn't say. */
int64_t cgroup_oom_kills(const struct cgroup *c);

/* A descriptor, not blocking, that becomes readable when the OOM killer may have been active in the
 * group, and when the group is gone. Read it empty, then look at cgroup_oom_kills(). */
[[nodiscard]] struct err *cgroup_oom_watch(const struct cgroup *c, struct fd *out);
