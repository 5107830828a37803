/* What is mounted where, from each kind of entry in the spec. */
#include "kernel/compat.h"
#include "planner/planner_test.h"

static const char files[] =
	"source userns mount attach attr propagate root pivot mask readonly proc-write";

/* Plans @mounts, a list without its brackets, in a container with the parts of linux. */
static void plan_mounts_of(struct trial *t, const char *linux_part, const char *mounts)
{
	cleanup(buf_done) struct buf top = {};
	buf_add(&top, "'mounts':[%s]", mounts);
	trial_make(t, linux_part, NULL, buf_text(&top));
}

/* Compares the mounts alone, without those that every root has. */
static void check_mounts(const char *mounts, const char *want)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, NULL, mounts);
	trial_plan(&t);
	check_some(&t, "source userns mount attach attr", want);
	check_warnings(&t, "");
}

static void check_refused(const char *mounts, const char *want)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, NULL, mounts);
	check_launch_refused(&t, want);
}

TEST(the_usual_file_systems)
{
	check_mounts(
		"{'destination':'/proc','type':'proc','source':'proc',"
		"'options':['nosuid','hidepid=2']},"
		"{'destination':'/sys','type':'sysfs','source':'x','options':['ro','rprivate']},"
		"{'destination':'dev','type':'tmpfs','options':['mode=755','strictatime']},"
		"{'destination':'/dev/pts','type':'devpts','options':['gid=5','newinstance']},"
		"{'destination':'/dev/mqueue','type':'mqueue','source':'mqueue'},"
		"{'destination':'/tmp','type':'tmpfs','options':['size=1m','tmpcopyup']},"
		"{'destination':'/x/../y//z/','type':'ext4','source':'/dev/sda',"
		"'options':['ro','data=x','sync','rnoexec']}",
		"mount type='proc' source='proc' params=[hidepid=2] target='proc' "
		"attrs=MOUNT_ATTR_NOSUID flags=PLAIN_DIR|IN_PROC\n"
		"mount type='sysfs' source='x' params=[ro] target='sys' "
		"attrs=MOUNT_ATTR_RDONLY propagation=MS_PRIVATE propagation_recursive "
		"flags=PLAIN_DIR\n"
		"mount type='tmpfs' source='tmpfs' params=[mode=755] target='dev' "
		"attrs=MOUNT_ATTR_STRICTATIME\n"
		"mount type='devpts' source='devpts' params=[gid=5 newinstance] target='dev/pts'\n"
		"mount type='mqueue' source='mqueue' target='dev/mqueue'\n"
		"mount type='tmpfs' source='tmpfs' params=[size=1m] target='tmp' "
		"flags=COPY_UP|KEEP_MODE\n"
		"mount type='ext4' source='/dev/sda' params=[data=x sync ro] target='y/z' "
		"attrs=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOEXEC\n");
}

/* Mount points and device nodes are still to be made in these. */
TEST(what_others_are_mounted_in_becomes_read_only_last)
{
	check_mounts("{'destination':'/dev','type':'devtmpfs','options':['ro']},"
		     "{'destination':'/a','type':'tmpfs','options':['ro','mode=700']},"
		     "{'destination':'/b','type':'tmpfs','options':['ro','mode=700']},"
		     "{'destination':'/a/x','type':'tmpfs','options':['mode=700']},"
		     "{'destination':'/b','type':'tmpfs','options':['mode=700']}",
		"mount type='devtmpfs' source='devtmpfs' target='dev'\n"
		"mount type='tmpfs' source='tmpfs' params=[mode=700] target='a'\n"
		"mount type='tmpfs' source='tmpfs' params=[mode=700] target='b'\n"
		"mount type='tmpfs' source='tmpfs' params=[mode=700] target='a/x'\n"
		"mount type='tmpfs' source='tmpfs' params=[mode=700] target='b'\n"
		"attr target='dev' set=MOUNT_ATTR_RDONLY\n"
		"attr target='a' set=MOUNT_ATTR_RDONLY\n");
}

