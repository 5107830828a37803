#include "base/test.h"
#include "plan/explain.h"
#include "plan/samples.h"

static const char *const argv[] = { "/bin/true", NULL };
static const char *const env[] = { "PATH=/bin", "PWD=/elsewhere", NULL };

/* What follows the functions, which are the same in every script. */
static const char *body(const struct buf *script)
{
	const char *at = strstr(buf_text(script), "trap 'exit 143' TERM\n");
	CHECK(at);
	return at + strlen("trap 'exit 143' TERM\n");
}

static void check_script(
	const struct op *p, size_t np, const struct op *c, size_t nc, const char *want)
{
	const struct launch_plan plan = { { p, np }, { c, nc } };
	cleanup(err_free) struct err *apart = handshake_check(&plan.parent, &plan.child);
	CHECK(!apart);
	cleanup(buf_done) struct buf got = {};
	plan_script(&(struct explain_request){ &plan, "web", "/b", "1.3.0", NULL }, &got);
	CHECK(strncmp(buf_text(&got), "#!/bin/sh\n", 10) == 0);
	CHECK_TEXT(body(&got), want);
}

TEST(a_script_has_both_halves_and_a_last_shell)
{
	static const struct op parent[] = {
		{ OP_CGROUP_MAKE, .why = "own limits", .cgroup_make = { "/cg/web" } },
		{ OP_OPEN, .why = "to join it", .open = { "/cg/web/tasks", O_WRONLY, SLOT_FREE } },
		{ OP_SOURCE, .why = "host's data", .source = { "/srv", SLOT_FREE + 1, NO_SLOT } },
		{ OP_CLONE, .why = "the process", .clone = { CLONE_NEWNS | CLONE_NEWPID } },
		{ OP_AWAIT, .why = "everything is made", .sync = { STAGE_CREATED } },
		{ OP_PID_FILE, .why = "for the caller", .path = { "/run/pid" } },
	};
	static const struct op child[] = {
		{ OP_JOIN_CGROUP, .why = "under its limits", .ns = { SLOT_FREE } },
		{ OP_ROOT, .why = "its files", .root = { "/b/rootfs", NO_SLOT } },
		{ OP_ATTACH, .why = "host's data", .attach = { SLOT_FREE + 1, "/data" } },
		{ OP_PIVOT, .why = "nothing else" },
		{ OP_POST, .why = "everything is made", .sync = { STAGE_CREATED } },
		{ OP_NO_NEW_PRIVS, .why = "for ever" },
		{ OP_SECCOMP, .why = "allowed calls" },
		{ OP_EXEC, .why = "the command", .exec = { "true", NULL, argv, env } },
	};
	check_script(parent, ARRAY_LEN(parent), child, ARRAY_LEN(child),
		"\n"
		"# 1. parent: own limits: make control group /cg/web\n"
		"group /cg/web\n"
		"\n"
		"# 2. parent: to join it: open /cg/web/tasks\n"
		"#    a shell names the file again where it is used\n"
		"\n"
		"# Where the host tree of operation 3 will be.\n"
		"like /srv \"$work/fd11\"\n"
		"\n"
		"cat >\"$work/inside.1\" <<'END'\n"
		"set -eu\n"
		". \"$work/functions\"\n"
		"\n"
		"# 5. child: under its limits: join control group by /cg/web/tasks\n"
		"echo 0 > /cg/web/tasks\n"
		"\n"
		"exec unshare --fork --kill-child --mount --pid --propagation unchanged \\\n"
		"\tsh \"$work/inside.2\"\n"
		"END\n"
		"\n"
		"cat >\"$work/inside.2\" <<'END'\n"
		"set -eu\n"
		". \"$work/functions\"\n"
		"\n"
		"# The number of this process on the host, whose /proc is still there.\n"
		"read -r pid _ </proc/self/stat\n"
		"post born \"$pid\"\n"
		"\n"
		"# 3. parent: host's data: clone mount /srv\n"
		"mount --bind /srv \"$work/fd11\"\n"
		"\n"
		"# 6. child: its files: take as root /b/rootfs\n"
		"mount --rbind \"$root\" \"$root\"\n"
		"\n"
		"# 7. child: host's data: attach /srv on /data\n"
		"mount --rbind \"$work/fd11\" \"$(place \"$work/fd11\" /data)\"\n"
		"\n"
		"# 8. child: nothing else: pivot to the new root\n"
		"#    done by the parent's half, when the last shell is there\n"
		"\n"
		"# 10. child: for ever: set no_new_privs\n"
		"#    by setpriv, below\n"
		"\n"
		"# 11. child: allowed calls: load a system call filter of 0 instructions\n"
		"#    no command of util-linux loads a filter: all system calls stay allowed\n"
		"\n"
		"exec setpriv --no-new-privs \\\n"
		"\tenv -i PATH=/bin PWD=/elsewhere \\\n"
		"\t/bin/sh \"$work/last\" /bin/true\n"
		"END\n"
		"\n"
		"cat >\"$work/last\" <<'END'\n"
		"set -eu\n"
		"\n"
		"# The root is changed from outside.\n"
		"echo placed >&8\n"
		"read -r _said <&7\n"
		"\n"
		"# 9. child: everything is made: post 'created'\n"
		"#    the other half may go on\n"
		"echo created >&8\n"
		"\n"
		"# 12. child: the command: execute /bin/true\n"
		"PWD=/elsewhere\n"
		"unset OLDPWD\n"
		"exec 7<&- 8>&-\n"
		"exec \"$@\"\n"
		"END\n"
		"\n"
		"# The two halves meet at these pipes.\n"
		"mkfifo \"$work/up\" \"$work/down\"\n"
		"exec 3<>\"$work/up\" 4<>\"$work/down\"\n"
		"exec 5<\"$work/up\" 6>\"$work/down\" 7<\"$work/down\" 8>\"$work/up\" 9<&0\n"
		"exec 3>&- 4>&-\n"
		"\n"
		"# 4. parent: the process: make a process with new namespaces: mount, pid\n"
		"sh \"$work/inside.1\" <&9 9<&- 5<&- 6>&- &\n"
		"child=$!\n"
		"exec 7<&5 8>&6 5<&- 6>&- 9<&-\n"
		"\n"
		"await born\n"
		"pid=$number\n"
		"\n"
		"await placed\n"
		"\n"
		"# 8. child: nothing else: pivot to the new root\n"
		"pivot\n"
		"post pivoted\n"
		"\n"
		"# 13. parent: everything is made: await 'created'\n"
		"#    goes on when the other half is there\n"
		"await created\n"
		"\n"
		"# 14. parent: for the caller: write the process's number to /run/pid\n"
		"printf %s $pid > /run/pid\n"
		"\n"
		"wait \"$child\"\n");
}

