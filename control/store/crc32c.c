/* SPDX-License-Identifier: BSD-3-Clause */
/* By the instruction where the CPU has it, else an octet at a time. Both give the same. */
#include "control/store/crc32c.h"

#include <string.h>

static uint32_t by_bits(uint32_t crc, const uint8_t *octets, size_t bytes)
{
	/* What four more bits do, so that no table of 256 has to be made at the start. */
	static const uint32_t nibble[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6,
		0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

	for (size_t i = 0; i < bytes; i++) {
		crc ^= octets[i];
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(
	uint32_t crc, const uint8_t *octets, size_t bytes)
{
	uint64_t wide = crc, eight;

	for (; bytes >= sizeof(eight); octets += sizeof(eight), bytes -= sizeof(eight)) {
		memcpy(&eight, octets, sizeof(eight));
		wide = __builtin_ia32_crc32di(wide, eight);
	}
	crc = (uint32_t)wide;
	for (; bytes > 0; bytes--)
		crc = __builtin_ia32_crc32qi(crc, *octets++);
	return crc;
}

uint32_t crc32c(uint32_t crc, const void *octets, size_t bytes)
{
	if (__builtin_cpu_supports("sse4.2"))
		return ~by_instruction(~crc, octets, bytes);
	return ~by_bits(~crc, octets, bytes);
}
#else
uint32_t crc32c(uint32_t crc, const void *octets, size_t bytes)
{
	return ~by_bits(~crc, octets, bytes);
}
#endif
