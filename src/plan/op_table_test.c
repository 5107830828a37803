#include "base/test.h"
#include "plan/op_table.h"
#include <stddef.h>
#include <string.h>

TEST(every_operation_has_a_row)
{
	for (int kind = 0; kind < OP_KINDS; kind++) {
		if (!op_table[kind].name)
			test_failed(__FILE__, __LINE__, "operation %d has no row", kind);
		for (int other = 0; other < kind; other++)
			CHECK(strcmp(op_table[kind].name, op_table[other].name) != 0);
	}
}

static size_t alignment(const struct op_arg *arg)
{
	return arg->type == ARG_BYTES ? _Alignof(struct bytes) : arg->size;
}

static size_t align_up(size_t at, size_t to)
{
	return (at + to - 1) / to * to;
}

/* Where the row's arguments end, if each begins where the one before ends, but for padding. */
static size_t covered(const struct op_row *row, size_t *widest)
{
	size_t at = row->n_args ? row->args[0].at : 0;
	for (size_t i = 0; i < row->n_args; i++) {
		const struct op_arg *arg = &row->args[i];
		if (align_up(at, alignment(arg)) != arg->at)
			test_failed(__FILE__, __LINE__, "%s: something is missing before %s",
				row->name, arg->name);
		at = arg->at + (size_t)arg->size;
		*widest = alignment(arg) > *widest ? alignment(arg) : *widest;
	}
	return at;
}

/* A member without a row would be neither packed nor printed; a pointer would be left dangling. */
TEST(rows_cover_every_member)
{
	for (int kind = 0; kind < OP_KINDS; kind++) {
		const struct op_row *row = &op_table[kind];
		size_t widest = 1, end = covered(row, &widest);
		if (!row->n_args)
			continue;
		CHECK(row->args[0].at == offsetof(struct op, sync));
		if (align_up(end - row->args[0].at, widest) != row->size)
			test_failed(
				__FILE__, __LINE__, "%s: its last member is missing", row->name);
	}
}

static const struct op_arg *argument(const struct op *op, const char *name)
{
	const struct op_row *row = &op_table[op->kind];
	for (size_t i = 0; i < row->n_args; i++)
		if (!strcmp(row->args[i].name, name))
			return &row->args[i];
	test_failed(__FILE__, __LINE__, "%s has no argument %s", row->name, name);
}

TEST(arguments_are_read_by_their_row)
{
	static const char *const params[] = { "size=1m", NULL };
	struct op op = { OP_MOUNT, .mount = { .type = "tmpfs",
					   .params = params,
					   .slot = NO_SLOT,
					   .attrs = UINT64_MAX,
					   .propagation_recursive = true } };
	CHECK_TEXT(op_text(&op, argument(&op, "type")), "tmpfs");
	CHECK(!op_text(&op, argument(&op, "target")));
	CHECK(op_texts(&op, argument(&op, "params")) == params);
	CHECK(op_number(&op, argument(&op, "slot")) == -1);
	CHECK(op_number(&op, argument(&op, "attrs")) == -1);
	CHECK(op_number(&op, argument(&op, "propagation_recursive")) == 1);

	struct op id = { OP_IDENTITY, .identity = { .uid = UINT32_MAX, .groups = { "abcd", 4 } } };
	CHECK(op_number(&id, argument(&id, "uid")) == UINT32_MAX);
	CHECK(op_bytes(&id, argument(&id, "groups")).n == 4);
}

TEST(sides)
{
	CHECK(op_side(OP_CLONE) == SIDE_PARENT);
	CHECK(op_side(OP_SOURCE) == SIDE_EITHER);
	CHECK(op_side(OP_EXEC) == SIDE_CHILD);
	CHECK_TEXT(op_name(OP_CGROUP_SET), "cgroup-set");
}
