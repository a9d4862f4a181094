/* SPDX-License-Identifier: BSD-3-Clause */
/* What of arpactl is pure: words, slips, JSON as text, requests from lines and rows, clean output.
 */
#include "control/ctl/output.h"
#include "control/ctl/request_text.h"
#include "control/ctl/span.h"
#include "control/ctl/words.h"
#include "control/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* The words of a line with | between them. */
static void expect_words(const char *line, enum words_result result, bool open, const char *joined)
{
	struct words words;
	char text[256] = "";

	assert_int_equal(words_split(line, &words), result);
	for (int i = 0; i < words.count; i++) {
		strcat(text, i ? "|" : "");
		strcat(text, words.word[i]);
	}
	assert_string_equal(text, joined);
	assert_int_equal(words.open, open);
	assert_null(words.word[words.count]);
	words_release(&words);
}

static void lines_become_words(void **state)
{
	(void)state;
	expect_words("", WORDS_OK, false, "");
	expect_words(" \t ", WORDS_OK, false, "");
	expect_words("ptr  set 192.0.2.1\ta.\r", WORDS_OK, false, "ptr|set|192.0.2.1|a.");
	expect_words("ptr se", WORDS_OK, true, "ptr|se");
	expect_words("a 'b c' \"d e\"f", WORDS_OK, true, "a|b c|d ef");
	expect_words("a '' b", WORDS_OK, true, "a||b");
	expect_words("a # b", WORDS_OK, false, "a");
	expect_words("#", WORDS_OK, false, "");
	expect_words("a#b", WORDS_OK, true, "a#b");
	expect_words("a\\ b \"c\\\"d\" 'e\\f'", WORDS_OK, true, "a b|c\"d|e\\f");
	expect_words("x\\046y", WORDS_OK, true, "x\\046y");
	expect_words("a \"b c", WORDS_QUOTE, true, "a|b c");
	expect_words("a\\", WORDS_OK, true, "a\\");
}

static void slips_are_near(void **state)
{
	(void)state;
	assert_int_equal(nearest_distance("show", "show"), 0);
	assert_int_equal(nearest_distance("shw", "show"), 1);
	assert_int_equal(nearest_distance("hsow", "show"), 1);
	assert_int_equal(nearest_distance("", "show"), 4);
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
	assert_true(nearest_is_slip("lsit", "list"));
	assert_true(nearest_is_slip("comit", "commit"));
	assert_false(nearest_is_slip("foo", "ptr"));
	assert_false(nearest_is_slip("a-word-of-more-than-forty-octets-is-not-like-any", "ptr"));
}

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static void expect_text(const char *json, const char *text)
{
	char octets[256];
	size_t bytes = span_text(span_of(json), octets);

	assert_int_equal(bytes, strlen(text));
	assert_memory_equal(octets, text, bytes);
}

static void json_is_taken_apart(void **state)
{
	struct span object = span_of(" { \"a\" : [1, {\"b\":\"]\"}] ,\"c\":\"x\\\"y\", \"d\":{}}");
	struct span_walk walk;
	struct span key, value;

	(void)state;
	assert_true(span_is(span_member(object, "a"), "[1, {\"b\":\"]\"}]"));
	assert_true(span_is(span_member(object, "c"), "\"x\\\"y\""));
	assert_true(span_is(span_member(object, "d"), "{}"));
	assert_null(span_member(object, "b").at);
	assert_null(span_member(span_of("12"), "a").at);
	assert_true(span_walk_begin(&walk, span_member(object, "a")));
	assert_int_equal(span_walk_next(&walk, &key, &value), 1);
	assert_null(key.at);
	assert_true(span_is(value, "1"));
	assert_int_equal(span_walk_next(&walk, &key, &value), 1);
	assert_true(span_is(span_member(value, "b"), "\"]\""));
	assert_int_equal(span_walk_next(&walk, &key, &value), 0);
	assert_int_equal(span_walk_next(&walk, &key, &value), 0);
	expect_text("\"a\\n\\\\\\/\\u00e9\\ud83d\\ude00\"", "a\n\\/\xc3\xa9\xf0\x9f\x98\x80");
	expect_text("\"\\ud83d\"", "?");
	expect_text("\"\\u12\"", "?12");
	expect_text("17", "17");
	expect_text("\"\"", "");
}

/* Every prefix of a text ends without reading beyond it, and says that it is not whole. */
static void cut_json_is_refused(void **state)
{
	static const char whole[] = "{\"a\":[1,\"x\\u0041\"],\"b\":{\"c\":null}}";

	(void)state;
	for (size_t cut = 1; cut + 1 < sizeof(whole); cut++) {
		char *text = malloc(cut);
		struct span_walk walk;
		struct span key, value;
		int more = 1;

		memcpy(text, whole, cut);
		assert_true(span_walk_begin(&walk, (struct span){text, cut}));
		while (more == 1)
			more = span_walk_next(&walk, &key, &value);
		assert_int_equal(more, -1);
		free(text);
	}
}

