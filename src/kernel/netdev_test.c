#include "base/buf.h"
#include "base/fd.h"
#include "base/test.h"
#include "kernel/compat.h"
#include "kernel/netdev.h"
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the interfaces of these tests live, and a process in a namespace of its own. */
struct places {
	pid_t pid;
};

static void run(const char *command)
{
	if (system(command) != 0)
		test_failed(__FILE__, __LINE__, "%s", command);
}

static void wait_in_new_netns(int ready, pid_t parent)
{
	char byte = 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) == 0 && getppid() == parent && write(ready, &byte, 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

/* The test itself moves into a new network namespace, so that the machine's is left alone. */
static struct places make_places(void)
{
	int ready[2];
	char byte;
	if (unshare(CLONE_NEWNET) < 0)
		test_skipped("needs to make network namespaces");
	if (system("ip link add here0 type veth peer name peer0 2>/dev/null") != 0)
		test_skipped("needs ip and veth");
	CHECK(pipe(ready) == 0);
	pid_t parent = getpid();
	struct places p = { fork() };
	if (p.pid == 0)
		wait_in_new_netns(ready[1], parent);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	return p;
}

static void end_places(struct places *p)
{
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
}

/* What `ip -o` prints inside, for searching. */
static void look_inside(const struct places *p, const char *what, struct buf *out)
{
	char command[128], line[512];
	snprintf(command, sizeof(command), "nsenter -n -t %d ip -o %s", (int)p->pid, what);
	FILE *from = popen(command, "re");
	CHECK(from);
	while (fgets(line, sizeof(line), from))
		buf_add(out, "%s", line);
	pclose(from);
}

static bool inside(const struct places *p, const char *what, const char *needle)
{
	cleanup(buf_done) struct buf text = {};
	look_inside(p, what, &text);
	return strstr(buf_text(&text), needle) != NULL;
}

static void moved(const struct err *e)
{
	if (e)
		err_print(e, stderr, "netdev_test");
	CHECK(!e);
}

TEST(an_interface_moves_with_its_addresses)
{
	cleanup(end_places) struct places p = make_places();
	run("ip link set here0 mtu 1400 address 02:00:00:00:00:07");
	run("ip addr add 10.7.0.2/24 brd + dev here0");
	run("ip addr add 10.7.0.3/24 dev here0");
	run("ip addr add 192.0.2.1 peer 192.0.2.2/32 dev here0");
	run("ip addr add 169.254.1.1/16 scope link dev here0");
	run("ip -6 addr add 2001:db8::7/64 nodad dev here0");
	run("ip addr add 10.9.0.1/24 dev here0 valid_lft 1000 preferred_lft 1000");
	moved(netdev_move("here0", "lan", p.pid));
	CHECK(inside(&p, "link", "lan@") && inside(&p, "link", "02:00:00:00:00:07"));
	CHECK(inside(&p, "link", "mtu 1400") && inside(&p, "link show up", "lan@"));
	CHECK(inside(&p, "addr", "10.7.0.2/24 brd 10.7.0.255 scope global lan"));
	CHECK(inside(&p, "addr", "10.7.0.3/24 scope global secondary lan"));
	CHECK(inside(&p, "addr", "192.0.2.1 peer 192.0.2.2/32"));
	CHECK(inside(&p, "addr", "2001:db8::7/64 scope global nodad"));
	CHECK(!inside(&p, "addr", "169.254.1.1") && !inside(&p, "addr", "10.9.0.1"));
	CHECK(system("ip link show here0 2>/dev/null") != 0);
}

TEST(an_interface_keeps_its_name)
{
	cleanup(end_places) struct places p = make_places();
	moved(netdev_move("here0", NULL, p.pid));
	CHECK(inside(&p, "link", "here0@"));
}

/* Its index is taken there, and so is the first number. */
TEST(a_template_finds_a_free_number)
{
	cleanup(end_places) struct places p = make_places();
	char command[128];
	snprintf(command, sizeof(command),
		"nsenter -n -t %d ip link add lan0 index 3 type veth peer name other index 2",
		(int)p.pid);
	run(command);
	moved(netdev_move("here0", "lan%d", p.pid));
	CHECK(inside(&p, "link", "lan1@") && inside(&p, "link show up", "lan1@"));
	CHECK(!inside(&p, "link", "onggi"));
}

TEST(a_name_that_is_taken_is_an_error_and_nothing_moves)
{
	cleanup(end_places) struct places p = make_places();
	char command[128];
	snprintf(command, sizeof(command), "nsenter -n -t %d ip link add lan type veth peer name x",
		(int)p.pid);
	run(command);
	cleanup(err_free) struct err *e = netdev_move("here0", "lan", p.pid);
	CHECK(e && e->kind == ERR_CONFLICT);
	CHECK_TEXT(e->text, "moving interface here0 into the container");
	CHECK_TEXT(e->cause->text, "the container has an interface lan");
	run("ip link show here0 >/dev/null");
}

TEST(an_interface_that_is_not_there_is_named)
{
	cleanup(end_places) struct places p = make_places();
	cleanup(err_free) struct err *e = netdev_move("nothere", NULL, p.pid);
	CHECK(e && e->kind == ERR_NOT_FOUND);
	CHECK_TEXT(e->cause->text, "there is no interface nothere");
}
