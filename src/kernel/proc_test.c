#include "base/test.h"
#include "kernel/proc.h"
#include <signal.h>
#include <sys/wait.h>

TEST(a_process_is_opened_signalled_and_reaped)
{
	pid_t pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	cleanup(fd_close) struct fd pidfd = {};
	CHECK(!proc_open(pid, &pidfd));
	bool ended = true;
	CHECK(!proc_await(fd_num(pidfd), 0, &ended) && !ended);
	struct proc_stat st;
	CHECK(!proc_stat_read(pid, &st));
	CHECK(st.parent == getpid() && st.start_time > 0);
	CHECK(!proc_signal(fd_num(pidfd), SIGTERM));
	CHECK(!proc_await(fd_num(pidfd), -1, &ended) && ended);
	CHECK(!proc_stat_read(pid, &st) && st.state == 'Z');
	int status;
	CHECK(!proc_reap(fd_num(pidfd), &status));
	CHECK(proc_exit_code(status) == 128 + SIGTERM);
	cleanup(err_free) struct err *e = proc_signal(fd_num(pidfd), SIGTERM);
	CHECK(e && e->kind == ERR_NOT_FOUND);
}

TEST(exit_codes_are_those_of_a_shell)
{
	CHECK(proc_exit_code(W_EXITCODE(7, 0)) == 7);
	CHECK(proc_exit_code(W_EXITCODE(0, SIGKILL)) == 137);
}

TEST(the_end_of_a_process_is_known_before_it_is_reaped)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(42);
	cleanup(fd_close) struct fd pidfd = {};
	CHECK(!proc_open(pid, &pidfd));
	bool ended = false;
	int status = 0;
	pid_t number = 0;
	CHECK(!proc_await(fd_num(pidfd), -1, &ended) && ended);
	CHECK(!proc_number(fd_num(pidfd), &number) && number == pid);
	CHECK(proc_ended(fd_num(pidfd), &status) && proc_exit_code(status) == 42);
	CHECK(!proc_reap(fd_num(pidfd), &status));
	cleanup(err_free) struct err *gone = proc_number(fd_num(pidfd), &number);
	CHECK(gone && gone->kind == ERR_NOT_FOUND);
}

/* The number of a process that is gone but led a session that is not is nobody's. */
TEST(a_number_that_only_a_session_has_is_no_process)
{
	int alive[2];
	CHECK(pipe(alive) == 0);
	pid_t leader = fork();
	if (leader == 0) {
		setsid();
		close(alive[1]);
		if (fork() == 0)
			(void)!read(alive[0], &(char){ 0 }, 1);
		_exit(0);
	}
	close(alive[0]);
	CHECK(waitpid(leader, NULL, 0) == leader);
	struct fd pidfd = {};
	cleanup(err_free) struct err *e = proc_open(leader, &pidfd);
	CHECK(e && e->kind == ERR_NOT_FOUND);
	close(alive[1]);
}
