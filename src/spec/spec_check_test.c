/* Documents whose parts contradict each other, and what the reader of the message gets to see. */
#include "base/test.h"
#include "spec/spec.h"

/* Where the fragment of a row stands in an otherwise good document. */
enum part { TOP, PROCESS, LINUX, ALONE, PARTS };

static const char *const around[] = {
	[TOP] = "{\"ociVersion\":\"1.3.0\",%s}",
	[PROCESS] = "{\"ociVersion\":\"1.3.0\",\"process\":{\"cwd\":\"/\",%s}}",
	[LINUX] = "{\"ociVersion\":\"1.3.0\",\"linux\":{%s}}",
	[ALONE] = "{\"ociVersion\":\"1.3.0\",\"process\":%s}",
};
_Static_assert(ARRAY_LEN(around) == PARTS, "every part has its document");

#define NS(types)       "'namespaces':[" types "]"
#define MAP(range)      "'uidMappings':[" range "],'gidMappings':[{'containerID':0,'hostID':1,'size':1}]"
#define USER_MAP(range) NS("{'type':'user'}") "," MAP(range)

static const struct {
	enum part part;
	const char *fragment; /* with ' for " */
	const char *message;  /* NULL: nothing is wrong */
} cases[] = {
	/* process */
	{ ALONE, "{'cwd':'tmp'}", "process.cwd: 'tmp' is not an absolute path" },
	{ ALONE, "{'cwd':'/../tmp'}", NULL },
	{ PROCESS, "'env':['A=1','A=2','B=','C==']", NULL },
	{ PROCESS, "'env':['A=1','B']", "process.env[1]: 'B' is not of the form NAME=value" },
	{ PROCESS, "'env':['=x']", "process.env[0]: '=x' is not of the form NAME=value" },
	{ PROCESS,
		"'rlimits':[{'type':'RLIMIT_CPU','soft':1,'hard':1},"
		"{'type':'RLIMIT_CORE','soft':0,'hard':18446744073709551615}]",
		NULL },
	{ PROCESS, "'rlimits':[{'type':'RLIMIT_X','soft':1,'hard':1}]",
		"process.rlimits[0].type: 'RLIMIT_X' is not a resource limit" },
	{ PROCESS, "'rlimits':[{'type':'NOFILE','soft':1,'hard':1}]",
		"process.rlimits[0].type: 'NOFILE' is not a resource limit" },
	{ PROCESS, "'rlimits':[{'type':'RLIMIT_CPU','soft':2,'hard':1}]",
		"process.rlimits[0].soft: the soft limit is over the hard one" },
	{ PROCESS, "'rlimits':[{'type':'RLIMIT_CPU','soft':18446744073709551615,'hard':1}]",
		"process.rlimits[0].soft: the soft limit is over the hard one" },
	{ PROCESS,
		"'rlimits':[{'type':'RLIMIT_CPU','soft':1,'hard':1},"
		"{'type':'RLIMIT_CPU','soft':1,'hard':1}]",
		"process.rlimits[1].type: RLIMIT_CPU comes twice" },
	{ PROCESS, "'scheduler':{'policy':'SCHED_RR','priority':1,'nice':3}", NULL },
	{ PROCESS, "'scheduler':{'policy':'SCHED_NORMAL'}",
		"process.scheduler: 'SCHED_NORMAL' is not a scheduling policy" },
	{ PROCESS, "'scheduler':{'policy':'SCHED_BATCH','flags':['SCHED_FLAG_X']}",
		"process.scheduler: unknown flag 'SCHED_FLAG_X'" },
	{ PROCESS, "'scheduler':{'policy':'SCHED_BATCH','priority':1}",
		"process.scheduler: a priority is only for SCHED_FIFO and SCHED_RR" },
	{ PROCESS, "'scheduler':{'policy':'SCHED_FIFO','runtime':1}",
		"process.scheduler: runtime, deadline and period are only for SCHED_DEADLINE" },
	{ PROCESS, "'scheduler':{'policy':'SCHED_OTHER','period':1}",
		"process.scheduler: runtime, deadline and period are only for SCHED_DEADLINE" },
	{ PROCESS, "'execCPUAffinity':{'initial':'0-3','final':'x'}",
		"process.execCPUAffinity.final: 'x' is not a list like 0-3,7" },
	{ PROCESS, "'execCPUAffinity':{'initial':'3-0'}",
		"process.execCPUAffinity.initial: '3-0' is not a list like 0-3,7" },
	{ PROCESS, "'ioPriority':{'class':'IOPRIO_CLASS_NONE','priority':0}",
		"process.ioPriority: 'IOPRIO_CLASS_NONE' is not a class of I/O priority" },
	/* the top */
	{ TOP, "'hostname':'web'", "unable to set hostname without a private UTS namespace" },
	{ TOP, "'domainname':'d','linux':{" NS("{'type':'uts'}") "}", NULL },
	{ TOP, "'domainname':'d','linux':{" NS("{'type':'ipc'}") "}",
		"unable to set domainname without a private UTS namespace" },
	{ TOP,
		"'hostname':'0123456789012345678901234567890123456789012345678901234567890123',"
		"'linux':{" NS("{'type':'uts','path':'/p'}") "}",
		NULL },
	{ TOP, "'hostname':'01234567890123456789012345678901234567890123456789012345678901234'",
		"hostname: longer than 64 bytes" },
	{ TOP, "'hooks':{'poststart':[{'path':'/a'},{'path':'b'}]}",
		"hooks.poststart[1].path: 'b' is not an absolute path" },
	{ TOP, "'hooks':{'prestart':[{'path':'a','timeout':1}]}",
		"hooks.prestart[0].path: 'a' is not an absolute path" },
	{ TOP, "'hooks':{'createRuntime':[{'path':'/a','env':['A']}]}",
		"hooks.createRuntime[0].env[0]: 'A' is not of the form NAME=value" },
	{ TOP, "'hooks':{'createContainer':[{'path':'a'}]}",
		"hooks.createContainer[0].path: 'a' is not an absolute path" },
	{ TOP, "'hooks':{'startContainer':[{'path':'a'}]}",
		"hooks.startContainer[0].path: 'a' is not an absolute path" },
	{ TOP, "'hooks':{'poststop':[{'path':'a'}]}",
		"hooks.poststop[0].path: 'a' is not an absolute path" },
	{ TOP,
		"'mounts':[{'destination':'/a','uidMappings':[{'containerID':0,'hostID':1,"
		"'size':1}]}]",
		"mounts[0]: uidMappings and gidMappings go together" },
	/* linux.namespaces */
	{ LINUX, NS("{'type':'pid'},{'type':'network','path':'/p'},{'type':'time'}"), NULL },
	{ LINUX, NS("{'type':'pid'},{'type':'net'}"),
		"linux.namespaces[1].type: namespace 'net' does not exist" },
	{ LINUX, NS("{'type':'pid'},{'type':'pid','path':'/p'}"),
		"linux.namespaces[1].type: duplicated ns 'pid'" },
	{ LINUX, NS("{'type':'pid','path':'proc/1/ns/pid'}"),
		"linux.namespaces[0].path: 'proc/1/ns/pid' is not an absolute path" },
	/* id maps */
	{ LINUX,
		USER_MAP("{'containerID':0,'hostID':100000,'size':65536},"
			 "{'containerID':65536,'hostID':0,'size':1}"),
		NULL },
	{ LINUX, MAP("{'containerID':0,'hostID':1,'size':1}"),
		"User namespace mappings specified, but USER namespace isn't enabled in "
		"the config" },
	{ LINUX, NS("{'type':'user'}"), "a new user namespace needs uidMappings" },
	{ LINUX, NS("{'type':'user'}") ",'uidMappings':[{'containerID':0,'hostID':1,'size':1}]",
		"a new user namespace needs gidMappings" },
	{ LINUX, NS("{'type':'user','path':'/p'}"), NULL },
	{ LINUX, USER_MAP("{'containerID':0,'hostID':1,'size':0}"),
		"linux.uidMappings: range 1: size: 0 is not over zero" },
	{ LINUX, USER_MAP("{'containerID':1,'hostID':0,'size':4294967295}"),
		"linux.uidMappings: range 1: the range ends after the highest id" },
	{ LINUX, USER_MAP("{'containerID':0,'hostID':0,'size':4294967295}"), NULL },
	{ LINUX,
		USER_MAP("{'containerID':0,'hostID':0,'size':10},"
			 "{'containerID':10,'hostID':9,'size':1}"),
		"linux.uidMappings: range 2: the range overlaps one before it" },
	{ LINUX,
		USER_MAP("{'containerID':5,'hostID':0,'size':10},"
			 "{'containerID':0,'hostID':20,'size':6}"),
		"linux.uidMappings: range 2: the range overlaps one before it" },
	/* the rest of linux */
	{ LINUX, "'timeOffsets':{'boottime':{'secs':1}}",
		"time namespace offsets specified, but time namespace isn't enabled in the "
		"config" },
	{ LINUX, NS("{'type':'time','path':'/p'}") ",'timeOffsets':{'monotonic':{'secs':1}}",
		"linux.timeOffsets: those of a time namespace that is joined can't be changed" },
	{ LINUX, "'maskedPaths':['/proc/kcore']",
		"unable to restrict sys entries without a private MNT namespace" },
	{ LINUX, "'readonlyPaths':['/proc/sys']",
		"unable to restrict sys entries without a private MNT namespace" },
	{ LINUX, "'rootfsPropagation':'rshared'", NULL },
	{ LINUX, "'rootfsPropagation':'Shared'",
		"linux: rootfsPropagation=Shared is not supported" },
	{ LINUX, "'devices':[{'path':'/dev/x','type':'x'}]",
		"linux.devices[0].type: 'x' is none of c, u, b, p" },
	{ LINUX, "'devices':[{'path':'/dev/x','type':'cb'}]",
		"linux.devices[0].type: 'cb' is none of c, u, b, p" },
	{ LINUX, "'devices':[{'path':'/dev/p','type':'p'},{'path':'dev/x','type':'u'}]",
		"linux.devices[1].path: 'dev/x' is not an absolute path" },
	{ LINUX,
		NS("{'type':'network'},{'type':'ipc'},{'type':'uts'}") ",'sysctl':{"
								       "'net.ipv4.ping_group_range'"
								       ":'0\\t2147483647','kernel."
								       "msgmax':'1',"
								       "'fs.mqueue.msg_max':'1','"
								       "kernel.domainname':'a','"
								       "net/core/x':'a=b+c,d;e'}",
		NULL },
	{ LINUX, "'sysctl':{'net.ipv4.ip_forward':'1'}",
		"linux.sysctl: sysctl \"net.ipv4.ip_forward\" not allowed in host network "
		"namespace" },
	{ LINUX, NS("{'type':'network'}") ",'sysctl':{'kernel.shm_rmid_forced':'1'}",
		"linux.sysctl: sysctl \"kernel.shm_rmid_forced\" is not allowed in the hosts ipc "
		"namespace" },
	{ LINUX, NS("{'type':'network'}") ",'sysctl':{'kernel.domainname':'x'}",
		"linux.sysctl: sysctl \"kernel.domainname\" is not in a separate kernel "
		"namespace" },
	{ LINUX, NS("{'type':'uts'}") ",'sysctl':{'kernel.core_pattern':'x'}",
		"linux.sysctl: sysctl \"kernel.core_pattern\" is not in a separate kernel "
		"namespace" },
	{ LINUX, NS("{'type':'uts'}") ",'sysctl':{'kernel/hostname':'x'}",
		"linux.sysctl: sysctl \"kernel/hostname\" is not allowed as it conflicts with "
		"the OCI \"hostname\" field" },
	{ LINUX, NS("{'type':'network'}") ",'sysctl':{'net/../kernel/modprobe':'x'}",
		"linux.sysctl: 'net/../kernel/modprobe' is not the name of a kernel setting" },
	{ LINUX, NS("{'type':'network'}") ",'sysctl':{'net.core.x':'1\\n2'}",
		"linux.sysctl: sysctl \"net.core.x\": a control character in its value" },
	{ LINUX, "'netDevices':{'eth0':{}}",
		"linux.netDevices: unable to move network devices without a private NET "
		"namespace" },
	{ LINUX, NS("{'type':'network'}") ",'netDevices':{'eth0':{},'eth1':{'name':'a'}}", NULL },
	{ LINUX, NS("{'type':'network'}") ",'netDevices':{'eth0':{'name':'a/b'}}",
		"linux.netDevices: 'a/b' can't be the name of an interface" },
	{ LINUX, NS("{'type':'network'}") ",'netDevices':{'0123456789abcdef':{}}",
		"linux.netDevices: '0123456789abcdef' can't be the name of an interface" },
	{ LINUX, NS("{'type':'network'}") ",'netDevices':{'..':{'name':'a'}}",
		"linux.netDevices: '..' can't be the name of an interface" },
	{ LINUX, NS("{'type':'network'}") ",'netDevices':{'eth0':{},'eth1':{'name':'eth0'}}",
		"linux.netDevices: two interfaces would be called 'eth0'" },
	{ LINUX, "'personality':{'domain':'LINUX64'}",
		"linux.personality.domain: 'LINUX64' is not LINUX or LINUX32" },
	{ LINUX, "'memoryPolicy':{'mode':'MPOL_LOCAL'}", NULL },
	{ LINUX, "'memoryPolicy':{'mode':'BIND','nodes':'0'}",
		"linux.memoryPolicy: 'BIND' is not a memory policy" },
	{ LINUX, "'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0-'}",
		"linux.memoryPolicy: '0-' is not a list like 0-3,7" },
	{ LINUX, "'memoryPolicy':{'mode':'MPOL_BIND','flags':['STATIC']}",
		"linux.memoryPolicy: unknown flag 'STATIC'" },
	{ LINUX, "'intelRdt':{'closID':'..'}", "linux: invalid intelRdt.closID '..'" },
	{ LINUX, "'intelRdt':{'closID':'a/b'}", "linux: invalid intelRdt.closID 'a/b'" },
	{ LINUX, "'intelRdt':{'closID':'a.b'}", NULL },
	{ LINUX, "'intelRdt':{'closID':'/'}", NULL },
};

