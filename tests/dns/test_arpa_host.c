/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/arpa_host.h against the code that reads label by label: what it takes, and nothing else. */
#include "dataplane/dns/arpa_host.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/guard.h"

#include <stdio.h>
#include <string.h>

static uint64_t random_state = 20260320;

static uint64_t random_word(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* A host, or, once in four, a network: any number of labels but none. */
static struct prefix random_address(uint8_t family)
{
	struct prefix p = {.family = family, .bits = prefix_host_bits(family)};

	/* Short labels as often as long ones. */
	for (unsigned at = 0; at < 32; at += 8)
		p.high = p.high << 8 | (random_word() & 255) >> random_word() % 8;
	p.high <<= 32;
	if (family == ARPA_FAMILY_IPV6) {
		p.high = random_word();
		p.low = random_word();
	}
	if (random_word() % 4 == 0)
		p = prefix_truncate(&p,
			(uint8_t)(family == ARPA_FAMILY_IPV4 ? 8 * (1 + random_word() % 4)
							     : 4 * (1 + random_word() % 32)));
	return p;
}

/* What a name is must not depend on who reads it. */
static bool compare(const uint8_t *name, size_t length)
{
	struct prefix slow = {.family = 0}, fast = {77, 88, 99, 11};
	bool address = name_length(name, length) == length &&
		arpa_parse_labels(name, length, &slow) == ARPA_EXACT && slow.bits != 0;
	bool taken = arpa_host_parse(name, length, &fast);

#ifndef __SSE4_1__
	assert_false(taken);
	return address;
#endif
	if (taken != address || !(taken ? prefix_equal(&fast, &slow) : fast.family == 99)) {
		for (size_t i = 0; i < length; i++)
			fprintf(stderr, "%02x", name[i]);
		fail_msg(" is an address name: %d, but taken: %d", address, taken);
	}
	return address;
}

static void every_address_name_is_taken_in_any_case(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 1000000; n++) {
		struct prefix p = random_address(n % 2 ? ARPA_FAMILY_IPV4 : ARPA_FAMILY_IPV6);
		uint8_t name[ARPA_NAME_MAX_BYTES];
		size_t bytes = arpa_write(&p, name);
		uint64_t upper = random_word();

		for (size_t i = 0; i < bytes; i++)
			if (name[i] >= 'a' && upper >> i % 64 & 1)
				name[i] ^= 0x20;
		assert_true(compare(name, bytes));
	}
}

/* Names with one to four octets changed, most often to what the code tells apart. */
static void mutated_names_are_what_they_are(void **state)
{
	static const uint8_t telling[] = {0, 1, 2, 3, 4, 7, 8, 0x10, 0x20, '-', '/', '0', '1', '2',
		'5', '6', '9', ':', '@', 'A', 'F', 'G', '`', 'a', 'f', 'g', 0x7f, 0x80, 0x81, 0xb0,
		0xff};
	unsigned addresses = 0;

	(void)state;
	for (unsigned n = 0; n < 3000000; n++) {
		struct prefix p = random_address(n % 4 ? ARPA_FAMILY_IPV4 : ARPA_FAMILY_IPV6);
		uint8_t name[ARPA_NAME_MAX_BYTES];
		size_t bytes = arpa_write(&p, name);

		for (unsigned changes = 1 + n / 4 % 4; changes > 0; changes--) {
			uint64_t random = random_word();
			size_t at = (random >> 32) % (n % 3 ? 16 : bytes);

			name[at] = random % 8 ? telling[(random & 0xffff) / 8 % sizeof(telling)]
					      : (uint8_t)(random >> 8);
		}
		addresses += compare(name, bytes);
	}
	assert_in_range(addresses, 10000, 2000000);
}

enum { SHAPES = 4 * 4 * 4 * 4 }; /* no label to one of three characters, four times */

/* Every text of one to three characters of '/' to ':' in each place, between all lengths. */
static void every_label_in_every_place(void **state)
{
	(void)state;
	for (unsigned place = 0; place < 4; place++)
		for (unsigned shape = 0; shape < SHAPES; shape++)
			for (unsigned text = 0; text < 12 * 12 * 12; text++) {
				unsigned lengths = shape, rest = text;
				uint8_t name[ARPA_HOST_IPV4_MAX];
				size_t at = 0;

				for (unsigned label = 0; label < 4; label++, lengths /= 4) {
					if (lengths % 4 == 0)
						continue;
					name[at++] = (uint8_t)(lengths % 4);
					for (unsigned i = 0; i < lengths % 4; i++, rest /= 12)
						name[at++] = label == place
							? (uint8_t)('/' + rest % 12)
							: (uint8_t)('1' + i);
					if (label != place)
						rest = text;
				}
				memcpy(name + at, "\7in-addr\4arpa", 14);
				compare(name, at + 14);
			}
}

/* A label's length that is not the one that its place says: all of 0 to 8 at every start. */
static void every_length_at_every_start(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 9 * 9 * 9 * 9; n++)
		for (unsigned shape = 0; shape < SHAPES; shape++) {
			unsigned lengths = shape, said = n;
			uint8_t name[ARPA_HOST_IPV4_MAX];
			size_t at = 0;

			for (unsigned label = 0; label < 4; label++, lengths /= 4, said /= 9) {
				if (lengths % 4 == 0)
					continue;
				name[at] = (uint8_t)(said % 9);
				memset(name + at + 1, '1', lengths % 4);
				at += 1 + lengths % 4;
			}
			memcpy(name + at, "\7in-addr\4arpa", 14);
			compare(name, at + 14);
		}
}

/* Nibble labels of ip6.arpa: every octet in every place of names of every length. */
static void every_octet_of_every_nibble(void **state)
{
	(void)state;
	for (uint8_t bits = 4; bits <= 128; bits = (uint8_t)(bits + 4)) {
		struct prefix p = random_address(ARPA_FAMILY_IPV6);
		uint8_t name[ARPA_NAME_MAX_BYTES];
		size_t bytes;

		p.bits = 128;
		p = prefix_truncate(&p, bits);
		bytes = arpa_write(&p, name);
		for (size_t at = 0; at < bytes; at++) {
			uint8_t was = name[at];

			for (unsigned octet = 0; octet < 256; octet++) {
				name[at] = (uint8_t)octet;
				compare(name, bytes);
			}
			name[at] = was;
		}
	}
}

static void no_length_is_over_read(void **state)
{
	struct guard guard;

	(void)state;
	guard_open(&guard, 4096);
	for (unsigned n = 0; n < 20000; n++) {
		struct prefix p = random_address(n % 8 ? ARPA_FAMILY_IPV4 : ARPA_FAMILY_IPV6);
		uint8_t name[ARPA_NAME_MAX_BYTES], *placed;
		size_t bytes = arpa_write(&p, name);

		for (size_t cut = 0; cut <= bytes; cut++) {
			placed = guard_place(&guard, name, cut);
			assert_int_equal(compare(placed, cut), cut == bytes);
		}
		/* The end of the name alone: the suffix is right, what is before it is missing. */
		for (size_t cut = 0; cut < bytes; cut++)
			compare(guard_place(&guard, name + bytes - cut, cut), cut);
	}
	guard_close(&guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_name_is_taken_in_any_case),
		cmocka_unit_test(mutated_names_are_what_they_are),
		cmocka_unit_test(every_label_in_every_place),
		cmocka_unit_test(every_length_at_every_start),
		cmocka_unit_test(every_octet_of_every_nibble),
		cmocka_unit_test(no_length_is_over_read),
	};

	return cmocka_run_group_tests_name("dns/arpa_host", tests, NULL, NULL);
}
