/* SPDX-License-Identifier: BSD-3-Clause */
/* Hexadecimal text of the vectors' files to octets. */
#ifndef ARPAD_TESTS_SUPPORT_HEX_H
#define ARPAD_TESTS_SUPPORT_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Octets in allocated memory, which the caller frees; "-" is none. NULL: no memory, or not
 * hexadecimal. */
uint8_t *hex_read(const char *text, size_t *bytes);

#endif
