/* SPDX-License-Identifier: BSD-3-Clause */
/* What the fuzz targets of the data plane share: the fixture zones, opened once for all inputs. */
#ifndef ARPAD_TESTS_FUZZ_FUZZ_FIXTURE_H
#define ARPAD_TESTS_FUZZ_FUZZ_FIXTURE_H

#include "tests/support/fixture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Open from libFuzzer's initialisation, which the fixture defines, to the exit. */
extern struct fixture fuzz_fixture;

/* Aborts, which libFuzzer takes for a crash, and says `what` unless `held`. */
void must(bool held, const char *what);

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
