/* SPDX-License-Identifier: BSD-3-Clause */
/* The log: levels, fields, time stamps, batches, and that no text can forge a line or a value. */
#include "control/log.h"
#include "control/log_text.h"
#include "tests/control/log_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void one_line_an_event(void **state)
{
	(void)state;
	log_event(LOG_ERROR, "a", NULL, "text %d", 1);
	log_event(
		LOG_WARNING, "link-down", LOG_FIELDS(LOG_TEXT_FIELD("port", "eth0")), "eth0: down");
	log_event(LOG_INFO, "c",
		LOG_FIELDS(LOG_NUMBER_FIELD("least", INT64_MIN), LOG_NUMBER_FIELD("none", 0)), "d");
	assert_string_equal(log_capture_end(),
		"ERROR a - text 1\n"
		"WARNING link-down port=eth0 - eth0: down\n"
		"INFO c least=-9223372036854775808 none=0 - d\n");
}

static void levels_drop_what_is_below(void **state)
{
	(void)state;
	log_event(LOG_DEBUG, "a", NULL, "unseen: the start value is info");
	log_set_level(LOG_ERROR);
	log_event(LOG_WARNING, "b", NULL, "unseen");
	log_event(LOG_ERROR, "c", NULL, "seen");
	log_set_level(LOG_DEBUG);
	log_event(LOG_DEBUG, "d", NULL, "seen too");
	assert_string_equal(log_capture_end(), "ERROR c - seen\nDEBUG d - seen too\n");
}

static void control_characters_are_escaped(void **state)
{
	(void)state;
	log_event(LOG_INFO, "a", NULL, "%s",
		"x\nERROR forged\x1b[31m\x7f\tend \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7 "
		"a\"b\\c=d");
	/* C1 controls, line separators, surrogates, what is too long, cut short or nothing at all.
	 */
	log_event(LOG_INFO, "a", NULL, "%s",
		"\xc2\x9b|\xe2\x80\xa8|\xed\xa0\x80|\xc0\x8a|\xe0\x80\x8a|\xf5\x80\x80\x80|\x9b|"
		"\xe2\x82");
	assert_string_equal(log_capture_end(),
		"INFO a - x\\x0aERROR forged\\x1b[31m\\x7f\\x09end \xc3\xa9 \xe2\x82\xac "
		"\xf0\x9f\x90\xa7 a\"b\\c=d\n"
		"INFO a - \\xc2\\x9b|\\xe2\\x80\\xa8|\\xed\\xa0\\x80|\\xc0\\x8a|\\xe0\\x80\\x8a|"
		"\\xf5\\x80\\x80\\x80|\\x9b|\\xe2\\x82\n");
}

