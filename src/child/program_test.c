/* The child program on the real kernel: what the command sees, and what can't be done to the host.
 */
#include "child/child.h"
#include "child/launch_test.h"
#include "child/script_test.h"
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

TEST(program_executes_the_command_in_the_new_root)
{
	struct script s;
	script_begin(&s);
	script_add(&s, (struct op){ OP_HOSTNAME, .text = { "jar" } });
	script_add(&s, (struct op){ OP_DOMAINNAME, .text = { "example.org" } });
	script_proc(&s);
	script_finish(&s, "hostname; cat /proc/sys/kernel/domainname; ls /; echo $$; pwd;"
			  "cut -d' ' -f2 /proc/mounts; umask");
	script_check(
		&s, "jar\nexample.org\nbin\ndev\netc\nold\nproc\nsys\ntmp\n1\n/\n/\n/proc\n0022\n");
	script_end(&s);
}

TEST(program_leaves_no_descriptor_but_the_standard_ones)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	s.scene.slots[SLOT_CGROUP] = open("/tmp", O_PATH | O_CLOEXEC);
	script_finish(&s, "ls /proc/self/fd; readlink /proc/self/exe");
	close(s.scene.slots[SLOT_CGROUP]);
	script_check(&s, "0\n1\n2\n3\n/bin/busybox\n"); /* 3 is the directory that ls reads */
	script_end(&s);
}

TEST(program_makes_devices_and_links)
{
	struct script s;
	script_begin(&s);
	script_dev(&s);
	script_add(
		&s, (struct op){ OP_DEVICE, .device = { "dev/fifo", S_IFIFO | 0640, 0, 0, 7, 8 } });
	script_add(&s, (struct op){ OP_SYMLINK, .symlink = { "dev/fd", "/proc/self/fd" } });
	script_add(&s, (struct op){ OP_SYMLINK, .symlink = { "dev/fd", "/elsewhere" } });
	script_finish(&s, "cd /dev; stat -c '%n %A %t:%T %u:%g' fifo null zero; readlink fd;"
			  "echo x >null && echo written; stat -c %a /dev");
	script_check(&s,
		"fifo prw-r----- 0:0 7:8\nnull crw-rw-rw- 1:3 0:0\nzero crw-rw-rw- 1:5 0:0\n"
		"/proc/self/fd\nwritten\n755\n");
	script_end(&s);
}

TEST(program_replaces_what_only_looks_like_a_device)
{
	struct script s;
	script_begin(&s);
	scene_put(&s.scene, "etc/target", "safe\n");
	script_link(&s, "/etc/target", "dev/null");
	scene_put(&s.scene, "dev/zero", "not a device");
	script_null_and_zero(&s);
	script_finish(&s, "stat -c '%n %t:%T %a' /dev/null /dev/zero; cat /etc/target");
	script_check(&s, "/dev/null 1:3 666\n/dev/zero 1:5 666\nsafe\n");
	script_end(&s);
}

TEST(program_masks_and_protects_paths)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	script_dev(&s);
	scene_put(&s.scene, "etc/one", "secret");
	scene_put(&s.scene, "etc/two", "secret");
	scene_put(&s.scene, "old/file", "secret");
	script_masks(&s);
	static const char *const masked[] = { "etc/one", "/etc/two", "old", "proc/acpi",
		"no/such" };
	for (size_t i = 0; i < ARRAY_LEN(masked); i++)
		script_add(&s, (struct op){ OP_MASK, .inside = { masked[i] } });
	script_add(&s, (struct op){ OP_MASK, .inside = { "etc/one/below" } });
	script_add(&s, (struct op){ OP_READONLY, .inside = { "proc/sys" } });
	script_add(&s, (struct op){ OP_READONLY, .inside = { "no/such" } });
	script_finish(&s, "cat /etc/one /etc/two; ls /old; stat -c '%t:%T' /etc/one /etc/two;"
			  "touch /old/new 2>/dev/null || echo masked; ls /no 2>/dev/null;"
			  "echo x 2>/dev/null >/proc/sys/kernel/hostname || echo protected;"
			  "cut -d' ' -f2,4 /proc/mounts | grep -E 'one|two|old' | cut -d, -f1");
	script_check(&s, "1:3\n1:3\nmasked\nprotected\n/etc/one ro\n/old ro\n/etc/two ro\n");
	script_end(&s);
}

