#include "child/launch_test.h"
#include "child/image.h"
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void copy_file(const char *from, const char *to)
{
	cleanup(fd_close) struct fd in = {}, out = {};
	CHECK(!fd_open(&in, AT_FDCWD, from, O_RDONLY));
	CHECK(!fd_open(&out, AT_FDCWD, to, O_WRONLY | O_CREAT | O_TRUNC));
	CHECK(fchmod(fd_num(out), 0755) == 0);
	char bytes[65536];
	ssize_t n;
	while ((n = read(fd_num(in), bytes, sizeof(bytes))) > 0)
		CHECK(write(fd_num(out), bytes, (size_t)n) == n);
}

void scene_put(struct scene *s, const char *path, const char *text)
{
	char whole[256];
	snprintf(whole, sizeof(whole), "%s/%s", s->root, path);
	if (!text) {
		CHECK(mkdir(whole, 0755) == 0);
		return;
	}
	cleanup(fd_close) struct fd f = {};
	CHECK(!fd_open(&f, AT_FDCWD, whole, O_WRONLY | O_CREAT | O_TRUNC));
	CHECK(write(fd_num(f), text, strlen(text)) == (ssize_t)strlen(text));
}

static const char *const applets[] = { "cat", "chrt", "cut", "grep", "hostname", "id", "ionice",
	"ip", "ls", "mkdir", "mount", "readlink", "sleep", "stat", "stty", "touch", "tr", "tty",
	"uniq", "unshare" };

void scene_make(struct scene *s)
{
	static const char busybox[] = "/usr/bin/busybox";
	static const char *const folders[] = { "bin", "dev", "etc", "proc", "sys", "tmp", "old" };
	if (geteuid() != 0)
		test_skipped("only root can make namespaces and mounts");
	if (access(busybox, X_OK) != 0)
		test_skipped("there is no /usr/bin/busybox (package busybox-static)");
	*s = (struct scene){ .root = "/tmp/onggi-unit-XXXXXX" };
	for (int i = 0; i < TEST_SLOTS; i++)
		s->slots[i] = -1;
	CHECK(mkdtemp(s->root));
	CHECK(chmod(s->root, 0755) == 0);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		scene_put(s, folders[i], NULL);
	char path[128];
	snprintf(path, sizeof(path), "%s/bin/busybox", s->root);
	copy_file(busybox, path);
	for (size_t i = 0; i < ARRAY_LEN(applets); i++) {
		snprintf(path, sizeof(path), "%s/bin/%s", s->root, applets[i]);
		CHECK(symlink("busybox", path) == 0);
	}
}

static int remove_one(const char *path, const struct stat *, int, struct FTW *)
{
	return remove(path);
}

void scene_remove(struct scene *s)
{
	CHECK(nftw(s->root, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0);
}

/* The child program with its plan, in memory. */
static struct fd image_of(const struct scene *s, const struct plan *p)
{
	cleanup(buf_done) struct buf image = {};
	child_image(p, s->slots, TEST_SLOTS, &image);
	cleanup(fd_close) struct fd file = fd_own(memfd_create("child", MFD_CLOEXEC | MFD_EXEC));
	if (!fd_valid(file))
		file = fd_own(memfd_create("child", MFD_CLOEXEC));
	CHECK(write(fd_num(file), image.p, image.n) == (ssize_t)image.n);
	return fd_take(&file);
}

static _Noreturn void become_child(const struct scene *s, int image, int out)
{
	char *none[] = { NULL };
	dup2(out, 1);
	for (int i = 0; i < TEST_SLOTS; i++)
		if (s->slots[i] >= 0)
			fcntl(s->slots[i], F_SETFD, 0);
	syscall(SYS_execveat, image, "", none, none, AT_EMPTY_PATH);
	_exit(99);
}

static void read_all(int from, char *out, size_t room)
{
	size_t n = 0;
	for (ssize_t r; n < room - 1 && (r = read(from, out + n, room - 1 - n)) > 0;)
		n += (size_t)r;
	out[n] = 0;
}

/* Listens until the child has executed its command, or has ended. */
static void listen_to(struct scene *s, int sync)
{
	s->last = (struct message){};
	for (struct message m; recv(sync, &m, sizeof(m), 0) == sizeof(m);) {
		s->last = m;
		if (s->heard)
			s->heard(s, sync, &m);
	}
}

/* A process that handed over is waited for, too: it ends well. */
static void wait_for_all(struct scene *s, pid_t first)
{
	if (s->pid != first) {
		int status;
		CHECK(waitpid(first, &status, 0) == first);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	CHECK(waitpid(s->pid, &s->status, 0) == s->pid);
}

void scene_run(struct scene *s, const struct plan *p, uint64_t flags)
{
	int sync[2], out[2];
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) == 0);
	CHECK(pipe2(out, O_CLOEXEC) == 0);
	cleanup(fd_close) struct fd ours = fd_own(sync[0]), said = fd_own(out[0]);
	s->slots[SLOT_SYNC] = sync[1];
	struct fd image = image_of(s, p);
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	CHECK(pid >= 0);
	if (pid == 0)
		become_child(s, fd_num(image), out[1]);
	fd_close(&image);
	close(sync[1]);
	close(out[1]);
	s->slots[SLOT_SYNC] = -1;

	s->pid = pid;
	listen_to(s, fd_num(ours));
	read_all(fd_num(said), s->out, sizeof(s->out));
	wait_for_all(s, pid);
}
