#include "base/test.h"
#include "plan/op_table.h"
#include <string.h>
#include <sys/mman.h>

enum { ROOM = 1 << 20 };

/* A packed plan at the address it was packed for. */
static const struct packed_plan *load(const struct plan *p, const int *slots, int n_slots)
{
	void *at = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(at != MAP_FAILED);
	cleanup(buf_done) struct buf b = {};
	plan_pack(p, slots, n_slots, (uintptr_t)at, &b);
	CHECK(b.n <= ROOM);
	memcpy(at, b.p, b.n);
	const struct packed_plan *packed = at;
	CHECK(packed->magic == PACKED_MAGIC && packed->size == b.n);
	return packed;
}

static const struct op *ops_of(const struct packed_plan *packed)
{
	return (const struct op *)(uintptr_t)packed->ops;
}

static bool within(const struct packed_plan *packed, const void *p)
{
	uintptr_t start = (uintptr_t)packed;
	return (uintptr_t)p >= start && (uintptr_t)p < start + packed->size;
}

static bool same_texts(const char *const *a, const char *const *b)
{
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return !*a && !*b;
}

TEST(a_packed_plan_says_the_same)
{
	static const char *const params[] = { "size=64m", "mode=1777", NULL };
	static const char *const argv[] = { "/bin/true", "", NULL }, *const env[] = { NULL };
	static const char *const candidates[] = { "/bin/true", NULL };
	static const uint32_t groups[] = { 1, 2, 3 };
	const struct op ops[] = {
		{ OP_MOUNT, .why = "a place for files", .may_fail = true,
			.mount = { .type = "tmpfs",
				.params = params,
				.target = "tmp",
				.slot = -1 } },
		{ OP_IDENTITY, .why = "who it is",
			.identity = { 7, 8, { groups, sizeof(groups) }, true } },
		{ OP_FIND_COMMAND, .exec = { "true", candidates, argv, env } },
		{ OP_EXEC, .exec = { "true", candidates, argv, env } },
	};
	const int slots[] = { 5, -1, 9 };
	const struct packed_plan *packed = load(&(struct plan){ ops, 4 }, slots, 3);
	CHECK(packed->n_ops == 4 && packed->n_slots == 3);
	CHECK(!memcmp((const void *)(uintptr_t)packed->slots, slots, sizeof(slots)));

	const struct op *got = ops_of(packed);
	CHECK(got[0].kind == OP_MOUNT && got[0].may_fail && got[0].mount.slot == -1);
	CHECK_TEXT(got[0].why, "a place for files");
	CHECK_TEXT(got[0].mount.type, "tmpfs");
	CHECK(!got[0].mount.source);
	CHECK(same_texts(got[0].mount.params, params));
	CHECK(got[1].identity.uid == 7 && got[1].identity.keep_groups);
	CHECK(!memcmp(got[1].identity.groups.p, groups, sizeof(groups)));
	CHECK(!got[2].why && same_texts(got[3].exec.argv, argv) && !got[3].exec.env[0]);
	CHECK(got[2].exec.env == got[3].exec.env);
	munmap((void *)(uintptr_t)packed, ROOM);
}

/* Every pointer of every kind leads into the block. */
TEST(a_packed_plan_needs_nothing_else)
{
	static const char *const texts[] = { "a", "b", NULL };
	struct op ops[OP_KINDS];
	for (int kind = 0; kind < OP_KINDS; kind++) {
		const struct op_row *row = &op_table[kind];
		ops[kind] = (struct op){ .kind = (enum op_kind)kind, .why = "why" };
		for (size_t i = 0; i < row->n_args; i++) {
			char *at = (char *)&ops[kind] + row->args[i].at;
			if (row->args[i].type == ARG_TEXT)
				*(const char **)at = "text";
			else if (row->args[i].type == ARG_TEXTS)
				*(const char *const **)at = texts;
			else if (row->args[i].type == ARG_BYTES)
				*(struct bytes *)at = (struct bytes){ "1234", 4 };
		}
	}
	const struct packed_plan *packed = load(&(struct plan){ ops, OP_KINDS }, NULL, 0);
	const struct op *got = ops_of(packed);
	for (int kind = 0; kind < OP_KINDS; kind++) {
		const struct op_row *row = &op_table[kind];
		CHECK(within(packed, got[kind].why));
		for (size_t i = 0; i < row->n_args; i++) {
			const struct op_arg *arg = &row->args[i];
			if (arg->type == ARG_TEXT)
				CHECK(within(packed, op_text(&got[kind], arg)));
			if (arg->type == ARG_TEXTS)
				CHECK(within(packed, op_texts(&got[kind], arg)) &&
					within(packed, op_texts(&got[kind], arg)[1]));
			if (arg->type == ARG_BYTES)
				CHECK(within(packed, op_bytes(&got[kind], arg).p));
		}
	}
	munmap((void *)(uintptr_t)packed, ROOM);
}

TEST(an_empty_plan_can_be_packed)
{
	const struct packed_plan *packed = load(&(struct plan){}, NULL, 0);
	CHECK(packed->n_ops == 0 && packed->size >= sizeof(*packed));
	munmap((void *)(uintptr_t)packed, ROOM);
}