TEST(binds)
{
	check_mounts(
		"{'destination':'/a','source':'x/../y','options':['bind','ro','noatime']},"
		"{'destination':'/b','source':'/z','type':'none','options':['rbind','rro','suid']},"
		"{'destination':'/c','source':'/z','type':'bind','options':['dest-nofollow',"
		"'rslave']}",
		"source host='/b/y' slot=fd10 set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOATIME "
		"clear=MOUNT_ATTR__ATIME\n"
		"attach slot=fd10 target='a'\n"
		"source host='/z' slot=fd11 recursive clear=MOUNT_ATTR_NOSUID "
		"rset=MOUNT_ATTR_RDONLY\n"
		"attach slot=fd11 target='b'\n"
		"source host='/z' slot=fd12 propagation=MS_SLAVE propagation_recursive\n"
		"attach slot=fd12 target='c' flags=NO_SYMLINK\n");
}

TEST(remounts_change_attributes)
{
	check_mounts("{'destination':'/a','type':'tmpfs','options':['remount','ro','exec','rnodev',"
		     "'rsuid','slave']}",
		"attr target='a' set=MOUNT_ATTR_RDONLY clear=MOUNT_ATTR_NOEXEC "
		"rset=MOUNT_ATTR_NODEV rclear=MOUNT_ATTR_NOSUID propagation=MS_SLAVE\n");
	check_refused("{'destination':'/a','type':'tmpfs','options':['remount','size=1']}",
		"mounts[0] (/a): 'remount' can't change 'size=1': only the attributes of a mount, "
		"not what its file system was made with");
}

TEST(words_without_effect_are_told)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, NULL,
		"{'destination':'/a','type':'tmpfs','options':['silent','iversion']},"
		"{'destination':'/b','source':'/b','options':['bind','sync','foo','tmpcopyup']}");
	trial_plan(&t);
	check_warnings(&t, "mounts[0].options: 'silent' has no effect\n"
			   "mounts[0].options: 'iversion' has no effect\n"
			   "mounts[1].options: 'foo' means nothing for a bind mount\n"
			   "mounts[1].options: 'sync' means nothing for a bind mount\n"
			   "mounts[1].options: 'tmpcopyup' means nothing for a bind mount\n");
}

TEST(proc_is_only_covered_by_what_may_be_there)
{
	static const char *const allowed[] = { "cpuinfo", "diskstats", "loadavg", "meminfo",
		"net/dev", "slabinfo", "stat", "swaps", "sys/crypto/fips_enabled",
		"sys/kernel/ns_last_pid", "uptime" };
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		cleanup(buf_done) struct buf mount = {}, want = {};
		buf_add(&mount, "{'destination':'/proc/%s','source':'/x','options':['bind']}",
			allowed[i]);
		buf_add(&want,
			"source host='/x' slot=fd10\n"
			"attach slot=fd10 target='proc/%s' flags=IN_PROC\n",
			allowed[i]);
		check_mounts(buf_text(&mount), buf_text(&want));
	}
	check_mounts("{'destination':'/proc','source':'/proc','options':['rbind']}",
		"source host='/proc' slot=fd10 recursive\n"
		"attach slot=fd10 target='proc' flags=ONLY_PROC|IN_PROC\n");
	check_refused("{'destination':'/proc','type':'tmpfs'}",
		"mounts[0] (/proc): \"/proc\" cannot be mounted because it is not of type proc");
	check_refused("{'destination':'/x/../proc//self/','type':'tmpfs'}",
		"mounts[0] (/x/../proc//self/): \"/proc/self\" cannot be mounted because it is "
		"inside /proc");
	check_refused("{'destination':'/proc/net','source':'/x','options':['bind']}",
		"mounts[0] (/proc/net): \"/proc/net\" cannot be mounted because it is inside "
		"/proc");
	check_mounts("{'destination':'/processes','type':'tmpfs'}",
		"mount type='tmpfs' source='tmpfs' target='processes' flags=KEEP_MODE\n");
}

