#include "child/procfs.h"
#include "child/text.h"
#include <linux/limits.h>

/* A line of mountinfo, read one byte at a time, because lines can be longer than any buffer. Kept
 * are field 5, where the mount is, and the type, which follows the field "-": proc(5). */
struct line {
	char place[PATH_MAX], type[16];
	struct text place_text, type_text;
	unsigned int field, at;     /* of the line, from 1; in the field, from 0 */
	bool is_dash, after_dash;   /* this field is "-" so far; the field before was */
	unsigned int octal, digits; /* of an escaped byte: "\040" */
};

enum { FIELD_PLACE = 5, FIELD_OPTIONAL = 7 };

static void start_line(struct line *l)
{
	l->place_text = (struct text)TEXT_IN(l->place);
	l->type_text = (struct text)TEXT_IN(l->type);
	l->place[0] = l->type[0] = 0;
	l->field = 1;
	l->at = l->octal = l->digits = 0;
	l->is_dash = l->after_dash = false;
}

/* A byte of the place, in which space, tab, newline and backslash are written in octal. */
static void add_to_place(struct line *l, char c)
{
	if (c == '\\') {
		l->octal = 0;
		l->digits = 3;
		return;
	}
	if (l->digits) {
		l->octal = l->octal * 8 + (unsigned int)(c - '0');
		if (--l->digits)
			return;
		c = (char)l->octal;
	}
	text_add_some(&l->place_text, &c, 1);
}

/* Takes a byte of the line other than its end. */
static void add_byte(struct line *l, char c)
{
	if (c == ' ') {
		l->after_dash = l->is_dash;
		l->is_dash = false;
		l->field++;
		l->at = 0;
		return;
	}
	if (l->field == FIELD_PLACE)
		add_to_place(l, c);
	if (l->after_dash)
		text_add_some(&l->type_text, &c, 1);
	l->is_dash = c == '-' && l->at == 0 && l->field >= FIELD_OPTIONAL;
	l->at++;
}

/* What is being looked for, and how many were found and left where they are. */
struct hunt {
	char keep[PATH_MAX]; /* nothing at or below this directory */
	unsigned int covered;
};

static bool is_wanted(const struct hunt *h, const struct line *l)
{
	if (!text_same(l->type, "proc") && !text_same(l->type, "sysfs"))
		return false;
	if (!text_starts(l->place, h->keep))
		return true;
	char next = l->place[text_len(h->keep)];
	return next && next != '/';
}

/* Reads @file up to a wanted mount, but not the first @skip; 1 if there is one: @l is its line. */
static int find_in(struct runner *r, int file, const struct hunt *h, struct line *l)
{
	unsigned int skip = h->covered;
	char bytes[1024];
	long n;
	start_line(l);
	while ((n = sys_read(&r->sys, file, bytes, sizeof(bytes))) > 0)
		for (long i = 0; i < n; i++) {
			if (bytes[i] != '\n') {
				add_byte(l, bytes[i]);
				continue;
			}
			if (is_wanted(h, l) && skip-- == 0)
				return 1;
			start_line(l);
		}
	return (int)n;
}

static int find(struct runner *r, const struct hunt *h, struct line *l)
{
	int file = procfs_open_file(r, "self/mountinfo", O_RDONLY);
	int found = file < 0 ? file : find_in(r, file, h, l);
	runner_close(r, file);
	return found;
}

/* A mount that came from outside a user namespace cannot be detached there, but be covered. */
static int hide(struct runner *r, struct hunt *h, const char *place)
{
	long failed = sys_umount2(&r->sys, place, MNT_DETACH | UMOUNT_NOFOLLOW);
	if (failed != -EINVAL && failed != -EPERM)
		return (int)failed;
	h->covered++;
	return (int)sys_mount(&r->sys, "tmpfs", place, "tmpfs", MS_RDONLY, NULL);
}

int procfs_hide_others(struct runner *r)
{
	struct hunt h;
	struct line l;
	h.covered = 0;
	long failed = sys_getcwd(&r->sys, h.keep, sizeof(h.keep));
	if (failed < 0)
		return (int)failed;
	int found;
	while ((found = find(r, &h, &l)) == 1) {
		failed = hide(r, &h, l.place);
		if (failed < 0)
			return (int)failed;
	}
	return found;
}
