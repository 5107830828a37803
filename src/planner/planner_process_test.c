/* What the process becomes, from each member of process and the parts of linux that concern it. */
#include "base/fd.h"
#include "kernel/compat.h"
#include "kernel/file.h"
#include "planner/planner_test.h"
#include <dirent.h>
#include <fcntl.h>

/* The operations named, of a container with these parts of linux and process. */
static void check_ops(
	const char *linux_part, const char *process, const char *names, const char *want)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, linux_part, process, NULL);
	trial_plan(&t);
	check_some(&t, names, want);
	check_warnings(&t, "");
}

static void check_refused(const char *linux_part, const char *process, const char *want)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, linux_part, process, NULL);
	check_launch_refused(&t, want);
}

TEST(the_command_and_where_it_may_be)
{
	check_ops(NULL, "'args':['sh','-c','x y'],'env':['PATH=/a::b:/c/:/d','A=1','B=','A=2']",
		"find-command exec",
		"find-command command='sh' candidates=[/a/sh /c//sh /d/sh] argv=[sh -c x y] "
		"env=[PATH=/a::b:/c/:/d B= A=2]\n"
		"exec command='sh' candidates=[/a/sh /c//sh /d/sh] argv=[sh -c x y] "
		"env=[PATH=/a::b:/c/:/d B= A=2]\n");
	check_ops(NULL, "'args':['bin/x'],'env':['PATH=/a']", "exec",
		"exec command='bin/x' candidates=[bin/x] argv=[bin/x] env=[PATH=/a]\n");
	check_ops(NULL, "'args':['x'],'env':['A=1']", "exec",
		"exec command='x' candidates=[/usr/local/sbin/x /usr/local/bin/x /usr/sbin/x "
		"/usr/bin/x /sbin/x /bin/x] argv=[x] env=[A=1]\n");
	check_ops(NULL, "'args':['x'],'env':['PATH=.:']", "exec",
		"exec command='x' candidates=[] argv=[x] env=[PATH=.:]\n");
	check_ops(NULL, "'args':['/x'],'env':[]", "exec",
		"exec command='/x' candidates=[/x] argv=[/x] env=[]\n");
	check_refused(NULL, "'args':[]", "process.args must not be empty");
	check_refused(NULL, "'args':['','x']", "process.args[0] must not be empty");
}

TEST(home_is_what_the_document_says_or_the_users)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, "'args':['/x'],'env':['A=1']", NULL);
	t.launch.home = "/root";
	trial_plan(&t);
	check_some(
		&t, "exec", "exec command='/x' candidates=[/x] argv=[/x] env=[A=1 HOME=/root]\n");
	trial_done(&t);
	trial_make(&t, NULL, "'args':['/x'],'env':['HOME=','A=1']", NULL);
	t.launch.home = "/root";
	trial_plan(&t);
	check_some(&t, "exec", "exec command='/x' candidates=[/x] argv=[/x] env=[HOME= A=1]\n");
}

static const char identity[] = "stdio-owner umask identity undumpable chdir";

TEST(the_user_and_what_follows_from_it)
{
	check_ops(NULL, "'user':{'uid':0,'gid':0,'umask':63},'cwd':'/srv'", identity,
		"undumpable\n"
		"chdir path='/srv' create\n"
		"umask value=63\n"
		"identity\n");
	check_ops(NULL, "'user':{'uid':7,'gid':8,'additionalGids':[256,1]},'cwd':'/srv'", identity,
		"undumpable\n"
		"chdir? path='/srv' create\n"
		"stdio-owner? uid=7\n"
		"umask value=18\n"
		"identity uid=7 gid=8 groups=0001000001000000\n"
		"undumpable\n"
		"chdir path='/srv' create\n");
}

#define USERS                                                                                      \
	"'namespaces':[{'type':'mount'},{'type':'user'}],"                                         \
	"'uidMappings':[{'containerID':0,'hostID':1000,'size':3}],"                                \
	"'gidMappings':[{'containerID':0,'hostID':2000,'size':4}]"

