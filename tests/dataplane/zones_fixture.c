/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/dataplane/zones_fixture.h"

struct fixture fixture;

int zones_fixture_set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	return 0;
}

int zones_fixture_tear_down(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}
