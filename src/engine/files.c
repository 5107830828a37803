#include "engine/files.h"
#include "kernel/file.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static void add_line(struct buf *out, const char *key, const struct text_list *words)
{
	if (!words->n)
		return;
	buf_add(out, "%s", key);
	for (size_t i = 0; i < words->n; i++)
		buf_add(out, " %s", words->items[i]);
	buf_add(out, "\n");
}

static bool starts(struct str line, const char *key)
{
	size_t n = strlen(key);
	return line.n > n && memcmp(line.p, key, n) == 0 && (line.p[n] == ' ' || line.p[n] == '\t');
}

void files_resolv(const struct container_request *r, struct str host, struct buf *out)
{
	bool no_search = r->dns_search.n == 1 && strcmp(r->dns_search.items[0], ".") == 0;
	for (size_t i = 0; i < r->dns.n; i++)
		buf_add(out, "nameserver %s\n", r->dns.items[i]);
	if (!no_search)
		add_line(out, "search", &r->dns_search);
	add_line(out, "options", &r->dns_options);
	while (host.n) {
		struct str line = str_cut(&host, '\n');
		if ((starts(line, "nameserver") && !r->dns.n) ||
			((starts(line, "search") || starts(line, "domain")) && !r->dns_search.n) ||
			(starts(line, "options") && !r->dns_options.n))
			buf_add(out, STR_FMT "\n", STR_ARG(line));
	}
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];
	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* "name:address", "name=address"; an IPv6 address may be in brackets. */
static struct err *add_host(const char *text, struct buf *out)
{
	size_t n = strcspn(text, "=:");
	char address[64] = "";
	const char *from = text[n] ? text + n + 1 : "";
	size_t length = strlen(from);
	if (length >= 2 && from[0] == '[' && from[length - 1] == ']') {
		from++;
		length -= 2;
	}
	if (length < sizeof(address))
		memcpy(address, from, length);
	if (!n || strcspn(text, " \t\n") < n)
		return err_new(ERR_USAGE, "bad format for add-host: \"%s\"", text);
	if (!is_address(address))
		return err_new(ERR_USAGE, "invalid IP address in add-host: \"%s\"", from);
	buf_add(out, "%s\t%.*s\n", address, (int)n, text);
	return NULL;
}

struct err *files_hosts(const struct container_request *r, const char *hostname, struct buf *out)
{
	buf_add(out, "127.0.0.1\tlocalhost\n"
		     "::1\tlocalhost ip6-localhost ip6-loopback\n"
		     "fe00::\tip6-localnet\nff00::\tip6-mcastprefix\n"
		     "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
	for (size_t i = 0; i < r->add_hosts.n; i++) {
		struct err *e = add_host(r->add_hosts.items[i], out);
		if (e)
			return e;
	}
	bool alone = !r->network || strcmp(r->network, "none") == 0;
	if (alone && hostname)
		buf_add(out, "127.0.1.1\t%s\n", hostname);
	return NULL;
}

/* These are mounted as files: one that is there is written again, so its inode stays. */
static struct err *put(int dir, const char *name, const struct buf *text)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return NULL;
	return file_replace(dir, name, 0644, (struct bytes){ buf_text(text), text->n });
}

struct err *files_write(const struct engine_container *c, const char *hostname, struct arena *)
{
	const struct container_request *r = &c->record.request;
	cleanup(buf_done) struct buf host = {}, resolv = {}, hosts = {}, name = {};
	cleanup(fd_close) struct fd dir = {};
	char ours[HOST_NAME_MAX + 1] = "localhost";
	gethostname(ours, sizeof(ours) - 1);
	struct err *e = fd_open(&dir, AT_FDCWD, c->dir, O_RDONLY | O_DIRECTORY);
	struct err *none = file_read(AT_FDCWD, "/etc/resolv.conf", 1 << 20, &host);
	err_free(&none); /* a host without one names no servers */
	files_resolv(r, (struct str){ buf_text(&host), host.n }, &resolv);
	buf_add(&name, "%s\n", hostname ? hostname : ours);
	if (!e)
		e = files_hosts(r, hostname, &hosts);
	if (!e)
		e = put(fd_num(dir), "resolv.conf", &resolv);
	if (!e)
		e = put(fd_num(dir), "hosts", &hosts);
	return e ? e : put(fd_num(dir), "hostname", &name);
}
