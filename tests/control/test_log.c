/* SPDX-License-Identifier: BSD-3-Clause */
/* The log: levels, and that no text can forge a line. */
#include "control/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int saved, pipe_ends[2];
static char seen[16384];

static int redirect(void **state)
{
	(void)state;
	saved = dup(STDERR_FILENO);
	if (pipe(pipe_ends) != 0)
		return -1;
	dup2(pipe_ends[1], STDERR_FILENO);
	close(pipe_ends[1]);
	return 0;
}

static int restore(void **state)
{
	(void)state;
	close(pipe_ends[0]);
	log_set_level(LOG_INFO);
	return 0;
}

/* Everything logged since redirect. */
static const char *logged(void)
{
	size_t length = 0;
	ssize_t got;

	dup2(saved, STDERR_FILENO);
	close(saved);
	while ((got = read(pipe_ends[0], seen + length, sizeof(seen) - 1 - length)) > 0)
		length += (size_t)got;
	seen[length] = '\0';
	return seen;
}

static void one_line_an_event(void **state)
{
	(void)state;
	log_error("a %d", 1);
	log_warning("b");
	log_info("c");
	assert_string_equal(logged(), "ERROR a 1\nWARNING b\nINFO c\n");
}

static void levels_drop_what_is_below(void **state)
{
	(void)state;
	log_debug("unseen: the start value is info");
	log_set_level(LOG_ERROR);
	log_warning("unseen");
	log_error("seen");
	log_set_level(LOG_DEBUG);
	log_debug("seen too");
	assert_string_equal(logged(), "ERROR seen\nDEBUG seen too\n");
}

static void control_characters_are_escaped(void **state)
{
	(void)state;
	log_info("%s", "x\nERROR forged\x1b[31m\x7f\tend \xc3\xa9");
	assert_string_equal(logged(), "INFO x\\x0aERROR forged\\x1b[31m\\x7f\\x09end \xc3\xa9\n");
}

static void long_text_is_cut_not_split(void **state)
{
	static char text[5000];
	const char *line;

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	log_info("%s", text);
	line = logged();
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_int_equal(strlen(line), strlen("INFO \n") + 4 * 2047);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_line_an_event, redirect, restore),
		cmocka_unit_test_setup_teardown(levels_drop_what_is_below, redirect, restore),
		cmocka_unit_test_setup_teardown(control_characters_are_escaped, redirect, restore),
		cmocka_unit_test_setup_teardown(long_text_is_cut_not_split, redirect, restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
