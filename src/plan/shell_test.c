#include "base/test.h"
#include "plan/samples.h"
#include "plan/shell.h"

TEST(every_operation_has_a_command_or_a_reason)
{
	cleanup(buf_done) struct buf got = {};
	for (enum op_kind kind = 0; kind < OP_KINDS; kind++) {
		struct op op = sample_op(kind);
		size_t before = got.n;
		shell_show(&(struct shell){}, &op, &got);
		CHECK(got.n > before && got.p[got.n - 1] == '\n');
	}
	CHECK_TEXT(buf_text(&got),
		"# the other half may go on\n"
		"# goes on when the other half is there\n"
		"# a shell removes what it made when it ends\n"
		"sleep infinity & holder=$!\n"
		"busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 "
		"org.freedesktop.systemd1.Manager StartTransientUnit 'ssa(sv)a(sa(sv))' "
		"onggi-web.scope fail 4 Slice s system.slice Description s web PIDs au 1 $holder "
		"MemoryMax t 1048576 0\n"
		"mkdir -p /sys/fs/cgroup/pids/web\n"
		"echo 512 > /sys/fs/cgroup/pids/web/pids.max\n"
		"# a BPF program: no tool of a shell attaches one\n"
		"(cd /sys/fs/cgroup/web && for file in . $(cat /sys/kernel/cgroup/delegate); do "
		"[ ! -e \"$file\" ] || chown 100000 \"$file\"; done)\n"
		"# a shell names the file again where it is used\n"
		"# a shell has no socket to send a terminal to\n"
		"# a shell starts the command at once\n"
		"unshare --user sleep infinity & holder=$!\n"
		"echo '0 1000 1' > /proc/$holder/uid_map\n"
		"echo '0 1000 1' > /proc/$holder/gid_map\n"
		"ln -s /proc/$holder/ns/user \"$work/fd11\"\n"
		"unshare --fork --kill-child --mount --pid --propagation unchanged COMMAND\n"
		"# the process itself says which number it has\n"
		"unshare --user sleep infinity & holder=$!\n"
		"echo deny > /proc/$holder/setgroups\n"
		"echo '0 100000 65536' > /proc/$holder/uid_map\n"
		"echo '0 100000 65536' > /proc/$holder/gid_map\n"
		"echo 500 > /proc/$pid/oom_score_adj\n"
		"ip link set dev eth1 netns $pid name lan\n"
		"mkdir -p /sys/fs/resctrl/web\n"
		"echo L3:0=f > /sys/fs/resctrl/web/schemata\n"
		"echo $pid > /sys/fs/resctrl/web/tasks\n"
		"mkdir -p /sys/fs/resctrl/web/mon_groups/web\n"
		"echo $pid > /sys/fs/resctrl/web/mon_groups/web/tasks\n"
		"echo \"$state\" | timeout --signal=KILL 5 env -i PATH=/usr/bin:/bin TERM=xterm "
		"/usr/bin/hook -c 'echo it'\\''s'\n"
		"# a shell keeps no record\n"
		"printf %s $pid > /run/web.pid\n"
		"mount --rbind /srv/data \"$work/fd12\"\n"
		"mount -o remount,bind,ro \"$work/fd12\"\n"
		"# prctl() has no command; what a shell executes here is no secret\n"
		"echo 0 > \"$work/fd13\"\n"
		"nsenter --net=\"$work/fd10\" COMMAND\n"
		"unshare --mount --uts --propagation unchanged COMMAND\n"
		"unshare --fork --kill-child --pid COMMAND\n"
		"# nsenter has done it: --setuid 0 --setgid 0\n"
		"setsid COMMAND\n"
		"# no command of util-linux does it (keyctl session, of keyutils)\n"
		"ip link set lo up\n"
		"mount --make-rslave /\n"
		"mount --rbind \"$root\" \"$root\"\n"
		"# a shell uses the host's /proc, which is still there\n"
		"printf %s 1 > /proc/sys/net/ipv4/ip_forward\n"
		"mount -t tmpfs -o nosuid,nodev,size=64m,mode=1777 tmpfs \"$root/tmp\"\n"
		"mount --rbind \"$work/fd12\" \"$root/data\"\n"
		"mount -o remount,bind,ro \"$root\"\n"
		"mknod -m 666 \"$root/dev/null\" c 1 3\n"
		"ln -s /proc/self/fd \"$root/dev/fd\"\n"
		"[ -d \"$root/proc/kcore\" ] && mount -t tmpfs -o ro tmpfs \"$root/proc/kcore\"\n"
		"[ -f \"$root/proc/kcore\" ] && mount --bind /dev/null \"$root/proc/kcore\"\n"
		"mount --rbind \"$root/proc/sys\" \"$root/proc/sys\"\n"
		"mount -o remount,bind,ro \"$root/proc/sys\"\n"
		"mount --bind \"$(tty)\" \"$root/dev/console\"\n"
		"nsenter --mount --target $pid --wdns=\"$root\" pivot_root . .\n"
		"nsenter --mount --target $pid --root=/ umount --lazy --no-canonicalize "
		"/proc/$pid/root/.\n"
		"nsenter --mount --target $pid --wdns=\"$root\" pivot_root . .\n"
		"nsenter --mount --target $pid --root=/ umount --lazy --no-canonicalize "
		"/proc/$pid/root/.\n"
		"cd /root\n"
		"hostname web\n"
		"domainname example.org\n"
		"# setsid --ctty has taken it\n"
		"for fd in 0 1 2; do [ -c /proc/self/fd/$fd ] || chown 1000 /proc/self/fd/$fd || "
		":; done\n"
		"prlimit --nofile=1024:unlimited COMMAND\n"
		"chrt --batch 0 nice -n 5 COMMAND\n"
		"ionice --class 2 --classdata 4 COMMAND\n"
		"taskset --cpu-list 0-1,3 COMMAND\n"
		"# no command of util-linux does it (numactl, of numactl)\n"
		"setarch linux32 COMMAND\n"
		"umask 0022\n"
		"# the shell's exec looks along PATH in the same way\n"
		"# a shell starts the command at once\n"
		"setpriv --bounding-set=-all,+chown,+kill COMMAND\n"
		"setpriv --reuid=1000 --regid=1000 --groups=10,20 COMMAND\n"
		"setpriv --no-new-privs COMMAND\n"
		"exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-\n"
		"# no command of util-linux loads a filter: all system calls stay allowed\n"
		"setpriv --inh-caps=-all --ambient-caps=-all COMMAND\n"
		"env -i PATH=/usr/bin:/bin TERM=xterm sh -c 'echo it'\\''s'\n");
}