TEST(mounts_that_make_no_sense_are_refused)
{
	check_refused("{'destination':'/','source':'x','options':['bind']}",
		"mounts[0] (/): the destination is the root itself");
	check_refused("{'destination':'/a','type':'tmpfs'},{'destination':'/b','options':['bind']}",
		"mounts[1] (/b): a bind mount needs a source");
	check_refused("{'destination':'/a'}", "mounts[0] (/a): neither a type nor bind");
	check_refused("{'destination':'/a','type':'tmpfs','options':['src-nofollow']}",
		"mounts[0] (/a): options: mount option 'src-nofollow' is not supported");
}

#define USERS                                                                                      \
	"'namespaces':[{'type':'mount'},{'type':'user'}],"                                         \
	"'uidMappings':[{'containerID':0,'hostID':1000,'size':3}],"                                \
	"'gidMappings':[{'containerID':0,'hostID':2000,'size':3}]"

static const char kernels[] = "{'destination':'/proc','type':'proc'},"
			      "{'destination':'/sys','type':'sysfs','options':['ro','noatime']},"
			      "{'destination':'/dev/mqueue','type':'mqueue','options':['noexec']}";

#define NO_DEVICES ",{'destination':'/dev','source':'/dev','options':['bind']}"

/* What belongs to namespaces that are not the container's can't be mounted anew by its users. */
TEST(file_systems_of_foreign_namespaces_are_bound)
{
	cleanup(trial_done) struct trial t;
	cleanup(buf_done) struct buf mounts = {};
	buf_add(&mounts, "%s" NO_DEVICES, kernels);
	plan_mounts_of(&t, USERS, buf_text(&mounts));
	trial_plan(&t);
	check_some(&t, "source mount attach",
		"> source host='/b/rootfs' slot=fd10 recursive propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> source host='/proc' slot=fd11 recursive propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> source host='/sys' slot=fd12 recursive rset=MOUNT_ATTR_RDONLY|"
		"MOUNT_ATTR_NOATIME rclear=MOUNT_ATTR__ATIME propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> source host='/dev/mqueue' slot=fd13 recursive rset=MOUNT_ATTR_NOEXEC "
		"propagation=MS_SLAVE propagation_recursive\n"
		"> source host='/dev' slot=fd14 propagation=MS_SLAVE propagation_recursive\n"
		"attach slot=fd11 target='proc' flags=PLAIN_DIR|IN_PROC\n"
		"attach slot=fd12 target='sys' flags=PLAIN_DIR\n"
		"attach slot=fd13 target='dev/mqueue'\n"
		"attach slot=fd14 target='dev'\n");
}

static void check_own(const char *namespaces)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, namespaces, kernels);
	trial_plan(&t);
	check_some(&t, "mount",
		"mount type='proc' source='proc' target='proc' flags=PLAIN_DIR|IN_PROC\n"
		"mount type='sysfs' source='sysfs' params=[ro] target='sys' "
		"attrs=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOATIME flags=PLAIN_DIR\n"
		"mount type='mqueue' source='mqueue' target='dev/mqueue' "
		"attrs=MOUNT_ATTR_NOEXEC\n");
}

TEST(file_systems_of_own_namespaces_are_mounted)
{
	check_own("'namespaces':[{'type':'mount'}]");
	check_own("'namespaces':[{'type':'mount'},{'type':'user'},{'type':'pid'},{'type':'ipc'},"
		  "{'type':'network'}],"
		  "'uidMappings':[{'containerID':0,'hostID':1000,'size':3}],"
		  "'gidMappings':[{'containerID':0,'hostID':2000,'size':3}]");
	check_own("'namespaces':[{'type':'mount'},{'type':'user','path':'/u'},"
		  "{'type':'pid','path':'/p'},{'type':'ipc','path':'/i'},"
		  "{'type':'network','path':'/n'}]");
}

