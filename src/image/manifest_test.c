#include "base/test.h"
#include "image/imgconf.h"
#include "image/manifest.h"

#define D      "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CONFIG "\"config\":{\"digest\":\"" D "\",\"size\":2}"
#define ONE    "{\"digest\":\"" D "\",\"size\":2"

TEST(a_document_that_is_two_things_is_none)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"manifests\":[]}",
			"'manifests'" },
		{ "{\"schemaVersion\":1," CONFIG ",\"layers\":[]}", "schemaVersion 1" },
		{ "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_INDEX "\"," CONFIG
		  ",\"layers\":[]}",
			"media type" },
		{ "{\"schemaVersion\":2,\"layers\":[]}", "config" },
		{ "{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:../../etc\",\"size\":1}}",
			"no digest" },
		{ "{\"schemaVersion\":2," CONFIG ",\"layers\":[{\"digest\":\"x\",\"size\":1}]}",
			"not a sha256 digest" },
		{ "{\"schemaVersion\":2," CONFIG ",\"layers\":[" ONE ",\"size\":-1}]}", "size" },
		{ "[]", "object" },
		{ "", "manifest" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(buf_done) struct buf text = {};
		struct manifest m;
		cleanup(err_free) struct err *e = manifest_read(str_of(bad[i].text), &a, &m);
		if (e)
			err_show(e, &text);
		if (!e || !strstr(buf_text(&text), bad[i].why))
			test_failed(__FILE__, __LINE__, "%s: %s", bad[i].text, buf_text(&text));
	}
	cleanup(arena_done) struct arena a = {};
	struct manifest m;
	cleanup(err_free) struct err *e =
		index_read(STR("{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}"), &a, &m);
	CHECK(e && strstr(e->text, "'layers'"));
}

TEST(the_manifest_of_this_machine_is_chosen)
{
	cleanup(arena_done) struct arena a = {};
	struct manifest index;
	const char *text = arena_fmt(&a,
		"{\"schemaVersion\":2,\"manifests\":[" ONE
		",\"platform\":{\"os\":\"windows\",\"architecture\":\"%s\"}}," ONE
		",\"platform\":{\"os\":\"linux\",\"architecture\":\"none\"}}," ONE
		",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}},"
		"{\"digest\":\"" D
		"\",\"size\":77,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}]}",
		platform_architecture(), platform_architecture());
	CHECK(!index_read(str_of(text), &a, &index));
	const struct descriptor *d = index_choose(&index);
	CHECK(d && d->size == 77);
}

TEST(configurations_come_out_as_they_were_read)
{
	static const char text[] =
		"{\"created\":\"2024-01-02T03:04:05Z\",\"architecture\":\"amd64\",\"os\":\"linux\","
		"\"config\":{\"User\":\"1:2\",\"ExposedPorts\":{\"80/tcp\":{}},\"Env\":[\"A=b\"],"
		"\"Cmd\":[\"sh\"],\"Healthcheck\":{\"Test\":[\"NONE\"],\"Interval\":5},"
		"\"Volumes\":{\"/data\":{}},\"Labels\":{\"a\":\"b\"}},"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" D "\"]},"
		"\"history\":[{\"created_by\":\"make\"},{\"empty_layer\":true}]}\n";
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf out = {};
	struct imgconf conf = {};
	cleanup(err_free) struct err *e = imgconf_read(str_of(text), &a, &conf);
	CHECK_TEXT(e ? e->text : "", "");
	encode_text(&conf, &imgconf_schema, JSON_COMPACT, &out);
	CHECK_TEXT(buf_text(&out), text);
}

TEST(a_configuration_of_another_kind_is_refused)
{
	cleanup(arena_done) struct arena a = {};
	struct imgconf conf;
	cleanup(err_free) struct err *e = imgconf_read(
		STR("{\"rootfs\":{\"type\":\"squashfs\",\"diff_ids\":[]}}"), &a, &conf);
	CHECK(e && strstr(e->text, "'squashfs' is not known"));
	cleanup(err_free) struct err *other = imgconf_read(
		STR("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"../x\"]}}"), &a, &conf);
	CHECK(other);
}
