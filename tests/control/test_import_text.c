/* SPDX-License-Identifier: BSD-3-Clause */
/* control/import/import_*.c: CSV and NDJSON become the same objects, however they are cut. */
#include "tests/control/support.h"

#include "control/import/import_text.h"
#include "control/import/staging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each object as one line of text. */
struct seen {
	char text[8192];
	size_t bytes;
};

static void say(struct seen *seen, const char *octets, size_t bytes)
{
	assert_true(seen->bytes + bytes < sizeof(seen->text));
	memcpy(seen->text + seen->bytes, octets, bytes);
	seen->bytes += bytes;
	seen->text[seen->bytes] = '\0';
}

static void say_text(struct seen *seen, const char *what, const struct object_text *text)
{
	say(seen, what, strlen(what));
	say(seen, text->octets, text->bytes);
}

static int take(void *context, const struct import_object *object, struct failure *failure)
{
	struct rrset rrset = {.rdata = object->names, .rdata_bytes = (uint32_t)object->name_bytes};
	char text[PRESENTATION_NAME_BYTES];
	struct seen *seen = context;
	const uint8_t *item;
	uint32_t offset = 0;
	uint16_t bytes;
	struct object_text part = {text, 0};
	unsigned names = 0;

	(void)failure;
	presentation_write_prefix(&object->address, text);
	part.bytes = (uint16_t)strlen(text);
	say_text(seen, "", &part);
	while ((item = rrset_next(&rrset, &offset, &bytes)) != NULL) {
		presentation_write_name(item, text);
		part.bytes = (uint16_t)strlen(text);
		say_text(seen, " ", &part);
		names++;
	}
	assert_int_equal(names, object->name_count);
	if (object->said & STAGED_TTL)
		part.bytes = (uint16_t)sprintf(text, "%u", object->ttl),
		say_text(seen, " ttl=", &part);
	if (object->said & STAGED_DESCRIPTION)
		say_text(seen, " description=", &object->details.description);
	if (object->said & STAGED_TENANT)
		say_text(seen, " tenant=", &object->details.tenant);
	if (object->said & STAGED_TAGS)
		say(seen, " tags", 5);
	for (unsigned i = 0; i < object->details.tag_count; i++) {
		say_text(seen, i == 0 ? "=" : ";", &object->details.tags[i].key);
		say_text(seen, ":", &object->details.tags[i].value);
	}
	say(seen, "\n", 1);
	return 0;
}

/* Reads `text` in pieces of `piece` octets. 0, or -1 and the failure. */
static int read_pieces(enum import_format format, const char *text, size_t bytes, size_t piece,
	struct seen *seen, struct failure *failure)
{
	struct import_text *import = import_text_new(format, take, seen);
	int result = 0;

	assert_non_null(import);
	seen->bytes = 0;
	seen->text[0] = '\0';
	for (size_t at = 0; at < bytes && result == 0; at += piece)
		result = import_text_feed(
			import, text + at, bytes - at < piece ? bytes - at : piece, failure);
	if (result == 0)
		result = import_text_finish(import, failure);
	import_text_free(import);
	return result;
}

static void reads(enum import_format format, const char *text, const char *objects)
{
	struct failure failure;
	struct seen seen;

	for (size_t piece = 1; piece <= strlen(text); piece++) {
		if (read_pieces(format, text, strlen(text), piece, &seen, &failure) != 0)
			fail_msg("%s", failure.text);
		assert_string_equal(seen.text, objects);
	}
}

