/* SPDX-License-Identifier: BSD-3-Clause */
/* Two digits an octet. */
#include "tests/support/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *hex_read(const char *text, size_t *bytes)
{
	size_t length = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
	uint8_t *out = malloc(length + 1); /* never NULL for no octets */

	for (size_t i = 0; out && i < length; i++)
		if (sscanf(text + 2 * i, "%2hhx", &out[i]) != 1) {
			free(out);
			return NULL;
		}
	*bytes = length;
	return out;
}
