#include "base/test.h"
#include "plan/samples.h"

TEST(the_calls_of_every_operation_can_be_told)
{
	cleanup(buf_done) struct buf got = {};
	for (enum op_kind kind = 0; kind < OP_KINDS; kind++) {
		struct op op = sample_op(kind);
		size_t before = got.n;
		op_calls(&op, &got);
		CHECK(got.n > before && got.p[got.n - 1] == '\n');
	}
	CHECK_TEXT(buf_text(&got),
		"sendto(sync, {'mapped'}, MSG_NOSIGNAL)\n"
		"recvfrom(sync, {'ready'})\n"
		"openat(directory, \"record.json.new\", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC) = file\n"
		"write(file, what is to be undone)\n"
		"renameat(directory, \"record.json.new\", directory, \"record.json\")\n"
		"sendmsg(system bus, StartTransientUnit(\"onggi-web.scope\", {\"MemoryMax=t "
		"1048576\"}))\n"
		"mkdir(\"/sys/fs/cgroup/pids/web\", 0755)\n"
		"openat(AT_FDCWD, \"/sys/fs/cgroup/pids/web/pids.max\", O_WRONLY|O_CLOEXEC) = "
		"file\n"
		"write(file, \"512\")\n"
		"bpf(BPF_PROG_LOAD, {BPF_PROG_TYPE_CGROUP_DEVICE, 2 instructions}) = filter\n"
		"openat(AT_FDCWD, \"/sys/fs/cgroup/web\", O_RDONLY|O_DIRECTORY|O_CLOEXEC) = group\n"
		"bpf(BPF_PROG_ATTACH, {group, filter, BPF_CGROUP_DEVICE})\n"
		"openat(AT_FDCWD, \"/sys/fs/cgroup/web\", O_RDONLY|O_DIRECTORY|O_CLOEXEC) = group\n"
		"fchown(group, 100000, -1)\n"
		"fchownat(group, each file of /sys/kernel/cgroup/delegate, 100000, -1, 0)\n"
		"openat(AT_FDCWD, \"/run/netns/blue\", O_RDONLY|O_CLOEXEC) = fd10\n"
		"socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = console\n"
		"connect(console, {AF_UNIX, \"/run/tty.sock\"})\n"
		"socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = gate\n"
		"bind(gate, {AF_UNIX, \"/run/onggi/web/gate\"})\n"
		"listen(gate, 64)\n"
		"clone3({flags=CLONE_NEWUSER|CLONE_PIDFD}) = $pid\n"
		"openat(AT_FDCWD, \"/proc/$pid/uid_map\", O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"0 1000 1\\n\")\n"
		"openat(AT_FDCWD, \"/proc/$pid/gid_map\", O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"0 1000 1\\n\")\n"
		"openat(AT_FDCWD, \"/proc/$pid/ns/user\", O_RDONLY|O_CLOEXEC) = fd11\n"
		"memfd_create(\"onggi-child\", MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC) = program\n"
		"fcntl(program, F_ADD_SEALS, F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE)\n"
		"clone3({flags=CLONE_NEWNS|CLONE_NEWPID|CLONE_PIDFD|CLONE_INTO_CGROUP, "
		"cgroup=cgroup}) = $pid\n"
		"execveat(program, \"\", {}, {}, AT_EMPTY_PATH)\n"
		"recvfrom(sync, {'forked', $pid})\n"
		"pidfd_open($pid, 0)\n"
		"waitid(P_PIDFD, the first process, WEXITED)\n"
		"openat(AT_FDCWD, \"/proc/$pid/setgroups\", O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"deny\")\n"
		"openat(AT_FDCWD, \"/proc/$pid/uid_map\", O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"0 100000 65536\\n\")\n"
		"openat(AT_FDCWD, \"/proc/$pid/gid_map\", O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"0 100000 65536\\n\")\n"
		"openat(AT_FDCWD, \"/proc/$pid/oom_score_adj\", O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"500\")\n"
		"sendto(netlink, {RTM_NEWLINK, \"eth1\", IFLA_NET_NS_PID=$pid, "
		"IFLA_IFNAME=\"lan\"})\n"
		"mkdir(\"/sys/fs/resctrl/web\", 0755)\n"
		"openat(AT_FDCWD, \"/sys/fs/resctrl/web/schemata\", O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"L3:0=f\")\n"
		"openat(AT_FDCWD, \"/sys/fs/resctrl/web/tasks\", O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"$pid\")\n"
		"mkdir(\"/sys/fs/resctrl/web/mon_groups/web\", 0755)\n"
		"openat(AT_FDCWD, \"/sys/fs/resctrl/web/mon_groups/web/tasks\", "
		"O_WRONLY|O_CLOEXEC) = file\n"
		"write(file, \"$pid\")\n"
		"clone({flags=SIGCHLD}) = $hook\n"
		"execve(\"/usr/bin/hook\", {\"sh\", \"-c\", \"echo it's\"}, "
		"{\"PATH=/usr/bin:/bin\", \"TERM=xterm\"})\n"
		"write(its standard input, the container's state)\n"
		"wait4($hook)\n"
		"openat(directory, \"process.json.new\", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC) = "
		"file\n"
		"write(file, the process's number and start time)\n"
		"renameat(directory, \"process.json.new\", directory, \"process.json\")\n"
		"openat(AT_FDCWD, \"/run/web.pid.new\", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC) = file\n"
		"write(file, \"$pid\")\n"
		"renameat(AT_FDCWD, \"/run/web.pid.new\", AT_FDCWD, \"/run/web.pid\")\n"
		"open_tree(AT_FDCWD, \"/srv/data\", "
		"OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE) = fd12\n"
		"mount_setattr(fd12, \"\", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY})\n"
		"prctl(PR_SET_DUMPABLE, 0)\n"
		"write(fd13, \"0\")\n"
		"setns(fd10, CLONE_NEWNET)\n"
		"unshare(CLONE_NEWNS|CLONE_NEWUTS)\n"
		"pipe2(turn, O_CLOEXEC)\n"
		"clone3({flags=CLONE_NEWPID|CLONE_PARENT}) = $pid\n"
		"sendto(sync, {'forked', $pid}, MSG_NOSIGNAL)\n"
		"write(turn[1], \"\", 1) -> the new process reads it and goes on\n"
		"exit_group(0)\n"
		"setgroups(0, NULL)\n"
		"setresgid(0, 0, 0)\n"
		"setresuid(0, 0, 0)\n"
		"setsid()\n"
		"keyctl(KEYCTL_JOIN_SESSION_KEYRING, \"_ses.web\") = key\n"
		"keyctl(KEYCTL_SETPERM, key, "
		"(KEY_POS_ALL & ~KEY_POS_SETATTR)|"
		"KEY_USR_VIEW|KEY_USR_READ|KEY_USR_SEARCH|KEY_USR_LINK)\n"
		"socket(AF_UNIX, SOCK_DGRAM|SOCK_CLOEXEC, 0) = sock\n"
		"ioctl(sock, SIOCSIFFLAGS, {\"lo\", IFF_UP})\n"
		"mount_setattr(AT_FDCWD, \"/\", AT_RECURSIVE, {propagation=MS_SLAVE})\n"
		"open_tree(AT_FDCWD, \"/srv/web/rootfs\", "
		"OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE) = root\n"
		"move_mount(root, \"\", AT_FDCWD, \"/srv/web/rootfs\", "
		"MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_SYMLINKS)\n"
		"fsopen(\"proc\", FSOPEN_CLOEXEC) = fs\n"
		"fsconfig(fs, FSCONFIG_SET_STRING, \"source\", \"proc\", 0)\n"
		"fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)\n"
		"fsmount(fs, FSMOUNT_CLOEXEC, "
		"MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC) = proc\n"
		"openat2(proc, \"sys/net/ipv4/ip_forward\", {O_WRONLY|O_CLOEXEC, "
		"RESOLVE_BENEATH|RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS}) = file\n"
		"write(file, \"1\")\n"
		"openat2(root, \"/tmp\", {O_PATH|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = place\n"
		"fsopen(\"tmpfs\", FSOPEN_CLOEXEC) = fs\n"
		"fsconfig(fs, FSCONFIG_SET_STRING, \"source\", \"tmpfs\", 0)\n"
		"fsconfig(fs, FSCONFIG_SET_STRING, \"size\", \"64m\", 0)\n"
		"fsconfig(fs, FSCONFIG_SET_STRING, \"mode\", \"1777\", 0)\n"
		"fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)\n"
		"fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV) = mount\n"
		"move_mount(mount, \"\", place, \"\", "
		"MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)\n"
		"openat2(root, \"data\", {O_PATH|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = place\n"
		"move_mount(fd12, \"\", place, \"\", "
		"MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)\n"
		"mount_setattr(root, \"\", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY})\n"
		"openat2(root, \"dev/\", {O_PATH|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = dir\n"
		"mknodat(dir, \"null\", S_IFCHR|0666, makedev(1, 3))\n"
		"openat2(root, \"dev/\", {O_PATH|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = dir\n"
		"symlinkat(\"/proc/self/fd\", dir, \"fd\")\n"
		"openat2(root, \"/proc/kcore\", {O_PATH|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = place\n"
		"open_tree(a directory: empty, a file: null, \"\", "
		"OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH) = mask\n"
		"move_mount(mask, \"\", place, \"\", "
		"MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)\n"
		"openat2(root, \"/proc/sys\", {O_PATH|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = place\n"
		"open_tree(place, \"\", "
		"OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE) = copy\n"
		"mount_setattr(copy, \"\", AT_EMPTY_PATH|AT_RECURSIVE, "
		"{attr_set=MOUNT_ATTR_RDONLY})\n"
		"move_mount(copy, \"\", place, \"\", "
		"MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)\n"
		"openat2(root, \"dev/pts\", {O_PATH|O_DIRECTORY|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = pts\n"
		"openat2(pts, \"ptmx\", {O_RDWR|O_NOCTTY|O_CLOEXEC, "
		"RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS|RESOLVE_NO_XDEV}) = master\n"
		"ioctl(master, TIOCSPTLCK, 0)\n"
		"ioctl(master, TIOCSWINSZ, {24, 80})\n"
		"ioctl(master, TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC) = tty\n"
		"openat2(root, \"dev/console\", {O_PATH|O_NOFOLLOW|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = place\n"
		"open_tree(tty, \"\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH) = copy\n"
		"move_mount(copy, \"\", place, \"\", "
		"MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)\n"
		"ioctl(master, TIOCGPTN)\n"
		"sendmsg(console, {\"/dev/pts/N\", SCM_RIGHTS={master}}, MSG_NOSIGNAL)\n"
		"fchdir(root)\n"
		"pivot_root(\".\", \".\")\n"
		"umount2(\".\", MNT_DETACH)\n"
		"chdir(\"/\")\n"
		"fchdir(root)\n"
		"openat2(proc, \"self/mountinfo\", {O_RDONLY|O_CLOEXEC, "
		"RESOLVE_BENEATH|RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS}) = file\n"
		"read(file) = the place of another procfs or sysfs\n"
		"umount2(that place, MNT_DETACH|UMOUNT_NOFOLLOW)\n"
		"openat2(proc, \"self/mountinfo\", {O_RDONLY|O_CLOEXEC, "
		"RESOLVE_BENEATH|RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS}) = file\n"
		"read(file) = no other\n"
		"mount(\".\", \"/\", NULL, MS_MOVE, NULL)\n"
		"chroot(\".\")\n"
		"chdir(\"/\")\n"
		"openat2(root, \"/root\", {O_PATH|O_CLOEXEC, "
		"RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = dir\n"
		"fchdir(dir)\n"
		"sethostname(\"web\", 3)\n"
		"setdomainname(\"example.org\", 11)\n"
		"dup3(tty, 0, 0)\n"
		"dup3(tty, 1, 0)\n"
		"dup3(tty, 2, 0)\n"
		"ioctl(0, TIOCSCTTY, 0)\n"
		"fchownat(0, \"\", 1000, -1, AT_EMPTY_PATH)\n"
		"fchownat(1, \"\", 1000, -1, AT_EMPTY_PATH)\n"
		"fchownat(2, \"\", 1000, -1, AT_EMPTY_PATH)\n"
		"prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=unlimited}, NULL)\n"
		"sched_setattr(0, {sched_policy=SCHED_BATCH, sched_nice=5}, 0)\n"
		"ioprio_set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4))\n"
		"sched_setaffinity(0, 1, {0-1,3})\n"
		"set_mempolicy(MPOL_BIND, {0}, 9)\n"
		"personality(PER_LINUX32)\n"
		"umask(0022)\n"
		"faccessat2(AT_FDCWD, \"/usr/bin/sh\", X_OK, 0)\n"
		"faccessat2(AT_FDCWD, \"/bin/sh\", X_OK, 0)\n"
		"accept4(gate, SOCK_CLOEXEC) = starter\n"
		"recvfrom(starter, 1 byte)\n"
		"prctl(PR_CAPBSET_DROP, each but CAP_CHOWN CAP_KILL)\n"
		"setgroups(2, {10, 20})\n"
		"setresgid(1000, 1000, 1000)\n"
		"prctl(PR_SET_KEEPCAPS, 1)\n"
		"setresuid(1000, 1000, 1000)\n"
		"capset({effective=permitted})\n"
		"prctl(PR_SET_NO_NEW_PRIVS, 1)\n"
		"close_range(3, ~0, CLOSE_RANGE_CLOEXEC)\n"
		"seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, {2 instructions})\n"
		"capset({effective=CAP_KILL, permitted=CAP_KILL, inheritable=none})\n"
		"prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)\n"
		"execve(\"/usr/bin/sh\", {\"sh\", \"-c\", \"echo it's\"}, {\"PATH=/usr/bin:/bin\", "
		"\"TERM=xterm\"})\n");
}

