#include "planner/passwd.h"
#include "base/num.h"
#include "kernel/file.h"

/* A decimal number that fits; "+1", " 1", "0x1" and the like are none. */
static bool take_id(struct str text, uint32_t *out)
{
	int64_t value;
	if (!text.n || text.n > 10 || text.p[0] < '0' || text.p[0] > '9')
		return false;
	cleanup(err_free) struct err *e = num_parse(text, &value);
	if (e || value < 0 || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

static size_t count(struct str text, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == c;
	return n;
}

/* "name:password:uid:gid:comment:home:shell" */
static bool take_line(struct str line, struct arena *a, struct passwd_entry *out)
{
	enum { FIELDS = 7 };
	struct str fields[FIELDS];
	if (count(line, ':') < FIELDS - 1)
		return false;
	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = str_cut(&line, ':');
	if (!fields[0].n || !take_id(fields[2], &out->uid) || !take_id(fields[3], &out->gid))
		return false;
	out->name = arena_str(a, fields[0]);
	out->home = arena_str(a, fields[5]);
	out->shell = arena_str(a, fields[6]);
	return true;
}

struct err *passwd_by_uid(int root, const char *path, uint32_t uid, struct arena *a,
	struct passwd_entry *out, bool *found)
{
	cleanup(buf_done) struct buf text = {};
	*found = false;
	struct err *e = file_read_in(root, path, PASSWD_MAX, &text);
	if (e && (e->kind == ERR_NOT_FOUND || e->kind == ERR_DENIED))
		err_free(&e);
	for (struct str rest = { text.p, e ? 0 : text.n }; !*found && rest.n;) {
		struct passwd_entry entry;
		if (!take_line(str_cut(&rest, '\n'), a, &entry) || entry.uid != uid)
			continue;
		*out = entry;
		*found = true;
	}
	return e;
}