TEST(program_makes_the_root_read_only)
{
	struct script s;
	script_begin(&s);
	script_dev(&s);
	script_add(&s, (struct op){ OP_ATTR, .attr = { .target = "", .set = MOUNT_ATTR_RDONLY } });
	script_add(
		&s, (struct op){ OP_ATTR, .attr = { .target = "dev", .set = MOUNT_ATTR_NOEXEC } });
	script_finish(&s, "touch /etc/x 2>/dev/null || echo read-only; touch /dev/x && echo dev");
	script_check(&s, "read-only\ndev\n");
	script_end(&s);
}

TEST(program_attaches_trees_of_the_host)
{
	struct script s;
	script_begin(&s);
	scene_put(&s.scene, "old/data", "from outside\n");
	char host[128];
	snprintf(host, sizeof(host), "%s/old", s.scene.root);
	script_add(&s, (struct op){ OP_SOURCE, .source = { .host = host,
						       .slot = SLOT_FREE,
						       .userns = NO_SLOT,
						       .recursive = true,
						       .rset = MOUNT_ATTR_RDONLY } });
	script_add(&s, (struct op){ OP_ATTACH, .attach = { SLOT_FREE, "made/for/it" } });
	script_finish(&s,
		"cat /made/for/it/data; touch /made/for/it/x 2>/dev/null || echo read-only;"
		"stat -c '%a %u' /made/for");
	script_check(&s, "from outside\nread-only\n755 0\n");
	script_end(&s);
}

/* The parent prepares a tree in its own mount namespace; the child attaches it in another. */
TEST(program_attaches_trees_that_the_parent_made)
{
	struct script s;
	script_begin(&s);
	scene_put(&s.scene, "old/data", "from the parent\n");
	char host[128];
	snprintf(host, sizeof(host), "%s/old", s.scene.root);
	const struct op source = { OP_SOURCE,
		.source = {
			.host = host, .slot = SLOT_FREE, .userns = NO_SLOT, .recursive = true } };
	struct fault f =
		plan_run(&sys_linux, &(struct plan){ &source, 1 }, s.scene.slots, TEST_SLOTS);
	CHECK(f.num == 0 && s.scene.slots[SLOT_FREE] >= 0);
	script_add(&s, (struct op){ OP_ATTACH, .attach = { SLOT_FREE, "tmp" } });
	script_finish(&s, "cat /tmp/data");
	close(s.scene.slots[SLOT_FREE]);
	script_check(&s, "from the parent\n");
	script_end(&s);
}

/* A user namespace that only holds a map: user 1000 of the disk is user 5000 here. */
static int make_map(void)
{
	int ready[2];
	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		bool made = unshare(CLONE_NEWUSER) == 0 && write(ready[1], "r", 1) == 1;
		pause();
		_exit(made ? 0 : 1);
	}
	char byte, path[64];
	CHECK(read(ready[0], &byte, 1) == 1);
	static const char *const files[] = { "uid_map", "gid_map" };
	for (int i = 0; i < 2; i++) {
		cleanup(fd_close) struct fd f = {};
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, files[i]);
		CHECK(!fd_open(&f, AT_FDCWD, path, O_WRONLY));
		CHECK(write(fd_num(f), "1000 5000 10", 12) == 12);
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	int map = open(path, O_RDONLY | O_CLOEXEC);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	return map;
}

TEST(program_maps_the_owners_of_a_tree)
{
	for (int recursive = 0; recursive < 2; recursive++) {
		struct script s;
		script_begin(&s);
		script_shell(&s, "chown 1001:1002 old");
		char host[128];
		snprintf(host, sizeof(host), "%s/old", s.scene.root);
		int map = s.scene.slots[SLOT_FREE + 1] = make_map();
		script_add(&s, (struct op){ OP_SOURCE, .source = { .host = host,
							       .slot = SLOT_FREE,
							       .userns = SLOT_FREE + 1,
							       .recursive_idmap = recursive,
							       .set = MOUNT_ATTR_NOSUID } });
		script_add(&s, (struct op){ OP_ATTACH, .attach = { SLOT_FREE, "tmp" } });
		script_proc(&s);
		script_finish(&s, "stat -c %u:%g /old /tmp; grep -c '/tmp.*nosuid' /proc/mounts");
		close(map);
		script_check(&s, "1001:1002\n5001:5002\n1\n");
		script_end(&s);
	}
}

