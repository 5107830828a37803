/* Whole plans: what a launch does, from its first to its last operation. */
#include "planner/planner_test.h"
#include "kernel/compat.h"

#define LINKS                                                                                      \
	"symlink path='dev/ptmx' text='pts/ptmx'\n"                                                \
	"symlink path='dev/fd' text='/proc/self/fd'\n"                                             \
	"symlink path='dev/stdin' text='/proc/self/fd/0'\n"                                        \
	"symlink path='dev/stdout' text='/proc/self/fd/1'\n"                                       \
	"symlink path='dev/stderr' text='/proc/self/fd/2'\n"

#define DEVICES                                                                                    \
	"device path='dev/null' mode=020666 major=1 minor=3\n"                                     \
	"device path='dev/zero' mode=020666 major=1 minor=5\n"                                     \
	"device path='dev/full' mode=020666 major=1 minor=7\n"                                     \
	"device path='dev/random' mode=020666 major=1 minor=8\n"                                   \
	"device path='dev/urandom' mode=020666 major=1 minor=9\n"                                  \
	"device path='dev/tty' mode=020666 major=5\n" LINKS

#define ROOT                                                                                       \
	"propagate recursive flags=MS_SLAVE\n"                                                     \
	"root host='/b/rootfs'\n"                                                                  \
	"propagate new_root flags=MS_PRIVATE\n"

#define FIND "find-command command='true' candidates=[/bin/true] argv=[true] env=[PATH=/bin]\n"
#define EXEC "exec command='true' candidates=[/bin/true] argv=[true] env=[PATH=/bin]\n"

TEST(the_smallest_container)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, NULL, NULL);
	trial_plan(&t);
	check_parent(&t, "record\n"
			 "clone flags=CLONE_NEWNS\n"
			 "commit\n"
			 "await stage=x\n");
	check_child(&t, "undumpable\n"
			"session\n" ROOT DEVICES "pivot\n"
			"chdir path='/' create\n"
			"umask value=18\n"
			"bounding\n"
			"identity\n"
			"caps\n" FIND "close-fds value=3\n" EXEC);
	CHECK(t.plan.n_slots == SLOT_FREE && t.plan.warnings.n == 0);
}

static const char all_new[] = "'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'network'},"
			      "{'type':'cgroup'},{'type':'uts'},{'type':'ipc'},{'type':'time'}]";

TEST(a_container_that_waits_for_its_start)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, all_new, "'oomScoreAdj':5",
		"'hostname':'h','domainname':'d','hooks':{'prestart':[{'path':'/a'}],"
		"'createRuntime':[{'path':'/b'}],"
		"'createContainer':[{'path':'/c','args':['c','1'],'env':['A=1'],'timeout':3}],"
		"'startContainer':[{'path':'/s'}],'poststart':[{'path':'/p'}]}");
	trial_v2(&t);
	t.launch.wait_at_gate = true;
	t.launch.pid_file = "/pid";
	t.launch.no_new_keyring = false;
	trial_plan(&t);
	check_some(&t,
		"record open gate-make clone take-pid oom-score await hook post commit pid-file",
		"> record\n"
		"> open host='/cg/g/web' flags=O_RDONLY|O_DIRECTORY slot=cgroup\n"
		"> gate-make host='/run/web/gate' slot=gate\n"
		"> clone flags=CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWNET|CLONE_NEWIPC|CLONE_NEWUTS|"
		"CLONE_NEWTIME|CLONE_INTO_CGROUP\n"
		"> oom-score value=5\n"
		"> await stage=r\n"
		"> hook point='prestart' host='/a'\n"
		"> hook point='createRuntime' host='/b'\n"
		"> hook point='createContainer' host='/c' argv=[c 1] env=[A=1] timeout=3 inside\n"
		"> post stage=h\n"
		"> await stage=c\n"
		"> commit\n"
		"> pid-file host='/pid'\n"
		"post stage=r\n"
		"await stage=h\n"
		"post stage=c\n");
	check_child(&t, "undumpable\n"
			"unshare flags=CLONE_NEWCGROUP\n"
			"session\n"
			"loopback\n"
			"hostname text='h'\n"
			"domainname text='d'\n"
			"keyring text='_ses.web'\n" ROOT DEVICES "post stage=r\n"
			"await stage=h\n"
			"pivot\n"
			"chdir path='/' create\n"
			"umask value=18\n"
			"bounding\n"
			"identity\n"
			"caps\n" FIND "post stage=c\n"
			"gate\n"
			"close-fds value=3\n" EXEC);
}