static void refuses(enum import_format format, const char *text, const char *part)
{
	struct failure failure;
	struct seen seen;

	for (size_t piece = 1; piece <= strlen(text); piece += 7) {
		assert_int_equal(
			read_pieces(format, text, strlen(text), piece, &seen, &failure), -1);
		if (strstr(failure.text, part) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", failure.text, part);
		assert_true(failure.code == FAILURE_INVALID || failure.code == FAILURE_TOO_LARGE);
	}
}

static void csv_without_a_header(void **state)
{
	(void)state;
	reads(IMPORT_CSV, "192.0.2.7,a.example\n", "192.0.2.7 a.example.\n");
	reads(IMPORT_CSV, "192.0.2.7,A.Example.,300", "192.0.2.7 A.Example. ttl=300\n");
	reads(IMPORT_CSV,
		"\xef\xbb\xbf"
		"2001:db8::7,a.,,text,acme,b=2;a=1\r\n\r\n",
		"2001:db8::7 a. description=text tenant=acme tags=a:1;b:2\n");
	reads(IMPORT_CSV, "192.0.2.7,a,,,,\n", "192.0.2.7 a. description= tenant= tags\n");
	reads(IMPORT_CSV, "\"192.0.2.7\",\"a\",\"1\",\"say \"\"x, y\"\"\"\n",
		"192.0.2.7 a. ttl=1 description=say \"x, y\"\n");
	reads(IMPORT_CSV, "192.0.2.7,a\\.b\\065.example.\n", "192.0.2.7 a\\.bA.example.\n");
	reads(IMPORT_CSV, "\n\n", "");
}

static void csv_with_a_header(void **state)
{
	(void)state;
	reads(IMPORT_CSV,
		"Name,seq,ADDRESS,tags,modified\nb.example.,7,192.0.2.8,k=v,2026\n"
		"c.example.,,192.0.2.9\n",
		"192.0.2.8 b.example. tags=k:v\n192.0.2.9 c.example.\n");
	reads(IMPORT_CSV, "address,name\n", "");
	refuses(IMPORT_CSV, "address,ttl\n", "line 1: the header has no column name");
	refuses(IMPORT_CSV, "address,name,nmae\n", "line 1: there is no column \"nmae\"");
	refuses(IMPORT_CSV, "address,name,name\n", "line 1: the header has the column name twice");
	refuses(IMPORT_CSV, "address,name\n192.0.2.7,a,3\n", "line 2: 3 fields in a line of 2");
}

static void bad_csv_is_refused_with_its_line(void **state)
{
	(void)state;
	refuses(IMPORT_CSV, "192.0.2.7,a\n\n192.0.2.8\n", "line 3: a line needs an address and a");
	refuses(IMPORT_CSV, "192.0.2.256,a\n", "line 1: \"192.0.2.256\" is no address");
	refuses(IMPORT_CSV, "192.0.2.07,a\n", "is no address");
	refuses(IMPORT_CSV, "192.0.2.7.,a\n", "is no address");
	refuses(IMPORT_CSV, "192.0.2.0/24,a\n", "192.0.2.0/24");
	refuses(IMPORT_CSV, "192.0.2.7,a..b\n", "line 1: ");
	refuses(IMPORT_CSV, "192.0.2.7,.\n", "line 1: ");
	refuses(IMPORT_CSV, "192.0.2.7,a,0\n", "line 1: TTL 0 is outside");
	refuses(IMPORT_CSV, "192.0.2.7,a,2147483648\n", "outside 1 to 2147483647");
	refuses(IMPORT_CSV, "192.0.2.7,a,99999999999\n", "is no TTL");
	refuses(IMPORT_CSV, "192.0.2.7,a,1h\n", "\"1h\" is no TTL");
	refuses(IMPORT_CSV, "192.0.2.7,a,-1\n", "\"-1\" is no TTL");
	refuses(IMPORT_CSV, "192.0.2.7,\"a\n", "a quote is not closed before the line ends");
	refuses(IMPORT_CSV, "192.0.2.7,\"a\"b\n", "between a closing quote and the next comma");
	refuses(IMPORT_CSV, "192.0.2.7,a\"b\n", "a quote inside a field");
	refuses(IMPORT_CSV, "192.0.2.7,a,1,\x80\n", "UTF-8");
	refuses(IMPORT_CSV, "192.0.2.7,a,1,\033[1m\n", "control characters");
	refuses(IMPORT_CSV, "192.0.2.7,a,1,,,x\n", "tags are written key=value;key=value");
	refuses(IMPORT_CSV, "192.0.2.7,a,1,,,x=1;x=2\n", "line 1: ");
	refuses(IMPORT_CSV, "192.0.2.7,a,,,,,,\n", "8 fields in a line of 6 columns");
	refuses(IMPORT_CSV, ",,,,,,,,,,,,,,,,,\n", "more than 16 fields");
}

static void ndjson(void **state)
{
	(void)state;
	reads(IMPORT_NDJSON,
		"{\"address\":\"192.0.2.7\",\"names\":[\"a.example.\",\"b\"],\"ttl\":60}",
		"192.0.2.7 a.example. b. ttl=60\n");
	reads(IMPORT_NDJSON,
		" { \"tags\" : { \"k\" : \"v\" } , \"name\" : \"a\" , \"address\" : "
		"\"2001:db8::1\" } \r\n",
		"2001:db8::1 a. tags=k:v\n");
	reads(IMPORT_NDJSON,
		"{\"address\":\"192.0.2.7\",\"name\":\"a\",\"description\":"
		"\"\\u00fc\\ud83d\\ude00\\\"\","
		"\"tags\":{},\"tenant\":\"\"}\n",
		"192.0.2.7 a. description=\xc3\xbc\xf0\x9f\x98\x80\" tenant= tags\n");
	reads(IMPORT_NDJSON,
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"created\":\"2026-01-01T00:00:00Z\","
		"\"modified\":null,\"seq\":12,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"}\n",
		"192.0.2.7 a.\n");
}

