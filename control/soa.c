/* SPDX-License-Identifier: BSD-3-Clause */
/* An SOA's numbers are found from its end, so its names never need to be walked. */
#include "control/soa.h"

enum { SERIAL_FROM_END = SOA_NUMBERS_BYTES, MINIMUM_FROM_END = 4 };

size_t soa_write_numbers(uint8_t *out, const struct soa_numbers *numbers)
{
	wire_put32(out, numbers->serial);
	wire_put32(out + 4, numbers->refresh);
	wire_put32(out + 8, numbers->retry);
	wire_put32(out + 12, numbers->expire);
	wire_put32(out + 16, numbers->minimum);
	return SOA_NUMBERS_BYTES;
}

uint32_t soa_serial(const uint8_t *rdata, size_t bytes)
{
	return wire_get32(rdata + bytes - SERIAL_FROM_END);
}

uint32_t soa_minimum(const uint8_t *rdata, size_t bytes)
{
	return wire_get32(rdata + bytes - MINIMUM_FROM_END);
}

uint32_t soa_buffer_serial(const struct rrset_buffer *soa)
{
	return soa_serial(soa->rdata, soa->rdata_bytes);
}

void soa_buffer_set_serial(struct rrset_buffer *soa, uint32_t serial)
{
	wire_put32(soa->rdata + soa->rdata_bytes - SERIAL_FROM_END, serial);
}
