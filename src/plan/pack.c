#include "plan/op_table.h"
#include <string.h>

/* A block that grows. Places in it are offsets from its start until they are stored. */
struct packer {
	struct buf *out;
	size_t start;  /* where the block begins in @out */
	uint64_t base; /* its address in the other process */
	/* Vectors that were packed already: argv and env belong to two operations. */
	struct {
		const char *const *texts;
		uint64_t address;
	} seen[8];
	size_t n_seen;
};

static void align(struct packer *p)
{
	static const char zeros[16];
	size_t over = (p->out->n - p->start) % sizeof(zeros);
	if (over)
		buf_put(p->out, zeros, sizeof(zeros) - over);
}

/* Appends @n bytes; returns their address. */
static uint64_t put(struct packer *p, const void *data, size_t n)
{
	uint64_t address = p->base + (p->out->n - p->start);
	buf_put(p->out, data, n);
	return address;
}

static uint64_t put_text(struct packer *p, const char *text)
{
	return text ? put(p, text, strlen(text) + 1) : 0;
}

static uint64_t put_bytes(struct packer *p, struct bytes b)
{
	align(p);
	return b.n ? put(p, b.p, b.n) : 0;
}

/* Overwrites what stands at @at with an address. */
static void store(struct packer *p, size_t at, uint64_t address)
{
	memcpy(p->out->p + at, &address, sizeof(address));
}

/* The vector is appended first, with room for the addresses of its texts. */
static uint64_t put_new_texts(struct packer *p, const char *const *texts)
{
	static const uint64_t none;
	align(p);
	size_t at = p->out->n;
	size_t n = 0;
	for (; texts[n]; n++)
		put(p, &none, sizeof(none));
	put(p, &none, sizeof(none));
	for (size_t i = 0; i < n; i++)
		store(p, at + i * sizeof(none), put_text(p, texts[i]));
	return p->base + (at - p->start);
}

static uint64_t put_texts(struct packer *p, const char *const *texts)
{
	if (!texts)
		return 0;
	for (size_t i = 0; i < p->n_seen; i++)
		if (p->seen[i].texts == texts)
			return p->seen[i].address;
	uint64_t address = put_new_texts(p, texts);
	size_t next = p->n_seen < ARRAY_LEN(p->seen) ? p->n_seen++ : 0;
	p->seen[next].texts = texts;
	p->seen[next].address = address;
	return address;
}

/* Appends what the argument points to and stores its address in the copy of the operation at
 * @copy. */
static void put_argument(
	struct packer *p, const struct op *op, const struct op_arg *arg, size_t copy)
{
	if (arg->type == ARG_TEXT)
		store(p, copy + arg->at, put_text(p, op_text(op, arg)));
	else if (arg->type == ARG_TEXTS)
		store(p, copy + arg->at, put_texts(p, op_texts(op, arg)));
	else if (arg->type == ARG_BYTES)
		store(p, copy + arg->at + offsetof(struct bytes, p),
			put_bytes(p, op_bytes(op, arg)));
}

static void put_op(struct packer *p, const struct op *op, size_t copy)
{
	const struct op_row *row = &op_table[op->kind];
	store(p, copy + offsetof(struct op, why), put_text(p, op->why));
	for (size_t i = 0; i < row->n_args; i++)
		put_argument(p, op, &row->args[i], copy);
}

void plan_pack(const struct plan *p, const int *slots, int n_slots, uint64_t base, struct buf *out)
{
	struct packer pk = { .out = out, .start = out->n, .base = base };
	struct packed_plan head = {
		.magic = PACKED_MAGIC, .n_ops = (uint32_t)p->n, .n_slots = (uint32_t)n_slots
	};
	put(&pk, &head, sizeof(head));
	align(&pk);
	head.ops = put(&pk, p->ops, p->n * sizeof(*p->ops));
	head.slots = put(&pk, slots, (size_t)n_slots * sizeof(*slots));
	for (size_t i = 0; i < p->n; i++)
		put_op(&pk, &p->ops[i], pk.start + (head.ops - base) + i * sizeof(*p->ops));
	head.size = out->n - pk.start;
	memcpy(out->p + pk.start, &head, sizeof(head));
}
