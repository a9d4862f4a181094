/* SPDX-License-Identifier: BSD-3-Clause */
/* Uncompressed wire names: bounded walk, length, comparison without case (RFC 1035 3.1, RFC 4343).
 */
#ifndef ARPAD_DATAPLANE_DNS_NAME_H
#define ARPAD_DATAPLANE_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Length in bytes of the uncompressed name at `name`, its root label included: 1 to 255.
 * Returns 0 when it runs past `available` bytes, is longer than 255, or holds a compression
 * pointer or another label type (RFC 6891 5: 01 and 10 are not labels).
 */
size_t name_length(const uint8_t *name, size_t available);

/*
 * Like name_length for an owner that may end in a compression pointer (RFC 1035 4.1.4): the bytes
 * it takes at this place. The pointer is not followed. Returns 0 when malformed.
 */
size_t name_skip(const uint8_t *name, size_t available);

/* Whether two well-formed names are the same, ASCII case aside (RFC 4343 3). */
bool name_equal(const uint8_t *a, const uint8_t *b);

/* ASCII lower case of one octet; every other octet unchanged (RFC 4343 3.1). */
static inline uint8_t name_lower(uint8_t octet)
{
	return (uint8_t)(octet - 'A') < 26 ? octet | 0x20 : octet;
}

#endif