static void check_quoted(const char *text, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	shell_quote(text, &got);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(a_working_directory_is_made_if_it_may_be)
{
	struct op op = sample_op(OP_CHDIR);
	op.chdir.create = true;
	cleanup(buf_done) struct buf got = {};
	shell_show(&(struct shell){}, &op, &got);
	CHECK_TEXT(buf_text(&got), "mkdir -p \"$root/root\"\ncd /root\n");
}

TEST(lists_of_systemd_are_counted)
{
	static const char *const properties[] = { "DeviceAllow=a(ss) /dev/null rwm char-136 rwm",
		"After=as a.service b.service c.service", "Comment=s two words", NULL };
	struct op op = sample_op(OP_SCOPE);
	op.scope.properties = properties;
	op.scope.user = true;
	cleanup(buf_done) struct buf got = {};
	shell_show(&(struct shell){}, &op, &got);
	CHECK(strstr(buf_text(&got), "busctl --user call "));
	CHECK(strstr(buf_text(&got), " DeviceAllow 'a(ss)' 2 /dev/null rwm char-136 rwm "
				     "After as 3 a.service b.service c.service "
				     "Comment s 'two words' 0\n"));
}

TEST(words_are_quoted_where_they_have_to_be)
{
	check_quoted("/usr/bin/env", "/usr/bin/env");
	check_quoted("", "''");
	check_quoted("two words", "'two words'");
	check_quoted("$HOME", "'$HOME'");
	check_quoted("it's", "'it'\\''s'");
	check_quoted("a\nb", "'a\nb'");
}

TEST(paths_of_the_container_cannot_break_out_of_their_quotes)
{
	cleanup(buf_done) struct buf got = {};
	shell_inside(&(struct shell){}, "a\"`$(x)\\", &got);
	CHECK_TEXT(buf_text(&got), "\"$root/a\\\"\\`\\$(x)\\\\\"");

	cleanup(buf_done) struct buf script = {};
	shell_inside(&(struct shell){ .script = true }, "a'b", &script);
	CHECK_TEXT(buf_text(&script), "\"$(beneath '/a'\\''b')\"");
}

TEST(a_descriptor_is_named_by_what_was_opened)
{
	struct op parent[] = { sample_op(OP_OPEN) };
	struct launch_plan plan = { .parent = { parent, 1 } };
	cleanup(buf_done) struct buf got = {};
	shell_slot(&(struct shell){ .plan = &plan }, SLOT_FREE, &got);
	buf_add(&got, " ");
	shell_slot(&(struct shell){ .plan = &plan }, SLOT_FREE + 1, &got);
	CHECK_TEXT(buf_text(&got), "/run/netns/blue \"$work/fd11\"");
}

TEST(mount_attributes_are_options_of_mount)
{
	cleanup(buf_done) struct buf got = {};
	shell_attrs(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME | MOUNT_ATTR_NOEXEC,
		&got);
	CHECK_TEXT(buf_text(&got), "ro,exec,noatime");
	buf_done(&got);
	shell_attrs(0, MOUNT_ATTR__ATIME, &got);
	CHECK_TEXT(buf_text(&got), "relatime");
}

/* The forms that scripts use call the functions they bring along. */
TEST(scripts_reach_the_containers_files_by_their_functions)
{
	static const struct {
		enum op_kind kind;
		const char *want;
	} rows[] = {
		{ OP_CGROUP_MAKE, "group /sys/fs/cgroup/pids/web\n" },
		{ OP_ID_MAP, "users '0 100000 65536' '0 100000 65536' deny\n" },
		{ OP_NET_DEVICE, "interface eth1 lan\n" },
		{ OP_MOUNT, "mount -t tmpfs -o nosuid,nodev,size=64m,mode=1777 tmpfs "
			    "\"$(place / /tmp)\"\n" },
		{ OP_ATTACH, "mount --rbind \"$work/fd12\" \"$(place \"$work/fd12\" /data)\"\n" },
		{ OP_DEVICE, "device /dev/null 0:0 666 c 1 3\n" },
		{ OP_SYMLINK, "link /proc/self/fd /dev/fd\n" },
		{ OP_MASK, "hide /proc/kcore\n" },
		{ OP_READONLY, "read_only /proc/sys\n" },
		{ OP_PIVOT, "pivot\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct op op = sample_op(rows[i].kind);
		cleanup(buf_done) struct buf got = {};
		shell_add(&(struct shell){ .script = true }, &op, &got);
		CHECK_TEXT(buf_text(&got), rows[i].want);
	}
}