static void values_are_words_or_quoted(void **state)
{
	(void)state;
	log_event(LOG_INFO, "a",
		LOG_FIELDS(LOG_TEXT_FIELD("plain", "2001:db8::/32,a.b@53"),
			LOG_TEXT_FIELD("empty", ""), LOG_TEXT_FIELD("blank", "a role=admin"),
			LOG_TEXT_FIELD("equals", "a=b"), LOG_TEXT_FIELD("quote", "a\"b"),
			LOG_TEXT_FIELD("back", "a\\"), LOG_TEXT_FIELD("line", "a\nb"),
			LOG_TEXT_FIELD("dash", "- x")),
		"s");
	assert_string_equal(log_capture_end(),
		"INFO a plain=2001:db8::/32,a.b@53 empty=\"\" blank=\"a role=admin\" "
		"equals=\"a=b\" "
		"quote=\"a\\\"b\" back=\"a\\\\\" line=\"a\\x0ab\" dash=\"- x\" - s\n");
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* What a value was, as a reader of the log has to see it; returns what is behind it. */
static const char *unquote(const char *from, char *to)
{
	bool quoted = *from == '"';

	for (from += quoted; *from != (quoted ? '"' : ' '); from++) {
		assert_true(*from && (quoted || !strchr("\"\\=", *from)));
		if (from[0] == '\\' && from[1] == 'x') {
			*to++ = (char)(digit(from[2]) << 4 | digit(from[3]));
			from += 3;
		} else {
			*to++ = *from == '\\' ? *++from : *from;
		}
	}
	*to = '\0';
	return from + quoted;
}

/* Whatever octets a value has, it comes back as it was, and nothing else does. */
static void any_value_comes_back(void **state)
{
	static const char special[] = "\n\r\"\\ =-x\x1b\x7f\xc3\xa9\xc2\x9b\xe2\x80\xa8";
	static char values[2000][24];
	const char *at;
	char got[64];

	(void)state;
	srandom(7);
	for (size_t i = 0; i < 2000; i++) {
		size_t bytes = (size_t)random() % 12;

		for (size_t j = 0; j < bytes; j++)
			values[i][j] = random() % 2
				? special[(size_t)random() % (sizeof(special) - 1)]
				: (char)(1 + random() % 255);
		log_event(LOG_INFO, "e",
			LOG_FIELDS(LOG_TEXT_FIELD("v", values[i]), LOG_NUMBER_FIELD("n", i)), "%s",
			values[i]);
	}
	at = log_capture_end();
	for (size_t i = 0; i < 2000; i++) {
		const char *end = strchr(at, '\n');
		char number[32];

		assert_non_null(end);
		for (const char *p = at; p < end; p++)
			assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
		assert_memory_equal(at, "INFO e v=", 9);
		at = unquote(at + 9, got);
		assert_string_equal(got, values[i]);
		snprintf(number, sizeof(number), " n=%zu - ", i);
		assert_memory_equal(at, number, strlen(number));
		at = end + 1;
	}
	assert_string_equal(at, "");
}

static void long_text_is_cut_not_split(void **state)
{
	static char text[5000];
	const char *line;

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	log_event(LOG_INFO, "a", NULL, "%s", text);
	line = log_capture_end();
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_int_equal(strlen(line), strlen("INFO a - \n") + 4 * 2047);
}

/* Far more than there is room for: the line ends where the room does. */
static void many_long_values(void **state)
{
	static char text[5000];
	const char *line;

	(void)state;
	memset(text, '\r', sizeof(text) - 1);
	log_event(LOG_INFO, "a",
		LOG_FIELDS(LOG_TEXT_FIELD("a", text), LOG_TEXT_FIELD("b", text),
			LOG_TEXT_FIELD("c", text), LOG_TEXT_FIELD("d", text)),
		"%s", text);
	log_event(LOG_INFO, "b", NULL, "c");
	line = log_capture_end();
	assert_string_equal(strchr(line, '\n') + 1, "INFO b - c\n");
}

static void batches_are_lines(void **state)
{
	const char *at;

	(void)state;
	log_batch_begin(LOG_INFO);
	for (int i = 0; i < 5000; i++) {
		log_batch_line("change");
		log_batch_number("seq", i);
		log_batch_text("user", i % 2 ? "alice" : "x y");
		log_batch_line_end();
	}
	log_batch_end();
	at = log_capture_end();
	for (int i = 0; i < 5000; i++) {
		char expected[64];

		snprintf(expected, sizeof(expected), "INFO change seq=%d user=%s\n", i,
			i % 2 ? "alice" : "\"x y\"");
		assert_memory_equal(at, expected, strlen(expected));
		at += strlen(expected);
	}
	assert_string_equal(at, "");
}

static void times(void **state)
{
	const struct timespec when = {.tv_sec = 1769903999, .tv_nsec = 7999999};
	char text[LOG_TEXT_TIME_BYTES];

	(void)state;
	log_text_time(&when, text);
	assert_string_equal(text, "2026-01-31T23:59:59.007Z");
}

/* Once opened: it stays so for what follows, so it is last. */
static void lines_have_time_stamps_where_no_journal_adds_them(void **state)
{
	static const char pattern[] =
		"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z INFO a - b\n"
		"[0-9]{4}-[^ ]*Z INFO change seq=1\n$";
	regex_t compiled;

	(void)state;
	setenv("JOURNAL_STREAM", "1:1", 1); /* of somebody who started us, not of our output */
	log_open();
	log_event(LOG_INFO, "a", NULL, "b");
	log_batch_begin(LOG_INFO);
	log_batch_line("change");
	log_batch_number("seq", 1);
	log_batch_line_end();
	log_batch_end();
	assert_int_equal(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB), 0);
	assert_int_equal(regexec(&compiled, log_capture_end(), 0, NULL, 0), 0);
	regfree(&compiled);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, log_capture_begin, log_capture_close)
	const struct CMUnitTest tests[] = {
		TEST(one_line_an_event),
		TEST(levels_drop_what_is_below),
		TEST(control_characters_are_escaped),
		TEST(values_are_words_or_quoted),
		TEST(any_value_comes_back),
		TEST(long_text_is_cut_not_split),
		TEST(many_long_values),
		TEST(batches_are_lines),
		cmocka_unit_test(times),
		TEST(lines_have_time_stamps_where_no_journal_adds_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
