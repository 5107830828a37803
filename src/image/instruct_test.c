#include "base/test.h"
#include "image/instruct.h"

static const struct {
	const char *lines[3], *json;
} good[] = {
	{ { "CMD [\"a\", \"b c\"]" }, "{\"Cmd\":[\"a\",\"b c\"]}\n" },
	{ { "cmd a b" }, "{\"Cmd\":[\"/bin/sh\",\"-c\",\"a b\"]}\n" },
	{ { "ENTRYPOINT []" }, "{}\n" },
	{ { "ENV A=1 B=\"x y\"", "ENV A=2", "ENV C the rest" },
		"{\"Env\":[\"A=2\",\"B=x y\",\"C=the rest\"]}\n" },
	{ { "EXPOSE 80 53/udp", "EXPOSE 80/tcp 90-91" },
		"{\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{},\"90/tcp\":{},\"91/tcp\":{}}}\n" },
	{ { "LABEL a=b 'c d'=e", "LABEL a=\"\\\"q\\\"\"" },
		"{\"Labels\":{\"a\":\"\\\"q\\\"\",\"c d\":\"e\"}}\n" },
	{ { "WORKDIR /a", "WORKDIR b" }, "{\"WorkingDir\":\"/a/b\"}\n" },
	{ { "VOLUME /a /b", "VOLUME [\"/c d\"]" },
		"{\"Volumes\":{\"/a\":{},\"/b\":{},\"/c d\":{}}}\n" },
	{ { "USER 1:2", "STOPSIGNAL SIGINT" }, "{\"User\":\"1:2\",\"StopSignal\":\"SIGINT\"}\n" },
};

TEST(instructions_change_a_configuration)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(buf_done) struct buf out = {}, text = {};
		struct imgconf_run run = {};
		for (int k = 0; k < 3 && good[i].lines[k]; k++) {
			cleanup(err_free) struct err *e = instruct(good[i].lines[k], &a, &run);
			if (e)
				err_show(e, &text);
			CHECK_TEXT(buf_text(&text), "");
		}
		encode_text(&run, &imgconf_run_schema, JSON_COMPACT, &out);
		CHECK_TEXT(buf_text(&out), good[i].json);
	}
}

TEST(other_instructions_are_refused)
{
	static const char *const bad[] = { "", "RUN x", "FROM x", "CMD", "ENV A", "ENV =b c",
		"EXPOSE 0", "EXPOSE 80/xyz", "USER a b", "LABEL x" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(arena_done) struct arena a = {};
		struct imgconf_run run = {};
		cleanup(err_free) struct err *e = instruct(bad[i], &a, &run);
		if (!e)
			test_failed(__FILE__, __LINE__, "'%s' was taken", bad[i]);
	}
}
