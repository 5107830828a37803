#include "archive/tar.h"
#include "base/buf.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>

static la_ssize_t feed(struct archive *reader, void *with, const void **p)
{
	struct tar *t = with;
	size_t n;
	t->failed = source_next(t->source, p, &n);
	if (!t->failed)
		return (la_ssize_t)n;
	archive_set_error(reader, EIO, "%s", t->failed->text);
	return -1;
}

static struct err *tar_error(struct tar *t)
{
	const char *text = archive_error_string(t->reader);
	if (t->failed)
		return err_take(&t->failed);
	return err_new(ERR_USAGE, "not a tar archive, or a damaged one: %s",
		text ? text : "no reason is known");
}

struct err *tar_open(struct source *s, struct tar *out)
{
	*out = (struct tar){ .reader = archive_read_new(), .source = s };
	if (!out->reader)
		return err_new(ERR_SYSTEM, "no memory");
	archive_read_support_format_tar(out->reader);
	archive_read_support_format_empty(out->reader);
	if (archive_read_open(out->reader, out, NULL, feed, NULL) != ARCHIVE_OK)
		return tar_error(out);
	return NULL;
}

void tar_close(struct tar *t)
{
	if (t->reader)
		archive_read_free(t->reader);
	err_free(&t->failed);
	*t = (struct tar){};
}

struct err *tar_next(struct tar *t, struct archive_entry **out)
{
	int result = archive_read_next_header(t->reader, out);
	if (result == ARCHIVE_EOF) {
		*out = NULL;
		return NULL;
	}
	return result == ARCHIVE_OK ? NULL : tar_error(t);
}

struct err *tar_data(struct tar *t, const void **p, size_t *n, int64_t *at)
{
	la_int64_t offset = 0;
	int result = archive_read_data_block(t->reader, p, n, &offset);
	*at = offset;
	if (result == ARCHIVE_EOF)
		*n = 0;
	return result == ARCHIVE_OK || result == ARCHIVE_EOF ? NULL : tar_error(t);
}

struct err *tar_name(const char *name, struct buf *out)
{
	out->n = 0;
	if (!name || !*name)
		return err_new(ERR_USAGE, "it has no name");
	struct str rest = str_of(name);
	if (rest.n >= PATH_MAX)
		return err_new(ERR_USAGE, "its name is longer than a path can be");
	while (rest.n) {
		struct str part = str_cut(&rest, '/');
		if (str_eq(part, STR("..")))
			return err_new(ERR_USAGE, "its name leads out of the archive");
		if (!part.n || str_eq(part, STR(".")))
			continue;
		buf_add(out, "%s" STR_FMT, out->n ? "/" : "", STR_ARG(part));
	}
	return NULL;
}

void tar_show_name(const char *name, struct buf *out)
{
	enum { SHOWN = 200 };
	size_t n = name ? strlen(name) : 0;
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		unsigned char c = (unsigned char)name[i];
		buf_add(out, "%c", c < ' ' || c == 127 ? '?' : c);
	}
	if (n > SHOWN)
		buf_add(out, "...");
}
