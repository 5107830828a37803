/* Spec to operations: capabilities. What is asked for and can't be given is left out and said. */
#include "planner/plan_process.h"

#include "kernel/cap.h"
#include <linux/capability.h>

/* The names of one set as bits; names that no kernel has are told to the caller. */
static uint64_t bits_of(struct draft *d, const struct text_list *names, const char *set)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < names->n; i++) {
		const struct word *w = words_find(&cap_words, str_of(names->items[i]));
		if (w)
			bits |= UINT64_C(1) << w->value;
		else
			draft_warn(d, "process.capabilities.%s: there is no capability '%s'", set,
				names->items[i]);
	}
	return bits;
}

static void warn_left_out(struct draft *d, uint64_t caps, const char *why)
{
	cleanup(buf_done) struct buf names = {};
	if (!caps)
		return;
	cap_show(caps, &names);
	draft_warn(d, "process.capabilities: %s left out: %s", buf_text(&names), why);
}

/* A new user namespace begins with all capabilities of the kernel: user_namespaces(7). */
static uint64_t all_caps(const struct draft *d)
{
	return (UINT64_C(2) << d->host->last_capability) - 1;
}

struct caps plan_caps_of(struct draft *d)
{
	const struct spec_caps *s = &d->process->capabilities;
	uint64_t bounding = bits_of(d, &s->bounding, "bounding");
	uint64_t permitted = bits_of(d, &s->permitted, "permitted");
	uint64_t effective = bits_of(d, &s->effective, "effective");
	uint64_t inheritable = bits_of(d, &s->inheritable, "inheritable");
	uint64_t ambient = bits_of(d, &s->ambient, "ambient");
	uint64_t boundable = d->userns ? all_caps(d) : d->host->bounding;
	uint64_t grantable = d->userns ? all_caps(d) : d->host->permitted;

	struct caps c = { .bounding = bounding & boundable, .permitted = permitted & grantable };
	uint64_t missing = (bounding & ~boundable) | (permitted & ~grantable);
	warn_left_out(d, missing, "the caller does not have it to give");
	c.effective = effective & c.permitted;
	warn_left_out(d, effective & ~c.effective & ~missing, "effective but not permitted");
	c.inheritable = inheritable & c.bounding;
	warn_left_out(d, inheritable & ~c.inheritable & ~missing, "inheritable but not bounding");
	c.ambient = ambient & c.permitted & c.inheritable;
	warn_left_out(
		d, ambient & ~c.ambient & ~missing, "ambient but not permitted and inheritable");
	return c;
}
