#include "engine/names.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static const char *const qualities[] = { "brave", "bright", "calm", "clever", "cool", "crisp",
	"eager", "early", "fair", "fresh", "gentle", "glad", "grand", "happy", "humble", "keen",
	"kind", "lively", "lucky", "mellow", "merry", "modest", "neat", "nimble", "noble",
	"patient", "plain", "proud", "quick", "quiet", "ready", "ripe", "round", "salty", "sharp",
	"shiny", "simple", "smooth", "snug", "solid", "steady", "still", "sturdy", "sunny", "sweet",
	"swift", "tender", "tidy", "warm", "wise" };
static const char *const things[] = { "anchovy", "apron", "barley", "basket", "bean", "bowl",
	"brine", "cabbage", "cellar", "chestnut", "chili", "clay", "crock", "cucumber", "ember",
	"garlic", "ginger", "glaze", "grain", "jar", "kettle", "kiln", "ladle", "leek", "lid",
	"lotus", "malt", "millet", "mustard", "onion", "oven", "paste", "pear", "pepper",
	"persimmon", "pickle", "plum", "potter", "radish", "rice", "salt", "sesame", "shelf",
	"spoon", "squash", "stone", "straw", "turnip", "wheel", "yeast" };

static struct err *random_bytes(void *out, size_t n)
{
	return getrandom(out, n, 0) == (ssize_t)n ? NULL : err_sys(errno, "getrandom");
}

struct err *name_new_id(struct arena *a, const char **out)
{
	unsigned char bytes[ID_LENGTH / 2];
	static const char digits[] = "0123456789abcdef";
	struct err *e = random_bytes(bytes, sizeof(bytes));
	if (e)
		return e;
	char *id = anew(a, char, ID_LENGTH + 1);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		id[2 * i] = digits[bytes[i] >> 4];
		id[2 * i + 1] = digits[bytes[i] & 15];
	}
	*out = id;
	return NULL;
}

struct err *name_random(struct arena *a, const char **out)
{
	uint16_t n[2];
	struct err *e = random_bytes(n, sizeof(n));
	if (!e)
		*out = arena_fmt(a, "%s_%s%u", qualities[n[0] % ARRAY_LEN(qualities)],
			things[n[1] % ARRAY_LEN(things)], (unsigned)(n[0] / 64 % 1000));
	return e;
}

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

struct err *name_check(const char *name)
{
	size_t n = strlen(name);
	if (n >= 2 && n < NAME_MAX && strspn(name, letters) == n && !strchr("_.-", name[0]))
		return NULL;
	return err_new(ERR_USAGE,
		"Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name);
}

static const char *link_of(const char *name, struct arena *a)
{
	return arena_fmt(a, "names/%s", name);
}

/* The id that a name stands for, or NULL. */
static const char *owner(const struct engine *e, const char *name, struct arena *a)
{
	char id[ID_LENGTH + 2];
	ssize_t n = readlinkat(fd_num(e->dir), link_of(name, a), id, sizeof(id));
	return n == ID_LENGTH ? arena_str(a, (struct str){ id, (size_t)n }) : NULL;
}

static bool exists(const struct engine *e, const char *id, struct arena *a)
{
	struct stat st;
	return fstatat(fd_num(e->dir), arena_fmt(a, "containers/%s", id), &st, 0) == 0;
}

struct err *name_claim(const struct engine *e, const char *name, const char *id, struct arena *a)
{
	struct err *bad = name_check(name);
	if (bad)
		return bad;
	for (int tries = 0; tries < 3; tries++) {
		if (symlinkat(id, fd_num(e->dir), link_of(name, a)) == 0)
			return NULL;
		if (errno != EEXIST)
			return err_sys(errno, "name %s", name);
		const char *other = owner(e, name, a);
		if (other && strcmp(other, id) == 0)
			return NULL;
		if (other && exists(e, other, a))
			return err_hint(err_new(ERR_CONFLICT,
						"Conflict. The container name \"/%s\" is already "
						"in use by container \"%s\"",
						name, other),
				"remove or rename that container, or use --replace");
		unlinkat(fd_num(e->dir), link_of(name, a), 0);
	}
	return err_new(ERR_CONFLICT, "name %s: others take it, too", name);
}

struct err *name_release(const struct engine *e, const char *name, const char *id, struct arena *a)
{
	const char *other = name ? owner(e, name, a) : NULL;
	if (!other || strcmp(other, id) != 0)
		return NULL;
	if (unlinkat(fd_num(e->dir), link_of(name, a), 0) < 0 && errno != ENOENT)
		return err_sys(errno, "name %s", name);
	return NULL;
}

struct err *name_ids(const struct engine *e, struct arena *a, struct text_list *out)
{
	int fd = openat(fd_num(e->dir), "containers", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return err_sys(errno, "%s/containers", e->root);
	for (const struct dirent *d; (d = readdir(dir));)
		if (strlen(d->d_name) == ID_LENGTH)
			text_list_add(out, a, arena_str(a, str_of(d->d_name)));
	closedir(dir);
	return NULL;
}

static struct err *none(const char *text)
{
	return err_new(ERR_NOT_FOUND, "No such container: %s", text);
}

static struct err *by_beginning(
	const struct engine *e, const char *text, struct arena *a, const char **out)
{
	struct text_list ids = {};
	const char *found = NULL;
	struct err *bad = name_ids(e, a, &ids);
	for (size_t i = 0; !bad && i < ids.n; i++) {
		if (strncmp(ids.items[i], text, strlen(text)) != 0)
			continue;
		if (found)
			return err_new(
				ERR_USAGE, "Multiple IDs found with provided prefix: %s", text);
		found = ids.items[i];
	}
	if (!bad && !found)
		bad = none(text);
	if (!bad)
		*out = found;
	return bad;
}

struct err *name_resolve(
	const struct engine *e, const char *text, struct arena *a, const char **out)
{
	const char *name = *text == '/' ? text + 1 : text;
	bool hex = *name && strspn(name, "0123456789abcdef") == strlen(name);
	if (hex && strlen(name) == ID_LENGTH && exists(e, name, a)) {
		*out = name;
		return NULL;
	}
	if (!*name || strspn(name, letters) != strlen(name))
		return none(text);
	const char *id = owner(e, name, a);
	if (id && exists(e, id, a)) {
		*out = id;
		return NULL;
	}
	return hex ? by_beginning(e, name, a, out) : none(text);
}
