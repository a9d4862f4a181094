/* SPDX-License-Identifier: BSD-3-Clause */
/* The fixture: set up and torn down around every case. */
#include "tests/control/store_fixture.h"

const char *directory;
struct store *store;
struct failure failure;

void ok(int result)
{
	if (result != 0)
		fail_msg("%s", failure.text);
}

int store_fixture_set_up(void **state)
{
	(void)state;
	directory = directory_make();
	ok(store_open(directory, &store, &failure));
	return 0;
}

int store_fixture_tear_down(void **state)
{
	(void)state;
	store_close(store);
	store = NULL;
	directory_remove(directory);
	return 0;
}

void store_fixture_reopen(void)
{
	store_close(store);
	store = NULL;
	ok(store_open(directory, &store, &failure));
}
