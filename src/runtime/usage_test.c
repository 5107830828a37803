#include "base/json.h"
#include "base/test.h"
#include "kernel/file.h"
#include "runtime/usage.h"
#include <fcntl.h>
#include <sys/stat.h>

struct sample {
	const char *file, *text;
};

/* A directory below @dir with these files. */
static void make(const char *dir, const char *name, const struct sample *files, size_t n)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	CHECK(mkdir(path, 0700) == 0);
	int fd = open(path, O_PATH | O_CLOEXEC);
	for (size_t i = 0; i < n; i++)
		CHECK(!file_replace(fd, files[i].file, 0600,
			(struct bytes){ files[i].text, strlen(files[i].text) }));
	close(fd);
}

/* Usage of the group whose directories are below @dir, as JSON; removes @dir. */
static void read_as_json(const char *dir, const char *const *controllers, size_t n, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct text_pair *pairs = anew(&a, struct text_pair, n);
	for (size_t i = 0; i < n; i++)
		pairs[i] = (struct text_pair){ controllers[i],
			arena_fmt(&a, "%s/%s", dir, *controllers[i] ? controllers[i] : "unified") };
	struct cgroup c = {};
	struct usage u = {};
	cgroup_from_paths(&(struct text_map){ pairs, n }, &a, &c);
	cleanup(err_free) struct err *e = usage_read(&c, &a, &u);
	CHECK(!e);
	struct json_writer w = { .out = out, .style = JSON_COMPACT };
	json_open(&w, NULL, '{');
	usage_write(&u, "data", &w);
	json_close(&w, '}');
	CHECK(system(arena_fmt(&a, "rm -rf %s", dir)) == 0);
	const struct json *doc;
	CHECK(!json_read((struct str){ buf_text(out), out->n }, "usage", &a, &doc));
}

static void contains(const struct buf *b, const char *part)
{
	if (!strstr(buf_text(b), part))
		test_failed(__FILE__, __LINE__, "no %s in %s", part, buf_text(b));
}

static const struct sample v2[] = {
	{ "cpu.stat", "usage_usec 7\nuser_usec 5\nsystem_usec 2\nnr_periods 9\nnr_throttled 3\n"
		      "throttled_usec 4\n" },
	{ "cpu.pressure", "some avg10=0.10 avg60=0.02 avg300=0.00 total=17\n"
			  "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n" },
	{ "memory.stat", "anon 100\nfile 200\nkernel 30\n" },
	{ "memory.current", "4096\n" },
	{ "memory.peak", "8192\n" },
	{ "memory.max", "max\n" },
	{ "memory.events", "low 0\nmax 6\noom_kill 1\n" },
	{ "memory.swap.current", "10\n" },
	{ "memory.swap.max", "1000\n" },
	{ "pids.current", "3\n" },
	{ "pids.max", "50\n" },
	{ "io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n254:0 \n" },
	{ "hugetlb.2MB.current", "2097152\n" },
	{ "hugetlb.2MB.events", "max 2\n" },
};

TEST(usage_is_read_from_a_v2_group)
{
	char dir[] = "/tmp/usage_test.XXXXXX";
	static const char *const controllers[] = { "" };
	cleanup(buf_done) struct buf out = {};
	CHECK(mkdtemp(dir));
	make(dir, "unified", v2, ARRAY_LEN(v2));
	read_as_json(dir, controllers, 1, &out);
	contains(&out, "\"usage\":{\"total\":7000,\"kernel\":2000,\"user\":5000}");
	contains(&out,
		"\"throttling\":{\"periods\":9,\"throttledPeriods\":3,\"throttledTime\":4000}");
	contains(&out,
		"\"psi\":{\"some\":{\"avg10\":0.10,\"avg60\":0.02,\"avg300\":0.00,\"total\":17}");
	contains(&out, "\"memory\":{\"cache\":200,\"usage\":{\"limit\":18446744073709551615,"
		       "\"usage\":4096,\"max\":8192,\"failcnt\":6},"
		       "\"swap\":{\"limit\":18446744073709551615,\"usage\":4106,\"max\":8192,");
	contains(&out, "\"raw\":{\"anon\":100,\"file\":200,\"kernel\":30}");
	contains(&out, "\"pids\":{\"current\":3,\"limit\":50}");
	contains(&out, "\"ioServiceBytesRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":1},");
	contains(&out, "\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":2}}");
	contains(&out, "\"intel_rdt\":{},\"network_interfaces\":null}");
}

