/* SPDX-License-Identifier: BSD-3-Clause */
/* control/command/json_write.c writes what jansson writes; control/command/text.c keeps what it is
 * given. */
#include "control/command/json_write.h"

#include "tests/control/random_rrset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 20000, DEPTH_MAX = 4 };

static json_t *random_string(uint64_t *seed)
{
	static const char *const parts[] = {"a", "host.example.", "\"", "\\", "/", "\n", "\r", "\t",
		"\b", "\f", "\x01", "\x1f", "\x7f", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
		" ", "12345678"};
	char text[256] = "";

	for (uint32_t left = random_below(seed, 12); left > 0; left--)
		strcat(text, parts[random_below(seed, sizeof(parts) / sizeof(parts[0]))]);
	return json_string(text);
}

static json_t *random_value(uint64_t *seed, unsigned depth)
{
	static const json_int_t numbers[] = {
		0, 1, -1, 9, 10, -10, 4294967296, LLONG_MAX, LLONG_MIN, 123456789};
	json_t *value;
	char key[16];

	switch (random_below(seed, depth < DEPTH_MAX ? 9 : 6)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(random_below(seed, 2));
	case 2:
		return json_real((double)random_below(seed, 1000) / 7);
	case 3:
		return json_integer(numbers[random_below(seed, 10)]);
	case 4:
	case 5:
		return random_string(seed);
	case 6:
	case 7:
		value = json_object();
		for (uint32_t left = random_below(seed, 5); left > 0; left--) {
			snprintf(key, sizeof(key), "k\"%u", left);
			json_object_set_new(value, key, random_value(seed, depth + 1));
		}
		return value;
	default:
		value = json_array();
		for (uint32_t left = random_below(seed, 5); left > 0; left--)
			json_array_append_new(value, random_value(seed, depth + 1));
		return value;
	}
}

static void it_writes_what_jansson_writes(void **state)
{
	struct text text = {.octets = NULL};

	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		uint64_t seed = i;
		json_t *value = random_value(&seed, 0);
		char *expected = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

		text.bytes = 0;
		json_write_value(&text, value);
		assert_false(text.failed);
		assert_int_equal(text.bytes, strlen(expected));
		assert_memory_equal(text.octets, expected, text.bytes);
		free(expected);
		json_decref(value);
	}
	text_free(&text);
	assert_null(text.octets);
}

static void texts_grow(void **state)
{
	struct text text = {.octets = NULL};

	(void)state;
	text_add(&text, "", 0);
	assert_int_equal(text.bytes, 0);
	for (unsigned i = 0; i < 10000; i++)
		text_add(&text, "abc", 3);
	assert_int_equal(text.bytes, 30000);
	for (unsigned i = 0; i < 30000; i++)
		assert_int_equal(text.octets[i], "abc"[i % 3]);
	text_free(&text);
}

/* What does not fit leaves the text as it was, and nothing is added after it. */
static void a_text_without_memory_stays_as_it_was(void **state)
{
	struct text text = {.octets = NULL};

	(void)state;
	text_add(&text, "abc", 3);
	assert_null(text_reserve(&text, SIZE_MAX / 2));
	assert_true(text.failed);
	text_add(&text, "def", 3);
	text_add_number(&text, 7);
	json_write_string(&text, "x", 1);
	assert_int_equal(text.bytes, 3);
	assert_memory_equal(text.octets, "abc", 3);
	text_free(&text);
	assert_false(text.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_writes_what_jansson_writes),
		cmocka_unit_test(texts_grow),
		cmocka_unit_test(a_text_without_memory_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
