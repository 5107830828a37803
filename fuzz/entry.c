/* Entries of logs: any line is read without harm, and what a container wrote is read back. */
#include "monitor/entry.h"
#include "base/utf8.h"
#include "fuzz.h"

static bool is_utf8(struct str s)
{
	while (s.n) {
		size_t n = *s.p ? utf8_length(s.p) : 1;
		if (!n || n > s.n)
			return false;
		s = (struct str){ s.p + n, s.n - n };
	}
	return true;
}

static void there_and_back(entry_form *form, entry_parser *parse, struct str text, bool same)
{
	cleanup(buf_done) struct buf line = {}, room = {};
	struct entry e = { "stderr", STR("2025-11-29T12:01:02Z"), text, true };
	struct entry_read got;
	form(&e, NULL, &line);
	HOLDS(memchr(line.p, '\n', line.n) == line.p + line.n - 1);
	HOLDS(parse((struct str){ line.p, line.n - 1 }, &room, &got));
	HOLDS(got.whole && got.errors && str_eq(got.time, e.time));
	HOLDS(!same || str_eq(got.text, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(buf_done) struct buf room = {}, copy = {};
	struct entry_read got;
	buf_put(&copy, data, n); /* with the NUL behind it that the monitor has, too */
	struct str line = { copy.p, n };
	(void)entry_parse_json(line, &room, &got);
	(void)entry_parse_k8s(line, &room, &got);
	(void)entry_time_json(line);
	(void)entry_time_k8s(line);
	struct str text = str_cut(&line, '\n');
	there_and_back(entry_json, entry_parse_json, text, is_utf8(text));
	there_and_back(entry_k8s, entry_parse_k8s, text, true);
	return 0;
}
