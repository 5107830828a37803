/* Documents with one mistake each, and what the reader of the message gets to see. */
#include "base/test.h"
#include "spec/spec.h"

/* Where the fragment of a row stands in an otherwise good document. */
enum part { WHOLE, TOP, PROCESS, MOUNT, HOOK, LINUX, RESOURCES, SECCOMP, PARTS };

static const char *const around[] = {
	[WHOLE] = "%s",
	[TOP] = "{\"ociVersion\":\"1.2.0\",%s}",
	[PROCESS] = "{\"ociVersion\":\"1.2.0\",\"process\":{\"cwd\":\"/\",%s}}",
	[MOUNT] = "{\"ociVersion\":\"1.2.0\",\"mounts\":[{\"destination\":\"/a\"},{%s}]}",
	[HOOK] = "{\"ociVersion\":\"1.2.0\",\"hooks\":{\"poststop\":[{\"path\":\"/h\",%s}]}}",
	[LINUX] = "{\"ociVersion\":\"1.2.0\",\"linux\":{%s}}",
	[RESOURCES] = "{\"ociVersion\":\"1.2.0\",\"linux\":{\"resources\":{%s}}}",
	[SECCOMP] = ("{\"ociVersion\":\"1.2.0\",\"linux\":{\"seccomp\":"
		     "{\"defaultAction\":\"SCMP_ACT_ALLOW\",%s}}}"),
};
_Static_assert(ARRAY_LEN(around) == PARTS, "every part has its document");

