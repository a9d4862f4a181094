/* SPDX-License-Identifier: BSD-3-Clause */
/* What a process tells of itself. */
#include "control/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void each_start_has_an_id_of_its_own(void **state)
{
	struct process one, other;

	(void)state;
	process_open(&one);
	process_open(&other);
	assert_int_equal(strlen(one.start_id), PROCESS_ID_CHARACTERS);
	assert_int_equal(strspn(one.start_id, "0123456789abcdef"), PROCESS_ID_CHARACTERS);
	assert_string_not_equal(one.start_id, other.start_id);
	assert_true(one.started_ms > 1700000000000);
	assert_true(process_time_ms() >= one.started_ms);
	process_close(&one);
	process_close(&other);
}

static void memory_grows_with_what_is_written(void **state)
{
	const size_t bytes = 64 << 20;
	struct process process;
	uint64_t before;
	char *memory;

	(void)state;
	process_open(&process);
	before = process_resident_bytes(&process);
	assert_true(before > 0);
	memory = malloc(bytes);
	assert_non_null(memory);
	memset(memory, 1, bytes);
	assert_true(process_resident_bytes(&process) >= before + bytes / 2 + (size_t)memory[7] - 1);
	free(memory);
	process_close(&process);
	assert_int_equal(process_resident_bytes(&process), 0);
	process_close(&process);
}

static void the_clock_goes_on(void **state)
{
	uint64_t before = process_monotonic_ms();

	(void)state;
	while (process_monotonic_ms() == before)
		;
	assert_true(process_monotonic_ms() > before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_start_has_an_id_of_its_own),
		cmocka_unit_test(memory_grows_with_what_is_written),
		cmocka_unit_test(the_clock_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
