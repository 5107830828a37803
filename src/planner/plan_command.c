/* Spec to operations: which file is executed, and with what. */
#include "planner/plan_process.h"

static const char *const default_path =
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static struct str name_of(const char *pair)
{
	return (struct str){ pair, strcspn(pair, "=") };
}

/* The last value of a variable is the one that counts. */
static const char *value_of(const struct text_list *env, struct str name)
{
	const char *value = NULL;
	for (size_t i = 0; i < env->n; i++)
		if (str_eq(name_of(env->items[i]), name))
			value = env->items[i] + name.n + 1;
	return value;
}

static bool comes_again(const struct text_list *env, size_t i)
{
	struct str name = name_of(env->items[i]);
	for (size_t j = i + 1; j < env->n; j++)
		if (str_eq(name_of(env->items[j]), name))
			return true;
	return false;
}

/* Each variable once, and HOME, which a document rarely has. */
static const char *const *environment(struct draft *d)
{
	const struct text_list *env = &d->process->env;
	const char *home = d->launch ? d->launch->home : d->exec->home;
	struct text_list out = {};
	for (size_t i = 0; i < env->n; i++)
		if (!comes_again(env, i))
			text_list_add(&out, d->arena, env->items[i]);
	if (home && !value_of(env, STR("HOME")))
		text_list_add(&out, d->arena, arena_fmt(d->arena, "HOME=%s", home));
	return out.n ? out.items : anew(d->arena, const char *, 1);
}

/* A name with a slash is a path. Directories of PATH that are not absolute are passed over: what
 * is executed may not depend on the working directory. */
static const char *const *candidates(struct draft *d, const char *command)
{
	struct text_list out = {};
	const char *path = value_of(&d->process->env, STR("PATH"));
	if (strchr(command, '/')) {
		text_list_add(&out, d->arena, command);
		return out.items;
	}
	for (struct str rest = str_of(path ? path : default_path); rest.n;) {
		struct str dir = str_cut(&rest, ':');
		if (dir.n && dir.p[0] == '/')
			text_list_add(&out, d->arena,
				arena_fmt(d->arena, STR_FMT "/%s", STR_ARG(dir), command));
	}
	return out.n ? out.items : anew(d->arena, const char *, 1);
}

struct op plan_command(struct draft *d, enum op_kind kind, const char *why)
{
	const char *command = d->process->args.items[0];
	struct op op = { kind, .why = why };
	op.exec.command = command;
	op.exec.candidates = candidates(d, command);
	op.exec.argv = d->process->args.items;
	op.exec.env = environment(d);
	return op;
}
