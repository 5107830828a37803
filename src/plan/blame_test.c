#include "base/test.h"
#include "kernel/sys.h"
#include "plan/samples.h"
#include <errno.h>

/* What a person reads of a fault in the sample of @kind: the chain as err_print() has it. */
static void check_blame(struct fault f, const char *want)
{
	struct op ops[] = { sample_op((enum op_kind)f.kind) };
	cleanup(err_free) struct err *e = plan_blame(&(struct plan){ ops, 1 }, &f);
	CHECK(e);
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	err_print(e, out, "onggi");
	fclose(out);
	CHECK_TEXT(text, want);
}

TEST(no_fault_is_no_error)
{
	struct fault none = {};
	CHECK(!plan_blame(&(struct plan){}, &none));
	CHECK(!fault_blame(&none));
}

TEST(every_operation_is_blamed_by_its_purpose_and_call)
{
	for (enum op_kind kind = 0; kind < OP_KINDS; kind++) {
		struct op ops[] = { sample_op(kind) };
		struct fault f = { .num = EPERM, .call = SYS_WRITE, .kind = kind };
		cleanup(err_free) struct err *e = plan_blame(&(struct plan){ ops, 1 }, &f);
		CHECK(e && e->cause);
		bool command = kind == OP_EXEC || kind == OP_FIND_COMMAND;
		CHECK(strstr(e->text, command ? "container process" : ops[0].why));
		CHECK(strstr(e->cause->text, command ? "exec: \"sh\": " : ": write: "));
		CHECK(strstr(e->cause->text, ": operation not permitted"));
	}
}

TEST(a_failing_mount_names_itself)
{
	check_blame((struct fault){ .num = ENODEV, .call = SYS_FSOPEN, .kind = OP_MOUNT },
		"onggi: setting up private /tmp: mount tmpfs on /tmp: fsopen: no such device\n"
		"hint: this kernel has no such file system\n");
	check_blame((struct fault){ .num = EIO, .call = SYS_FSMOUNT, .kind = OP_MOUNT },
		"onggi: setting up private /tmp: mount tmpfs on /tmp: fsmount: "
		"input/output error\n");
}

TEST(the_kernels_own_words_are_passed_on)
{
	struct fault f = { .num = EINVAL, .call = SYS_FSCONFIG, .kind = OP_MOUNT };
	snprintf(f.what, sizeof(f.what), "private /tmp: tmpfs: Unknown parameter 'foo'");
	check_blame(f, "onggi: setting up private /tmp: mount tmpfs on /tmp: fsconfig: "
		       "invalid argument: tmpfs: Unknown parameter 'foo'\n"
		       "hint: the file system does not know one of the options\n");
	memset(f.what, 'x', sizeof(f.what)); /* no end, and not ours */
	check_blame(f, "onggi: setting up private /tmp: mount tmpfs on /tmp: fsconfig: "
		       "invalid argument\n"
		       "hint: the file system does not know one of the options\n");
}

TEST(an_old_kernel_is_named_whatever_failed)
{
	check_blame((struct fault){ .num = ENOSYS, .call = SYS_MOUNT_SETATTR, .kind = OP_ATTR },
		"onggi: setting up read-only root: change attributes of /: mount_setattr: "
		"function not implemented\n"
		"hint: onggi needs Linux 5.12 or newer\n");
}

TEST(a_check_that_fails_has_no_call)
{
	check_blame((struct fault){ .num = ELOOP, .kind = OP_ATTACH },
		"onggi: setting up /data of the host: attach fd12 on /data: "
		"too many levels of symbolic links\n");
}