TEST(a_group_of_terminals_that_is_not_mapped_is_left_out)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, USERS,
		"{'destination':'/dev/pts','type':'devpts','options':['gid=5','mode=620']},"
		"{'destination':'/p','type':'devpts','options':['gid=2']}");
	trial_plan(&t);
	check_some(&t, "mount",
		"mount type='devpts' source='devpts' params=[mode=620] target='dev/pts'\n"
		"mount type='devpts' source='devpts' params=[gid=2] target='p'\n");
	check_warnings(&t, "mounts[0].options: 'gid=5' is left out: the group is not mapped\n");
}

/* Events of a bind travel as rootfsPropagation and the words of the mount have it. */
TEST(propagation_of_the_root_and_of_binds)
{
	static const struct {
		const char *root, *want;
	} cases[] = {
		{ "'rootfsPropagation':'rshared'",
			"source host='/s' slot=fd10 propagation=MS_SHARED propagation_recursive\n"
			"propagate recursive flags=MS_SLAVE\n"
			"root host='/b/rootfs'\n"
			"propagate new_root flags=MS_PRIVATE\n"
			"attach slot=fd10 target='s'\n"
			"source host='/d' slot=fd11\n"
			"attach slot=fd11 target='dev'\n"
			"pivot\n"
			"propagate new_root recursive flags=MS_SHARED\n" },
		{ "'rootfsPropagation':'slave'",
			"propagate recursive flags=MS_SLAVE\n"
			"root host='/b/rootfs'\n"
			"source host='/s' slot=fd10 propagation=MS_SHARED propagation_recursive\n"
			"attach slot=fd10 target='s'\n"
			"source host='/d' slot=fd11\n"
			"attach slot=fd11 target='dev'\n"
			"pivot\n" },
		{ "'rootfsPropagation':'private'",
			"propagate recursive flags=MS_PRIVATE\n"
			"root host='/b/rootfs'\n"
			"propagate new_root flags=MS_PRIVATE\n"
			"source host='/s' slot=fd10 propagation=MS_SHARED propagation_recursive\n"
			"attach slot=fd10 target='s'\n"
			"source host='/d' slot=fd11\n"
			"attach slot=fd11 target='dev'\n"
			"pivot\n" },
		{ "'rootfsPropagation':'unbindable'",
			"propagate recursive flags=MS_SLAVE\n"
			"root host='/b/rootfs'\n"
			"propagate new_root flags=MS_PRIVATE\n"
			"source host='/s' slot=fd10 propagation=MS_SHARED propagation_recursive\n"
			"attach slot=fd10 target='s'\n"
			"source host='/d' slot=fd11\n"
			"attach slot=fd11 target='dev'\n"
			"pivot\n"
			"propagate new_root flags=MS_UNBINDABLE\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(trial_done) struct trial t;
		plan_mounts_of(&t, cases[i].root,
			"{'destination':'/s','source':'/s','options':['bind','rshared']},"
			"{'destination':'/dev','source':'/d','options':['bind']}");
		trial_plan(&t);
		check_some(&t, files, cases[i].want);
	}
}

/* The owner of a user namespace is somebody else than the host: no mount is a peer of its. */
TEST(a_shared_bind_among_other_users_is_a_slave_with_peers_of_its_own)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, USERS ",'rootfsPropagation':'shared'",
		"{'destination':'/s','source':'/s','options':['bind','rshared']}" NO_DEVICES);
	trial_plan(&t);
	check_some(&t, "source attach attr",
		"> source host='/s' slot=fd10 propagation=MS_SLAVE propagation_recursive\n"
		"> source host='/b/rootfs' slot=fd11 recursive propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> source host='/dev' slot=fd12 propagation=MS_SLAVE propagation_recursive\n"
		"attach slot=fd10 target='s'\n"
		"attr target='s' propagation=MS_SHARED propagation_recursive\n"
		"attach slot=fd12 target='dev'\n");
}