/* Without a group there is nothing a view of groups would have to wait for. */
TEST(a_view_of_groups_is_made_at_once_without_a_group)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, all_new, NULL, NULL);
	trial_plan(&t);
	check_some(&t, "clone unshare refork",
		"> clone flags=CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWNET|CLONE_NEWIPC|CLONE_NEWUTS|"
		"CLONE_NEWCGROUP|CLONE_NEWTIME\n");
}

#define MAPS                                                                                       \
	"'uidMappings':[{'containerID':0,'hostID':1000,'size':10}],"                               \
	"'gidMappings':[{'containerID':0,'hostID':2000,'size':10}]"

TEST(a_user_namespace_made_by_root)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t,
		"'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'user'},{'type':'cgroup'},"
		"{'type':'network'},{'type':'time'}],'sysctl':{'net.core.x':'1'}," MAPS
		",'timeOffsets':{'monotonic':{'secs':5},'boottime':{'secs':-1,'nanosecs':7}}",
		"'oomScoreAdj':5,'user':{'uid':1,'gid':2,'additionalGids':[3]},"
		"'rlimits':[{'type':'RLIMIT_CPU','soft':1,'hard':2000}]",
		"'mounts':[{'destination':'/m','source':'x','options':['rbind']}]");
	trial_v1(&t);
	trial_plan(&t);
	check_some(&t, "open source clone take-pid id-map oom-score post await commit pid-file",
		"> open host='/cg/devices/g/web/tasks' flags=O_WRONLY slot=fd10\n"
		"> open host='/cg/cpu,cpuacct/g/web/tasks' flags=O_WRONLY slot=fd11\n"
		"> source host='/b/rootfs' slot=fd12 recursive propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> source host='/b/x' slot=fd13 recursive propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> source host='/dev/null' slot=fd14 propagation=MS_SLAVE\n"
		"> source host='/dev/zero' slot=fd15 propagation=MS_SLAVE\n"
		"> source host='/dev/full' slot=fd16 propagation=MS_SLAVE\n"
		"> source host='/dev/random' slot=fd17 propagation=MS_SLAVE\n"
		"> source host='/dev/urandom' slot=fd18 propagation=MS_SLAVE\n"
		"> source host='/dev/tty' slot=fd19 propagation=MS_SLAVE\n"
		"> clone\n"
		"> take-pid\n"
		"> id-map uid_map='0 1000 10\\n' gid_map='0 2000 10\\n'\n"
		"> oom-score value=5\n"
		"> post stage=m\n"
		"> commit\n"
		"> await stage=x\n"
		"await stage=m\n");
	check_child(&t,
		"undumpable\n"
		"join-cgroup slot=fd10\n"
		"join-cgroup slot=fd11\n"
		"proc-open\n"
		"unshare flags=CLONE_NEWTIME\n"
		"proc-write path='self/timens_offsets' text='monotonic 5 0\\nboottime -1 7\\n'\n"
		"rlimit soft=1000 hard=2000\n"
		"stdio-owner? uid=1001\n"
		"refork flags=CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWNET|"
		"CLONE_NEWCGROUP\n"
		"await stage=m\n"
		"become-root\n"
		"undumpable\n"
		"session\n"
		"loopback\n"
		"propagate recursive flags=MS_SLAVE\n"
		"root host='/b/rootfs' from=fd12\n"
		"propagate new_root flags=MS_PRIVATE\n"
		"attach slot=fd13 target='m'\n"
		"attach slot=fd14 target='dev/null'\n"
		"attach slot=fd15 target='dev/zero'\n"
		"attach slot=fd16 target='dev/full'\n"
		"attach slot=fd17 target='dev/random'\n"
		"attach slot=fd18 target='dev/urandom'\n"
		"attach slot=fd19 target='dev/tty'\n" LINKS
		"proc-write path='sys/net/core/x' text='1'\n"
		"pivot\n"
		"chdir? path='/' create\n"
		"rlimit soft=1 hard=2000\n"
		"umask value=18\n"
		"bounding\n"
		"identity uid=1 gid=2 groups=03000000\n"
		"undumpable\n"
		"caps\n"
		"chdir path='/' create\n" FIND "close-fds value=3\n" EXEC);
}

