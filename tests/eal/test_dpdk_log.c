/* SPDX-License-Identifier: BSD-3-Clause */
/* DPDK's log as lines of ours; its log needs no EAL. */
#include "dataplane/dpdk/dpdk_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <rte_log.h>
#include <stdio.h>
#include <string.h>

static char said[4096];

static void take(enum dataplane_saying saying, const char *component, const char *text)
{
	static const char *const names[] = {[DATAPLANE_SAYS_ERROR] = "error",
		[DATAPLANE_SAYS_WARNING] = "warning",
		[DATAPLANE_SAYS_DETAIL] = "detail"};

	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s|%s|%s\n", names[saying],
		component, text);
}

static void lines_with_who_says_them(void **state)
{
	char longest[700];

	(void)state;
	assert_int_equal(dpdk_log_open(take), 0);
	rte_log_set_global_level(RTE_LOG_DEBUG);
	rte_log_set_level(RTE_LOGTYPE_EAL, RTE_LOG_DEBUG);
	said[0] = '\0'; /* of the change of levels */
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: no %s\n", "memory");
	rte_log(RTE_LOG_CRIT, RTE_LOGTYPE_EAL, "mlx5_net: port: %d\n", 3);
	rte_log(RTE_LOG_WARNING, RTE_LOGTYPE_EAL, "two words: first\nEAL: second\n\n");
	rte_log(RTE_LOG_NOTICE, RTE_LOGTYPE_EAL, "no end");
	rte_log(RTE_LOG_INFO, RTE_LOGTYPE_EAL, ": a\n");
	rte_log(RTE_LOG_DEBUG, RTE_LOGTYPE_EAL, "a:b\n");
	rte_log(RTE_LOG_DEBUG, RTE_LOGTYPE_EAL, "a: \n");
	assert_string_equal(said,
		"error|EAL|no memory\n"
		"error|mlx5_net|port: 3\n"
		"warning|DPDK|two words: first\n"
		"warning|EAL|second\n"
		"detail|DPDK|no end\n"
		"detail|DPDK|: a\n"
		"detail|DPDK|a:b\n"
		"detail|a|\n");
	said[0] = '\0';
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "%s\n", longest);
	assert_int_equal(strlen(said), strlen("error|DPDK|\n") + 511);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines_with_who_says_them)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