static const struct sample v1_cpu[] = {
	{ "cpu.stat", "nr_periods 4\nnr_throttled 2\nthrottled_time 99\n" },
	{ "cpuacct.usage", "12660617\n" },
	{ "cpuacct.usage_percpu", "11809095 851522 \n" },
	{ "cpuacct.usage_all", "cpu user system\n0 10 20\n1 30 40\n" },
	{ "cpuacct.stat", "user 3\nsystem 1\n" },
};
static const struct sample v1_cpuset[] = {
	{ "cpuset.cpus", "0-2,5\n" },
	{ "cpuset.mems", "0\n" },
	{ "cpuset.sched_load_balance", "1\n" },
	{ "cpuset.sched_relax_domain_level", "-1\n" },
};
static const struct sample v1_memory[] = {
	{ "memory.limit_in_bytes", "9223372036854771712\n" },
	{ "memory.usage_in_bytes", "2179072\n" },
	{ "memory.max_usage_in_bytes", "2514944\n" },
	{ "memory.failcnt", "1\n" },
	{ "memory.kmem.tcp.usage_in_bytes", "5\n" },
	{ "memory.stat", "cache 77\nrss 1\n" },
};
static const struct sample v1_blkio[] = {
	{ "blkio.throttle.io_service_bytes_recursive",
		"8:0 Read 4096\n8:0 Write 0\n8:0 Total 4096\nTotal 4096\n" },
	{ "blkio.bfq.time_recursive", "8:0 12\n" },
};
static const struct sample v1_pids[] = { { "pids.current", "5\n" }, { "pids.max", "max\n" } };

TEST(usage_is_read_from_v1_groups)
{
	char dir[] = "/tmp/usage_test.XXXXXX";
	static const char *const controllers[] = { "cpu,cpuacct", "cpuset", "memory", "blkio",
		"pids", "" };
	cleanup(buf_done) struct buf out = {};
	CHECK(mkdtemp(dir));
	make(dir, "cpu,cpuacct", v1_cpu, ARRAY_LEN(v1_cpu));
	make(dir, "cpuset", v1_cpuset, ARRAY_LEN(v1_cpuset));
	make(dir, "memory", v1_memory, ARRAY_LEN(v1_memory));
	make(dir, "blkio", v1_blkio, ARRAY_LEN(v1_blkio));
	make(dir, "pids", v1_pids, ARRAY_LEN(v1_pids));
	make(dir, "unified", v2 + 12, 2);
	read_as_json(dir, controllers, ARRAY_LEN(controllers), &out);
	contains(&out, "\"usage\":{\"total\":12660617,\"percpu\":[11809095,851522],"
		       "\"percpu_kernel\":[20,40],\"percpu_user\":[10,30],"
		       "\"kernel\":10000000,\"user\":30000000}");
	contains(&out, "\"throttledTime\":99");
	contains(&out, "\"cpuset\":{\"cpus\":[0,1,2,5],\"cpu_exclusive\":0,\"mems\":[0],");
	contains(&out, "\"sched_load_balance\":1,\"sched_relax_domain_level\":-1}");
	contains(&out, "\"memory\":{\"cache\":77,\"usage\":{\"limit\":9223372036854771712,"
		       "\"usage\":2179072,\"max\":2514944,\"failcnt\":1}");
	contains(&out, "\"kernelTCP\":{\"limit\":0,\"usage\":5,\"failcnt\":0}");
	contains(&out, "\"pids\":{\"current\":5}");
	contains(&out,
		"[{\"major\":8,\"op\":\"Read\",\"value\":4096},"
		"{\"major\":8,\"op\":\"Write\"},{\"major\":8,\"op\":\"Total\",\"value\":4096}]");
	contains(&out, "\"ioTimeRecursive\":[{\"major\":8,\"value\":12}]");
	contains(&out, "\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":2}}");
}