/* Reads a line as "ptr.set" does; the request or the complaint. */
static const char *request(const char *line, unsigned names, const char *params)
{
	static char text[4096];
	struct request_frame frame;
	struct request_buffer buffer = {0};
	char copy[256], address[REQUEST_ADDRESS_BYTES];
	const char *wrong;

	assert_true(request_frame_init(&frame, "ptr.set", names, json_loads(params, 0, NULL)));
	strcpy(copy, line);
	wrong = request_of_line(&buffer, &frame, 7, copy, strlen(copy), address);
	snprintf(text, sizeof(text), "%s%.*s", wrong ? wrong : "", (int)buffer.bytes,
		buffer.bytes ? buffer.octets : "");
	free(buffer.octets);
	request_frame_release(&frame);
	return text;
}

static void lines_become_requests(void **state)
{
	(void)state;
	assert_string_equal(request("192.0.2.1 a.", 2, "{}"),
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":"
		"\"a.\"}}\n");
	assert_string_equal(request("  192.0.2.1\ta. 60\r", 2, "{\"ttl\":5,\"txn\":\"x\"}"),
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"txn\":\"x\",\"address\":\"192.0.2."
		"1\","
		"\"name\":\"a.\",\"ttl\":60}}\n");
	assert_string_equal(request("192.0.2.1 a.", 2, "{\"ttl\":5}"),
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":"
		"\"a.\",\"ttl\":5}}\n");
	assert_string_equal(request("192.0.2.1 a\\046\"b.", 1, "{}"),
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":"
		"\"a\\\\046\\\"b.\"}}\n");
	assert_string_equal(request("192.0.2.1", 0, "{}"),
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\"}}\n");
	assert_string_equal(request("", 2, "{}"), "");
	assert_string_equal(request("# a comment", 2, "{}"), "");
	assert_string_equal(request("192.0.2.1", 2, "{}"), "this is not \"ADDRESS NAME... [TTL]\"");
	assert_string_equal(request("192.0.2.1 a. b. 5", 2, "{}"),
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"names\":"
		"[\"a.\",\"b.\"],\"ttl\":5}}\n");
	assert_non_null(strstr(request("192.0.2.1 a. 007", 2, "{}"), "\"ttl\":7}"));
	assert_non_null(strstr(request("192.0.2.1 a. 00", 2, "{}"), "\"ttl\":0}"));
	assert_string_equal(request("192.0.2.1 5", 2, "{}"),
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":"
		"\"5\"}}\n");
	assert_string_equal(request("192.0.2.1 a. 5", 1, "{}"),
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"names\":"
		"[\"a.\",\"5\"]}}\n");
	assert_non_null(strstr(request("1 a b c d e f g h i j 5", 2, "{}"), "\"j\"],\"ttl\":5}"));
	assert_string_equal(request("1 a b c d e f g h i j k", 2, "{}"),
		"this is not \"ADDRESS NAME... [TTL]\"");
	assert_string_equal(
		request("1 a b c d e f g h i j k", 1, "{}"), "this is not \"ADDRESS NAME...\"");
	assert_string_equal(request("192.0.2.1", 1, "{}"), "this is not \"ADDRESS NAME...\"");
	assert_string_equal(request("192.0.2.1 a.", 0, "{}"), "this is not \"ADDRESS\"");
	assert_string_equal(request("192.0.2.1 caf\xe9.", 2, "{}"),
		"this is not UTF-8; write other octets of a name as \\DDD");
}

static void objects_become_requests(void **state)
{
	static const char row[] = "{\"address\":\"192.0.2.1\",\"names\":[\"a.\"],\"ttl\":5,"
				  "\"seq\":3,\"status\":\"active\",\"zone\":\"192.0.2.0/24\","
				  "\"created\":\"x\",\"modified\":\"y\"}";
	struct request_frame frame;
	struct request_buffer buffer = {0};
	char address[REQUEST_ADDRESS_BYTES];

	(void)state;
	assert_true(request_frame_init(
		&frame, "ptr.set", 2, json_loads("{\"txn\":\"x\",\"ttl\":9}", 0, NULL)));
	assert_null(request_of_object(&buffer, &frame, 1, row, sizeof(row) - 1, address));
	assert_string_equal(address, "192.0.2.1");
	assert_int_equal(buffer.octets[buffer.bytes - 1], '\n');
	buffer.octets[buffer.bytes - 1] = '\0';
	assert_string_equal(buffer.octets,
		"{\"id\":1,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\","
		"\"names\":[\"a.\"],\"ttl\":5,\"txn\":\"x\"}}");
	assert_string_equal(
		request_of_object(&buffer, &frame, 1, "[]", 2, address), "this is no JSON object");
	assert_string_equal(request_of_object(&buffer, &frame, 1, "{}", 2, address),
		"the object has no \"address\"");
	assert_null(request_of_object(&buffer, &frame, 1, "  ", 2, address));
	assert_string_equal(address, "");
	free(buffer.octets);
	request_frame_release(&frame);
}