static void become_ordinary(struct trial *t)
{
	t->host.uid = t->host.gid = 1000;
	t->host.permitted = 0;
	t->host.can_mount = false;
}

/* Only what is its own can be mapped by a user without root, and groups can't be dropped then. */
#define ONE_ID                                                                                     \
	"'uidMappings':[{'containerID':0,'hostID':1000,'size':1}],"                                \
	"'gidMappings':[{'containerID':0,'hostID':1000,'size':1}]"

TEST(a_user_namespace_made_by_a_user)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, "'namespaces':[{'type':'mount'},{'type':'user'},{'type':'time'}]," ONE_ID,
		"'oomScoreAdj':5", NULL);
	become_ordinary(&t);
	trial_plan(&t);
	check_parent(&t, "record\n"
			 "clone\n"
			 "take-pid\n"
			 "id-map uid_map='0 1000 1\\n' gid_map='0 1000 1\\n' deny_setgroups\n"
			 "oom-score value=5\n"
			 "post stage=m\n"
			 "commit\n"
			 "await stage=x\n");
	check_some(&t, "undumpable refork await become-root session source identity",
		"> await stage=x\n"
		"refork flags=CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWTIME\n"
		"await stage=m\n"
		"become-root\n"
		"undumpable\n"
		"session\n"
		"source host='/dev/null' slot=fd10 propagation=MS_SLAVE\n"
		"source host='/dev/zero' slot=fd11 propagation=MS_SLAVE\n"
		"source host='/dev/full' slot=fd12 propagation=MS_SLAVE\n"
		"source host='/dev/random' slot=fd13 propagation=MS_SLAVE\n"
		"source host='/dev/urandom' slot=fd14 propagation=MS_SLAVE\n"
		"source host='/dev/tty' slot=fd15 propagation=MS_SLAVE\n"
		"identity keep_groups\n");
}

TEST(helpers_that_map_more_ids_let_groups_be_dropped)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, "'namespaces':[{'type':'mount'},{'type':'user'}]," MAPS, NULL, NULL);
	become_ordinary(&t);
	trial_plan(&t);
	check_some(&t, "id-map identity",
		"> id-map uid_map='0 1000 10\\n' gid_map='0 2000 10\\n'\n"
		"identity\n");
}

/* Clocks belong to a user namespace that has to be there first: two new processes. */
TEST(clocks_set_by_a_user)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t,
		"'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'user'},{'type':'time'}],"
		"'timeOffsets':{'boottime':{'secs':3600}}," ONE_ID,
		NULL, NULL);
	become_ordinary(&t);
	trial_plan(&t);
	check_parent(&t, "record\n"
			 "clone\n"
			 "take-pid\n"
			 "id-map uid_map='0 1000 1\\n' gid_map='0 1000 1\\n' deny_setgroups\n"
			 "post stage=m\n"
			 "take-pid\n"
			 "commit\n"
			 "await stage=x\n");
	check_some(&t, "undumpable refork await become-root unshare proc-open proc-write",
		"> await stage=x\n"
		"refork flags=CLONE_NEWUSER\n"
		"await stage=m\n"
		"become-root\n"
		"unshare flags=CLONE_NEWTIME\n"
		"proc-open\n"
		"proc-write path='self/timens_offsets' text='boottime 3600 0\\n'\n"
		"refork flags=CLONE_NEWNS|CLONE_NEWPID\n"
		"undumpable\n");
}

static const char pod[] = "'namespaces':[{'type':'mount'},{'type':'pid','path':'/p'},"
			  "{'type':'network','path':'/n'},{'type':'ipc','path':'/i'},"
			  "{'type':'uts','path':'/u'}]";

