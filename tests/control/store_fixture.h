/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of store*.c and update*.c share: a store in a directory of its own. */
#ifndef ARPAD_TESTS_CONTROL_STORE_FIXTURE_H
#define ARPAD_TESTS_CONTROL_STORE_FIXTURE_H

#include "control/store/store.h"
#include "tests/control/support.h"

extern const char *directory;
extern struct store *store;
extern struct failure failure; /* the last one */

/* Fails with what `failure` says unless `result` is 0. */
void ok(int result);

/* For cmocka, around every case; the store may be closed, and NULL, when it is torn down. */
int store_fixture_set_up(void **state);
int store_fixture_tear_down(void **state);

void store_fixture_reopen(void);

#endif
