/* SPDX-License-Identifier: BSD-3-Clause */
/* policy.c and serving.h: the defaults, and that a policy is published whole. */
#include "dataplane/policy.h"

#include "dataplane/serving.h"

#include "tests/support/cmocka.h"

static void defaults_tell_nothing_and_demand_nothing(void **state)
{
	struct policy p = policy_default();

	(void)state;
	assert_int_equal(p.udp_bytes, 1232);
	assert_int_equal(p.keepalive_100ms, 100);
	assert_false(p.any_whole);
	assert_int_equal(p.cookies, POLICY_COOKIES_OFF);
	assert_int_equal(p.secrets.count, 0);
	assert_int_equal(p.identity.bytes, 0);
	assert_int_equal(p.version.bytes, 0);
	assert_int_equal(p.nsid_bytes, 0);
}

static void publishing_hands_back_the_one_before(void **state)
{
	static const struct policy one, two;
	struct serving serving = {.table = NULL};
	struct serving_view view;

	(void)state;
	atomic_init(&serving.now, 77);
	assert_null(serving_publish_policy(&serving, &one));
	view = serving_load(&serving);
	assert_ptr_equal(serving_publish_policy(&serving, &two), &one);
	/* What was loaded stays as it was. */
	assert_ptr_equal(view.policy, &one);
	assert_int_equal(view.now, 77);
	assert_ptr_equal(serving_load(&serving).policy, &two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_tell_nothing_and_demand_nothing),
		cmocka_unit_test(publishing_hands_back_the_one_before),
	};

	return cmocka_run_group_tests_name("dataplane/policy", tests, NULL, NULL);
}
