#include "seccomp/seccomp_cache.h"
#include "base/fd.h"
#include "kernel/file.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <string.h>
#include <sys/stat.h>

/* Counts changes of the programs that the same profile gives; goes into every key. */
enum { GENERATION = 1 };

/* --- the key: lengths before texts, counts before lists, so that nothing runs together ---------
 */

static void add_number(struct sha256 *s, uint64_t number)
{
	sha256_add(s, &number, sizeof(number));
}

static void add_text(struct sha256 *s, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	add_number(s, text ? n : UINT64_MAX);
	sha256_add(s, text, n);
}

static void add_texts(struct sha256 *s, const struct text_list *list)
{
	add_number(s, list->n);
	for (size_t i = 0; i < list->n; i++)
		add_text(s, list->items[i]);
}

static void add_optional(struct sha256 *s, const struct opt_int *o)
{
	add_number(s, o->set);
	add_number(s, o->set ? (uint64_t)o->value : 0);
}

static void add_rule(struct sha256 *s, const struct seccomp_rule *rule)
{
	add_texts(s, &rule->names);
	add_text(s, rule->action);
	add_optional(s, &rule->errno_ret);
	add_number(s, rule->n_args);
	for (size_t i = 0; i < rule->n_args; i++) {
		add_number(s, rule->args[i].index);
		add_text(s, rule->args[i].op);
		add_number(s, rule->args[i].value);
		add_number(s, rule->args[i].value_two);
	}
}

struct seccomp_key seccomp_cache_key(const struct seccomp_profile *p, const struct abi *native)
{
	const struct scmp_version *library = seccomp_version();
	struct seccomp_key key = {};
	struct sha256 s;
	sha256_init(&s);
	add_number(&s, GENERATION);
	add_number(&s, library->major * 10000 + library->minor * 100 + library->micro);
	add_text(&s, native->name);
	add_text(&s, p->default_action);
	add_optional(&s, &p->default_errno_ret);
	add_texts(&s, &p->architectures);
	add_texts(&s, &p->flags);
	add_number(&s, p->n_rules);
	for (size_t i = 0; i < p->n_rules; i++)
		add_rule(&s, &p->rules[i]);
	sha256_end(&s, key.digest);
	return key;
}

/* --- entries ------------------------------------------------------------------------------------
 */

/* What a file begins with; the instructions follow. */
struct entry {
	char magic[8];
	uint32_t flags, notify;
	struct seccomp_key key;
	uint8_t digest[SHA256_BYTES]; /* of all above and the instructions */
};
_Static_assert(sizeof(struct entry) == 80, "the file's layout has no holes");
static const char magic[8] = "onggiBPF";

static void digest_of(const struct entry *entry, struct bytes filter, uint8_t out[SHA256_BYTES])
{
	struct sha256 s;
	sha256_init(&s);
	sha256_add(&s, entry, offsetof(struct entry, digest));
	sha256_add(&s, filter.p, filter.n);
	sha256_end(&s, out);
}

static bool is_ours_alone(int file, mode_t kind)
{
	struct stat st;
	return fstat(file, &st) == 0 && (st.st_mode & S_IFMT) == kind && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static struct fd open_dir(const char *dir)
{
	cleanup(fd_close) struct fd at =
		fd_own(open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (fd_valid(at) && is_ours_alone(fd_num(at), S_IFDIR))
		return fd_take(&at);
	return (struct fd){};
}

/* The bytes of a file that is ours alone, in @room; 0 if there is none or they are too many. */
static size_t read_entry(int dir, const char *name, void *room, size_t limit)
{
	cleanup(fd_close) struct fd file =
		fd_own(openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
	if (!fd_valid(file) || !is_ours_alone(fd_num(file), S_IFREG))
		return 0;
	ssize_t n = read(fd_num(file), room, limit);
	return n < 0 || (size_t)n == limit ? 0 : (size_t)n;
}

static bool is_sound(const struct entry *entry, const struct seccomp_key *key, struct bytes filter)
{
	uint8_t digest[SHA256_BYTES];
	if (memcmp(entry->magic, magic, sizeof(magic)) != 0 ||
		memcmp(&entry->key, key, sizeof(*key)) != 0 || filter.n == 0 ||
		filter.n % sizeof(struct sock_filter) != 0)
		return false;
	digest_of(entry, filter, digest);
	return memcmp(digest, entry->digest, sizeof(digest)) == 0;
}

bool seccomp_cache_load(const char *dir, const struct seccomp_key *key, struct arena *a,
	struct seccomp_program *out)
{
	/* One byte more than the longest entry, to see that there is no more. */
	enum { LIMIT = sizeof(struct entry) + BPF_MAXINSNS * sizeof(struct sock_filter) + 1 };
	cleanup(fd_close) struct fd at = open_dir(dir);
	if (!fd_valid(at))
		return false;
	char name[2 * SHA256_BYTES + 1];
	sha256_hex(key->digest, name);
	struct entry *entry = arena_alloc(a, 1, LIMIT);
	size_t n = read_entry(fd_num(at), name, entry, LIMIT);
	if (n < sizeof(*entry))
		return false;
	struct bytes filter = { entry + 1, n - sizeof(*entry) };
	if (!is_sound(entry, key, filter))
		return false;
	*out = (struct seccomp_program){ filter, entry->flags, entry->notify };
	return true;
}

struct err *seccomp_cache_store(
	const char *dir, const struct seccomp_key *key, const struct seccomp_program *p)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_sys(errno, "mkdir %s", dir);
	cleanup(fd_close) struct fd at = open_dir(dir);
	if (!fd_valid(at))
		return err_new(ERR_DENIED, "%s is not a directory of ours alone", dir);

	cleanup(buf_done) struct buf file = {};
	struct entry entry = { .flags = p->flags, .notify = p->notify, .key = *key };
	memcpy(entry.magic, magic, sizeof(magic));
	digest_of(&entry, p->filter, entry.digest);
	char *room = buf_room(&file, sizeof(entry) + p->filter.n);
	memcpy(room, &entry, sizeof(entry));
	memcpy(room + sizeof(entry), p->filter.p, p->filter.n);
	buf_grown(&file, sizeof(entry) + p->filter.n);
	char name[2 * SHA256_BYTES + 1];
	sha256_hex(key->digest, name);
	return file_replace(fd_num(at), name, 0600, (struct bytes){ file.p, file.n });
}
