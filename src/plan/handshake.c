#include "plan/handshake.h"

/* One side: how far it got, and how much of what its peer posted it has read. */
struct side {
	enum op_side which;
	const char *name;
	const struct plan *plan;
	size_t at, read;
	bool born;
};

const char *stage_name(char stage)
{
	static const struct {
		char stage;
		const char *name;
	} names[] = {
		{ STAGE_FORKED, "forked" },
		{ STAGE_MAPPED, "mapped" },
		{ STAGE_READY, "ready" },
		{ STAGE_HOOKED, "hooked" },
		{ STAGE_CREATED, "created" },
		{ STAGE_RUNS, "runs" },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].stage == stage)
			return names[i].name;
	return "?";
}

char stage_posted(const struct op *op)
{
	if (op->kind == OP_REFORK)
		return STAGE_FORKED;
	if (op->kind == OP_EXEC)
		return STAGE_RUNS;
	return op->kind == OP_POST ? op->sync.stage : 0;
}

char stage_awaited(const struct op *op)
{
	if (op->kind == OP_TAKE_PID)
		return STAGE_FORKED;
	return op->kind == OP_AWAIT ? op->sync.stage : 0;
}

/* The oldest message of @peer that @self has not read; NULL if there is none yet. */
static const struct op *next_message(struct side *self, const struct side *peer)
{
	while (self->read < peer->at && !stage_posted(&peer->plan->ops[self->read]))
		self->read++;
	return self->read < peer->at ? &peer->plan->ops[self->read] : NULL;
}

/* Moves @self past @op if it can go on; *@moved says whether it did. */
static struct err *pass(
	struct side *self, const struct side *peer, const struct op *op, bool *moved)
{
	char wanted = stage_awaited(op);
	*moved = !wanted && (op->kind != OP_GATE || peer->at == peer->plan->n);
	if (!wanted)
		return NULL;
	const struct op *message = next_message(self, peer);
	if (!message)
		return NULL;
	char got = stage_posted(message);
	if (got != wanted)
		return err_new(ERR_SYSTEM,
			"launch would break: %s awaits '%s' (%s), but '%s' (%s) comes first",
			self->name, stage_name(wanted), op->why, stage_name(got), message->why);
	self->read++;
	*moved = true;
	return NULL;
}

static struct err *check_side(const struct side *self, const struct op *op)
{
	enum op_side side = op_side(op->kind);
	if (side == self->which || side == SIDE_EITHER)
		return NULL;
	return err_new(ERR_SYSTEM, "launch would break: %s can't execute %s (%s)", self->name,
		op_name(op->kind), op->why);
}

/* Runs @self until its plan ends or it has to wait for @peer, and writes down its turns. */
static struct err *advance(struct side *self, struct side *peer, struct turn **turns)
{
	bool moved = self->born;
	while (moved && self->at < self->plan->n) {
		const struct op *op = &self->plan->ops[self->at];
		struct err *e = check_side(self, op);
		if (!e)
			e = pass(self, peer, op, &moved);
		if (e)
			return e;
		if (!moved)
			break;
		*(*turns)++ = (struct turn){ self->which, op };
		peer->born |= op->kind == OP_CLONE;
		self->at++;
	}
	return NULL;
}

static struct err *stuck(const struct side *s)
{
	if (s->at == s->plan->n)
		return NULL;
	const struct op *op = &s->plan->ops[s->at];
	if (!s->born)
		return err_new(ERR_SYSTEM, "launch would do nothing: the parent makes no child");
	return err_new(ERR_SYSTEM, "launch would hang: %s awaits '%s' (%s), which never comes",
		s->name, stage_name(stage_awaited(op)), op->why);
}

static struct err *unread(struct side *self, const struct side *peer)
{
	const struct op *message = next_message(self, peer);
	if (!message || stage_posted(message) == STAGE_RUNS)
		return NULL;
	return err_new(ERR_SYSTEM, "launch would break: %s posts '%s' (%s), which nobody awaits",
		peer->name, stage_name(stage_posted(message)), message->why);
}

struct err *handshake_order(const struct plan *parent, const struct plan *child, struct turn *turns)
{
	struct side p = { SIDE_PARENT, "parent", parent, .born = true };
	struct side c = { SIDE_CHILD, "child", child };
	struct err *e = NULL;
	for (const struct turn *before = NULL; !e && before != turns;) {
		before = turns;
		e = advance(&p, &c, &turns);
		if (!e)
			e = advance(&c, &p, &turns);
	}
	e = e ? e : stuck(&p);
	e = e ? e : stuck(&c);
	e = e ? e : unread(&p, &c);
	return e ? e : unread(&c, &p);
}

struct err *handshake_check(const struct plan *parent, const struct plan *child)
{
	cleanup(arena_done) struct arena a = {};
	return handshake_order(parent, child, anew(&a, struct turn, parent->n + child->n));
}

static struct turn *append(const struct plan *p, enum op_side side, struct turn *turns)
{
	for (size_t i = 0; i < p->n; i++)
		*turns++ = (struct turn){ side, &p->ops[i] };
	return turns;
}

size_t handshake_turns(const struct launch_plan *plan, struct arena *a, struct turn **turns)
{
	size_t n = plan->parent.n + plan->child.n;
	*turns = anew(a, struct turn, n);
	cleanup(err_free) struct err *apart = handshake_order(&plan->parent, &plan->child, *turns);
	if (apart)
		append(&plan->child, SIDE_CHILD, append(&plan->parent, SIDE_PARENT, *turns));
	return n;
}
