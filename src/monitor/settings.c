#include "monitor/settings.h"
#include "base/num.h"
#include "base/words.h"
#include <signal.h>
#include <string.h>

enum setting_kind { SETTING_TEXT, SETTING_YES, SETTING_NUMBER, SETTING_WORD };

struct setting {
	const char *name;
	enum setting_kind kind;
	size_t at; /* in struct settings */
	int64_t min, max;
	const struct words *words;
};

static const struct word log_forms[] = {
	{ "json-file", LOG_FORM_JSON },
	{ "k8s-file", LOG_FORM_K8S },
	{ "none", LOG_FORM_NONE },
};
static const struct words log_words = WORDS(log_forms);
_Static_assert(ARRAY_LEN(log_forms) == LOG_FORMS, "every form of logs has its word");

static const struct word failures[] = {
	{ "none", FAILURE_NONE },
	{ "kill", FAILURE_KILL },
	{ "stop", FAILURE_STOP },
};
static const struct words failure_words = WORDS(failures);
_Static_assert(ARRAY_LEN(failures) == FAILURES, "every answer to bad health has its word");

#define AT(member) offsetof(struct settings, member)
static const struct setting rows[] = {
	{ "id", SETTING_TEXT, AT(id) },
	{ "terminal", SETTING_YES, AT(terminal) },
	{ "input", SETTING_YES, AT(input) },
	{ "input-once", SETTING_YES, AT(input_once) },
	{ "hold", SETTING_YES, AT(hold) },
	{ "sync", SETTING_YES, AT(sync) },
	{ "log", SETTING_WORD, AT(log.form), .words = &log_words },
	{ "log-file", SETTING_TEXT, AT(log.file) },
	{ "log-attrs", SETTING_TEXT, AT(log.attrs) },
	{ "log-size", SETTING_NUMBER, AT(log.size), 0, INT64_MAX },
	{ "log-files", SETTING_NUMBER, AT(log.files), 1, 1000 },
	{ "timeout", SETTING_NUMBER, AT(timeout), 0, INT32_MAX },
	{ "stop-signal", SETTING_NUMBER, AT(stop_signal), 1, 64 },
	{ "memory-events", SETTING_TEXT, AT(memory_events) },
	{ "memory-peak", SETTING_TEXT, AT(memory_peak) },
	{ "health-interval", SETTING_NUMBER, AT(health.interval), 0, INT64_MAX / 4 },
	{ "health-timeout", SETTING_NUMBER, AT(health.timeout), 0, INT64_MAX / 4 },
	{ "health-start-period", SETTING_NUMBER, AT(health.start_period), 0, INT64_MAX / 4 },
	{ "health-start-interval", SETTING_NUMBER, AT(health.start_interval), 0, INT64_MAX / 4 },
	{ "health-retries", SETTING_NUMBER, AT(health.retries), 0, INT32_MAX },
	{ "health-failure", SETTING_WORD, AT(health.failure), .words = &failure_words },
};

static struct err *store(const struct setting *row, const char *value, struct settings *out)
{
	void *at = (char *)out + row->at;
	const struct word *word;
	switch (row->kind) {
	case SETTING_TEXT:
		*(const char **)at = value;
		return NULL;
	case SETTING_YES:
		return num_truth(str_of(value), at);
	case SETTING_NUMBER:
		return num_range(str_of(value), row->min, row->max, at);
	case SETTING_WORD:
		word = words_find(row->words, str_of(value));
		if (!word)
			return err_new(ERR_USAGE, "unknown value '%s'", value);
		*(int64_t *)at = (int64_t)word->value;
		return NULL;
	}
	return NULL;
}

static struct err *read_one(const char *word, struct settings *out)
{
	struct str value = str_of(word);
	struct str name = str_cut(&value, '=');
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(name, str_of(rows[i].name)) && word[name.n] == '=') {
			struct err *e = store(&rows[i], value.p, out);
			return e ? err_wrap(e, "setting %s", rows[i].name) : NULL;
		}
	return err_new(ERR_USAGE, "unknown setting '%s'", word);
}

/* What is behind the first "--": a program, and after a second "--" the health check. */
static struct err *read_programs(char **words, struct settings *out)
{
	out->program = words;
	for (; *words; words++)
		if (strcmp(*words, "--") == 0) {
			*words = NULL;
			out->check = words + 1;
			break;
		}
	if (!*out->program)
		return err_new(ERR_USAGE, "no program for the end");
	if (out->health.interval && (!out->check || !*out->check))
		return err_new(ERR_USAGE, "no program for the health check");
	return NULL;
}

struct err *settings_read(char **words, struct settings *out)
{
	*out = (struct settings){ .id = "container",
		.stop_signal = SIGTERM,
		.log = { .files = 1 },
		.health = { .timeout = 30'000'000'000, .retries = 3 } };
	for (; *words && strcmp(*words, "--") != 0; words++) {
		struct err *e = read_one(*words, out);
		if (e)
			return e;
	}
	if (!*words)
		return err_new(ERR_USAGE, "no '--' with a program for the end");
	if (!out->log.file)
		out->log.form = LOG_FORM_NONE;
	return read_programs(words + 1, out);
}