static const struct sample {
	enum part part;
	const char *fragment, *message;
} samples[] = {
	/* Not JSON. */
	{ WHOLE, "", ":1:1: the document ends where a value should be" },
	{ WHOLE, "{", ":1:2: the document ends where a key in quotes should be" },
	{ WHOLE, "{\n  \"ociVersion\": \"1.2.0\"\n  \"process\": {}\n}",
		":3:3: expected ',' or '}'" },
	{ WHOLE, "{\n  \"ociVersion\": \"1.2.0\",\n}", ":3:1: expected a key in quotes" },
	{ WHOLE, "{'ociVersion': '1.2.0'}", ":1:2: expected a key in quotes" },
	{ WHOLE, "{\"ociVersion\": 1.2.0}", ":1:19: expected ',' or '}'" },
	{ WHOLE, "{\"ociVersion\" \"1.2.0\"}", ":1:15: expected ':'" },
	{ WHOLE, "{} trailing", ":1:4: something follows the document" },
	{ WHOLE, "{\"a\": tru}", ":1:7: expected a value" },
	{ WHOLE, "{\"a\": 0x1f}", ":1:8: expected ',' or '}'" },
	{ WHOLE, "{\"a\": -}", ":1:8: expected a number as JSON spells it" },
	{ WHOLE, "{\"a\": [1, 2}", ":1:12: expected ',' or ']'" },
	{ WHOLE, "{\"a\": \"\\x41\"}", ":1:9: unknown escape" },
	{ WHOLE, "{\"a\": \"tab\there\"}", ":1:11: a control character in text" },
	{ WHOLE, "{\"a\": \"\\u0000\"}", ":1:9: text with a NUL character" },
	{ WHOLE, "{\"a\": \"\xe9\"}", ":1:8: not UTF-8" },
	{ WHOLE, "{\"a\": \"open", ":1:12: the document ends inside text" },
	{ WHOLE, "// comment\n{}", ":1:1: expected a value" },
	/* Not this kind of document. */
	{ WHOLE, "[]", ": expected an object, found a list" },
	{ WHOLE, "null", ": expected an object, found null" },
	{ WHOLE, "{}", ": missing ociVersion" },
	{ WHOLE, "{\"ociVersion\":\"\"}", ": missing ociVersion" },
	{ WHOLE, "{\"ociVersion\":null}", ": missing ociVersion" },
	{ WHOLE, "{\"ociVersion\":1}", ": ociVersion: expected text, found a number" },
	{ WHOLE, "{\"ociVersion\":\"one\"}", ": ociVersion: 'one' is not a version like 1.2.0" },
	{ WHOLE, "{\"ociVersion\":\"1.2\"}", ": ociVersion: '1.2' is not a version like 1.2.0" },
	{ WHOLE, "{\"ociVersion\":\"v1.2.0\"}",
		": ociVersion: 'v1.2.0' is not a version like 1.2.0" },
	{ WHOLE, "{\"ociVersion\":\"1.02.0\"}",
		": ociVersion: '1.02.0' is not a version like 1.2.0" },
	{ WHOLE, "{\"ociVersion\":\"1.2.0-\"}",
		": ociVersion: '1.2.0-' is not a version like 1.2.0" },
	{ WHOLE, "{\"ociVersion\":\"1.2.0+a..b\"}",
		": ociVersion: '1.2.0+a..b' is not a version like 1.2.0" },
	{ WHOLE, "{\"ociVersion\":\"+1.2.0\"}",
		": ociVersion: '+1.2.0' is not a version like 1.2.0" },
	{ WHOLE, "{\"ociVersion\":\"2.0.0\",\"process\":7}",
		": ociVersion: 2.0.0 is not supported: this runtime follows version 1 of the OCI "
		"runtime specification" },
	{ WHOLE, "{\"ociVersion\":\"0.9.9\"}",
		": ociVersion: 0.9.9 is not supported: this runtime follows version 1 of the OCI "
		"runtime specification" },
	/* The top. */
	{ TOP, "\"process\":[]", ": process: expected an object, found a list" },
	{ TOP, "\"process\":{}", ": process: missing cwd" },
	{ TOP, "\"root\":{}", ": root: missing path" },
	{ TOP, "\"root\":\"rootfs\"", ": root: expected an object, found text" },
	{ TOP, "\"root\":{\"path\":\"r\",\"readonly\":\"yes\"}",
		": root.readonly: expected a boolean, found text" },
	{ TOP, "\"hostname\":[\"a\"]", ": hostname: expected text, found a list" },
	{ TOP, "\"domainname\":7", ": domainname: expected text, found a number" },
	{ TOP, "\"annotations\":[]", ": annotations: expected an object, found a list" },
	{ TOP, "\"annotations\":{\"org.example.n\":1}",
		": annotations['org.example.n']: expected text, found a number" },
	{ TOP, "\"mounts\":{}", ": mounts: expected a list, found an object" },
	{ TOP, "\"mounts\":[\"/proc\"]", ": mounts[0]: expected an object, found text" },
	{ TOP, "\"hooks\":{\"prestart\":{}}",
		": hooks.prestart: expected a list, found an object" },
	{ TOP, "\"hooks\":{\"startContainer\":[{}]}", ": hooks.startContainer[0]: missing path" },
	/* The process. */
	{ PROCESS, "\"cwd\":null,\"cwd\":5", ": process.cwd: expected text, found a number" },
	{ PROCESS, "\"terminal\":1", ": process.terminal: expected a boolean, found a number" },
	{ PROCESS, "\"args\":\"sh\"", ": process.args: expected a list, found text" },
	{ PROCESS, "\"args\":[\"sh\",null]", ": process.args[1]: expected text, found null" },
	{ PROCESS, "\"env\":{\"A\":\"b\"}", ": process.env: expected a list, found an object" },
	{ PROCESS, "\"env\":[\"A=b\",7]", ": process.env[1]: expected text, found a number" },
	{ PROCESS, "\"user\":{\"uid\":4294967296}",
		": process.user.uid: 4294967296 is out of range (0 to 4294967294)" },
	{ PROCESS, "\"user\":{\"uid\":4294967295}",
		": process.user.uid: 4294967295 is out of range (0 to 4294967294)" },
	{ PROCESS, "\"user\":{\"gid\":-1}",
		": process.user.gid: -1 is out of range (0 to 4294967294)" },
	{ PROCESS, "\"user\":{\"uid\":\"root\"}",
		": process.user.uid: expected a number, found text" },
	{ PROCESS, "\"user\":{\"uid\":1e3}", ": process.user.uid: '1e3' is not a whole number" },
	{ PROCESS, "\"user\":{\"umask\":512}",
		": process.user.umask: 512 is out of range (0 to 511)" },
	{ PROCESS, "\"user\":{\"additionalGids\":[1,-7]}",
		": process.user.additionalGids[1]: -7 is out of range (0 to 4294967294)" },
	{ PROCESS, "\"user\":{\"additionalGids\":5}",
		": process.user.additionalGids: expected a list, found a number" },
	{ PROCESS, "\"consoleSize\":{\"height\":65536,\"width\":80}",
		": process.consoleSize.height: 65536 is out of range (0 to 65535)" },
	{ PROCESS, "\"capabilities\":[\"CAP_KILL\"]",
		": process.capabilities: expected an object, found a list" },
	{ PROCESS, "\"capabilities\":{\"bounding\":[1]}",
		": process.capabilities.bounding[0]: expected text, found a number" },
	{ PROCESS, "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":\"1024\",\"hard\":1024}]",
		": process.rlimits[0].soft: expected a number, found text" },
	{ PROCESS, "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":1024}]",
		": process.rlimits[0]: missing hard" },
	{ PROCESS, "\"rlimits\":[{\"soft\":1,\"hard\":1}]", ": process.rlimits[0]: missing type" },
	{ PROCESS, "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":-1,\"hard\":1}]",
		": process.rlimits[0].soft: -1 is out of range (0 to 18446744073709551615)" },
	{ PROCESS,
		"\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"hard\":18446744073709551616,\"soft\":0}]",
		": process.rlimits[0].hard: 18446744073709551616 is out of range "
		"(0 to 18446744073709551615)" },
	{ PROCESS, "\"oomScoreAdj\":1001",
		": process.oomScoreAdj: 1001 is out of range (-1000 to 1000)" },
	{ PROCESS, "\"oomScoreAdj\":0.5", ": process.oomScoreAdj: '0.5' is not a whole number" },
	{ PROCESS, "\"noNewPrivileges\":\"true\"",
		": process.noNewPrivileges: expected a boolean, found text" },
	{ PROCESS, "\"scheduler\":{}", ": process.scheduler: missing policy" },
	{ PROCESS, "\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":20}",
		": process.scheduler.nice: 20 is out of range (-20 to 19)" },
	{ PROCESS, "\"scheduler\":{\"policy\":\"SCHED_FIFO\",\"priority\":100}",
		": process.scheduler.priority: 100 is out of range (0 to 99)" },
	{ PROCESS, "\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":-1}",
		": process.scheduler.runtime: -1 is out of range (0 to 9223372036854775807)" },
	{ PROCESS, "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8}",
		": process.ioPriority.priority: 8 is out of range (0 to 7)" },
	{ PROCESS, "\"ioPriority\":{\"priority\":4}", ": process.ioPriority: missing class" },
	{ PROCESS, "\"execCPUAffinity\":{\"initial\":0}",
		": process.execCPUAffinity.initial: expected text, found a number" },
	/* Mounts and hooks. */
	{ MOUNT, "\"type\":\"proc\"", ": mounts[1]: missing destination" },
	{ MOUNT, "\"destination\":\"\"", ": mounts[1]: missing destination" },
	{ MOUNT, "\"destination\":\"/b\",\"options\":\"ro,bind\"",
		": mounts[1].options: expected a list, found text" },
	{ MOUNT, "\"destination\":\"/b\",\"uidMappings\":[{\"containerID\":0,\"hostID\":1}]",
		": mounts[1].uidMappings[0]: missing size" },
	{ HOOK, "\"timeout\":0",
		": hooks.poststop[0].timeout: 0 is out of range (1 to 2147483647)" },
	{ HOOK, "\"timeout\":\"5s\"",
		": hooks.poststop[0].timeout: expected a number, found text" },
	{ HOOK, "\"args\":[\"h\",{}]",
		": hooks.poststop[0].args[1]: expected text, found an object" },
	/* linux. */
	{ TOP, "\"linux\":[]", ": linux: expected an object, found a list" },
	{ LINUX, "\"namespaces\":[\"pid\"]",
		": linux.namespaces[0]: expected an object, found text" },
	{ LINUX, "\"namespaces\":[{\"path\":\"/x\"}]", ": linux.namespaces[0]: missing type" },
	{ LINUX, "\"uidMappings\":[{\"containerID\":-1,\"hostID\":0,\"size\":1}]",
		": linux.uidMappings[0].containerID: -1 is out of range (0 to 4294967294)" },
	{ LINUX, "\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":4294967296}]",
		": linux.gidMappings[0].size: 4294967296 is out of range (0 to 4294967295)" },
	{ LINUX, "\"devices\":[{\"path\":\"/dev/x\",\"major\":1,\"minor\":3}]",
		": linux.devices[0]: missing type" },
	{ LINUX, "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":4096,\"minor\":3}]",
		": linux.devices[0].major: 4096 is out of range (0 to 4095)" },
	{ LINUX, "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":1,\"minor\":1048576}]",
		": linux.devices[0].minor: 1048576 is out of range (0 to 1048575)" },
	{ LINUX, "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"p\",\"fileMode\":\"0666\"}]",
		": linux.devices[0].fileMode: expected a number, found text" },
	{ LINUX, "\"sysctl\":{\"net.core.somaxconn\":256}",
		": linux.sysctl['net.core.somaxconn']: expected text, found a number" },
	{ LINUX, "\"maskedPaths\":\"/proc/kcore\"",
		": linux.maskedPaths: expected a list, found text" },
	{ LINUX, "\"rootfsPropagation\":2",
		": linux.rootfsPropagation: expected text, found a number" },
	{ LINUX, "\"timeOffsets\":{\"boottime\":{\"nanosecs\":1000000000}}",
		": linux.timeOffsets.boottime.nanosecs: 1000000000 is out of range "
		"(0 to 999999999)" },
	{ LINUX, "\"timeOffsets\":{\"monotonic\":7}",
		": linux.timeOffsets.monotonic: expected an object, found a number" },
	{ LINUX, "\"personality\":{\"flags\":[]}", ": linux.personality: missing domain" },
	{ LINUX, "\"memoryPolicy\":{\"nodes\":\"0\"}", ": linux.memoryPolicy: missing mode" },
	{ LINUX, "\"netDevices\":[\"eth0\"]",
		": linux.netDevices: expected an object, found a list" },
	{ LINUX, "\"netDevices\":{\"eth0\":\"eth1\"}",
		": linux.netDevices.eth0: expected an object, found text" },
	{ LINUX, "\"netDevices\":{\"eth0\":{\"name\":1}}",
		": linux.netDevices.eth0.name: expected text, found a number" },
	{ LINUX, "\"intelRdt\":{\"schemata\":\"L3:0=f\"}",
		": linux.intelRdt.schemata: expected a list, found text" },
	{ LINUX, "\"seccomp\":{}", ": linux.seccomp: missing defaultAction" },
	/* Resources. */
	{ RESOURCES, "\"memory\":512",
		": linux.resources.memory: expected an object, found a number" },
	{ RESOURCES, "\"memory\":{\"limit\":\"512m\"}",
		": linux.resources.memory.limit: expected a number, found text" },
	{ RESOURCES, "\"memory\":{\"limit\":-2}",
		": linux.resources.memory.limit: -2 is out of range (-1 to 9223372036854775807)" },
	{ RESOURCES, "\"memory\":{\"limit\":9223372036854775808}",
		": linux.resources.memory.limit: 9223372036854775808 is out of range "
		"(-1 to 9223372036854775807)" },
	{ RESOURCES, "\"memory\":{\"swappiness\":101}",
		": linux.resources.memory.swappiness: 101 is out of range (0 to 100)" },
	{ RESOURCES, "\"memory\":{\"disableOOMKiller\":0}",
		": linux.resources.memory.disableOOMKiller: expected a boolean, found a number" },
	{ RESOURCES, "\"cpu\":{\"shares\":-1}",
		": linux.resources.cpu.shares: -1 is out of range (0 to 9223372036854775807)" },
	{ RESOURCES, "\"cpu\":{\"cpus\":[0,1]}",
		": linux.resources.cpu.cpus: expected text, found a list" },
	{ RESOURCES, "\"cpu\":{\"idle\":2}",
		": linux.resources.cpu.idle: 2 is out of range (0 to 1)" },
	{ RESOURCES, "\"pids\":100", ": linux.resources.pids: expected an object, found a number" },
	{ RESOURCES, "\"pids\":{\"limit\":\"max\"}",
		": linux.resources.pids.limit: expected a number, found text" },
	{ RESOURCES, "\"blockIO\":{\"weight\":1001}",
		": linux.resources.blockIO.weight: 1001 is out of range (0 to 1000)" },
	{ RESOURCES, "\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"rate\":-5}]}",
		": linux.resources.blockIO.throttleReadBpsDevice[0].rate: -5 is out of range "
		"(0 to 9223372036854775807)" },
	{ RESOURCES, "\"devices\":[{\"allow\":\"yes\"}]",
		": linux.resources.devices[0].allow: expected a boolean, found text" },
	{ RESOURCES, "\"devices\":[{\"allow\":true,\"major\":-2}]",
		": linux.resources.devices[0].major: -2 is out of range (-1 to 4095)" },
	{ RESOURCES, "\"hugepageLimits\":[{\"limit\":1}]",
		": linux.resources.hugepageLimits[0]: missing pageSize" },
	{ RESOURCES, "\"network\":{\"classID\":4294967296}",
		": linux.resources.network.classID: 4294967296 is out of range (0 to 4294967295)" },
	{ RESOURCES, "\"network\":{\"priorities\":[{\"priority\":1}]}",
		": linux.resources.network.priorities[0]: missing name" },
	{ RESOURCES, "\"rdma\":{\"mlx5_1\":{\"hcaHandles\":-3}}",
		": linux.resources.rdma.mlx5_1.hcaHandles: -3 is out of range (0 to 4294967295)" },
	{ RESOURCES, "\"rdma\":{\"mlx5_1\":3}",
		": linux.resources.rdma.mlx5_1: expected an object, found a number" },
	{ RESOURCES, "\"unified\":{\"memory.high\":1}",
		": linux.resources.unified['memory.high']: expected text, found a number" },
	/* seccomp. */
	{ SECCOMP, "\"syscalls\":[{\"action\":\"SCMP_ACT_ALLOW\"}]",
		": linux.seccomp.syscalls[0]: missing names" },
	{ SECCOMP, "\"syscalls\":[{\"names\":[\"read\"]}]",
		": linux.seccomp.syscalls[0]: missing action" },
	{ SECCOMP, "\"syscalls\":[{\"names\":\"read\",\"action\":\"SCMP_ACT_ALLOW\"}]",
		": linux.seccomp.syscalls[0].names: expected a list, found text" },
	{ SECCOMP, "\"defaultErrnoRet\":65536",
		": linux.seccomp.defaultErrnoRet: 65536 is out of range (0 to 65535)" },
	{ SECCOMP,
		"\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\","
		"\"args\":[{\"index\":6,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]}]",
		": linux.seccomp.syscalls[0].args[0].index: 6 is out of range (0 to 5)" },
	{ SECCOMP,
		"\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\","
		"\"args\":[{\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\"}]}]",
		": linux.seccomp.syscalls[0].args[0].value: -1 is out of range "
		"(0 to 18446744073709551615)" },
	{ SECCOMP,
		"\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\","
		"\"args\":[{\"index\":0,\"value\":0}]}]",
		": linux.seccomp.syscalls[0].args[0]: missing op" },
	{ SECCOMP, "\"architectures\":[64]",
		": linux.seccomp.architectures[0]: expected text, found a number" },
};