#define OWNERS(uid, gid, size)                                                                     \
	"'uidMappings':[{'containerID':0,'hostID':" uid ",'size':" size "}],"                      \
	"'gidMappings':[{'containerID':0,'hostID':" gid ",'size':" size "}]"

TEST(mapped_owners_share_a_namespace_if_they_are_the_same)
{
	static const char mounts[] =
		"{'destination':'/a','source':'/a','options':['bind','idmap']," OWNERS("5", "6",
			"1") "},{'destination':'/c','source':'/"
			     "c','options':['rbind','ridmap']," OWNERS("5", "6",
				     "1") "},{'destination':'/d','source':'/"
					  "d','options':['bind']," OWNERS("5", "6", "2") "}";
	check_mounts(mounts, "> userns uid_map='0 5 1\\n' gid_map='0 6 1\\n' slot=fd10\n"
			     "> userns uid_map='0 5 2\\n' gid_map='0 6 2\\n' slot=fd13\n"
			     "source host='/a' slot=fd11 userns=fd10\n"
			     "attach slot=fd11 target='a'\n"
			     "source host='/c' slot=fd12 userns=fd10 recursive recursive_idmap\n"
			     "attach slot=fd12 target='c'\n"
			     "source host='/d' slot=fd14 userns=fd13\n"
			     "attach slot=fd14 target='d'\n");
}

TEST(mapped_owners_may_be_those_of_the_container)
{
	static const char bind[] =
		"{'destination':'/a','source':'/a','options':['bind','idmap']}" NO_DEVICES;
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, USERS, bind);
	trial_plan(&t);
	check_some(
		&t, "userns", "> userns uid_map='0 1000 3\\n' gid_map='0 2000 3\\n' slot=fd11\n");
	trial_done(&t);
	plan_mounts_of(&t, "'namespaces':[{'type':'mount'},{'type':'user','path':'/u'}]", bind);
	trial_plan(&t);
	check_some(&t, "open userns source",
		"> open host='/u' slot=fd10\n"
		"> source host='/b/rootfs' slot=fd11 recursive propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> open host='/u' slot=fd12\n"
		"> source host='/a' slot=fd13 userns=fd12 propagation=MS_SLAVE "
		"propagation_recursive\n"
		"> source host='/dev' slot=fd14 propagation=MS_SLAVE propagation_recursive\n");
}

TEST(owners_are_mapped_for_binds_by_root_only)
{
	static const char bind[] = "{'destination':'/a','source':'/a','options':['bind','idmap']}";
	check_refused(bind, "mounts[0] (/a): idmap needs uidMappings and gidMappings, or a user "
			    "namespace that has some");
	check_refused("{'destination':'/a','type':'tmpfs','options':['idmap']}",
		"mounts[0] (/a): uidMappings and gidMappings are only for bind mounts");
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, USERS, bind);
	t.host.can_mount = false;
	check_launch_refused(&t, "mounts[0] (/a): uidMappings and gidMappings of a mount take "
				 "CAP_SYS_ADMIN outside of the container");
}

static void check_groups(struct trial *t, const char *mount, const char *want)
{
	cleanup(buf_done) struct buf mounts = {};
	buf_add(&mounts, "%s" NO_DEVICES, mount);
	struct cgroup cgroup = t->cgroup;
	plan_mounts_of(t,
		"'namespaces':[{'type':'mount'},{'type':'cgroup'}],"
		"'maskedPaths':['/x']",
		buf_text(&mounts));
	if (cgroup.mode == CGROUP_V2)
		trial_v2(t);
	if (cgroup.mode == CGROUP_V1)
		trial_v1(t);
	trial_plan(t);
	check_some(t, "mount symlink attr source attach", want);
	trial_done(t);
}

