/* SPDX-License-Identifier: BSD-3-Clause */
/* The fixture zones, opened before a group of cases and closed behind it. */
#ifndef ARPAD_TESTS_DATAPLANE_ZONES_FIXTURE_H
#define ARPAD_TESTS_DATAPLANE_ZONES_FIXTURE_H

#include "tests/support/fixture.h"

extern struct fixture fixture;

/* For cmocka_run_group_tests_name. */
int zones_fixture_set_up(void **state);
int zones_fixture_tear_down(void **state);

#endif