TEST(ids_have_to_be_mapped)
{
	check_ops(USERS, "'user':{'uid':2,'gid':3,'additionalGids':[0]}", "identity",
		"identity uid=2 gid=3 groups=00000000\n");
	check_refused(USERS, "'user':{'uid':3,'gid':0}", "process.user.uid: 3 is not mapped");
	check_refused(USERS, "'user':{'uid':0,'gid':4}", "process.user.gid: 4 is not mapped");
	check_refused(USERS, "'user':{'uid':0,'gid':0,'additionalGids':[1,9]}",
		"process.user.additionalGids: 9 is not mapped");
	check_refused("'namespaces':[{'type':'mount'},{'type':'user'}],"
		      "'uidMappings':[{'containerID':1,'hostID':0,'size':1}],"
		      "'gidMappings':[{'containerID':0,'hostID':0,'size':1}]",
		NULL, "linux.uidMappings has no host id for user 0");
	check_refused("'namespaces':[{'type':'mount'},{'type':'user'}],"
		      "'uidMappings':[{'containerID':0,'hostID':0,'size':1}],"
		      "'gidMappings':[{'containerID':1,'hostID':0,'size':1}]",
		NULL, "linux.gidMappings has no host id for group 0");
}

TEST(groups_can_be_kept)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, NULL, "'annotations':{'run.oci.keep_original_groups':'1'}");
	trial_plan(&t);
	check_some(&t, "identity", "identity keep_groups\n");
	trial_done(&t);
	trial_make(&t,
		"'namespaces':[{'type':'mount'},{'type':'user'}],"
		"'uidMappings':[{'containerID':0,'hostID':1,'size':1}],"
		"'gidMappings':[{'containerID':0,'hostID':1,'size':1}]",
		"'user':{'uid':0,'gid':0,'additionalGids':[0]}", NULL);
	t.host.permitted = 0;
	t.host.can_mount = false;
	trial_plan(&t);
	check_some(&t, "identity", "identity groups=00000000 keep_groups\n");
	t.spec.process.user.additional_gids.items[0] = 1;
	check_launch_refused(&t, "process.user.additionalGids: 1 is not mapped");
}

TEST(limits)
{
	check_ops(NULL,
		"'rlimits':[{'type':'RLIMIT_NOFILE','soft':5,'hard':6},"
		"{'type':'RLIMIT_CORE','soft':1,'hard':18446744073709551615}]",
		"rlimit umask close-fds",
		"rlimit resource=4 soft=1 hard=-1\n"
		"umask value=18\n"
		"rlimit resource=7 soft=5 hard=6\n"
		"close-fds value=3\n");
}

/* Without the right to raise a limit it stays where it is, and the caller is told. */
TEST(limits_that_cannot_be_raised)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL,
		"'rlimits':[{'type':'RLIMIT_NOFILE','soft':2000,'hard':3000},"
		"{'type':'RLIMIT_CORE','soft':1,'hard':18446744073709551615},"
		"{'type':'RLIMIT_CPU','soft':1000,'hard':1000}]",
		NULL);
	t.host.permitted &= ~(UINT64_C(1) << CAP_SYS_RESOURCE);
	trial_plan(&t);
	check_some(&t, "rlimit",
		"rlimit resource=4 soft=1 hard=1000\n"
		"rlimit soft=1000 hard=1000\n"
		"rlimit resource=7 soft=1000 hard=1000\n");
	check_warnings(&t,
		"RLIMIT_NOFILE stays at 1000 instead of 3000: raising a hard limit takes "
		"CAP_SYS_RESOURCE\n"
		"RLIMIT_CORE stays at 1000 instead of unlimited: raising a hard limit takes "
		"CAP_SYS_RESOURCE\n");
	/* The right counts in the system's own user namespace alone. */
	t.host.permitted |= UINT64_C(1) << CAP_SYS_RESOURCE;
	t.host.initial_userns = false;
	trial_plan(&t);
	check_some(&t, "rlimit",
		"rlimit resource=4 soft=1 hard=1000\n"
		"rlimit soft=1000 hard=1000\n"
		"rlimit resource=7 soft=1000 hard=1000\n");
}

