/*
 * Who runs in a container: "user", "user:group", names or numbers, looked up in the container's own
 * files. Those are written by others: regular files of limited size, read as data (passwd(5),
 * group(5)). A number is always a number, whatever a file calls so.
 */
#include "base/num.h"
#include "engine/merge.h"
#include "kernel/file.h"
#include "planner/passwd.h"
#include <string.h>

enum { ID_LIMIT = 0x7fffffff };

struct row {
	struct str name, id, third, fourth; /* passwd: uid, gid; group: gid, members */
};

static struct err *read_table(int root, const char *path, struct buf *out)
{
	struct err *e = root < 0 ? NULL : file_read_in(root, path, PASSWD_MAX, out);
	if (e && (e->kind == ERR_NOT_FOUND || e->kind == ERR_DENIED))
		err_free(&e);
	return e;
}

/* The next line of four fields; false at the end. */
static bool next_row(struct str *rest, struct row *out)
{
	while (rest->n) {
		struct str line = str_cut(rest, '\n');
		out->name = str_cut(&line, ':');
		str_cut(&line, ':');
		out->id = str_cut(&line, ':');
		out->third = str_cut(&line, ':');
		if (out->name.n && out->id.n)
			return true;
	}
	return false;
}

static bool is_number(struct str text)
{
	size_t i = 0;
	while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9')
		i++;
	return text.n && i == text.n;
}

static bool parse_id(struct str text, int64_t *out)
{
	struct err *e = is_number(text) ? num_range(text, 0, ID_LIMIT, out)
	                                : err_new(ERR_USAGE, "no number");
	bool good = !e;
	err_free(&e);
	return good;
}

/* The row called @who, or with that id if it is a number. */
static bool find(const struct buf *table, struct str who, struct row *out)
{
	struct str rest = { buf_text(table), table->n };
	int64_t want, id;
	bool number = is_number(who);
	if (number && !parse_id(who, &want))
		return false;
	while (next_row(&rest, out))
		if (number ? parse_id(out->id, &id) && id == want : str_eq(out->name, who))
			return true;
	return false;
}

static struct err *find_id(const struct buf *table, struct str who, const char *what, int64_t *id)
{
	struct row row;
	if (is_number(who)) {
		struct err *e = num_range(who, 0, ID_LIMIT, id);
		return e ? err_wrap(e, "%s", what) : NULL;
	}
	if (find(table, who, &row) && parse_id(row.id, id))
		return NULL;
	return err_new(ERR_USAGE, "unable to find %s " STR_FMT ": no matching entries in %s file",
		what, STR_ARG(who), strcmp(what, "user") == 0 ? "passwd" : "group");
}

static void add_gid(struct int_list *l, int64_t gid, struct arena *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i] == gid)
			return;
	int64_t *grown = anew(a, int64_t, l->n + 1);
	if (l->n)
		memcpy(grown, l->items, l->n * sizeof(*grown));
	grown[l->n] = gid;
	*l = (struct int_list){ grown, l->n + 1 };
}

/* The groups that list @name among their members. */
static void add_memberships(
	const struct buf *groups, struct str name, struct arena *a, struct int_list *out)
{
	struct str rest = { buf_text(groups), groups->n };
	struct row row;
	int64_t gid;
	while (name.n && next_row(&rest, &row))
		if (str_lists(row.third, ',', name) && parse_id(row.id, &gid))
			add_gid(out, gid, a);
}

static struct err *add_further(
	const struct merge *m, const struct buf *groups, struct int_list *out)
{
	const struct text_list *add = &m->request->group_add;
	for (size_t i = 0; i < add->n; i++) {
		int64_t gid;
		struct err *e = find_id(groups, str_of(add->items[i]), "group", &gid);
		if (e)
			return e;
		add_gid(out, gid, m->arena);
	}
	return NULL;
}

struct err *merge_user(const struct merge *m, const char *user, struct spec_process *out)
{
	cleanup(buf_done) struct buf users = {}, groups = {};
	struct str group = str_of(user && *user ? user : "0"), who = str_cut(&group, ':');
	bool has_group = group.n > 0;
	struct row row = {};
	struct str name = {};
	int64_t gid = 0;
	if (m->root < 0)
		return NULL;
	if (!who.n)
		who = STR("0");
	struct err *e = read_table(m->root, "/etc/passwd", &users);
	if (!e)
		e = read_table(m->root, "/etc/group", &groups);
	if (!e)
		e = find_id(&users, who, "user", &out->user.uid);
	if (e)
		return e;
	if (find(&users, who, &row)) {
		name = row.name;
		if (!parse_id(row.third, &gid))
			gid = 0;
	}
	if (has_group)
		e = find_id(&groups, group, "group", &gid);
	out->user.gid = gid;
	if (!e && !has_group)
		add_memberships(&groups, name, m->arena, &out->user.additional_gids);
	if (!e)
		add_gid(&out->user.additional_gids, gid, m->arena);
	return e ? e : add_further(m, &groups, &out->user.additional_gids);
}