#define AFTER_GROUPS(slot)                                                                         \
	"source host='/dev' slot=" slot "\n"                                                       \
	"attach slot=" slot " target='dev'\n"                                                      \
	"source host='/dev/null' slot=null set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|"               \
	"MOUNT_ATTR_NOEXEC propagation=MS_PRIVATE\n"                                               \
	"mount type='tmpfs' source='tmpfs' params=[nr_blocks=1 nr_inodes=1 ro] slot=empty "        \
	"attrs=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC\n"

TEST(groups_are_shown_by_binds)
{
	struct trial v2 = { .cgroup.mode = CGROUP_V2 }, v1 = { .cgroup.mode = CGROUP_V1 };
	struct trial none = {};
	check_groups(&v2,
		"{'destination':'/sys/fs/cgroup','type':'cgroup','options':['ro','relatime']}",
		"source host='/cg/g/web' slot=fd10 set=MOUNT_ATTR_RDONLY clear=MOUNT_ATTR__ATIME "
		"propagation=MS_PRIVATE\n"
		"attach slot=fd10 target='sys/fs/cgroup'\n" AFTER_GROUPS("fd11"));
	check_groups(&v1,
		"{'destination':'/cgs','type':'cgroup','options':['ro','nosuid','rprivate']}",
		"mount type='tmpfs' source='tmpfs' params=[mode=755] target='cgs' "
		"attrs=MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC "
		"propagation=MS_PRIVATE propagation_recursive\n"
		"source host='/cg/devices/g/web' slot=fd12 set=MOUNT_ATTR_RDONLY|"
		"MOUNT_ATTR_NOSUID propagation=MS_PRIVATE propagation_recursive\n"
		"attach slot=fd12 target='cgs/devices'\n"
		"source host='/cg/cpu,cpuacct/g/web' slot=fd13 set=MOUNT_ATTR_RDONLY|"
		"MOUNT_ATTR_NOSUID propagation=MS_PRIVATE propagation_recursive\n"
		"attach slot=fd13 target='cgs/cpu,cpuacct'\n"
		"symlink path='cgs/cpu' text='cpu,cpuacct'\n"
		"symlink path='cgs/cpuacct' text='cpu,cpuacct'\n" AFTER_GROUPS(
			"fd14") "attr target='cgs' set=MOUNT_ATTR_RDONLY\n");
	check_groups(&none, "{'destination':'/sys/fs/cgroup','type':'cgroup2'}",
		"source host='/sys/fs/cgroup' slot=fd10 recursive rset=MOUNT_ATTR_RDONLY "
		"propagation=MS_SLAVE propagation_recursive\n"
		"attach slot=fd10 target='sys/fs/cgroup'\n" AFTER_GROUPS("fd11"));
}

/* /proc/self/cgroup names the group from the host's top, and so does what is mounted. */
TEST(groups_are_all_shown_where_their_names_are_the_hosts)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(
		&t, NULL, "{'destination':'/cgs','type':'cgroup','options':['rw']}" NO_DEVICES);
	trial_v2(&t);
	trial_plan(&t);
	check_some(&t, "source",
		"source host='/cg' slot=fd10 clear=MOUNT_ATTR_RDONLY propagation=MS_PRIVATE\n"
		"source host='/dev' slot=fd11\n");
}

