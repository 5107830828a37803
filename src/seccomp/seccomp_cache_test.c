#include "base/fd.h"
#include "base/test.h"
#include "seccomp/bpf_sim.h"
#include "seccomp/seccomp.h"
#include "seccomp/seccomp_cache.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/stat.h>

static const char *const names[] = { "umask" };
static const struct seccomp_rule rule = { .names = { (const char **)(uintptr_t)names, 1 },
	.action = "SCMP_ACT_ERRNO" };
static const struct seccomp_profile profile = {
	.default_action = "SCMP_ACT_ALLOW", .rules = &rule, .n_rules = 1
};

/* A directory for one test; its name fits the cache inside it. */
struct place {
	char dir[32], cache[48];
};

static struct place make_place(void)
{
	struct place p = { .dir = "/tmp/onggi-seccomp-XXXXXX" };
	CHECK(mkdtemp(p.dir));
	snprintf(p.cache, sizeof(p.cache), "%s/cache", p.dir);
	return p;
}

static void remove_place(struct place *p)
{
	char command[64];
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	CHECK(system(command) == 0);
}

static void entry_path(const struct place *p, const struct seccomp_profile *of, char out[200])
{
	struct seccomp_key key = seccomp_cache_key(of, abi_native());
	char hex[2 * SHA256_BYTES + 1];
	sha256_hex(key.digest, hex);
	snprintf(out, 200, "%s/%s", p->cache, hex);
}

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

static struct seccomp_program compile(
	const struct place *p, const struct seccomp_profile *of, struct arena *a)
{
	struct seccomp_program program = {};
	cleanup(err_free) struct err *e = seccomp_compile(of, p->cache, a, &program);
	CHECK(!e);
	return program;
}

