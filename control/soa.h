/* SPDX-License-Identifier: BSD-3-Clause */
/* SOA RDATA (RFC 1035 3.3.13) and serial arithmetic (RFC 1982). Pure; RDATA must be sound. */
#ifndef ARPAD_CONTROL_SOA_H
#define ARPAD_CONTROL_SOA_H

#include "control/rrset_buffer.h"
#include "dataplane/dns/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOA_NUMBERS_BYTES = 5 * 4, SOA_MAX_BYTES = 2 * WIRE_NAME_MAX_BYTES + SOA_NUMBERS_BYTES };

/* The numbers that end an SOA, in its order. */
struct soa_numbers {
	uint32_t serial, refresh, retry, expire, minimum;
};

/* Writes the numbers at `out` and returns SOA_NUMBERS_BYTES. */
size_t soa_write_numbers(uint8_t *out, const struct soa_numbers *numbers);

/* Whether `a` is newer than `b` (RFC 1982 3.2); false where the RFC leaves it undefined. */
static inline bool soa_newer(uint32_t a, uint32_t b)
{
	return a != b && a - b < UINT32_C(1) << 31;
}

/* The serial and the minimum of SOA RDATA of `bytes` octets. */
uint32_t soa_serial(const uint8_t *rdata, size_t bytes);
uint32_t soa_minimum(const uint8_t *rdata, size_t bytes);

/* The serial of a buffer that holds one SOA. */
uint32_t soa_buffer_serial(const struct rrset_buffer *soa);
void soa_buffer_set_serial(struct rrset_buffer *soa, uint32_t serial);

#endif
