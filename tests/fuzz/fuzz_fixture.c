/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/fuzz_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct fixture fuzz_fixture;

void must(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	abort();
}

/* LeakSanitizer does not look for pointers in the table's own mappings. */
static void tear_down(void)
{
	fixture_close(&fuzz_fixture);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	fixture_open(&fuzz_fixture);
	must(atexit(tear_down) == 0, "no room for an exit handler");
	return 0;
}