/* An image may have links that lead nowhere yet; a mount goes where they lead, inside. */
TEST(program_follows_links_beneath_the_root_only)
{
	struct script s;
	script_begin(&s);
	scene_put(&s.scene, "old/data", "nameserver\n");
	script_link(&s, "../run/systemd/resolv.conf", "etc/resolv.conf");
	script_link(&s, "/../../../../onggi-unit-outside", "etc/absolute");
	char host[128];
	snprintf(host, sizeof(host), "%s/old/data", s.scene.root);
	for (int i = 0; i < 2; i++) {
		script_add(&s,
			(struct op){ OP_SOURCE,
				.source = { .host = host, .slot = SLOT_FREE, .userns = NO_SLOT } });
		script_add(&s,
			(struct op){ OP_ATTACH, .attach = { SLOT_FREE, i ? "etc/absolute/file"
									 : "etc/resolv.conf" } });
	}
	script_finish(&s, "cat /etc/resolv.conf /run/systemd/resolv.conf /onggi-unit-outside/file");
	script_check(&s, "nameserver\nnameserver\nnameserver\n");
	CHECK(access("/onggi-unit-outside", F_OK) != 0);
	script_end(&s);
}

TEST(program_ends_at_links_without_end)
{
	struct script s;
	script_begin(&s);
	script_link(&s, "b/x", "etc/a");
	script_link(&s, "a/x", "etc/b");
	script_add(&s, (struct op){ OP_MOUNT,
			       .mount = { .type = "tmpfs", .target = "etc/a", .slot = NO_SLOT } });
	script_finish(&s, "true");
	script_check_fault(&s, OP_MOUNT, ELOOP);
	script_end(&s);
}

/* The kernel says EINVAL, as for much else; callers know the mistake as ENOTDIR. */
TEST(program_attaches_directories_to_directories_and_files_to_files)
{
	static const char *const sources[] = { "old", "etc/file" };
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		struct script s;
		script_begin(&s);
		scene_put(&s.scene, "etc/file", "");
		char host[128];
		snprintf(host, sizeof(host), "%s/%s", s.scene.root, sources[i]);
		script_add(&s,
			(struct op){ OP_SOURCE,
				.source = { .host = host, .slot = SLOT_FREE, .userns = NO_SLOT } });
		script_add(&s, (struct op){ OP_ATTACH, .attach = { SLOT_FREE, sources[!i] } });
		script_finish(&s, "true");
		script_check_fault(&s, OP_ATTACH, ENOTDIR);
		script_end(&s);
	}
}

TEST(program_mounts_proc_on_ordinary_directories_only)
{
	static const char *const targets[] = { "link", "etc/file", "link/below", "dangling" };
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		struct script s;
		script_begin(&s);
		scene_put(&s.scene, "etc/file", "");
		script_link(&s, "/old", "link");
		script_link(&s, "/nowhere", "dangling");
		script_add(&s, (struct op){ OP_MOUNT, .mount = { .type = "proc",
							      .target = targets[i],
							      .slot = NO_SLOT,
							      .flags = MOUNT_PLAIN_DIR } });
		script_finish(&s, "true");
		script_check_fault(&s, OP_MOUNT, ENOTDIR);
		script_end(&s);
	}
}

/* The image's /dev leads to a directory of the host: nothing may be made there. */
TEST(program_makes_nothing_outside_the_root)
{
	struct script s;
	script_begin(&s);
	char outside[] = "/tmp/onggi-unit-out-XXXXXX", path[128];
	CHECK(mkdtemp(outside));
	snprintf(path, sizeof(path), "%s/dev", s.scene.root);
	CHECK(rmdir(path) == 0 && symlink(outside, path) == 0);
	script_dev(&s);
	script_add(&s, (struct op){ OP_SYMLINK, .symlink = { "dev/ptmx", "pts/ptmx" } });
	script_finish(&s, "stat -c %t:%T /dev/null; readlink /dev; ls -d /tmp/onggi*");
	char want[128];
	snprintf(want, sizeof(want), "1:3\n%s\n%s\n", outside, outside);
	script_check(&s, want);
	CHECK(rmdir(outside) == 0); /* it is empty */
	script_end(&s);
}