/* In a user namespace: trees before it, its maps beforehand, limits that only the host can raise.
 */
TEST(a_script_enters_a_user_namespace_by_one_that_is_mapped)
{
	static const struct op parent[] = {
		{ OP_CLONE, .why = "the process" },
		{ OP_TAKE_PID, .why = "the process inside" },
		{ OP_ID_MAP, .why = "who is who",
			.id_map = { "0 1000 1\n", "0 1000 1\n", NO_SLOT, true } },
		{ OP_OOM_SCORE, .why = "how soon", .number = { 7 } },
		{ OP_POST, .why = "users are mapped", .sync = { STAGE_MAPPED } },
		{ OP_AWAIT, .why = "the command runs", .sync = { STAGE_RUNS } },
	};
	static const struct op child[] = {
		{ OP_SETNS, .why = "its network", .ns = { SLOT_FREE, CLONE_NEWNET } },
		{ OP_RLIMIT, .why = "more files", .rlimit = { RLIMIT_NOFILE, 9, 9 } },
		{ OP_REFORK, .why = "inside",
			.clone = { CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID } },
		{ OP_AWAIT, .why = "users are mapped", .sync = { STAGE_MAPPED } },
		{ OP_BECOME_ROOT, .why = "its root" },
		{ OP_SOURCE, .why = "its root", .source = { "/b", SLOT_FREE + 1, NO_SLOT } },
		{ OP_ROOT, .why = "its root", .root = { "/b", SLOT_FREE + 1 } },
		{ OP_PIVOT, .why = "nothing else" },
		{ OP_PROPAGATE, .why = "shared", .propagate = { true, true, MS_SHARED } },
		{ OP_CHDIR, .why = "where", .may_fail = true, .chdir = { "/w", true } },
		{ OP_RLIMIT, .why = "fewer files", .rlimit = { RLIMIT_NOFILE, 5, 5 } },
		{ OP_EXEC, .why = "the command", .exec = { "true", NULL, argv, NULL } },
	};
	check_script(parent, ARRAY_LEN(parent), child, ARRAY_LEN(child),
		"\n"
		"# Where the host tree of operation 11 will be.\n"
		"like /b \"$work/fd11\"\n"
		"\n"
		"cat >\"$work/inside.1\" <<'END'\n"
		"set -eu\n"
		". \"$work/functions\"\n"
		"\n"
		"# 2. child: its network: join namespaces of fd10: network\n"
		"\n"
		"exec nsenter --net=\"$work/fd10\" \\\n"
		"\tsh \"$work/inside.2\"\n"
		"END\n"
		"\n"
		"cat >\"$work/inside.2\" <<'END'\n"
		"set -eu\n"
		". \"$work/functions\"\n"
		"\n"
		"# 3. child: more files: limit RLIMIT_NOFILE to 9:9\n"
		"prlimit --pid $$ --nofile=9:9\n"
		"\n"
		"# 4. child: inside: go on in a new process with new namespaces: user, mount, pid\n"
		"\n"
		"# 9. child: users are mapped: await 'mapped'\n"
		"#    goes on when the other half is there\n"
		"\n"
		"# 10. child: its root: become root of the user namespace\n"
		"#    nsenter has done it: --setuid 0 --setgid 0\n"
		"\n"
		"exec unshare --mount --propagation slave \\\n"
		"\tsh \"$work/inside.3\"\n"
		"END\n"
		"\n"
		"cat >\"$work/inside.3\" <<'END'\n"
		"set -eu\n"
		". \"$work/functions\"\n"
		"\n"
		"# Host trees, mounted while the host's directories are open to us.\n"
		"mount --rbind \"$rootfs\" \"$root\"\n"
		"\n"
		"# 11. child: its root: clone mount /b\n"
		"mount --bind /b \"$work/fd11\"\n"
		"\n"
		"await mapped\n"
		"\n"
		"exec nsenter --user=\"/proc/$number/ns/user\" --setuid 0 --setgid 0 \\\n"
		"\tunshare --fork --kill-child --mount --pid --propagation unchanged \\\n"
		"\tsh \"$work/inside.4\"\n"
		"END\n"
		"\n"
		"cat >\"$work/inside.4\" <<'END'\n"
		"set -eu\n"
		". \"$work/functions\"\n"
		"\n"
		"# The number of this process on the host, whose /proc is still there.\n"
		"read -r pid _ </proc/self/stat\n"
		"post born \"$pid\"\n"
		"\n"
		"# 12. child: its root: take as root /b\n"
		"mount --rbind \"$work/fd11\" \"$root\"\n"
		"\n"
		"# 13. child: nothing else: pivot to the new root\n"
		"#    done by the parent's half, when the last shell is there\n"
		"\n"
		"place / /w >/dev/null\n"
		"\n"
		"# 16. child: fewer files: limit RLIMIT_NOFILE to 5:5\n"
		"#    by prlimit, below\n"
		"\n"
		"exec prlimit --nofile=5:5 \\\n"
		"\tenv -i \\\n"
		"\t/bin/sh \"$work/last\" /bin/true\n"
		"END\n"
		"\n"
		"cat >\"$work/last\" <<'END'\n"
		"set -eu\n"
		"\n"
		"# The root is changed from outside.\n"
		"echo placed >&8\n"
		"read -r _said <&7\n"
		"\n"
		"# 15. child: where: chdir to cwd (\"/w\") (may fail)\n"
		"{\n"
		"cd /w\n"
		"} || :\n"
		"\n"
		"# 17. child: the command: execute /bin/true\n"
		"unset PWD\n"
		"unset OLDPWD\n"
		"exec 7<&- 8>&-\n"
		"exec \"$@\"\n"
		"END\n"
		"\n"
		"# The two halves meet at these pipes.\n"
		"mkfifo \"$work/up\" \"$work/down\"\n"
		"exec 3<>\"$work/up\" 4<>\"$work/down\"\n"
		"exec 5<\"$work/up\" 6>\"$work/down\" 7<\"$work/down\" 8>\"$work/up\" 9<&0\n"
		"exec 3>&- 4>&-\n"
		"\n"
		"# 1. parent: the process: make a process\n"
		"sh \"$work/inside.1\" <&9 9<&- 5<&- 6>&- &\n"
		"child=$!\n"
		"exec 7<&5 8>&6 5<&- 6>&- 9<&-\n"
		"\n"
		"# 6. parent: who is who: map users 0 1000 1, groups 0 1000 1\n"
		"users '0 1000 1' '0 1000 1' deny\n"
		"post mapped \"$holder\"\n"
		"\n"
		"await born\n"
		"pid=$number\n"
		"\n"
		"# 5. parent: the process inside: learn the process's number\n"
		"#    the process itself says which number it has\n"
		"\n"
		"# 7. parent: how soon: set oom_score_adj to 7\n"
		"echo 7 > /proc/$pid/oom_score_adj\n"
		"\n"
		"await placed\n"
		"\n"
		"# 13. child: nothing else: pivot to the new root\n"
		"pivot\n"
		"\n"
		"# 14. child: shared: make the new root rshared\n"
		"nsenter --mount --target \"$pid\" --root=/ mount --no-canonicalize --make-rshared "
		"\"/proc/$pid/root/.\"\n"
		"post pivoted\n"
		"\n"
		"# 18. parent: the command runs: await 'runs'\n"
		"#    goes on when the other half is there\n"
		"while read -r _ <&7; do :; done\n"
		"\n"
		"wait \"$child\"\n");
}

/* A here document ends at the first line that is its end: what the container is given may hold it.
 */
TEST(no_argument_ends_a_piece)
{
	static const char *const words[] = { "/bin/echo", "a\nEND\nrm -rf /\nEND_\n", NULL };
	static const struct op p[] = { { OP_CLONE, .why = "the process" } };
	static const struct op c[] = { { OP_EXEC, .why = "END\nx",
		.exec = { "echo", NULL, words, NULL } } };
	const struct launch_plan plan = { { p, 1 }, { c, 1 } };
	cleanup(buf_done) struct buf got = {};
	plan_script(&(struct explain_request){ &plan, "web", "/b", "1.3.0", NULL }, &got);
	CHECK(strstr(body(&got), "<<'END__'\n"));
	CHECK(!strstr(body(&got), "<<'END'\n") && !strstr(body(&got), "<<'END_'\n"));
}