/* The document of a row: its fragment with ' as ", in its place. */
static void write_document(const char *form, const char *fragment, struct buf *out)
{
	const char *hole = strstr(form, "%s");
	buf_add(out, "%.*s", (int)(hole - form), form);
	for (const char *c = fragment; *c; c++)
		buf_add(out, "%c", *c == '\'' ? '"' : *c);
	buf_add(out, "%s", hole + 2);
}

/* The chain as one line. */
static void write_message(const struct err *e, struct buf *out)
{
	for (; e; e = e->cause)
		buf_add(out, "%s%s", e->text, e->cause ? ": " : "");
}

TEST(each_contradiction_is_named_with_its_place)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(buf_done) struct buf text = {}, got = {};
		write_document(around[cases[i].part], cases[i].fragment, &text);
		struct spec spec;
		cleanup(err_free) struct err *e = spec_parse(text.p, text.n, "c", &a, &spec);
		write_message(e, &got);
		cleanup(buf_done) struct buf want = {};
		if (cases[i].message)
			buf_add(&want, "c: %s", cases[i].message);
		if (strcmp(buf_text(&got), buf_text(&want)) != 0)
			test_failed(__FILE__, __LINE__, "%s\ngives %s\nnot   %s", text.p,
				buf_text(&got), buf_text(&want));
	}
}

/* A map of as many ranges as the kernel takes, and of one more. */
static void check_ranges(int n, bool good)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	buf_add(&text, "{\"ociVersion\":\"1.3.0\",\"linux\":{\"namespaces\":[{\"type\":\"user\"}],"
		       "\"gidMappings\":[{\"containerID\":0,\"hostID\":1,\"size\":1}],"
		       "\"uidMappings\":[");
	for (int i = 0; i < n; i++)
		buf_add(&text, "%s{\"containerID\":%d,\"hostID\":%d,\"size\":1}", i ? "," : "", i,
			i);
	buf_add(&text, "]}}");
	struct spec spec;
	cleanup(err_free) struct err *e = spec_parse(text.p, text.n, "c", &a, &spec);
	CHECK(good == !e);
}

TEST(an_id_map_has_as_many_ranges_as_the_kernel_takes)
{
	check_ranges(340, true);
	check_ranges(341, false);
}
