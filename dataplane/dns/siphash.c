/* SPDX-License-Identifier: BSD-3-Clause */
/* SipHash-2-4: two rounds a word, four at the end. */
#include "dataplane/dns/siphash.h"

#include <string.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static void rounds(struct state *s, unsigned count)
{
	for (; count > 0; count--) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v1;
		s->v0 += s->v3;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

static void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

uint64_t siphash24(const uint8_t key[static SIPHASH_KEY_BYTES], const uint8_t *input, size_t bytes)
{
	uint64_t key0, key1, last = (uint64_t)bytes << 56;
	struct state s;
	size_t at = 0;

	memcpy(&key0, key, 8);
	memcpy(&key1, key + 8, 8);
	/* "somepseudorandomlygeneratedbytes", the constants of the algorithm. */
	s = (struct state){key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d,
		key0 ^ 0x6c7967656e657261, key1 ^ 0x7465646279746573};
	for (; at + 8 <= bytes; at += 8) {
		uint64_t word;

		memcpy(&word, input + at, 8);
		absorb(&s, word);
	}
	for (unsigned shift = 0; at < bytes; at++, shift += 8)
		last |= (uint64_t)input[at] << shift;
	absorb(&s, last);
	s.v2 ^= 0xff;
	rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
