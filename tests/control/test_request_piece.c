/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/command/request_fast.c and ctl/piece.c: lines that arpactl writes are JSON that says what
 * the file says, and what is read without the JSON reader is what that would have read.
 */
#include "tests/control/support.h"

#include "control/command/request_fast.h"
#include "control/ctl/piece.h"
#include "tests/control/random_rrset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 20000, PIECE_MAX_BYTES = 300 };

/* The object that the fast reader takes the line for, or NULL. */
static json_t *read_fast(const char *line, size_t bytes)
{
	struct request_parts parts;
	const char *end = request_fast_read(line, line + bytes, &parts);

	if (end && end != line + bytes) {
		json_decref(parts.id);
		json_decref(parts.params);
	}
	if (end != line + bytes)
		return NULL;
	return json_pack("{s:o, s:s, s:o}", "id", parts.id, "method", parts.method->name, "params",
		parts.params);
}

/* Whether the fast reader took the line; then the JSON reader must have made the same object. */
static bool is_taken(const char *line, size_t bytes)
{
	json_t *fast = read_fast(line, bytes), *slow;

	if (!fast)
		return false;
	slow = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, NULL);
	if (!slow || !json_equal(fast, slow))
		fail_msg("read differently: %.*s", (int)bytes, line);
	json_decref(fast);
	json_decref(slow);
	return true;
}

static size_t make_piece(uint64_t *seed, const char *octets, size_t choices, char *piece)
{
	size_t count = random_below(seed, PIECE_MAX_BYTES);

	for (size_t i = 0; i < count; i++)
		piece[i] = octets[random_below(seed, (uint32_t)choices)];
	return count;
}

static void the_lines_of_files_are_taken(void **state)
{
	static const char octets[] =
		"abcdefghijklmnopqrstuvwxyz0123456789 .-;()@$*\n\n\t\r\"\\\x7f";

	(void)state;
	for (uint64_t i = 0; i < LINES; i++) {
		char piece[PIECE_MAX_BYTES], line[6 * PIECE_MAX_BYTES + 128];
		uint64_t seed = i;
		size_t count = make_piece(&seed, octets, sizeof(octets) - 1, piece), length;
		bool escaped = false;
		json_t *object;
		const json_t *text;

		length = piece_write(line, (long long)i, 7, piece, count, &escaped);
		assert_true(length <= piece_line_bytes(count));
		assert_int_equal(line[length - 1], '\n');
		assert_true(is_taken(line, length - 1));
		object = read_fast(line, length - 1);
		text = json_object_get(json_object_get(object, "params"), "text");
		assert_int_equal(json_string_length(text), count);
		assert_memory_equal(json_string_value(text), piece, count);
		assert_int_equal(json_integer_value(json_object_get(object, "id")), i);
		json_decref(object);
	}
}

/* What is not ASCII as the escapes of zone files, a backslash before it taken in. */
static size_t expect_text(const char *piece, size_t count, char *text)
{
	size_t used = 0;
	bool escaped = false;

	for (size_t i = 0; i < count; i++) {
		if ((unsigned char)piece[i] < 0x80)
			text[used++] = piece[i];
		else
			used += (size_t)sprintf(
				text + used, escaped ? "%03u" : "\\%03u", (unsigned char)piece[i]);
		escaped = piece[i] == '\\' && !escaped;
	}
	return used;
}

/* Reads a line back and adds its text to `text`; returns the new length. */
static size_t read_back(const char *line, size_t bytes, char *text, size_t used)
{
	json_t *object = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, NULL);
	const json_t *part = json_object_get(json_object_get(object, "params"), "text");

	assert_non_null(part);
	memcpy(text + used, json_string_value(part), json_string_length(part));
	used += json_string_length(part);
	json_decref(object);
	return used;
}

static void any_octets_are_sent_as_text(void **state)
{
	char octets[256];

	(void)state;
	/* No NUL, and backslashes in plenty. */
	for (size_t octet = 0; octet < sizeof(octets); octet++)
		octets[octet] = octet % 4 == 0 ? '\\' : (char)octet;
	for (uint64_t i = 0; i < LINES; i++) {
		char piece[PIECE_MAX_BYTES], line[6 * PIECE_MAX_BYTES + 128];
		char expected[4 * PIECE_MAX_BYTES + 1], text[4 * PIECE_MAX_BYTES + 1];
		uint64_t seed = i;
		size_t count = make_piece(&seed, octets, sizeof(octets), piece), used = 0;
		bool escaped = false;

		/* In two lines: a backslash may be the last of the first. */
		for (size_t from = 0, to = count / 2; from < count; from = to, to = count) {
			size_t length = piece_write(line, 1, 2, piece + from, to - from, &escaped);

			assert_true(length <= piece_line_bytes(to - from));
			is_taken(line, length - 1);
			used = read_back(line, length - 1, text, used);
		}
		assert_int_equal(used, expect_text(piece, count, expected));
		assert_memory_equal(text, expected, used);
	}
}

static void lines_gone_wrong_are_read_alike(void **state)
{
	static const char octets[] = "\\\\\"\"{}:,0123tnrubf/ \n\x01\xff\xc3\xa9";
	unsigned taken = 0;

	(void)state;
	for (uint64_t i = 0; i < LINES; i++) {
		char line[256];
		uint64_t seed = i;
		size_t bytes = (size_t)sprintf(line,
			"{\"id\":%u,\"method\":\"import.data\",\"params\":{\"import\":1,"
			"\"text\":\"7 PTR a.\\n8 PTR \\\\097.\\n%u\"}}",
			random_below(&seed, 20), random_below(&seed, 99));

		for (uint32_t left = 1 + random_below(&seed, 2); left > 0; left--)
			line[random_below(&seed, (uint32_t)bytes)] =
				octets[random_below(&seed, sizeof(octets) - 1)];
		taken += is_taken(line, bytes - random_below(&seed, 2));
	}
	assert_true(taken > LINES / 20 && taken < LINES / 2);
}

static void other_lines_are_not_taken(void **state)
{
	static const char *const lines[] = {
		"",
		"{\"id\":1}",
		"{\"id\":01,\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"\"}"
		"}",
		"{\"id\":1,\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"\"}}"
		" ",
		"{\"id\":1,\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"\"",
		"{\"id\":1,\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"\\",
		"{\"id\":1,\"method\":\"import.data\",\"params\":{\"import\":,\"text\":\"\"}}",
		"{\"id\":1,\"method\":\"import.data\",\"params\":"
		"{\"import\":1234567890123456789,\"text\":\"\"}}",
		"{\"id\":1,\"method\":\"import.data\",\"params\":"
		"{\"import\":1,\"text\":\"\\u0041\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (is_taken(lines[i], strlen(lines[i])))
			fail_msg("taken: %s", lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lines_of_files_are_taken),
		cmocka_unit_test(any_octets_are_sent_as_text),
		cmocka_unit_test(lines_gone_wrong_are_read_alike),
		cmocka_unit_test(other_lines_are_not_taken),
	};

	return cmocka_run_group_tests_name("request_piece", tests, NULL, NULL);
}
