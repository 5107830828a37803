/* Spec to operations: resource limits. */
#include "planner/draft.h"

#include "kernel/rlimit.h"
#include <linux/capability.h>

/* A limit as it can be given, and whether that takes a right. */
struct limit {
	uint32_t resource;
	uint64_t soft, hard;
	bool raises, lowered;
};

/* Raising a hard limit takes CAP_SYS_RESOURCE of the whole system, not of a user namespace. */
static struct limit limit_of(const struct draft *d, const struct spec_rlimit *r)
{
	const struct word *word = words_find(&rlimit_words, str_of(r->type));
	uint64_t hard = d->host->rlimits[word->value].hard;
	struct limit l = { (uint32_t)word->value, (uint64_t)r->soft, (uint64_t)r->hard };
	l.raises = l.hard > hard;
	bool may = d->host->initial_userns && d->host->permitted >> CAP_SYS_RESOURCE & 1;
	if (l.raises && !may) {
		l.hard = hard;
		l.soft = l.soft < hard ? l.soft : hard;
		l.raises = false;
		l.lowered = true;
	}
	return l;
}

static void add_limit(struct draft *d, uint32_t resource, uint64_t soft, uint64_t hard)
{
	draft_child(d, (struct op){ OP_RLIMIT, .why = "what the process may use",
			       .rlimit = { resource, soft, hard } });
}

/* Only as far as it takes a right; what is left does not. */
static void raise_limit(struct draft *d, const struct limit *l)
{
	add_limit(d, l->resource, d->host->rlimits[l->resource].soft, l->hard);
}

void plan_raise_limits(struct draft *d)
{
	for (list_each(const struct spec_rlimit, r, d->process->rlimits)) {
		struct limit l = limit_of(d, r);
		if (l.raises)
			raise_limit(d, &l);
	}
}

static void show_limit(uint64_t value, struct buf *out)
{
	if (value == UINT64_MAX)
		buf_add(out, "unlimited");
	else
		buf_add(out, "%llu", (unsigned long long)value);
}

static void warn_lowered(struct draft *d, const struct spec_rlimit *r, const struct limit *l)
{
	cleanup(buf_done) struct buf is = {}, asked = {};
	show_limit(l->hard, &is);
	show_limit((uint64_t)r->hard, &asked);
	draft_warn(d, "%s stays at %s instead of %s: raising a hard limit takes CAP_SYS_RESOURCE",
		r->type, buf_text(&is), buf_text(&asked));
}

/* With very few descriptors the launch itself could not go on. */
static bool starves(const struct limit *l)
{
	return l->resource == RLIMIT_NOFILE;
}

void plan_limits(struct draft *d, bool late)
{
	for (list_each(const struct spec_rlimit, r, d->process->rlimits)) {
		struct limit l = limit_of(d, r);
		if (!late && l.lowered)
			warn_lowered(d, r, &l);
		if (starves(&l) == late)
			add_limit(d, l.resource, l.soft, l.hard);
		else if (!late && l.raises && !d->userns)
			raise_limit(d, &l);
	}
}