static void bad_ndjson_is_refused_with_its_line(void **state)
{
	static const char *const bad[] = {"{", "}", "[]", "1", "{\"address\"", "{\"address\":1}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"]}x",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\",]}",
		"{\"address\":\"192.0.2.7\",\"names\":\"a\"}",
		"{\"address\":\"192.0.2.7\",\"names\":[]}", "{\"address\":\"192.0.2.7\"}",
		"{\"names\":[\"a\"]}", "{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"ttl\":1.5}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"ttl\":01}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"ttl\":\"1\"}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"ttl\":1e3}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\\u0000\"]}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\\ud800\"]}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\\q\"]}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\t\"]}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"tags\":{\"k\":1}}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"tags\":{\"k\":\"1\",\"k\":\"2\"}}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"seq\":{}}",
		"{\"address\":\"192.0.2.7\",\"names\":[\"a\"],\"description\":\"\xff\"}",
		("{\"address\":\"192.0.2.7\",\"names\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\","
		 "\"8\",\"9\",\"10\",\"11\"]}")};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "\n%s\n", bad[i]);
		refuses(IMPORT_NDJSON, text, "line 2: ");
	}
	refuses(IMPORT_NDJSON, "{\"adress\":\"192.0.2.7\"}", "there is no key \"adress\"");
	refuses(IMPORT_NDJSON, "{\"name\":\"a\",\"name\":\"b\"}", "the key name is there twice");
}

static void limits_are_those_of_objects(void **state)
{
	size_t room = IMPORT_LINE_MAX_BYTES + 100, bytes;
	char *text = malloc(room);
	struct failure failure;
	struct seen seen;

	(void)state;
	assert_non_null(text);
	bytes = (size_t)sprintf(text, "192.0.2.7,a,1,");
	memset(text + bytes, 'x', OBJECT_DESCRIPTION_MAX_BYTES);
	assert_int_equal(read_pieces(IMPORT_CSV, text, bytes + OBJECT_DESCRIPTION_MAX_BYTES, 1000,
				 &seen, &failure),
		0);
	text[bytes + OBJECT_DESCRIPTION_MAX_BYTES] = 'x';
	assert_int_equal(read_pieces(IMPORT_CSV, text, bytes + OBJECT_DESCRIPTION_MAX_BYTES + 1,
				 1000, &seen, &failure),
		-1);
	assert_failure(&failure, FAILURE_INVALID, "line 1: ");
	memset(text, 'x', room);
	assert_int_equal(read_pieces(IMPORT_NDJSON, text, room, 1000, &seen, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "line 1: a line longer than 65535 octets");
	/* A name of 255 octets on the wire, and one of 256. */
	bytes = (size_t)sprintf(text, "192.0.2.7,");
	for (size_t i = 0; i < 254; i++)
		text[bytes + i] = i % 64 == 63 ? '.' : 'n';
	assert_int_equal(read_pieces(IMPORT_CSV, text, bytes + 253, 1000, &seen, &failure), 0);
	assert_int_equal(read_pieces(IMPORT_CSV, text, bytes + 254, 1000, &seen, &failure), -1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_without_a_header),
		cmocka_unit_test(csv_with_a_header),
		cmocka_unit_test(bad_csv_is_refused_with_its_line),
		cmocka_unit_test(ndjson),
		cmocka_unit_test(bad_ndjson_is_refused_with_its_line),
		cmocka_unit_test(limits_are_those_of_objects),
	};

	return cmocka_run_group_tests_name("import_text", tests, NULL, NULL);
}