TEST(scheduling_and_the_like)
{
	check_ops("'personality':{'domain':'LINUX32'},"
		  "'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0-1','flags':['MPOL_F_STATIC_"
		  "NODES']}",
		"'scheduler':{'policy':'SCHED_DEADLINE','flags':['SCHED_FLAG_RESET_ON_FORK',"
		"'SCHED_FLAG_RECLAIM'],'runtime':1,'deadline':2,'period':3},"
		"'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':4}",
		"scheduler io-priority personality memory-policy bounding",
		"io-priority value=16388\n"
		"personality value=8\n"
		"memory-policy mode=32770 nodes=0300000000000000\n"
		"scheduler data=38000000"
		"06000000"
		"0300000000000000"
		"00000000"
		"00000000"
		"0100000000000000"
		"0200000000000000"
		"0300000000000000"
		"0000000000000000\n"
		"bounding\n");
	check_ops("'memoryPolicy':{'mode':'MPOL_LOCAL'}",
		"'scheduler':{'policy':'SCHED_FIFO','priority':5,'nice':-3}",
		"scheduler memory-policy",
		"memory-policy mode=4\n"
		"scheduler data=38000000"
		"01000000"
		"0000000000000000"
		"fdffffff"
		"05000000"
		"0000000000000000"
		"0000000000000000"
		"0000000000000000"
		"0000000000000000\n");
}

TEST(flags_of_a_personality_have_no_meaning)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, "'personality':{'domain':'LINUX','flags':['X']}", NULL, NULL);
	trial_plan(&t);
	check_some(&t, "personality", "personality\n");
	check_warnings(&t, "linux.personality.flags: no flags are defined, 'X' has no effect\n");
}

static const char caps[] = "bounding caps";

TEST(capabilities)
{
	check_ops(NULL, NULL, caps, "bounding\ncaps\n");
	check_ops(NULL,
		"'capabilities':{'bounding':['CAP_CHOWN','CAP_KILL'],'permitted':['CAP_KILL',"
		"'CAP_CHOWN'],'effective':['CAP_KILL'],'inheritable':['CAP_CHOWN'],'ambient':"
		"['CAP_CHOWN']}",
		caps,
		"bounding permitted=CAP_CHOWN CAP_KILL\n"
		"caps effective=CAP_KILL permitted=CAP_CHOWN CAP_KILL inheritable=CAP_CHOWN "
		"ambient=CAP_CHOWN\n");
}

TEST(capabilities_that_cannot_be_given_are_left_out_and_told)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL,
		"'capabilities':{'bounding':['CAP_CHOWN','CAP_BPF','CAP_FLY','chown'],"
		"'permitted':['CAP_CHOWN','CAP_KILL'],'effective':['CAP_CHOWN','CAP_KILL',"
		"'CAP_SYSLOG'],'inheritable':['CAP_CHOWN','CAP_LEASE'],"
		"'ambient':['CAP_CHOWN','CAP_LEASE']}",
		NULL);
	t.host.bounding &= ~(UINT64_C(1) << CAP_BPF);
	t.host.permitted &= ~(UINT64_C(1) << CAP_KILL);
	trial_plan(&t);
	check_some(&t, caps,
		"bounding permitted=CAP_CHOWN\n"
		"caps effective=CAP_CHOWN permitted=CAP_CHOWN inheritable=CAP_CHOWN "
		"ambient=CAP_CHOWN\n");
	check_warnings(&t,
		"process.capabilities.bounding: there is no capability 'CAP_FLY'\n"
		"process.capabilities.bounding: there is no capability 'chown'\n"
		"process.capabilities: CAP_KILL CAP_BPF left out: the caller does not have it to "
		"give\n"
		"process.capabilities: CAP_SYSLOG left out: effective but not permitted\n"
		"process.capabilities: CAP_LEASE left out: inheritable but not bounding\n"
		"process.capabilities: CAP_LEASE left out: ambient but not permitted and "
		"inheritable\n");
}