static bool same(struct bytes a, struct bytes b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* Something else under the key, to see whether it is taken. */
static const struct sock_filter marker[] = { { BPF_RET | BPF_K, 0, 0, 0x50000 | 77 } };
static const struct seccomp_program planted = { { marker, sizeof(marker) }, 4, false };

static bool takes_planted(const struct place *p)
{
	cleanup(arena_done) struct arena arena = {};
	return same(compile(p, &profile, &arena).filter, planted.filter);
}

static void plant(const struct place *p)
{
	struct seccomp_key key = seccomp_cache_key(&profile, abi_native());
	cleanup(err_free) struct err *e = seccomp_cache_store(p->cache, &key, &planted);
	CHECK(!e);
}

TEST(a_program_is_kept_and_found_again)
{
	cleanup(arena_done) struct arena arena = {};
	cleanup(remove_place) struct place p = make_place();
	char path[200];
	entry_path(&p, &profile, path);
	struct seccomp_program first = compile(&p, &profile, &arena);
	struct stat st;
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK(stat(p.cache, &st) == 0 && (st.st_mode & 07777) == 0700);
	struct seccomp_program again = compile(&p, &profile, &arena);
	CHECK(same(first.filter, again.filter) && first.flags == again.flags);
	plant(&p);
	CHECK(takes_planted(&p));
	CHECK(compile(&p, &profile, &arena).flags == 4);
}

TEST(each_part_of_a_profile_is_in_the_key)
{
	static const struct seccomp_arg arg = { 0, "SCMP_CMP_EQ", 1, 0 };
	struct seccomp_rule r[2] = { rule, rule };
	struct seccomp_profile p = { .default_action = "SCMP_ACT_ALLOW", .rules = r, .n_rules = 1 };
	const char *native = abi_native()->name, *log = "SECCOMP_FILTER_FLAG_LOG";
	struct seccomp_key keys[12];
	size_t n = 0;
	keys[n++] = seccomp_cache_key(&p, abi_native());
	keys[n++] = seccomp_cache_key(&p, abi_by_name("SCMP_ARCH_VAX") ? NULL : &abis[0]);
	p.n_rules = 2;
	keys[n++] = seccomp_cache_key(&p, abi_native());
	r[0].args = &arg;
	r[0].n_args = 1;
	keys[n++] = seccomp_cache_key(&p, abi_native());
	r[0].errno_ret = (struct opt_int){ true, 0 };
	keys[n++] = seccomp_cache_key(&p, abi_native());
	r[0].errno_ret = (struct opt_int){ true, 1 };
	keys[n++] = seccomp_cache_key(&p, abi_native());
	r[0].names.n = 0;
	keys[n++] = seccomp_cache_key(&p, abi_native());
	p.architectures = (struct text_list){ &native, 1 };
	keys[n++] = seccomp_cache_key(&p, abi_native());
	p.flags = (struct text_list){ &log, 1 };
	keys[n++] = seccomp_cache_key(&p, abi_native());
	p.default_action = "SCMP_ACT_LOG";
	keys[n++] = seccomp_cache_key(&p, abi_native());
	p.default_errno_ret.set = true;
	keys[n++] = seccomp_cache_key(&p, abi_native());
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(memcmp(&keys[i], &keys[j], sizeof(keys[i])) != 0);
}

static void damage(const char *path, off_t at)
{
	cleanup(fd_close) struct fd file = fd_own(open(path, O_RDWR | O_CLOEXEC));
	char byte;
	CHECK(pread(fd_num(file), &byte, 1, at) == 1);
	byte ^= 1;
	CHECK(pwrite(fd_num(file), &byte, 1, at) == 1);
}

/* Each byte of the file matters; a damaged entry is replaced by a good one. */
TEST(a_damaged_entry_is_compiled_again)
{
	cleanup(remove_place) struct place p = make_place();
	char path[200];
	struct stat st;
	entry_path(&p, &profile, path);
	plant(&p);
	CHECK(stat(path, &st) == 0);
	for (off_t at = 0; at < st.st_size; at++) {
		plant(&p);
		CHECK(takes_planted(&p));
		damage(path, at);
		CHECK(!takes_planted(&p));
	}
	for (off_t size = 0; size < st.st_size; size++) {
		plant(&p);
		CHECK(truncate(path, size) == 0);
		CHECK(!takes_planted(&p));
	}
	plant(&p);
	CHECK(truncate(path, st.st_size + 8) == 0);
	CHECK(!takes_planted(&p));
	plant(&p);
	CHECK(truncate(path, 10 << 20) == 0);
	CHECK(!takes_planted(&p));
}

TEST(an_entry_under_another_name_is_not_taken)
{
	cleanup(remove_place) struct place p = make_place();
	struct seccomp_profile other = profile;
	other.default_action = "SCMP_ACT_LOG";
	char from[200], to[200];
	entry_path(&p, &other, from);
	entry_path(&p, &profile, to);
	struct seccomp_key key = seccomp_cache_key(&other, abi_native());
	CHECK(!seccomp_cache_store(p.cache, &key, &planted));
	CHECK(rename(from, to) == 0);
	CHECK(!takes_planted(&p));
}

TEST(nothing_is_believed_that_others_could_have_written)
{
	cleanup(remove_place) struct place p = make_place();
	char path[200], elsewhere[64];
	entry_path(&p, &profile, path);
	plant(&p);
	CHECK(chmod(p.cache, 0770) == 0 && !takes_planted(&p));
	CHECK(chmod(p.cache, 0700) == 0 && takes_planted(&p));
	CHECK(chmod(path, 0620) == 0 && !takes_planted(&p));

	plant(&p);
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", p.dir);
	CHECK(rename(p.cache, elsewhere) == 0 && symlink(elsewhere, p.cache) == 0);
	CHECK(!takes_planted(&p));
	CHECK(unlink(p.cache) == 0 && rename(elsewhere, p.cache) == 0 && takes_planted(&p));
	snprintf(elsewhere, sizeof(elsewhere), "%s/entry", p.dir);
	CHECK(rename(path, elsewhere) == 0 && symlink(elsewhere, path) == 0);
	CHECK(!takes_planted(&p));
}

TEST(nothing_is_believed_that_belongs_to_others)
{
	if (geteuid() != 0)
		test_skipped("needs root");
	cleanup(remove_place) struct place p = make_place();
	char path[200];
	entry_path(&p, &profile, path);
	plant(&p);
	CHECK(chown(path, 12345, 12345) == 0 && !takes_planted(&p));
	plant(&p);
	CHECK(chown(p.cache, 12345, 12345) == 0 && !takes_planted(&p));
	CHECK(unlink(path) == 0 && !takes_planted(&p));
	CHECK(!there(path)); /* and nothing is written there */
}

/* A fifo, which would block, and a cache that can't be made. */
TEST(a_cache_that_can_not_be_used_is_passed_over)
{
	cleanup(remove_place) struct place p = make_place();
	char path[200];
	entry_path(&p, &profile, path);
	plant(&p);
	CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
	CHECK(!takes_planted(&p));
	cleanup(arena_done) struct arena arena = {};
	struct place nowhere = { .cache = "/nowhere/at/all" };
	CHECK(compile(&nowhere, &profile, &arena).filter.n);
}