TEST(kernel_file_systems_want_ordinary_directories)
{
	struct op ops[] = { sample_op(OP_MOUNT) };
	ops[0].mount.type = "proc";
	ops[0].mount.target = "/proc";
	ops[0].mount.flags = MOUNT_PLAIN_DIR;
	struct fault f = { .num = ELOOP, .call = SYS_OPENAT2, .kind = OP_MOUNT };
	cleanup(err_free) struct err *e = plan_blame(&(struct plan){ ops, 1 }, &f);
	CHECK_TEXT(e->cause->text, "filesystem \"proc\" must be mounted on ordinary directory: "
				   "/proc is a link or a file in the image");
}

static struct err *blame_command(enum op_kind kind, const char *command, int num)
{
	struct op ops[] = { sample_op(kind) };
	ops[0].exec.command = command;
	return plan_blame(&(struct plan){ ops, 1 },
		&(struct fault){ .num = num, .call = SYS_FACCESSAT2, .kind = kind });
}

/* The texts that engines look for to choose an exit status, and the statuses. */
TEST(commands_that_cannot_run_are_told_as_callers_expect)
{
	static const struct {
		enum op_kind kind;
		const char *command;
		int num;
		const char *text;
		int status;
	} rows[] = {
		{ OP_FIND_COMMAND, "foo", ENOENT,
			"exec: \"foo\": executable file not found in $PATH", 127 },
		{ OP_FIND_COMMAND, "/bin/foo", ENOENT,
			"exec: \"/bin/foo\": stat /bin/foo: no such file or directory", 127 },
		{ OP_FIND_COMMAND, "/x", EACCES, "exec: \"/x\": permission denied", 126 },
		{ OP_FIND_COMMAND, "/etc", EISDIR, "exec: \"/etc\": is a directory", 126 },
		{ OP_EXEC, "/x", ENOEXEC, "exec: \"/x\": exec format error", 126 },
		{ OP_EXEC, "/x", ENOENT, "exec: \"/x\": no such file or directory", 127 },
		{ OP_EXEC, "/x", E2BIG, "exec: \"/x\": argument list too long", 126 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(err_free) struct err *e =
			blame_command(rows[i].kind, rows[i].command, rows[i].num);
		CHECK_TEXT(e->text, "unable to start container process");
		CHECK_TEXT(e->cause->text, rows[i].text);
		CHECK(e->cause->hint);
		CHECK(err_exit_status(e) == rows[i].status);
	}
}

TEST(a_report_that_does_not_fit_the_plan_is_refused)
{
	struct op ops[] = { sample_op(OP_MOUNT) };
	struct plan plan = { ops, 1 };
	cleanup(err_free) struct err *beyond =
		plan_blame(&plan, &(struct fault){ .op = 1, .num = EPERM, .kind = OP_MOUNT });
	cleanup(err_free) struct err *other =
		plan_blame(&plan, &(struct fault){ .op = 0, .num = EPERM, .kind = OP_EXEC });
	cleanup(err_free) struct err *wild =
		fault_blame(&(struct fault){ .num = EPERM, .kind = 1u << 20 });
	CHECK_TEXT(beyond->text, "the container's process sent a malformed report");
	CHECK_TEXT(other->text, beyond->text);
	CHECK_TEXT(wild->text, beyond->text);
}

/* The start command has no plan: the fault carries the purpose, or the command's name. */
TEST(a_fault_without_its_plan_says_what_it_carries)
{
	struct fault f = { .num = EINVAL, .call = SYS_SECCOMP, .kind = OP_SECCOMP };
	snprintf(f.what, sizeof(f.what), "allowed system calls");
	cleanup(err_free) struct err *e = fault_blame(&f);
	CHECK_TEXT(e->text, "setting up allowed system calls");
	CHECK_TEXT(e->cause->text, "seccomp: seccomp: invalid argument");

	struct fault x = { .num = ENOEXEC, .call = SYS_EXECVE, .kind = OP_EXEC };
	memset(x.what, 'x', sizeof(x.what)); /* no end: it comes from outside */
	cleanup(err_free) struct err *long_name = fault_blame(&x);
	CHECK(strstr(long_name->cause->text, "xxx\": exec format error"));
}
