#include "base/test.h"
#include "kernel/compat.h"
#include "seccomp/abi.h"
#include "seccomp/bpf_sim.h"
#include "spec/seccomp_spec.h"
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

static const char head[] =
	"{\"ociVersion\":\"1.0.2\",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":0,"
	"\"gid\":0},\"args\":[\"x\"]},\"root\":{\"path\":\"r\"},\"linux\":{"
	"\"seccomp\":";

/* The seccomp object of a config.json, read as the runtime reads it. */
static const struct spec_seccomp *read_object(const char *object, struct arena *a)
{
	struct spec *spec = anew(a, struct spec, 1);
	char *text = arena_fmt(a, "%s%s}}", head, object);
	cleanup(err_free) struct err *e = spec_parse(text, strlen(text), "config.json", a, spec);
	if (e)
		err_print(e, stderr, "seccomp_spec_test");
	CHECK(!e);
	return &spec->linux.seccomp;
}

static void refused(const char *object, const char *want)
{
	cleanup(arena_done) struct arena arena = {};
	cleanup(buf_done) struct buf got = {};
	struct seccomp_program program;
	cleanup(err_free) struct err *e =
		seccomp_spec_compile(read_object(object, &arena), NULL, &arena, &program);
	for (const struct err *it = e; it; it = it->cause)
		buf_add(&got, "%s%s", it == e ? "" : ": ", it->text);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(every_member_of_linux_seccomp_reaches_the_profile)
{
	cleanup(arena_done) struct arena arena = {};
	struct seccomp_profile p;
	CHECK(!seccomp_spec_profile(
		read_object("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
			    "\"architectures\":[\"SCMP_ARCH_X86_64\"],\"flags\":[],\"syscalls\":[{"
			    "\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":7,"
			    "\"args\":[{\"index\":3,\"value\":18446744073709551615,\"valueTwo\":2,"
			    "\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}",
			&arena),
		&arena, &p));
	CHECK_TEXT(p.default_action, "SCMP_ACT_ERRNO");
	CHECK(p.default_errno_ret.set && p.default_errno_ret.value == 38);
	CHECK(p.architectures.n == 1 && p.flags.n == 0 && p.n_rules == 1);
	CHECK(p.rules[0].names.n == 2 && p.rules[0].errno_ret.value == 7 && p.rules[0].n_args == 1);
	CHECK_TEXT(p.rules[0].action, "SCMP_ACT_TRACE");
	CHECK(p.rules[0].args[0].index == 3 && p.rules[0].args[0].value == UINT64_MAX);
	CHECK(p.rules[0].args[0].value_two == 2);
	CHECK_TEXT(p.rules[0].args[0].op, "SCMP_CMP_MASKED_EQ");
}

/* No flags at all are not the same as an empty list of them. */
TEST(without_flags_filters_do_not_slow_speculation)
{
	cleanup(arena_done) struct arena arena = {};
	struct seccomp_program p;
	CHECK(!seccomp_spec_compile(
		read_object("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", &arena), NULL, &arena, &p));
	CHECK(p.flags == SECCOMP_FILTER_FLAG_SPEC_ALLOW && !p.notify);
	CHECK(!seccomp_spec_compile(
		read_object("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[]}", &arena), NULL,
		&arena, &p));
	CHECK(p.flags == 0);
}

TEST(mistakes_in_linux_seccomp_are_told_with_their_place)
{
	refused("{\"defaultAction\":\"SCMP_ACT_MAYBE\"}",
		"linux.seccomp: defaultAction: string SCMP_ACT_MAYBE is not a valid action for "
		"seccomp");
	refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		"\"action\":\"SCMP_ACT_NOTIFY\"}]}",
		"linux.seccomp: listenerPath: SCMP_ACT_NOTIFY needs one");
	refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerMetadata\":\"x\"}",
		"linux.seccomp: listenerMetadata: there is no listenerPath to send it to");
	refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/l\",\"syscalls\":[{"
		"\"names\":[\"write\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}",
		"linux.seccomp: syscalls[0]: SCMP_ACT_NOTIFY cannot be used for the write syscall");
}

TEST(a_spec_becomes_a_program)
{
	cleanup(arena_done) struct arena arena = {};
	struct seccomp_program p;
	CHECK(!seccomp_spec_compile(
		read_object(
			"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/l\","
			"\"syscalls\":[{\"names\":[\"getppid\"],\"action\":\"SCMP_ACT_NOTIFY\"},"
			"{\"names\":[\"umask\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
			&arena),
		NULL, &arena, &p));
	CHECK(p.notify && p.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER);
	struct seccomp_data data = { .nr = SYS_umask, .arch = abi_native()->audit };
	CHECK(bpf_sim(p.filter, &data, NULL) == (SECCOMP_RET_ERRNO | EPERM));
}
