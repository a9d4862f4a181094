/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One's complement sums (RFC 1071), eight bytes at a time and in the processor's byte order, which
 * its section 2 B allows: only the folded result is swapped. A sum of 64 bits is the sum of its
 * four 16-bit words, so bytes are added from even offsets on, or turned by checksum_odd.
 */
#ifndef ARPAD_DATAPLANE_CHECKSUM_H
#define ARPAD_DATAPLANE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t checksum_load(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static inline uint32_t checksum_load32(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* The sum of two; the carry comes round. Compilers take five instructions where two do. */
static inline uint64_t checksum_add(uint64_t sum, uint64_t more)
{
#ifdef __x86_64__
	__asm__("add %1, %0\n\tadc $0, %0" : "+r"(sum) : "rm"(more) : "cc");
	return sum;
#else
	sum += more;
	return sum + (sum < more);
#endif
}

/*
 * Adds `count` bytes, at least one. The eight bytes before their end must be readable, so that the
 * last few are one load and a shift: an odd byte is padded with zero.
 */
static inline uint64_t checksum_bytes(const uint8_t *bytes, size_t count, uint64_t sum)
{
	const uint8_t *last = bytes + count - 8;

	for (; bytes < last - 8; bytes += 16) {
		sum = checksum_add(sum, checksum_load(bytes));
		sum = checksum_add(sum, checksum_load(bytes + 8));
	}
	if (bytes < last) {
		sum = checksum_add(sum, checksum_load(bytes));
		bytes += 8;
	}
	return checksum_add(sum, checksum_load(last) >> 8 * (bytes - last));
}

/*
 * Whether the sum of what includes its own checksum is right: all ones, as it is never 0. That is,
 * a multiple of 65,535: times its inverse, what divides comes out small. (Where a compiler thinks
 * that
 * `%` is rare it divides, which takes longer than all the rest.)
 */
static inline bool checksum_good(uint64_t sum)
{
	return sum * UINT64_C(0xfffefffefffeffff) <= UINT64_MAX / 0xffff;
}

/* What bytes that were added as if from an even offset add up to at an odd one. */
static inline uint64_t checksum_odd(uint64_t sum)
{
	return sum << 8 | sum >> 56;
}

/* To the 16 bits that stand in a header, in the order in which they stand there. */
static inline uint16_t checksum_fold(uint64_t sum)
{
	uint32_t half;

	/* Added to itself with its halves exchanged, the upper half is both, the carry included. */
	sum += sum << 32 | sum >> 32;
	half = (uint32_t)(sum >> 32);
	half += half << 16 | half >> 16;
	return (uint16_t)(half >> 16);
}

#endif
