#include "base/test.h"
#include "plan/args.h"
#include "plan/samples.h"

static void check_args(enum op_kind kind, const char *want)
{
	struct op op = sample_op(kind);
	cleanup(buf_done) struct buf got = {};
	struct json_writer w = { .out = &got };
	json_open(&w, NULL, '{');
	args_json(&op, &w);
	json_close(&w, '}');
	CHECK_TEXT(buf_text(&got), want);
}

TEST(arguments_are_written_by_name_and_type)
{
	check_args(OP_POST, "{\"stage\":\"m\"}");
	check_args(
		OP_OPEN, "{\"host\":\"/run/netns/blue\",\"flags\":\"O_RDONLY\",\"slot\":\"fd10\"}");
	check_args(OP_UNSHARE, "{\"slot\":null,\"flags\":\"CLONE_NEWNS|CLONE_NEWUTS\"}");
	check_args(OP_DEVICE, "{\"path\":\"dev/null\",\"mode\":\"020666\",\"major\":1,\"minor\":3,"
			      "\"uid\":0,\"gid\":0}");
	check_args(OP_RLIMIT, "{\"resource\":7,\"soft\":1024,\"hard\":18446744073709551615}");
	check_args(OP_PROPAGATE, "{\"new_root\":false,\"recursive\":true,\"flags\":\"MS_SLAVE\"}");
	check_args(OP_IDENTITY, "{\"uid\":1000,\"gid\":1000,\"groups\":\"0a00000014000000\","
				"\"keep_groups\":false}");
	check_args(OP_BOUNDING, "{\"effective\":\"none\",\"permitted\":\"CAP_CHOWN CAP_KILL\","
				"\"inheritable\":\"none\",\"ambient\":\"none\"}");
}

/* A new argument whose bits have no names would come out as a number alone. */
TEST(all_flags_of_all_operations_have_names)
{
	for (enum op_kind kind = 0; kind < OP_KINDS; kind++) {
		const struct op_row *row = &op_table[kind];
		for (size_t i = 0; i < row->n_args; i++) {
			struct op op = { .kind = kind };
			if (row->args[i].type != ARG_FLAGS)
				continue;
			memset((char *)&op + row->args[i].at, 0xff, row->args[i].size);
			cleanup(buf_done) struct buf got = {};
			arg_flags_show(&op, &row->args[i], &got);
			if (strncmp(buf_text(&got), "0x", 2) == 0)
				test_failed(
					__FILE__, __LINE__, "%s: %s", row->name, row->args[i].name);
		}
	}
}