TEST(devices_of_the_spec)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t,
		"'devices':[{'path':'/dev/null','type':'c','major':9,'minor':8,'fileMode':8576,"
		"'uid':1,'gid':2},{'path':'/dev/ptmx','type':'c'},"
		"{'path':'/srv/../srv/b','type':'b','major':7},{'path':'/dev/p','type':'p'},"
		"{'path':'/dev/u','type':'u','major':1,'minor':2}]",
		NULL, NULL);
	t.host.kcore = true;
	trial_plan(&t);
	check_some(&t, "device symlink",
		"device path='dev/zero' mode=020666 major=1 minor=5\n"
		"device path='dev/full' mode=020666 major=1 minor=7\n"
		"device path='dev/random' mode=020666 major=1 minor=8\n"
		"device path='dev/urandom' mode=020666 major=1 minor=9\n"
		"device path='dev/tty' mode=020666 major=5\n"
		"device path='dev/null' mode=020600 major=9 minor=8 uid=1 gid=2\n"
		"device path='srv/b' mode=060666 major=7\n"
		"device path='dev/p' mode=010666\n"
		"device path='dev/u' mode=020666 major=1 minor=2\n"
		"symlink path='dev/ptmx' text='pts/ptmx'\n"
		"symlink path='dev/fd' text='/proc/self/fd'\n"
		"symlink path='dev/stdin' text='/proc/self/fd/0'\n"
		"symlink path='dev/stdout' text='/proc/self/fd/1'\n"
		"symlink path='dev/stderr' text='/proc/self/fd/2'\n"
		"symlink path='dev/core' text='/proc/kcore'\n");
}

TEST(devices_are_bound_where_nodes_can_not_be_made)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, "'devices':[{'path':'/dev/fuse','type':'c'},{'path':'/dev/p','type':'p'}]",
		NULL, NULL);
	t.host.initial_userns = false;
	trial_plan(&t);
	check_some(&t, "device source attach",
		"source host='/dev/null' slot=fd10 propagation=MS_SLAVE\n"
		"attach slot=fd10 target='dev/null'\n"
		"source host='/dev/zero' slot=fd11 propagation=MS_SLAVE\n"
		"attach slot=fd11 target='dev/zero'\n"
		"source host='/dev/full' slot=fd12 propagation=MS_SLAVE\n"
		"attach slot=fd12 target='dev/full'\n"
		"source host='/dev/random' slot=fd13 propagation=MS_SLAVE\n"
		"attach slot=fd13 target='dev/random'\n"
		"source host='/dev/urandom' slot=fd14 propagation=MS_SLAVE\n"
		"attach slot=fd14 target='dev/urandom'\n"
		"source host='/dev/tty' slot=fd15 propagation=MS_SLAVE\n"
		"attach slot=fd15 target='dev/tty'\n"
		"source host='/dev/fuse' slot=fd16 propagation=MS_SLAVE\n"
		"attach slot=fd16 target='dev/fuse'\n"
		"device path='dev/p' mode=010666\n");
}

/* A /dev that is the host's has its devices and is not to be changed. */
TEST(a_bound_dev_is_left_alone)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, "'devices':[{'path':'/dev/fuse','type':'c'}]",
		"{'destination':'/dev/','source':'/dev','options':['rbind']}");
	trial_plan(&t);
	check_some(&t, "device symlink", "");
}

TEST(a_root_that_is_read_only_and_hides_things)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t,
		"'maskedPaths':['/proc/kcore','x'],'readonlyPaths':['/proc/sys'],"
		"'namespaces':[{'type':'mount'},{'type':'network'},{'type':'ipc'}],"
		"'sysctl':{'net.ipv4.ip_forward':'1','kernel/shmmax':'2'}",
		NULL, NULL);
	t.spec.root.readonly = true;
	trial_plan(&t);
	check_some(&t, "proc-open proc-write pivot chdir attr readonly mask umask",
		"proc-open\n"
		"proc-write path='sys/net/ipv4/ip_forward' text='1'\n"
		"proc-write path='sys/kernel/shmmax' text='2'\n"
		"pivot\n"
		"chdir path='/' create\n"
		"attr target='' set=MOUNT_ATTR_RDONLY\n"
		"readonly path='proc/sys'\n"
		"mask path='proc/kcore'\n"
		"mask path='x'\n"
		"umask value=18\n");
}