TEST(a_container_in_a_pod)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, pod, "'oomScoreAdj':5", NULL);
	trial_plan(&t);
	check_parent(&t, "record\n"
			 "open host='/p' slot=fd10\n"
			 "open host='/n' slot=fd11\n"
			 "open host='/i' slot=fd12\n"
			 "open host='/u' slot=fd13\n"
			 "clone\n"
			 "take-pid\n"
			 "oom-score value=5\n"
			 "commit\n"
			 "post stage=h\n"
			 "await stage=x\n");
	check_some(&t, "undumpable setns refork session loopback await",
		"> await stage=x\n"
		"undumpable\n"
		"setns slot=fd10 flags=CLONE_NEWPID\n"
		"setns slot=fd11 flags=CLONE_NEWNET\n"
		"setns slot=fd12 flags=CLONE_NEWIPC\n"
		"setns slot=fd13 flags=CLONE_NEWUTS\n"
		"refork flags=CLONE_NEWNS\n"
		"session\n"
		"await stage=h\n");
}

/* What is not of processes is joined by the one process there is. */
TEST(joining_a_network_and_clocks_takes_no_second_process)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t,
		"'namespaces':[{'type':'mount'},{'type':'network','path':'/n'},"
		"{'type':'time','path':'/t'},{'type':'cgroup','path':'/c'},{'type':'pid'}]",
		NULL, NULL);
	trial_plan(&t);
	check_some(&t, "clone take-pid setns refork",
		"> clone flags=CLONE_NEWNS|CLONE_NEWPID\n"
		"setns slot=fd10 flags=CLONE_NEWNET\n"
		"setns slot=fd11 flags=CLONE_NEWTIME\n"
		"setns slot=fd12 flags=CLONE_NEWCGROUP\n");
}

static const char pod_users[] = "'namespaces':[{'type':'mount'},{'type':'user','path':'/us'},"
				"{'type':'network','path':'/n'},{'type':'pid'}]";

TEST(the_users_of_a_pod_are_joined_last_by_root)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, pod_users, NULL, NULL);
	trial_plan(&t);
	check_some(&t, "undumpable setns refork become-root id-map",
		"undumpable\n"
		"setns slot=fd10 flags=CLONE_NEWNET\n"
		"setns slot=fd11 flags=CLONE_NEWUSER\n"
		"refork flags=CLONE_NEWNS|CLONE_NEWPID\n"
		"become-root\n"
		"undumpable\n");
}

TEST(the_users_of_a_pod_are_joined_first_by_a_user)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, pod_users, NULL, NULL);
	become_ordinary(&t);
	trial_plan(&t);
	check_some(&t, "undumpable setns refork become-root id-map",
		"undumpable\n"
		"setns slot=fd10 flags=CLONE_NEWUSER\n"
		"setns slot=fd11 flags=CLONE_NEWNET\n"
		"refork flags=CLONE_NEWNS|CLONE_NEWPID\n"
		"become-root\n"
		"undumpable\n");
}

/* What is in the mount namespace that is joined may not be what is here. */
TEST(host_trees_are_cloned_before_other_mounts_are_joined)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, "'namespaces':[{'type':'mount','path':'/m'}],'maskedPaths':['/x']", NULL,
		"'mounts':[{'destination':'/m','source':'/x','options':['bind','private']}]");
	trial_plan(&t);
	check_some(&t, "source clone setns root",
		"> source host='/b/rootfs' slot=fd11 recursive propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> source host='/x' slot=fd12 propagation=MS_PRIVATE\n"
		"> source host='/dev/null' slot=null set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|"
		"MOUNT_ATTR_NOEXEC propagation=MS_PRIVATE\n"
		"> clone\n"
		"setns slot=fd10 flags=CLONE_NEWNS\n"
		"root host='/b/rootfs' from=fd11\n");
}