static void check_sample(const struct sample *s)
{
	cleanup(arena_done) struct arena a = {};
	const char *gap = strstr(around[s->part], "%s");
	const char *text = arena_fmt(&a, "%.*s%s%s", (int)(gap - around[s->part]), around[s->part],
		s->fragment, gap + 2);
	struct spec spec;
	cleanup(err_free) struct err *e = spec_parse(text, strlen(text), "config.json", &a, &spec);
	if (!e)
		test_failed(__FILE__, __LINE__, "%s was taken", text);
	const char *below = e->cause ? e->cause->text : NULL;
	CHECK_TEXT(arena_fmt(&a, "%s%s%s", e->text, below ? ": " : "", below ? below : ""),
		arena_fmt(&a, "config.json%s", s->message));
	CHECK(e->kind == ERR_USAGE);
}

TEST(each_mistake_is_named_with_its_place)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		check_sample(&samples[i]);
}

TEST(a_process_and_resources_alone_are_checked_too)
{
	cleanup(arena_done) struct arena a = {};
	struct spec_process process;
	struct str p = STR("{\"cwd\":\"/\",\"user\":{\"uid\":-1}}");
	cleanup(err_free) struct err *e =
		spec_parse_process(p.p, p.n, "process.json", &a, &process);
	CHECK_TEXT(e->text, "process.json");
	CHECK_TEXT(e->cause->text, "user.uid: -1 is out of range (0 to 4294967294)");

	struct spec_resources resources;
	struct str r = STR("{\"pids\":{\"limit\":7},\"cpu\":{\"quota\":true}}");
	cleanup(err_free) struct err *f = spec_parse_resources(r.p, r.n, "-", &a, &resources);
	CHECK_TEXT(f->cause->text, "cpu.quota: expected a number, found a boolean");
	struct str good = STR("{\"pids\":{\"limit\":7}}");
	cleanup(err_free) struct err *g = spec_parse_resources(good.p, good.n, "-", &a, &resources);
	CHECK(!g && resources.present && resources.pids_limit.value == 7);
}

TEST(versions_of_the_first_major_are_taken)
{
	static const char *const good[] = { "1.0.0", "1.0.2-dev", "1.3.0", "1.2.0+build.5",
		"1.10.0-rc.1+x-y" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		cleanup(arena_done) struct arena a = {};
		char *text = arena_fmt(&a, "{\"ociVersion\":\"%s\",\"vendor\":{}}", good[i]);
		struct spec spec;
		cleanup(err_free) struct err *e = spec_parse(text, strlen(text), "x", &a, &spec);
		CHECK(!e);
		CHECK_TEXT(spec.oci_version, good[i]);
	}
}
