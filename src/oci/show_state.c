#include "oci/show_state.h"
#include "base/encode.h"
#include "base/num.h"
#include "kernel/file.h"
#include <fcntl.h>

static const struct field fields[] = {
	{ "ociVersion", MEMBER(struct shown, oci_version), .always = true },
	{ "id", MEMBER(struct shown, id), .always = true },
	{ "pid", MEMBER(struct shown, pid), .always = true },
	{ "status", MEMBER(struct shown, status), .always = true },
	{ "bundle", MEMBER(struct shown, bundle), .always = true },
	{ "rootfs", MEMBER(struct shown, rootfs), .always = true },
	{ "created", MEMBER(struct shown, created), .always = true },
	{ "annotations", MEMBER(struct shown, annotations) },
	{ "owner", MEMBER(struct shown, owner), .always = true },
};
static const struct schema schema = { SCHEMA(struct shown, fields) };

struct err *shown_of(const struct container *c, struct shown *out)
{
	enum container_status status;
	struct err *e = container_status(c, &status);
	if (e)
		return e;
	*out = (struct shown){ .oci_version = c->record.oci_version,
		.id = c->state.id,
		.status = container_status_name(status),
		.bundle = c->record.bundle,
		.rootfs = c->record.rootfs,
		.created = c->record.created,
		.owner = "",
		.pid = status == STATUS_STOPPED ? 0 : c->process.pid,
		.annotations = c->record.annotations };
	return NULL;
}

void shown_write(const struct shown *s, struct json_writer *w)
{
	encode(s, &schema, NULL, w);
}

/* name:password:uid:... The C library's way would load name services, which a static program
 * can't. */
const char *shown_owner(int64_t uid, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	cleanup(err_free) struct err *e = file_read(AT_FDCWD, "/etc/passwd", 16 << 20, &text);
	struct str rest = { buf_text(&text), e ? 0 : text.n };
	while (rest.n) {
		struct str line = str_cut(&rest, '\n'), name = str_cut(&line, ':');
		int64_t id;
		str_cut(&line, ':');
		cleanup(err_free) struct err *odd = num_parse(str_cut(&line, ':'), &id);
		if (!odd && id == uid)
			return arena_str(a, name);
	}
	return arena_fmt(a, "%lld", (long long)uid);
}