/* A user namespace begins with all of the kernel's, whatever the caller has. */
TEST(capabilities_among_other_users)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, USERS,
		"'capabilities':{'bounding':['CAP_BPF','CAP_CHECKPOINT_RESTORE'],"
		"'permitted':['CAP_BPF']}",
		NULL);
	t.host.permitted = t.host.bounding = 0;
	t.host.last_capability = 39;
	trial_plan(&t);
	check_some(&t, caps, "bounding permitted=CAP_BPF\ncaps permitted=CAP_BPF\n");
	check_warnings(&t,
		"process.capabilities: CAP_CHECKPOINT_RESTORE left out: the caller does not have "
		"it to give\n");
}

static const char rights[] = "refork identity no-new-privs seccomp caps gate post exec";
static const struct seccomp_program filter = {
	.filter = { "12345678", 8 }, .flags = 2, .notify = true
};

static void check_rights(const char *linux_part, const char *process, bool gate, const char *want)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, linux_part, process, NULL);
	t.launch.seccomp = &filter;
	t.launch.wait_at_gate = gate;
	trial_plan(&t);
	check_some(&t, rights, want);
}

#define COMMAND "exec command='true' candidates=[/bin/true] argv=[true] env=[PATH=/bin]\n"
#define FILTER  "seccomp filter=3132333435363738 flags=SECCOMP_FILTER_FLAG_LOG notify\n"

/* Without no_new_privs a filter takes CAP_SYS_ADMIN, so that is given up after it. */
TEST(a_filter_is_loaded_as_late_as_its_rights_allow)
{
	check_rights(NULL, NULL, true,
		"identity\n"
		"post stage=c\n"
		"gate\n" FILTER "caps\n" COMMAND);
	check_rights(NULL, "'noNewPrivileges':true", true,
		"identity\n"
		"no-new-privs\n"
		"caps\n"
		"post stage=c\n"
		"gate\n" FILTER COMMAND);
	check_rights(NULL,
		"'capabilities':{'permitted':['CAP_SYS_ADMIN'],'effective':['CAP_SYS_ADMIN']}",
		true,
		"identity\n"
		"caps effective=CAP_SYS_ADMIN permitted=CAP_SYS_ADMIN\n"
		"post stage=c\n"
		"gate\n" FILTER COMMAND);
}

/* Others in there may be allowed to look into any process: none waits there with all rights. */
TEST(no_process_with_rights_waits_among_others)
{
	static const char pod[] = "'namespaces':[{'type':'mount'},{'type':'pid','path':'/p'}]";
	check_rights(pod, NULL, true,
		"refork flags=CLONE_NEWNS\n"
		"identity\n" FILTER "caps\n"
		"post stage=c\n"
		"gate\n" COMMAND);
	check_rights(pod, "'noNewPrivileges':true", true,
		"refork flags=CLONE_NEWNS\n"
		"identity\n"
		"no-new-privs\n"
		"caps\n"
		"post stage=c\n"
		"gate\n" FILTER COMMAND);
	check_rights(pod, NULL, false,
		"refork flags=CLONE_NEWNS\n"
		"identity\n" FILTER "caps\n" COMMAND);
}

TEST(exec_gives_rights_up_before_it_is_born_inside)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, "'noNewPrivileges':true", NULL);
	t.exec.seccomp = &filter;
	trial_plan_exec(&t);
	check_some(&t, rights,
		"identity\n"
		"no-new-privs\n"
		"caps\n"
		"refork\n" FILTER COMMAND);
	trial_done(&t);
	trial_make(&t, NULL, NULL, NULL);
	t.exec.seccomp = &filter;
	trial_plan_exec(&t);
	check_some(&t, rights,
		"identity\n"
		"refork\n" FILTER "caps\n" COMMAND);
}

