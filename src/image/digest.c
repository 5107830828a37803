#include "image/digest.h"
#include "base/buf.h"

bool digest_is_hex(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!strchr("0123456789abcdef", text.p[i]) || !text.p[i])
			return false;
	return text.n > 0 && text.n <= DIGEST_HEX;
}

struct err *digest_check(struct str text)
{
	struct str hex = text, algorithm = str_cut(&hex, ':');
	if (!str_eq(algorithm, STR("sha256")))
		return err_new(ERR_USAGE, "'%.80s' is not a sha256 digest", text.n ? text.p : "");
	if (hex.n != DIGEST_HEX || !digest_is_hex(hex))
		return err_new(ERR_USAGE,
			"'" STR_FMT "' is no digest: sha256: and 64 hexadecimal digits",
			(int)(text.n < 80 ? text.n : 80), text.p);
	return NULL;
}

void digest_end(struct sha256 *s, struct digest *out)
{
	uint8_t raw[SHA256_BYTES];
	sha256_end(s, raw);
	memcpy(out->text, "sha256:", 7);
	sha256_hex(raw, out->text + 7);
}

void digest_of(struct bytes data, struct digest *out)
{
	struct sha256 s;
	sha256_init(&s);
	sha256_add(&s, data.p, data.n);
	digest_end(&s, out);
}

void digest_chain(const char *below, const char *diff_id, struct digest *out)
{
	cleanup(buf_done) struct buf text = {};
	buf_add(&text, "%s%s%s", below ? below : "", below ? " " : "", diff_id);
	if (below)
		digest_of((struct bytes){ text.p, text.n }, out);
	else
		snprintf(out->text, sizeof(out->text), "%s", diff_id);
}