TEST(labels_of_file_systems)
{
	cleanup(trial_done) struct trial t;
	plan_mounts_of(&t, "'mountLabel':'s0:c1,c2','maskedPaths':['/x']",
		"{'destination':'/proc','type':'proc'},{'destination':'/a','type':'tmpfs',"
		"'options':['mode=700']},{'destination':'/m','type':'mqueue'},"
		"{'destination':'/d','type':'devpts'},{'destination':'/"
		"e','type':'ext4'}" NO_DEVICES);
	check_launch_refused(&t, "mounts[1] (/a): linux.mountLabel: selinux label is specified in "
				 "config, but selinux is disabled or not supported (s0:c1,c2)");
	t.host.selinux = true;
	trial_plan(&t);
	check_some(&t, "mount",
		"mount type='proc' source='proc' target='proc' flags=PLAIN_DIR|IN_PROC\n"
		"mount type='tmpfs' source='tmpfs' params=[mode=700 context=s0:c1,c2] target='a'\n"
		"mount type='mqueue' source='mqueue' params=[context=s0:c1,c2] target='m'\n"
		"mount type='devpts' source='devpts' params=[context=s0:c1,c2] target='d'\n"
		"mount type='ext4' source='ext4' params=[context=s0:c1,c2] target='e'\n"
		"mount type='tmpfs' source='tmpfs' params=[nr_blocks=1 nr_inodes=1 ro "
		"context=s0:c1,c2] slot=empty "
		"attrs=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC\n");
}

static void check_owner(const char *namespaces, const char *options, const char *want)
{
	cleanup(trial_done) struct trial t;
	cleanup(buf_done) struct buf mounts = {};
	buf_add(&mounts, "{'destination':'/cgs','type':'cgroup','options':[%s]}", options);
	plan_mounts_of(&t, namespaces, buf_text(&mounts));
	t.spec.process.user.uid = 2;
	trial_v2(&t);
	trial_plan(&t);
	check_some(&t, "cgroup-owner", want);
}

/* The user of a container whose view of groups is its own, and writable, can make more of them. */
TEST(groups_belong_to_whoever_may_write_them)
{
	check_owner("'namespaces':[{'type':'mount'},{'type':'cgroup'}]", "'rw'",
		"> cgroup-owner host='/cg/g/web' uid=2\n");
	check_owner("'namespaces':[{'type':'mount'},{'type':'cgroup'},{'type':'user'}],"
		    "'uidMappings':[{'containerID':0,'hostID':1000,'size':3}],"
		    "'gidMappings':[{'containerID':0,'hostID':2000,'size':3}]",
		"'nosuid'", "> cgroup-owner host='/cg/g/web' uid=1002\n");
	check_owner("'namespaces':[{'type':'mount'},{'type':'cgroup'}]", "'ro'", "");
	check_owner("'namespaces':[{'type':'mount'},{'type':'cgroup'}]", "'rro'", "");
	check_owner("'namespaces':[{'type':'mount'}]", "'rw'", "");
	check_owner("'namespaces':[{'type':'mount'},{'type':'cgroup','path':'/c'}]", "'rw'", "");
	check_owner("'namespaces':[{'type':'mount'},{'type':'cgroup'},{'type':'user','path':'/u'}]",
		"'rw'", "");
}

/* The layers go to the kernel from the top, and nothing of them is attached before it is the root.
 */
TEST(an_overlay_is_the_root)
{
	cleanup(trial_done) struct trial t;
	static const char *lowers[] = { "/l/1", "/l/2:x", NULL };
	static const struct launch_overlay overlay = { { lowers, 2 }, "/c/upper", "/c/work" };
	plan_mounts_of(&t, NULL, "");
	t.launch.overlay = &overlay;
	trial_plan(&t);
	check_some(&t, "mount",
		"mount type='overlay' source='overlay' params=[lowerdir+=/l/2:x lowerdir+=/l/1 "
		"upperdir=/c/upper workdir=/c/work] slot=fd10\n");
}