TEST(program_fills_a_file_system_with_what_it_hides)
{
	struct script s;
	script_begin(&s);
	scene_put(&s.scene, "old/file", "content\n");
	scene_put(&s.scene, "old/deep", NULL);
	scene_put(&s.scene, "old/deep/er", NULL);
	scene_put(&s.scene, "old/deep/er/file", "deep\n");
	script_link(&s, "/etc/passwd", "old/link");
	script_shell(&s, "cd old; chown 7:8 file deep; chmod 4751 file; mkfifo -m 600 pipe;"
			 "mknod -m 640 null c 1 3; chmod 1777 .; chown 9:10 .; chmod 700 deep;"
			 "touch -h -d '2001-02-03 04:05:06' file deep link deep/er");
	script_add(&s, (struct op){ OP_MOUNT, .mount = { .type = "tmpfs",
						      .target = "old",
						      .slot = NO_SLOT,
						      .attrs = MOUNT_ATTR_RDONLY,
						      .flags = MOUNT_COPY_UP | MOUNT_KEEP_MODE } });
	script_finish(&s,
		"cd /old; cat file deep/er/file; readlink link; touch x 2>/dev/null || echo ro;"
		"stat -c '%n %f %u:%g' . file deep pipe null; stat -c %t:%T null;"
		"stat -c %y file deep deep/er link | cut -d. -f1 | uniq -c | tr -s ' '");
	script_check(&s, "content\ndeep\n/etc/passwd\nro\n"
			 ". 43ff 9:10\nfile 89e9 7:8\ndeep 41c0 7:8\npipe 1180 0:0\nnull 21a0 0:0\n"
			 "1:3\n 4 2001-02-03 04:05:06\n");
	script_end(&s);
}

TEST(program_copies_no_deeper_than_it_can)
{
	struct script s;
	script_begin(&s);
	script_shell(&s, "cd old; for i in $(seq 70); do mkdir d; cd d; done");
	script_add(&s, (struct op){ OP_MOUNT, .mount = { .type = "tmpfs",
						      .target = "old",
						      .slot = NO_SLOT,
						      .flags = MOUNT_COPY_UP } });
	script_finish(&s, "true");
	script_check_fault(&s, OP_MOUNT, ELOOP);
	script_end(&s);
}

/* Four layers whose names are too long for fsconfig(). */
TEST(program_mounts_an_overlay_of_many_layers)
{
	struct script s;
	script_begin(&s);
	char layers[1024] = "lowerdir=";
	for (int i = 0; i < 4; i++) {
		char path[256], name[128];
		snprintf(name, sizeof(name), "old/layer-%d-%080d", i, i);
		scene_put(&s.scene, name, NULL);
		snprintf(path, sizeof(path), "%s%s/%s", i ? ":" : "", s.scene.root, name);
		strcat(layers, path);
		strcat(name, "/file");
		scene_put(&s.scene, name, i ? "lower\n" : "top\n");
	}
	const char *const params[] = { layers, NULL };
	script_add(&s, (struct op){ OP_MOUNT, .mount = { .type = "overlay",
						      .source = "overlay",
						      .params = params,
						      .target = "etc",
						      .slot = NO_SLOT,
						      .attrs = MOUNT_ATTR_NOSUID } });
	script_proc(&s);
	script_finish(&s, "cat /etc/file; grep -c '/etc overlay ro,nosuid' /proc/mounts; ls /dev");
	script_check(&s, "top\n1\n");
	script_end(&s);
}

TEST(program_tells_what_the_kernel_says_of_a_mount)
{
	static const char *const params[] = { "no-such-thing=1", NULL };
	struct script s;
	script_begin(&s);
	script_add(&s, (struct op){ OP_MOUNT, .why = "private /tmp",
			       .mount = { .type = "tmpfs",
				       .params = params,
				       .target = "tmp",
				       .slot = NO_SLOT } });
	script_finish(&s, "true");
	script_check_fault(&s, OP_MOUNT, EINVAL);
	CHECK_TEXT(
		s.scene.last.fault.what, "private /tmp: tmpfs: Unknown parameter 'no-such-thing'");
	script_end(&s);
}
