/* SPDX-License-Identifier: BSD-3-Clause */
/* SipHash-2-4 (Aumasson and Bernstein, 2012), the keyed hash that RFC 9018 4.4 asks for. */
#ifndef ARPAD_DATAPLANE_DNS_SIPHASH_H
#define ARPAD_DATAPLANE_DNS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY_BYTES = 16 };

/* The 64-bit hash of `bytes` octets; as octets it is written least significant first. Any thread.
 */
uint64_t siphash24(const uint8_t key[static SIPHASH_KEY_BYTES], const uint8_t *input, size_t bytes);

#endif
