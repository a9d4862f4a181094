/* SPDX-License-Identifier: BSD-3-Clause */
/* ldns as the oracle that we did not write: is this a DNS message? */
#ifndef ARPAD_TESTS_SUPPORT_DECODE_H
#define ARPAD_TESTS_SUPPORT_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether ldns decodes `message` without error; prints why not. */
bool decode_succeeds(const uint8_t *message, size_t bytes);

#endif