TEST(a_terminal_and_the_last_hooks)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL,
		"'terminal':true,'consoleSize':{'height':24,'width':80},'user':{'uid':7,'gid':8}",
		"'hooks':{'startContainer':[{'path':'/s'}]}");
	t.launch.console_socket = "/tty";
	t.launch.pid_file = "/pid";
	t.launch.no_pivot = true;
	trial_plan(&t);
	check_parent(&t, "record\n"
			 "connect host='/tty' slot=console\n"
			 "clone flags=CLONE_NEWNS\n"
			 "commit\n"
			 "await stage=c\n"
			 "hook point='startContainer' host='/s' inside\n"
			 "post stage=h\n"
			 "await stage=x\n"
			 "pid-file host='/pid'\n");
	check_child(&t, "undumpable\n"
			"session\n" ROOT DEVICES "console rows=24 columns=80 on_dev_console uid=7\n"
			"tty\n"
			"move-root\n"
			"chdir? path='/' create\n"
			"umask value=18\n"
			"bounding\n"
			"identity uid=7 gid=8\n"
			"undumpable\n"
			"caps\n"
			"chdir path='/' create\n" FIND "post stage=c\n"
			"await stage=h\n"
			"close-fds value=3\n" EXEC);
}

TEST(a_terminal_that_the_caller_keeps)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, "'terminal':true", NULL);
	check_launch_refused(&t, "cannot allocate tty if the runtime will detach without setting "
				 "console socket");
	t.launch.own_terminal = true;
	trial_plan(&t);
	check_some(&t, "connect console", "console on_dev_console\n");
}

TEST(exec_is_born_inside_as_late_as_possible)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL,
		"'terminal':true,'oomScoreAdj':5,'user':{'uid':7,'gid':8},'cwd':'/srv',"
		"'execCPUAffinity':{'initial':'0','final':'1-2'},"
		"'rlimits':[{'type':'RLIMIT_NOFILE','soft':4,'hard':2000},"
		"{'type':'RLIMIT_CORE','soft':0,'hard':0}]",
		NULL);
	trial_v2(&t);
	t.exec.console_socket = "/tty";
	t.exec.pid_file = "/pid";
	t.exec.preserve_fds = 2;
	t.exec.no_new_keyring = false;
	t.exec.home = "/root";
	trial_plan_exec(&t);
	check_parent(&t, "open host='/cg/g/web' flags=O_RDONLY|O_DIRECTORY slot=cgroup\n"
			 "connect host='/tty' slot=console\n"
			 "clone flags=CLONE_INTO_CGROUP\n"
			 "take-pid\n"
			 "oom-score value=5\n"
			 "post stage=h\n"
			 "await stage=x\n"
			 "pid-file host='/pid'\n");
	check_child(&t, "undumpable\n"
			"affinity data=0100000000000000\n"
			"affinity data=0600000000000000\n"
			"setns slot=fd10 flags=CLONE_NEWNS|CLONE_NEWPID\n"
			"keyring text='_ses.web'\n"
			"console uid=7\n"
			"chdir? path='/srv'\n"
			"rlimit resource=7 soft=1000 hard=2000\n"
			"rlimit resource=4\n"
			"umask value=18\n"
			"bounding\n"
			"identity uid=7 gid=8\n"
			"undumpable\n"
			"caps\n"
			"chdir path='/srv'\n"
			"find-command command='true' candidates=[/bin/true] argv=[true] "
			"env=[PATH=/bin HOME=/root]\n"
			"refork\n"
			"session\n"
			"tty\n"
			"await stage=h\n"
			"rlimit resource=7 soft=4 hard=2000\n"
			"close-fds value=5\n"
			"exec command='true' candidates=[/bin/true] argv=[true] "
			"env=[PATH=/bin HOME=/root]\n");
}

TEST(exec_among_other_users)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, "'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'user'}]," MAPS,
		"'scheduler':{'policy':'SCHED_BATCH','nice':3},'noNewPrivileges':true", NULL);
	t.exec.namespaces |= CLONE_NEWUSER;
	trial_plan_exec(&t);
	check_parent(&t, "clone\n"
			 "take-pid\n"
			 "await stage=x\n");
	check_child(&t, "undumpable\n"
			"stdio-owner? uid=1000\n"
			"setns slot=fd10 flags=CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWPID\n"
			"become-root\n"
			"undumpable\n"
			"chdir path='/'\n"
			"umask value=18\n"
			"bounding\n"
			"identity\n"
			"no-new-privs\n" FIND "refork\n"
			"session\n"
			"scheduler data=38000000"
			"03000000"
			"0000000000000000"
			"03000000"
			"00000000"
			"0000000000000000"
			"0000000000000000"
			"0000000000000000"
			"0000000000000000\n"
			"caps\n"
			"close-fds value=3\n" EXEC);
}
