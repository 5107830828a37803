#include "planner/resources_parts.h"
#include <inttypes.h>

void limit_set_either(const struct limits *l, const char *why, const char *file, const char *text,
	const char *or_file, const char *or_text)
{
	plan_add(l->out, (struct op){ .kind = OP_CGROUP_SET,
				 .why = why,
				 .cgroup_set = { l->dir, file, text, or_file, or_text } });
}

void limit_set(const struct limits *l, const char *why, const char *file, const char *text)
{
	limit_set_either(l, why, file, text, NULL, NULL);
}

void limit_try(const struct limits *l, const char *why, const char *file, const char *text)
{
	limit_set(l, why, file, text);
	l->out->ops[l->out->n - 1].may_fail = true;
}

const char *limit_number(const struct limits *l, int64_t n, const char *unlimited)
{
	return n < 0 ? unlimited : arena_fmt(l->arena, "%" PRId64, n);
}

static enum ask pids_asked(const struct spec_resources *r)
{
	return ask_of(r->pids_limit);
}

static struct err *pids_set(const struct limits *l)
{
	int64_t limit = l->r->pids_limit.value;
	limit_set(l, "number of processes and threads", "pids.max",
		limit > 0 ? limit_number(l, limit, "max") : "max");
	return NULL;
}

static enum ask hugetlb_asked(const struct spec_resources *r)
{
	return r->hugepage_limits.n ? ASKS_LIMIT : ASKS_NOTHING;
}

/* "2MB": a number and a unit, as the kernel names its files. */
static struct err *check_page_size(const char *size)
{
	size_t digits = strspn(size, "0123456789");
	if (digits > 0 && digits < 8 && *size != '0' && strchr("KMG", size[digits]) &&
		size[digits] && strcmp(size + digits + 1, "B") == 0)
		return NULL;
	return err_new(ERR_USAGE,
		"linux.resources.hugepageLimits: '%s' is not a page size such as 2MB or 1GB", size);
}

/* Pages are charged when they are reserved and when they are used; a limit of both is one that a
 * program meets when it maps memory, and not by SIGBUS later. */
static struct err *set_hugetlb(const struct limits *l, const char *limit_file)
{
	for (list_each(const struct spec_hugepage_limit, h, l->r->hugepage_limits)) {
		struct err *e = check_page_size(h->page_size);
		if (e)
			return e;
		const char *text = limit_number(l, h->limit, "0");
		limit_set(l, "huge pages",
			arena_fmt(l->arena, "hugetlb.%s.%s", h->page_size, limit_file), text);
		limit_set(l, "huge pages reserved",
			arena_fmt(l->arena, "hugetlb.%s.rsvd.%s", h->page_size, limit_file), text);
	}
	return NULL;
}

static struct err *hugetlb_set_v1(const struct limits *l)
{
	return set_hugetlb(l, "limit_in_bytes");
}

static struct err *hugetlb_set_v2(const struct limits *l)
{
	return set_hugetlb(l, "max");
}

static enum ask rdma_asked(const struct spec_resources *r)
{
	return r->rdma.n ? ASKS_LIMIT : ASKS_NOTHING;
}

static struct err *bad_name(const char *place, const char *name)
{
	return err_new(
		ERR_USAGE, "linux.resources.%s: '%s' can't be the name of a device", place, name);
}

static bool is_name(const char *name)
{
	return *name && !name[strcspn(name, " \t\n/")];
}

static struct err *rdma_set(const struct limits *l)
{
	for (list_each(const struct spec_rdma, d, l->r->rdma)) {
		const char *text = d->device;
		if (!is_name(text))
			return bad_name("rdma", text);
		if (d->hca_handles.set)
			text = arena_fmt(
				l->arena, "%s hca_handle=%" PRId64, text, d->hca_handles.value);
		if (d->hca_objects.set)
			text = arena_fmt(
				l->arena, "%s hca_object=%" PRId64, text, d->hca_objects.value);
		if (text != d->device)
			limit_set(l, "handles and objects of an RDMA device", "rdma.max", text);
	}
	return NULL;
}

static enum ask class_asked(const struct spec_resources *r)
{
	return limit_value(r->network.class_id) ? ASKS_LIMIT : ASKS_NOTHING;
}

static struct err *class_set(const struct limits *l)
{
	limit_set(l, "class of its packets", "net_cls.classid",
		limit_number(l, l->r->network.class_id.value, "0"));
	return NULL;
}

static enum ask priorities_asked(const struct spec_resources *r)
{
	return r->network.priorities.n ? ASKS_LIMIT : ASKS_NOTHING;
}

static struct err *priorities_set(const struct limits *l)
{
	const char *lines = "";
	for (list_each(const struct spec_interface_priority, p, l->r->network.priorities)) {
		if (!is_name(p->name))
			return bad_name("network.priorities", p->name);
		lines = arena_fmt(l->arena, "%s%s%s %" PRId64, lines, *lines ? "\n" : "", p->name,
			p->priority);
	}
	limit_set(l, "priority of its packets", "net_prio.ifpriomap", lines);
	return NULL;
}

#define ONLY_V1 "it exists on cgroup v1 only, and this host has not mounted it"

/* cpuset comes first: v1 lets no process in before it has processors. */
const struct controller controllers[] = {
	{ "cpuset", "cpuset", "linux.resources.cpu.cpus and mems",
		"the kernel needs CONFIG_CPUSETS; on v1 mount it at /sys/fs/cgroup/cpuset",
		cpuset_asked, cpuset_set, cpuset_set },
	{ "cpu", "cpu", "linux.resources.cpu",
		"the kernel needs CONFIG_CGROUP_SCHED; on v1 mount it at /sys/fs/cgroup/cpu",
		cpu_asked, cpu_set_v1, cpu_set_v2 },
	{ "memory", "memory", "linux.resources.memory",
		"boot the kernel with cgroup_enable=memory; on v1 mount it at "
		"/sys/fs/cgroup/memory",
		memory_asked, memory_set_v1, memory_set_v2 },
	{ "pids", "pids", "linux.resources.pids",
		"the kernel needs CONFIG_CGROUP_PIDS; on v1 mount it at /sys/fs/cgroup/pids",
		pids_asked, pids_set, pids_set },
	{ "blkio", "io", "linux.resources.blockIO",
		"the kernel needs CONFIG_BLK_CGROUP; on v1 mount it at /sys/fs/cgroup/blkio",
		blkio_asked, blkio_set_v1, blkio_set_v2 },
	{ "hugetlb", "hugetlb", "linux.resources.hugepageLimits",
		"the kernel needs CONFIG_CGROUP_HUGETLB", hugetlb_asked, hugetlb_set_v1,
		hugetlb_set_v2 },
	{ "rdma", "rdma", "linux.resources.rdma", "the kernel needs CONFIG_CGROUP_RDMA", rdma_asked,
		rdma_set, rdma_set },
	{ "net_cls", NULL, "linux.resources.network.classID", ONLY_V1, class_asked, class_set,
		NULL },
	{ "net_prio", NULL, "linux.resources.network.priorities", ONLY_V1, priorities_asked,
		priorities_set, NULL },
};
const size_t n_controllers = ARRAY_LEN(controllers);
