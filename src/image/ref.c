#include "image/ref.h"
#include "image/digest.h"
#include <ctype.h>

enum { NAME_MAX_LENGTH = 255, TAG_MAX_LENGTH = 128 };

static struct err *invalid(struct str text, const char *why)
{
	return err_new(ERR_USAGE, "invalid reference format: '%.*s': %s",
		(int)(text.n < 300 ? text.n : 300), text.p, why);
}

static bool is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* How long the separator at @p is, between two runs of letters: '.', '_', "__" or dashes. */
static size_t separator(struct str s)
{
	size_t n = 0;
	if (s.p[0] == '-')
		while (n < s.n && s.p[n] == '-')
			n++;
	else if (s.p[0] == '_')
		n = s.n > 1 && s.p[1] == '_' ? 2 : 1;
	else if (s.p[0] == '.')
		n = 1;
	return n;
}

static bool is_component(struct str s)
{
	for (;;) {
		size_t n = 0;
		while (n < s.n && is_lower(s.p[n]))
			n++;
		if (!n)
			return false;
		s = (struct str){ s.p + n, s.n - n };
		if (!s.n)
			return true;
		n = separator(s);
		if (!n)
			return false;
		s = (struct str){ s.p + n, s.n - n };
	}
}

static bool is_path(struct str s)
{
	if (!s.n || s.p[s.n - 1] == '/')
		return false;
	while (s.n)
		if (!is_component(str_cut(&s, '/')))
			return false;
	return true;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool is_tag(struct str s)
{
	if (!s.n || s.n > TAG_MAX_LENGTH || !is_word(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_word(s.p[i]) && s.p[i] != '.' && s.p[i] != '-')
			return false;
	return true;
}

static bool is_port(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isdigit((unsigned char)s.p[i]))
			return false;
	return s.n > 0 && s.n <= 5;
}

static bool is_label(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '-')
			return false;
	return s.n && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

/* A host name or an address in brackets, with or without a port. */
static bool is_domain(struct str s)
{
	if (s.n && s.p[0] == '[') {
		struct str port = s, address = str_cut(&port, ']');
		for (size_t i = 1; i < address.n; i++)
			if (!isxdigit((unsigned char)address.p[i]) && address.p[i] != ':')
				return false;
		return address.n > 2 && address.n < s.n &&
		       (!port.n || (port.p[0] == ':' &&
					   is_port((struct str){ port.p + 1, port.n - 1 })));
	}
	struct str port = s, host = str_cut(&port, ':');
	if (host.n < s.n && !is_port(port))
		return false;
	if (!host.n || host.p[host.n - 1] == '.')
		return false;
	while (host.n)
		if (!is_label(str_cut(&host, '.')))
			return false;
	return true;
}

/* Whether the first of several components is a host: nothing in a path has these marks. */
static bool names_host(struct str first)
{
	for (size_t i = 0; i < first.n; i++)
		if (strchr(".:[", first.p[i]) || isupper((unsigned char)first.p[i]))
			return true;
	return str_eq(first, STR("localhost"));
}

/* Cuts "@digest" and then ":tag" off the end of @name. A colon before the last slash is a port's.
 */
static struct err *cut_end(struct str whole, struct str *name, struct arena *a, struct ref *out)
{
	struct str digest = whole;
	*name = str_cut(&digest, '@');
	if (name->n < whole.n) {
		struct err *e = digest_check(digest);
		if (e)
			return err_wrap(e, "invalid reference format");
		out->digest = arena_str(a, digest);
	}
	size_t at = name->n;
	while (at && name->p[at - 1] != ':' && name->p[at - 1] != '/')
		at--;
	if (!at || name->p[at - 1] == '/')
		return NULL;
	struct str tag = { name->p + at, name->n - at };
	if (!is_tag(tag))
		return invalid(whole, "a tag has up to 128 letters, digits and ._-");
	out->tag = arena_str(a, tag);
	name->n = at - 1;
	return NULL;
}

static struct err *split_name(struct str whole, struct str name, struct arena *a, struct ref *out)
{
	struct str path = name, domain = str_cut(&path, '/');
	if (domain.n == name.n || !names_host(domain)) {
		domain = STR("docker.io");
		path = name;
	}
	if (str_eq(domain, STR("index.docker.io")))
		domain = STR("docker.io");
	if (!is_domain(domain))
		return invalid(whole, "its host is none");
	if (!is_path(path))
		return invalid(
			whole, "names are in lower case: letters, digits, and . _ - between");
	bool hub = str_eq(domain, STR("docker.io")) && !memchr(path.p, '/', path.n);
	out->domain = arena_str(a, domain);
	out->path = arena_fmt(a, "%s" STR_FMT, hub ? "library/" : "", STR_ARG(path));
	if (strlen(out->domain) + 1 + strlen(out->path) > NAME_MAX_LENGTH)
		return invalid(whole, "a name has up to 255 characters");
	return NULL;
}

struct err *ref_parse(struct str text, struct arena *a, struct ref *out)
{
	struct ref r = {};
	struct str name;
	struct err *e = text.n ? cut_end(text, &name, a, &r) : invalid(text, "it is empty");
	if (e)
		return e;
	if (name.n == DIGEST_HEX && digest_is_hex(name))
		return invalid(text, "64 hexadecimal digits are an id, not a name");
	e = split_name(text, name, a, &r);
	if (e)
		return e;
	if (!r.tag && !r.digest)
		r.tag = "latest";
	*out = r;
	return NULL;
}

const char *ref_name(const struct ref *r, struct arena *a)
{
	return arena_fmt(a, "%s/%s:%s", r->domain, r->path, r->tag ? r->tag : "latest");
}

const char *ref_short(const struct ref *r, struct arena *a)
{
	if (strcmp(r->domain, "docker.io") != 0)
		return arena_fmt(a, "%s/%s", r->domain, r->path);
	const char *rest = r->path;
	if (strncmp(rest, "library/", 8) == 0 && !strchr(rest + 8, '/'))
		rest += 8;
	return rest;
}
