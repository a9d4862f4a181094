/* SPDX-License-Identifier: BSD-3-Clause */
/* outcome.c: every outcome has a name of its own and a sentence. */
#include "dataplane/outcome.h"

#include "tests/support/cmocka.h"

#include <string.h>

static void every_outcome_has_its_own_name_and_a_sentence(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OUTCOMES; i++) {
		const char *name = outcome_name(i), *sentence = outcome_sentence(i);

		assert_non_null(name);
		assert_non_null(sentence);
		assert_int_equal(
			strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
		assert_in_range(sentence[0], 'A', 'Z');
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(name, outcome_name(k));
	}
}

static void silence_comes_before_replies(void **state)
{
	(void)state;
	assert_true(OUTCOME_NO_ROOM < OUTCOME_REPLIED_FIRST);
	assert_int_equal(OUTCOME_REPLIED_FIRST, OUTCOME_ANSWERED);
	assert_true(OUTCOME_BADVERS < OUTCOMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_has_its_own_name_and_a_sentence),
		cmocka_unit_test(silence_comes_before_replies),
	};

	return cmocka_run_group_tests_name("dataplane/outcome", tests, NULL, NULL);
}
