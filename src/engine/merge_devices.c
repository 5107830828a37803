/* Device nodes of a container, and the rules of its control group about them. */
#include "base/num.h"
#include "engine/merge.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void add_rule(struct merge *m, struct spec_device_rule rule)
{
	*merge_new(&m->spec->linux.resources.devices, struct spec_device_rule, m->arena) = rule;
}

static void add_node(struct merge *m, const char *inside, const struct stat *st)
{
	*merge_new(&m->spec->linux.devices, struct spec_device, m->arena) = (struct spec_device){
		.path = inside,
		.type = S_ISBLK(st->st_mode) ? "b" : "c",
		.major = major(st->st_rdev),
		.minor = minor(st->st_rdev),
		.file_mode = { true, st->st_mode & 07777 },
		.uid = { true, st->st_uid },
		.gid = { true, st->st_gid },
	};
}

static void allow(struct merge *m, const struct stat *st, const char *access)
{
	add_rule(m, (struct spec_device_rule){ .allow = true,
			    .type = S_ISBLK(st->st_mode) ? "b" : "c",
			    .access = access,
			    .major = { true, major(st->st_rdev) },
			    .minor = { true, minor(st->st_rdev) } });
}

static bool is_device(mode_t mode)
{
	return S_ISBLK(mode) || S_ISCHR(mode);
}

enum { DEPTH = 4 };

/* Every device below the open directory, with the path it has there. What the container gets as its
 * own (terminals, shared memory, queues) is left out. */
static void add_all(struct merge *m, int dir, const char *path, int depth)
{
	static const char left_out[] = "pts shm mqueue console ptmx fd stdin stdout stderr";
	DIR *d = fdopendir(dir);
	if (!d)
		return;
	for (const struct dirent *it; (it = readdir(d));) {
		struct stat st;
		if (*it->d_name == '.' || str_lists(str_of(left_out), ' ', str_of(it->d_name)) ||
			fstatat(dir, it->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		const char *below = arena_fmt(m->arena, "%s/%s", path, it->d_name);
		if (is_device(st.st_mode))
			add_node(m, below, &st);
		int sub = S_ISDIR(st.st_mode) && depth < DEPTH
		                  ? openat(dir, it->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		                  : -1;
		if (sub >= 0)
			add_all(m, sub, below, depth + 1);
	}
	closedir(d);
}

static struct err *add_tree(struct merge *m, const char *host, const char *inside)
{
	int dir = open(host, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys(errno, "%s", host);
	add_all(m, dir, inside, 0);
	return NULL;
}

static struct err *add_device(struct merge *m, const struct device_request *d)
{
	struct stat st;
	const char *access = d->access ? d->access : "rwm";
	const char *inside = d->inside ? d->inside : d->host;
	if (strspn(access, "rwm") != strlen(access))
		return err_new(ERR_USAGE, "invalid device mode: %s", access);
	if (stat(d->host, &st) < 0)
		return err_sys(errno,
			"error gathering device information while adding custom device "
			"\"%s\"",
			d->host);
	if (S_ISDIR(st.st_mode)) {
		size_t from = m->spec->linux.devices.n;
		struct err *e = add_tree(m, d->host, inside);
		const struct spec_device *all = m->spec->linux.devices.items;
		for (size_t i = from; !e && i < m->spec->linux.devices.n; i++)
			add_rule(m, (struct spec_device_rule){ .allow = true,
					    .type = all[i].type,
					    .access = access,
					    .major = { true, all[i].major },
					    .minor = { true, all[i].minor } });
		return e;
	}
	if (!is_device(st.st_mode))
		return err_new(ERR_USAGE, "%s is not a device", d->host);
	add_node(m, inside, &st);
	allow(m, &st, access);
	return NULL;
}

static struct err *parse_number(struct str text, struct opt_int *out)
{
	if (str_eq(text, STR("*")))
		return NULL;
	out->set = true;
	return num_range(text, 0, 0xfffff, &out->value);
}

/* "c 1:3 rwm" */
static struct err *add_group_rule(struct merge *m, const char *text)
{
	struct str rest = str_of(text), type = str_cut(&rest, ' '), device = str_cut(&rest, ' ');
	struct str first = str_cut(&device, ':');
	struct spec_device_rule rule = { .allow = true,
		.type = arena_str(m->arena, type),
		.access = arena_str(m->arena, rest) };
	struct err *e = NULL;
	bool form = type.n == 1 && strchr("abc", type.p[0]) && rest.n && rest.n <= 3 &&
	            strspn(rule.access, "rwm") == rest.n && first.n && device.n;
	if (!form)
		e = err_new(ERR_USAGE, "it has the form 'c 1:3 rwm'");
	if (!e)
		e = parse_number(first, &rule.major);
	if (!e)
		e = parse_number(device, &rule.minor);
	if (e)
		return err_wrap(e, "invalid device cgroup format '%s'", text);
	add_rule(m, rule);
	return NULL;
}

struct err *merge_devices(struct merge *m)
{
	const struct container_request *r = m->request;
	struct err *e = NULL;
	m->spec->linux.resources.present = true;
	add_rule(m, (struct spec_device_rule){ .allow = r->privileged, .access = "rwm" });
	if (r->privileged)
		e = add_tree(m, "/dev", "/dev");
	for (list_each(const struct device_request, d, r->devices))
		if (!e && !(r->privileged && !d->inside))
			e = add_device(m, d);
	for (size_t i = 0; !e && i < r->device_cgroup_rules.n; i++)
		e = add_group_rule(m, r->device_cgroup_rules.items[i]);
	return e;
}