TEST(umask_of_exec_is_its_own_or_the_containers)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, "'user':{'uid':0,'gid':0,'umask':7}", NULL);
	t.process.user.umask.set = false;
	trial_plan_exec(&t);
	check_some(&t, "umask", "umask value=7\n");
	t.process.user.umask = (struct opt_int){ true, 63 };
	trial_plan_exec(&t);
	check_some(&t, "umask", "umask value=63\n");
}

static const char lsm[] = "proc-open setns refork proc-write keyring";

TEST(labels_need_their_module)
{
	check_refused(NULL, "'apparmorProfile':'p'",
		"process.apparmorProfile: apparmor: config provided but apparmor not supported "
		"(p)");
	check_refused(NULL, "'selinuxLabel':'l'",
		"process.selinuxLabel: selinux label is specified in config, but selinux is "
		"disabled or not supported (l)");
	check_ops(NULL, "'apparmorProfile':'unconfined'", lsm, "");
}

TEST(labels_of_the_command_and_of_its_keys)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, "'apparmorProfile':'p','selinuxLabel':'l'", NULL);
	t.host.apparmor = t.host.selinux = true;
	t.launch.no_new_keyring = false;
	trial_plan(&t);
	check_some(&t, lsm,
		"proc-open\n"
		"proc-write path='self/attr/keycreate' text='l'\n"
		"keyring text='_ses.web'\n"
		"proc-write path='self/attr/keycreate' text='\\n'\n"
		"proc-write path='self/attr/apparmor/exec' text='exec p'\n"
		"proc-write path='self/attr/exec' text='l'\n");
	/* In a container's user namespace the procfs is opened before it is entered. */
	t.exec.namespaces |= CLONE_NEWUSER;
	trial_plan_exec(&t);
	check_some(&t, lsm,
		"proc-open\n"
		"setns slot=fd10 flags=CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWPID\n"
		"proc-write path='self/attr/apparmor/exec' text='exec p'\n"
		"proc-write path='self/attr/exec' text='l'\n"
		"refork\n");
}

TEST(the_procfs_is_opened_while_that_is_allowed)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, USERS, "'apparmorProfile':'p'", NULL);
	t.host.apparmor = true;
	trial_plan(&t);
	check_some(&t, lsm,
		"proc-open\n"
		"refork flags=CLONE_NEWUSER|CLONE_NEWNS\n"
		"proc-write path='self/attr/apparmor/exec' text='exec p'\n");
}

TEST(what_the_parent_does_to_the_process)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t,
		"'namespaces':[{'type':'mount'},{'type':'network'}],'netDevices':{'e0':{},"
		"'e1':{'name':'lan'}},'intelRdt':{'closID':'gold','memBwSchema':'MB:0=5',"
		"'enableMonitoring':true}",
		"'oomScoreAdj':-5", NULL);
	t.launch.resctrl = "/rdt";
	trial_plan(&t);
	check_some(&t, "clone oom-score rdt net-device commit post await",
		"> clone flags=CLONE_NEWNS|CLONE_NEWNET\n"
		"> oom-score value=-5\n"
		"> net-device name='e0' new_name='e0'\n"
		"> net-device name='e1' new_name='lan'\n"
		"> rdt host='/rdt/gold' schemata=[MB:0=5] create "
		"monitor='/rdt/gold/mon_groups/web'\n"
		"> commit\n"
		"> post stage=h\n"
		"> await stage=x\n"
		"await stage=h\n");
	t.launch.resctrl = NULL;
	check_launch_refused(&t, "linux.intelRdt: intelRdt is specified in config, but Intel RDT "
				 "is not supported or enabled");
}

TEST(descriptors_that_are_kept)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, NULL, NULL);
	t.launch.preserve_fds = 4;
	trial_plan(&t);
	check_some(&t, "close-fds", "close-fds value=7\n");
}

