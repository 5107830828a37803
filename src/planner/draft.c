#include "planner/draft.h"
#include <stdarg.h>

void draft_parent(struct draft *d, struct op op)
{
	plan_add(&d->parts.parent, op);
}

void draft_child(struct draft *d, struct op op)
{
	plan_add(&d->parts.child, op);
}

void draft_source(struct draft *d, struct op op)
{
	plan_add(d->early_sources ? &d->parts.parent : &d->parts.child, op);
}

int draft_slot(struct draft *d)
{
	return d->parts.next_slot++;
}

void draft_warn(struct draft *d, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_list_add(&d->warnings, d->arena, arena_str(d->arena, str_of(text)));
}

void draft_proc(struct draft *d)
{
	if (!d->proc_open)
		draft_child(d, (struct op){ OP_PROC_OPEN, .why = "the kernel's files" });
	d->proc_open = true;
}

void draft_proc_write(struct draft *d, const char *path, const char *text, const char *why)
{
	draft_proc(d);
	draft_child(d, (struct op){ OP_PROC_WRITE, .why = why, .proc_write = { path, text } });
}
