#include "engine/from_image.h"
#include "base/path.h"
#include <string.h>

static struct str name_of(const char *variable)
{
	return (struct str){ variable, strcspn(variable, "=") };
}

static bool has_variable(const struct text_list *env, const char *variable)
{
	for (size_t i = 0; i < env->n; i++)
		if (str_eq(name_of(env->items[i]), name_of(variable)))
			return true;
	return false;
}

static void join_env(const struct text_list *image, struct arena *a, struct container_request *r)
{
	struct text_list env = {};
	for (size_t i = 0; i < image->n; i++)
		if (!has_variable(&r->env, image->items[i]))
			text_list_add(&env, a, image->items[i]);
	for (size_t i = 0; i < r->env.n; i++)
		text_list_add(&env, a, r->env.items[i]);
	r->env = env;
}

static bool has_label(const struct text_map *labels, const char *key)
{
	for (size_t i = 0; i < labels->n; i++)
		if (strcmp(labels->items[i].key, key) == 0)
			return true;
	return false;
}

static void join_labels(const struct text_map *image, struct arena *a, struct container_request *r)
{
	struct text_pair *pairs = anew(a, struct text_pair, image->n + r->labels.n);
	size_t n = 0;
	for (size_t i = 0; i < image->n; i++)
		if (!has_label(&r->labels, image->items[i].key))
			pairs[n++] = image->items[i];
	for (size_t i = 0; i < r->labels.n; i++)
		pairs[n++] = r->labels.items[i];
	r->labels = (struct text_map){ pairs, n };
}

static bool has_mount(const struct list *mounts, const char *target, struct arena *a)
{
	for (list_each(const struct mount_request, m, *mounts))
		if (strcmp(path_clean(a, str_of(m->target)), target) == 0)
			return true;
	return false;
}

/* VOLUME of the image: anonymous ones where nothing else is mounted. */
static void join_volumes(const struct list *image, struct arena *a, struct container_request *r)
{
	struct mount_request *all = anew(a, struct mount_request, r->mounts.n + image->n);
	size_t n = r->mounts.n;
	if (n)
		memcpy(all, r->mounts.items, n * sizeof(*all));
	for (list_each(const struct imgconf_key, v, *image)) {
		const char *target = path_join(a, "/", v->name);
		if (!has_mount(&r->mounts, target, a))
			all[n++] = (struct mount_request){ .type = "volume", .target = target };
	}
	r->mounts = (struct list){ all, n };
}

static void join_health(const struct imgconf_health *image, struct container_request *r)
{
	struct health_request *h = &r->health;
	if (!image->present || h->disabled)
		return;
	h->test = h->test.n ? h->test : image->test;
	h->interval = h->interval ? h->interval : image->interval;
	h->timeout = h->timeout ? h->timeout : image->timeout;
	h->start_period = h->start_period ? h->start_period : image->start_period;
	h->start_interval = h->start_interval ? h->start_interval : image->start_interval;
	h->retries = h->retries ? h->retries : image->retries;
}

static void add_all(const struct text_list *from, struct arena *a, struct text_list *to)
{
	for (size_t i = 0; i < from->n; i++)
		text_list_add(to, a, from->items[i]);
}

void from_image(const struct imgconf_run *image, struct arena *a, struct container_request *r,
	struct text_list *args)
{
	const struct text_list *command = r->command.n        ? &r->command
	                                  : r->entrypoint_set ? &r->command
	                                                      : &image->cmd;
	add_all(r->entrypoint_set ? &r->entrypoint : &image->entrypoint, a, args);
	add_all(command, a, args);
	join_env(&image->env, a, r);
	join_labels(&image->labels, a, r);
	join_volumes(&image->volumes, a, r);
	join_health(&image->health, r);
	r->user = r->user ? r->user : image->user;
	r->workdir = r->workdir ? r->workdir : image->working_dir;
	r->stop_signal = r->stop_signal ? r->stop_signal : image->stop_signal;
}