/* The object of a row of CSV as JSON, or the complaint. */
static const char *csv(const char *row)
{
	static char text[512];
	char copy[256];
	const char *wrong;
	json_t *object;
	char *written;

	strcpy(copy, row);
	object = request_csv_object(copy, strlen(copy), &wrong);
	if (!object)
		return wrong;
	written = json_dumps(object, JSON_COMPACT);
	snprintf(text, sizeof(text), "%s", written);
	free(written);
	json_decref(object);
	return text;
}

static void rows_become_objects(void **state)
{
	const char *wrong;

	(void)state;
	assert_string_equal(
		csv("192.0.2.1,a.\r\n"), "{\"address\":\"192.0.2.1\",\"names\":[\"a.\"]}");
	assert_string_equal(csv("192.0.2.1,a.,60,\"x, \"\"y\"\"\nz\",acme,k=v;l=w"),
		"{\"address\":\"192.0.2.1\",\"names\":[\"a.\"],\"ttl\":60,\"description\":\"x, "
		"\\\"y\\\"\\nz\",\"tenant\":\"acme\",\"tags\":{\"k\":\"v\",\"l\":\"w\"}}");
	assert_string_equal(
		csv("192.0.2.1,a.,,,,"), "{\"address\":\"192.0.2.1\",\"names\":[\"a.\"]}");
	assert_string_equal(
		csv("192.0.2.1"), "this is not address,name[,ttl[,description[,tenant[,tags]]]]");
	assert_string_equal(csv("192.0.2.1,a.,1,d,t,k=v,more"),
		"this is not address,name[,ttl[,description[,tenant[,tags]]]]");
	assert_string_equal(csv("192.0.2.1,"), "the name is empty");
	assert_string_equal(csv("192.0.2.1,a.,x"), "the TTL is no number");
	assert_string_equal(csv("192.0.2.1,\"a."), "a quote has no end");
	assert_string_equal(
		csv("192.0.2.1,a.,1,d,t,k"), "the tags are not KEY=VALUE;KEY=VALUE in UTF-8");
	assert_string_equal(csv("192.0.2.1,caf\xe9."), "a field is not UTF-8");
	assert_null(request_csv_object((char[]){"a\0b,c"}, 5, &wrong));
	assert_ptr_equal(wrong, request_nul);
	assert_int_equal(request_csv_row("a,b\nc", 5), 4);
	assert_int_equal(request_csv_row("a,\"b\nc\"\nd", 9), 8);
	assert_int_equal(request_csv_row("a,\"b\nc", 6), 0);
	assert_int_equal(request_csv_row("a", 1), 0);
}

static void nothing_drives_a_terminal(void **state)
{
	static const struct {
		const char *text, *one_line, *lines;
	} cases[] = {
		{"plain caf\xc3\xa9", "plain caf\xc3\xa9", "plain caf\xc3\xa9"},
		{"\x1b[31m\a", "\\u001b[31m\\u0007", "\\u001b[31m\\u0007"},
		{"a\nb\tc\r", "a\\u000ab\\u0009c\\u000d", "a\nb\tc\\u000d"},
		{"\x7f", "\\u007f", "\\u007f"},
		{"\xc2\x9b", "\\u009b", "\\u009b"},
		{"\xe9 \xff", "\\u00e9 \\u00ff", "\\u00e9 \\u00ff"},
		{"\xed\xa0\x80", "\\u00ed\\u00a0\\u0080", "\\u00ed\\u00a0\\u0080"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
		{"\xf0\x9f", "\\u00f0\\u009f", "\\u00f0\\u009f"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char clean[256];
		size_t bytes = strlen(cases[i].text);

		clean[output_clean(cases[i].text, bytes, false, clean)] = '\0';
		assert_string_equal(clean, cases[i].one_line);
		clean[output_clean(cases[i].text, bytes, true, clean)] = '\0';
		assert_string_equal(clean, cases[i].lines);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_words),
		cmocka_unit_test(slips_are_near),
		cmocka_unit_test(json_is_taken_apart),
		cmocka_unit_test(cut_json_is_refused),
		cmocka_unit_test(lines_become_requests),
		cmocka_unit_test(objects_become_requests),
		cmocka_unit_test(rows_become_objects),
		cmocka_unit_test(nothing_drives_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
