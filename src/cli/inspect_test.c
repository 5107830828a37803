#include "base/test.h"
#include "cli/format.h"
#include "cli/inspect.h"

static const char *args[] = { "/init", "sh", "-c", "ls", NULL };
static const char *env[] = { "A=1", NULL };
static struct text_pair labels[] = { { "tier", "web" } };
static struct mount_request mounts[] = {
	{ .type = "bind", .source = "/srv", .target = "/x", .read_only = true },
	{ .type = "volume", .source = "data", .target = "/data" },
	{ .type = "tmpfs", .target = "/tmp" },
};
static struct device_request devices[] = { { .host = "/dev/fuse" } };
static struct ulimit_request ulimits[] = { { "nofile", 10, 20 } };

static const struct engine engine = { .root = "/r" };
static const struct engine_container web = {
	.id = "0123456789abcdef",
	.dir = "/r/containers/0123456789abcdef",
	.record = { .name = "web",
		.created = "2025-11-29T12:00:00Z",
		.started = "2025-11-29T12:01:00Z",
		.image_id = "sha256:fe",
		.args = { args, 4 },
		.restarts = 2,
		.request = { .image = "nginx",
			.command = { args + 1, 3 },
			.entrypoint = { args, 1 },
			.env = { env, 1 },
			.labels = { labels, 1 },
			.memory = { true, 1 << 20 },
			.pids_limit = { true, 9 },
			.restart = { "on-failure", 3 },
			.devices = { devices, 1 },
			.ulimits = { ulimits, 1 },
			.mounts = { mounts, 3 } } },
	.status = ENGINE_EXITED,
	.ended = true,
	.exit = { .code = 137, .oom_killed = true, .finished = "2025-11-29T12:02:00Z" },
};

/* What scripts ask for most. */
static const struct {
	const char *template, *want;
} rows[] = {
	{ "{{.Id}} {{.Name}} {{.Image}} {{.RestartCount}}", "0123456789abcdef /web sha256:fe 2" },
	{ "{{.Path}} {{join .Args \" \"}}", "/init sh -c ls" },
	{ "{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.State.OOMKilled}}",
		"exited false 137 true" },
	{ "{{.State.StartedAt}} {{.State.FinishedAt}} {{.State.Pid}}",
		"2025-11-29T12:01:00Z 2025-11-29T12:02:00Z 0" },
	{ "{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}", "none" },
	{ "{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Entrypoint}}",
		"[\"A=1\"] [\"sh\",\"-c\",\"ls\"] [\"/init\"]" },
	{ "{{.Config.Image}} {{.Config.Hostname}} {{index .Config.Labels \"tier\"}}",
		"nginx 0123456789ab web" },
	{ "{{json .HostConfig.Binds}} {{json .HostConfig.Tmpfs}}",
		"[\"/srv:/x:ro\",\"data:/data\"] {\"/tmp\":\"\"}" },
	{ "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{json .HostConfig.MemorySwappiness}}",
		"1048576 9 null" },
	{ "{{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}",
		"on-failure:3" },
	{ "{{.HostConfig.NetworkMode}} {{.HostConfig.LogConfig.Type}} {{.HostConfig.ShmSize}}",
		"none json-file 67108864" },
	{ "{{json .HostConfig.Devices}}{{json .HostConfig.Ulimits}}",
		"[{\"PathOnHost\":\"/dev/fuse\",\"PathInContainer\":\"/dev/fuse\","
		"\"CgroupPermissions\":\"rwm\"}][{\"Name\":\"nofile\",\"Hard\":20,\"Soft\":10}]" },
	{ "{{json .HostConfig.CapAdd}} {{json .HostConfig.Dns}}", "null []" },
	{ "{{range .Mounts}}{{.Type}} {{.Source}} {{.Destination}} {{.RW}};{{end}}",
		"bind /srv /x false;volume /r/volumes/data/data /data true;" },
	{ "{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}}{{end}}", "none=" },
	{ "{{.LogPath}}", "/r/containers/0123456789abcdef/0123456789abcdef-json.log" },
	{ "{{.GraphDriver.Name}} {{.GraphDriver.Data.UpperDir}}",
		"overlay2 /r/containers/0123456789abcdef/upper" },
};

static void check(const struct engine_container *c, const char *template, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(format_rows_done) struct format_rows r = { .arena = &a };
	cleanup(buf_done) struct buf out = {}, line = {}, text = {};
	inspect_container(format_row(&r), &engine, c, &a);
	cleanup(err_free) struct err *e = format_inspect(&r, template, &out);
	if (e)
		err_show(e, &text);
	CHECK_TEXT(buf_text(&text), "");
	buf_add(&line, "%s\n", want);
	CHECK_TEXT(buf_text(&out), buf_text(&line));
}

TEST(inspect_has_what_scripts_ask_for)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(&web, rows[i].template, rows[i].want);
}

TEST(inspect_of_what_never_ran)
{
	struct engine_container c = { .id = "01", .dir = "/r/containers/01", .record.name = "x" };
	c.record.request.rootfs = "/dir";
	check(&c, "{{.State.Status}} {{.State.StartedAt}} {{.State.ExitCode}}",
		"created 0001-01-01T00:00:00Z 0");
	check(&c, "{{json .GraphDriver}} {{.Config.Image}}",
		"{\"Data\":{},\"Name\":\"rootfs\"} /dir");
}