static void check(const struct op *op, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	op_calls(op, &got);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(a_tree_and_its_top_are_changed_by_a_call_each)
{
	struct op op = sample_op(OP_SOURCE);
	op.source.rset = MOUNT_ATTR_NODEV;
	op.source.propagation = MS_PRIVATE;
	op.source.propagation_recursive = true;
	op.source.userns = SLOT_FREE + 1;
	check(&op, "open_tree(AT_FDCWD, \"/srv/data\", "
		   "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE) = fd12\n"
		   "mount_setattr(fd12, \"\", AT_EMPTY_PATH, "
		   "{attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_IDMAP, userns_fd=fd11})\n"
		   "mount_setattr(fd12, \"\", AT_EMPTY_PATH|AT_RECURSIVE, "
		   "{attr_set=MOUNT_ATTR_NODEV, propagation=MS_PRIVATE})\n");
}

TEST(kernel_file_systems_are_attached_to_plain_directories)
{
	struct op op = sample_op(OP_MOUNT);
	op.mount = (typeof(op.mount)){
		.type = "sysfs", .target = "/sys", .slot = NO_SLOT, .flags = MOUNT_PLAIN_DIR
	};
	check(&op, "openat2(root, \"/sys\", {O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC, "
		   "RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS}) = place\n"
		   "fsopen(\"sysfs\", FSOPEN_CLOEXEC) = fs\n"
		   "fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)\n"
		   "fsmount(fs, FSMOUNT_CLOEXEC, 0) = mount\n"
		   "move_mount(mount, \"\", place, \"\", "
		   "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)\n");
}

TEST(long_texts_are_cut_and_odd_ones_escaped)
{
	char name[300];
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	struct op op = { OP_HOSTNAME, .why = "", .text = { name } };
	cleanup(buf_done) struct buf got = {};
	op_calls(&op, &got);
	CHECK(strstr(buf_text(&got), "xxx\"..., 299)\n"));
	op.text.text = "a\"\n\t";
	check(&op, "sethostname(\"a\\\"\\n\\t\", 4)\n");
}

TEST(groups_are_told_one_setting_a_write)
{
	struct op op = sample_op(OP_CGROUP_SET);
	op.cgroup_set.text = "c 1:3 rwm\nc 1:5 rwm";
	check(&op, "openat(AT_FDCWD, \"/sys/fs/cgroup/pids/web/pids.max\", O_WRONLY|O_CLOEXEC) = "
		   "file\n"
		   "write(file, \"c 1:3 rwm\")\n"
		   "write(file, \"c 1:5 rwm\")\n");
	op.cgroup_set.text = NULL;
	check(&op, "openat(AT_FDCWD, \"/sys/fs/cgroup/pids/web/pids.max\", O_WRONLY|O_CLOEXEC) = "
		   "file\n"
		   "write(file, what the group above has)\n");
}
