/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/wire.h: big-endian access at any alignment, and the flag word's layout. */
#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"

static void bytes_are_big_endian_at_any_alignment(void **state)
{
	uint8_t bytes[8] = {0xff, 0x12, 0x34, 0x56, 0x78, 0xff, 0xff, 0xff};

	(void)state;
	assert_int_equal(wire_get16(bytes + 1), 0x1234);
	assert_int_equal(wire_get16(bytes + 2), 0x3456);
	assert_int_equal(wire_get32(bytes + 1), 0x12345678);
	wire_put16(bytes + 3, 0xabcd);
	assert_int_equal(bytes[3], 0xab);
	assert_int_equal(bytes[4], 0xcd);
	wire_put32(bytes + 3, 0x01020304);
	assert_memory_equal(bytes, ((uint8_t[]){0xff, 0x12, 0x34, 1, 2, 3, 4, 0xff}), 8);
}

static void flags_do_not_overlap_and_fill_the_word(void **state)
{
	static const unsigned part[] = {WIRE_QR, WIRE_OPCODE_MASK, WIRE_AA, WIRE_TC, WIRE_RD,
		WIRE_RA, 0x40 /* Z */, WIRE_AD, WIRE_CD, WIRE_RCODE_MASK};
	unsigned sum = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		assert_int_equal(sum & part[i], 0);
		sum |= part[i];
	}
	assert_int_equal(sum, 0xffff);
	assert_int_equal(WIRE_OPCODE_MASK, 15 << WIRE_OPCODE_SHIFT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_big_endian_at_any_alignment),
		cmocka_unit_test(flags_do_not_overlap_and_fill_the_word),
	};

	return cmocka_run_group_tests_name("dns/wire", tests, NULL, NULL);
}