TEST(namespaces_of_the_callers_own_are_not_touched)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t,
		"'namespaces':[{'type':'mount'},{'type':'network','path':'/n'},"
		"{'type':'pid','path':'/p'}],'sysctl':{'net.core.somaxconn':'1'}",
		NULL, NULL);
	t.launch.host_namespaces = CLONE_NEWPID;
	trial_plan(&t);
	check_some(&t, "open setns refork proc-write",
		"> open host='/n' slot=fd10\n"
		"setns slot=fd10 flags=CLONE_NEWNET\n"
		"proc-write path='sys/net/core/somaxconn' text='1'\n");
	t.launch.host_namespaces = CLONE_NEWNET;
	check_launch_refused(&t, "linux.sysctl: sysctl \"net.core.somaxconn\" not allowed in host "
				 "network namespace");
}

TEST(requests_that_make_no_sense_are_refused)
{
	check_refused("'namespaces':[{'type':'pid'}]", NULL,
		"linux.namespaces has no mount namespace: the container's root can't be set up");
	cleanup(trial_done) struct trial t;
	trial_make(&t, "'namespaces':[{'type':'mount','path':'/m'}]", NULL, NULL);
	t.launch.host_namespaces = CLONE_NEWNS;
	check_launch_refused(&t, "linux.namespaces: the mount namespace to join is the caller's "
				 "own: its root would be replaced");
	trial_done(&t);
	trial_make(&t, "'namespaces':[{'type':'mount'},{'type':'uts','path':'/u'}]", NULL, NULL);
	t.launch.host_namespaces = CLONE_NEWUTS;
	t.spec.hostname = "box";
	check_launch_refused(&t, "hostname: the uts namespace to join is the caller's own: the host "
				 "would be renamed");
	trial_done(&t);
	trial_make(&t, "'rootfsPropagation':'rprivate'", NULL, NULL);
	t.launch.no_pivot = true;
	check_launch_refused(&t, "rootfsPropagation of [r]private is not safe without pivot_root");
	t.launch.console_socket = "/s";
	check_launch_refused(&t, "cannot use console socket if the runtime will not detach or "
				 "allocate tty");
	t.spec.root.present = false;
	check_launch_refused(&t, "root must be specified");
	t.spec.root.present = true;
	t.spec.process.present = false;
	check_launch_refused(&t, "process property must not be empty");
	trial_done(&t);
	trial_make(&t, "'namespaces':[{'type':'mount'},{'type':'network'}],'netDevices':{'e0':{}}",
		NULL, NULL);
	t.host.can_mount = false;
	check_launch_refused(&t, "linux.netDevices: moving a network interface takes "
				 "CAP_NET_ADMIN of the host");
}

static void plan_file(int dir, const char *name)
{
	cleanup(trial_done) struct trial t;
	cleanup(buf_done) struct buf text = {};
	trial_make(&t, NULL, NULL, NULL);
	cleanup(err_free) struct err *e = file_read(dir, name, 1 << 20, &text);
	if (!e)
		e = spec_parse(buf_text(&text), text.n, name, &t.arena, &t.spec);
	CHECK(!e);
	t.process = t.spec.process;
	t.launch.own_terminal = t.exec.own_terminal = t.spec.process.terminal;
	t.spec.linux.resources = (struct spec_resources){}; /* resources_test.c has those */
	for (int gate = 0; gate < 2; gate++) {
		t.launch.wait_at_gate = gate;
		trial_plan(&t);
	}
	trial_plan_exec(&t);
}

/* Each passes the proof that both halves meet. */
TEST(documents_of_real_clients_can_be_planned)
{
	DIR *list = opendir(TEST_DOCUMENTS "/configs");
	int n = 0;
	for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
		const char *dot = strrchr(entry->d_name, '.');
		if (!dot || strcmp(dot, ".json") != 0)
			continue;
		plan_file(dirfd(list), entry->d_name);
		n++;
	}
	closedir(list);
	CHECK(n == 54);
}
