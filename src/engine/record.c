#include "engine/record.h"
#include "base/encode.h"
#include "kernel/file.h"

enum { RECORD_LIMIT = 4 << 20 };

#define ROW(key, member)                                                                           \
	{                                                                                          \
		key, MEMBER(struct container_record, member)                                       \
	}
static const struct field fields[] = {
	{ "id", MEMBER(struct container_record, id), .required = true },
	ROW("name", name),
	ROW("created", created),
	ROW("started", started),
	ROW("imageId", image_id),
	ROW("imageName", image_name),
	ROW("layers", layers),
	{ "request", MEMBER(struct container_record, request), .of = &request_schema },
	ROW("args", args),
	ROW("anonymousVolumes", anonymous),
	ROW("restarts", restarts),
	ROW("stoppedByUser", stopped_by_user),
};
static const struct schema record_schema = { SCHEMA(struct container_record, fields) };

#define EXIT(key, member)                                                                          \
	{                                                                                          \
		key, MEMBER(struct exit_record, member)                                            \
	}
static const struct field exit_fields[] = {
	EXIT("finished", finished),
	{ "code", MEMBER(struct exit_record, code), .required = true, .always = true },
	EXIT("signal", signal),
	EXIT("oomKilled", oom_killed),
	EXIT("timedOut", timed_out),
	EXIT("stopping", stopping),
	EXIT("unhealthy", unhealthy),
	EXIT("unknown", unknown),
	EXIT("oomKills", oom_kills),
	EXIT("memoryPeak", memory_peak),
	EXIT("error", error),
};
static const struct schema exit_schema = { SCHEMA(struct exit_record, exit_fields) };

static struct err *read_document(
	int dir, const char *name, const struct schema *s, void *out, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	struct err *e = file_read(dir, name, RECORD_LIMIT, &text);
	return e ? e : decode_text((struct str){ buf_text(&text), text.n }, name, s, out, a);
}

static struct err *write_document(
	int dir, const char *name, const struct schema *s, const void *from)
{
	cleanup(buf_done) struct buf text = {};
	encode_text(from, s, JSON_INDENTED, &text);
	return file_replace(dir, name, 0600, (struct bytes){ buf_text(&text), text.n });
}

struct err *container_record_read(int dir, struct arena *a, struct container_record *out)
{
	struct container_record r = {};
	struct err *e = read_document(dir, "record.json", &record_schema, &r, a);
	if (!e)
		*out = r;
	return e;
}

struct err *container_record_write(int dir, const struct container_record *r)
{
	return write_document(dir, "record.json", &record_schema, r);
}

struct err *exit_record_read(int dir, struct arena *a, struct exit_record *out, bool *there)
{
	struct exit_record r = {};
	struct err *e = read_document(dir, "exit.json", &exit_schema, &r, a);
	*there = !e;
	if (e && e->kind == ERR_NOT_FOUND)
		err_free(&e);
	if (*there)
		*out = r;
	return e;
}

struct err *exit_record_write(int dir, const struct exit_record *r)
{
	return write_document(dir, "exit.json", &exit_schema, r);
}
