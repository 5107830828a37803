#include "archive/source.h"
#include <archive.h>
#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <unistd.h>
#include <zstd.h>

struct source {
	int fd;
	enum source_form form;
	const struct codec *codec;
	uint8_t *in, *out; /* SOURCE_BLOCK each */
	size_t at, have;   /* what of in is not used yet */
	bool in_ended, ended;
	int64_t read, delivered;
	struct sha256 sum;
	struct inflate_state *gzip;
	bool between; /* gzip: before a member */
	ZSTD_DStream *zstd;
	size_t zstd_wants;   /* 0: at the end of a frame */
	struct archive *raw; /* xz and bzip2 are libarchive's */
};

/* One way to decompress. */
struct codec {
	const char *name;
	uint8_t magic[6];
	size_t n_magic;
	struct err *(*open)(struct source *s, struct arena *a);
	struct err *(*next)(struct source *s, const void **p, size_t *n);
};

static struct err *fill(struct source *s)
{
	if (s->at < s->have || s->in_ended)
		return NULL;
	ssize_t n;
	do
		n = read(s->fd, s->in, SOURCE_BLOCK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(errno, "read the archive");
	s->at = 0;
	s->have = (size_t)n;
	s->read += n;
	s->in_ended = n == 0;
	return NULL;
}

static struct err *open_plain(struct source *, struct arena *)
{
	return NULL;
}

static struct err *next_plain(struct source *s, const void **p, size_t *n)
{
	struct err *e = fill(s);
	*p = s->in + s->at;
	*n = s->have - s->at;
	s->at = s->have;
	return e;
}

static struct err *open_gzip(struct source *s, struct arena *a)
{
	s->gzip = arena_alloc(a, sizeof(*s->gzip), 1);
	s->between = true;
	return NULL;
}

/* Several members may follow each other, and zeros or nothing the last. */
static struct err *begin_member(struct source *s, bool *end)
{
	while (s->read > 0 && s->delivered > 0 && s->at < s->have && s->in[s->at] == 0)
		s->at++;
	struct err *e = fill(s);
	*end = !e && s->in_ended;
	if (e || *end)
		return e;
	if (s->in[s->at] != 0x1f)
		return s->in[s->at] == 0
		               ? NULL
		               : err_new(ERR_USAGE, "gzip: there is something behind its end");
	isal_inflate_init(s->gzip);
	s->gzip->crc_flag = ISAL_GZIP;
	s->between = false;
	return NULL;
}

static struct err *next_gzip(struct source *s, const void **p, size_t *n)
{
	*p = s->out;
	*n = 0;
	while (*n == 0) {
		bool end = false;
		struct err *e = s->between ? begin_member(s, &end) : fill(s);
		if (e || end)
			return e;
		if (s->between)
			continue;
		if (s->in_ended)
			return err_new(ERR_USAGE, "gzip: it ends too early");
		s->gzip->next_in = s->in + s->at;
		s->gzip->avail_in = (uint32_t)(s->have - s->at);
		s->gzip->next_out = s->out;
		s->gzip->avail_out = SOURCE_BLOCK;
		int result = isal_inflate(s->gzip);
		if (result != ISAL_DECOMP_OK)
			return err_new(ERR_USAGE, "gzip: its content is damaged (%d)", result);
		s->at = s->have - s->gzip->avail_in;
		*n = SOURCE_BLOCK - s->gzip->avail_out;
		s->between = s->gzip->block_state == ISAL_BLOCK_FINISH;
	}
	return NULL;
}

static struct err *open_zstd(struct source *s, struct arena *)
{
	enum { WINDOW_LOG = 27 };
	s->zstd = ZSTD_createDStream();
	if (!s->zstd)
		return err_new(ERR_SYSTEM, "zstd: no memory");
	ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
	return NULL;
}

static struct err *next_zstd(struct source *s, const void **p, size_t *n)
{
	ZSTD_outBuffer out = { s->out, SOURCE_BLOCK, 0 };
	while (out.pos == 0) {
		struct err *e = fill(s);
		if (e)
			return e;
		if (s->in_ended && s->zstd_wants)
			return err_new(ERR_USAGE, "zstd: it ends too early");
		if (s->in_ended)
			break;
		ZSTD_inBuffer in = { s->in, s->have, s->at };
		s->zstd_wants = ZSTD_decompressStream(s->zstd, &out, &in);
		if (ZSTD_isError(s->zstd_wants))
			return err_new(ERR_USAGE, "zstd: %s", ZSTD_getErrorName(s->zstd_wants));
		s->at = in.pos;
	}
	*p = s->out;
	*n = out.pos;
	return NULL;
}

static la_ssize_t feed(struct archive *raw, void *with, const void **p)
{
	struct source *s = with;
	size_t n;
	struct err *e = next_plain(s, p, &n);
	if (e)
		archive_set_error(raw, EIO, "%s", e->text);
	la_ssize_t result = e ? -1 : (la_ssize_t)n;
	err_free(&e);
	return result;
}

static struct err *raw_error(const struct source *s)
{
	const char *text = archive_error_string(s->raw);
	return err_new(ERR_USAGE, "%s: %s", s->codec->name, text ? text : "damaged");
}

static struct err *open_raw(struct source *s, struct arena *)
{
	struct archive_entry *entry;
	s->raw = archive_read_new();
	if (!s->raw)
		return err_new(ERR_SYSTEM, "no memory");
	if (s->form == SOURCE_XZ)
		archive_read_support_filter_xz(s->raw);
	else
		archive_read_support_filter_bzip2(s->raw);
	archive_read_support_format_raw(s->raw);
	if (archive_read_open(s->raw, s, NULL, feed, NULL) != ARCHIVE_OK ||
		archive_read_next_header(s->raw, &entry) != ARCHIVE_OK)
		return raw_error(s);
	return NULL;
}

static struct err *next_raw(struct source *s, const void **p, size_t *n)
{
	la_ssize_t got = archive_read_data(s->raw, s->out, SOURCE_BLOCK);
	if (got < 0)
		return raw_error(s);
	*p = s->out;
	*n = (size_t)got;
	return NULL;
}

static const struct codec codecs[] = {
	[SOURCE_PLAIN] = { "plain", {}, 0, open_plain, next_plain },
	[SOURCE_GZIP] = { "gzip", { 0x1f, 0x8b }, 2, open_gzip, next_gzip },
	[SOURCE_ZSTD] = { "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, open_zstd, next_zstd },
	[SOURCE_XZ] = { "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, open_raw, next_raw },
	[SOURCE_BZIP2] = { "bzip2", { 'B', 'Z', 'h' }, 3, open_raw, next_raw },
};
_Static_assert(ARRAY_LEN(codecs) == SOURCE_FORMS, "every form can be read");

/* A pipe may deliver less than the magic at first. */
static struct err *read_magic(struct source *s)
{
	while (s->have < 6) {
		ssize_t n = read(s->fd, s->in + s->have, SOURCE_BLOCK - s->have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(errno, "read the archive");
		if (n == 0)
			break;
		s->have += (size_t)n;
		s->read += n;
	}
	for (int i = SOURCE_GZIP; i < SOURCE_FORMS; i++)
		if (s->have >= codecs[i].n_magic &&
			memcmp(s->in, codecs[i].magic, codecs[i].n_magic) == 0)
			s->form = (enum source_form)i;
	return NULL;
}

struct err *source_open(int fd, struct arena *a, struct source **out)
{
	struct source *s = anew(a, struct source, 1);
	s->fd = fd;
	s->in = arena_alloc(a, 1, SOURCE_BLOCK);
	s->out = arena_alloc(a, 1, SOURCE_BLOCK);
	sha256_init(&s->sum);
	struct err *e = read_magic(s);
	s->codec = &codecs[s->form];
	if (!e)
		e = s->codec->open(s, a);
	if (e)
		source_close(&s);
	else
		*out = s;
	return e;
}

void source_close(struct source **p)
{
	struct source *s = *p;
	if (s && s->zstd)
		ZSTD_freeDStream(s->zstd);
	if (s && s->raw)
		archive_read_free(s->raw);
	*p = NULL;
}

enum source_form source_form(const struct source *s)
{
	return s->form;
}

struct err *source_next(struct source *s, const void **p, size_t *n)
{
	*n = 0;
	struct err *e = s->ended ? NULL : s->codec->next(s, p, n);
	if (e)
		return e;
	s->ended = *n == 0;
	s->delivered += (int64_t)*n;
	sha256_add(&s->sum, *p, *n);
	if (s->delivered > SOURCE_MODEST && s->delivered / SOURCE_RATIO > s->read)
		return err_new(ERR_USAGE, "%lld bytes have become more than %lld: that is a bomb",
			(long long)s->read, (long long)SOURCE_MODEST);
	return NULL;
}

struct err *source_end(struct source *s, struct digest *out)
{
	const void *p;
	size_t n;
	do {
		struct err *e = source_next(s, &p, &n);
		if (e)
			return e;
	} while (n);
	digest_end(&s->sum, out);
	return NULL;
}
