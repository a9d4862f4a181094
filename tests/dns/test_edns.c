/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/edns.c: fields, framing of options, the reply's record, and the limits of size. */
#include "dataplane/dns/edns.h"

#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/guard.h"

#include <string.h>

/* TYPE to RDLENGTH of an OPT that says: size 0x1234, version 7, DO, RDLENGTH `bytes`. */
static size_t build(uint8_t *opt, uint16_t bytes, const void *rdata)
{
	static const uint8_t fixed[8] = {0, 41, 0x12, 0x34, 0xaa, 7, 0x80, 0x01};

	memcpy(opt, fixed, sizeof(fixed));
	wire_put16(opt + 8, bytes);
	if (bytes != 0)
		memcpy(opt + 10, rdata, bytes);
	return 10 + (size_t)bytes;
}

static void fields_are_read(void **state)
{
	uint8_t opt[32];
	struct edns edns = {0};
	size_t used = 0, bytes = build(opt, 0, NULL);

	(void)state;
	assert_int_equal(edns_read(opt, sizeof(opt), &edns, &used), EDNS_OK);
	assert_int_equal(used, bytes);
	assert_true(edns.present);
	assert_true(edns.dnssec_ok);
	assert_int_equal(edns.version, 7);
	assert_int_equal(edns.udp_bytes, 0x1234);
	opt[6] = 0x7f; /* every flag but DO */
	assert_int_equal(edns_read(opt, sizeof(opt), &edns, &used), EDNS_OK);
	assert_false(edns.dnssec_ok);
}

static void options_must_fill_rdata(void **state)
{
	static const struct {
		uint8_t bytes, rdata[16];
		enum edns_status status;
	} cases[] = {
		{4, {0, 100, 0, 0}, EDNS_OK},
		{8, {0, 100, 0, 0, 0, 101, 0, 0}, EDNS_OK},
		{9, {0, 100, 0, 1, 'x', 0, 101, 0, 0}, EDNS_OK},
		{1, {0}, EDNS_MALFORMED},
		{3, {0, 100, 0}, EDNS_MALFORMED},
		{4, {0, 100, 0, 1}, EDNS_MALFORMED},
		{5, {0, 100, 0, 0, 0}, EDNS_MALFORMED},
		{7, {0, 100, 0, 0, 0, 101, 0}, EDNS_MALFORMED},
		{8, {0, 100, 0, 0, 0, 101, 0, 1}, EDNS_MALFORMED},
		{8, {0, 100, 0xff, 0xff, 0, 101, 0, 1}, EDNS_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t opt[32];
		struct edns edns;
		size_t used = 0, bytes = build(opt, cases[i].bytes, cases[i].rdata);

		/* How a later version frames them is not known. */
		assert_int_equal(edns_read(opt, bytes, &edns, &used), EDNS_OK);
		assert_int_equal(used, bytes);
		opt[5] = 0;
		assert_int_equal(edns_read(opt, bytes, &edns, &used), cases[i].status);
		if (cases[i].status == EDNS_OK)
			assert_int_equal(used, bytes);
	}
}

static void every_prefix_is_malformed_and_not_over_read(void **state)
{
	static const uint8_t rdata[9] = {0, 100, 0, 1, 'x', 0, 101, 0, 0};
	uint8_t opt[32];
	size_t bytes = build(opt, sizeof(rdata), rdata), used;
	struct guard guard;
	struct edns edns;

	(void)state;
	guard_open(&guard, sizeof(opt));
	for (size_t cut = 0; cut < bytes; cut++)
		assert_int_equal(edns_read(guard_place(&guard, opt, cut), cut, &edns, &used),
			EDNS_MALFORMED);
	assert_int_equal(edns_read(guard_place(&guard, opt, bytes), bytes, &edns, &used), EDNS_OK);
	guard_close(&guard);
}

static void reply_has_our_size_version_0_and_do_as_asked(void **state)
{
	struct edns request = {.present = true, .dnssec_ok = true, .version = 9, .udp_bytes = 4096};
	uint8_t out[WIRE_OPT_BYTES];

	(void)state;
	assert_int_equal(edns_write(out, &request, WIRE_NOERROR), WIRE_OPT_BYTES);
	assert_memory_equal(out, "\0\0\x29\x04\xd0\0\0\x80\0\0\0", WIRE_OPT_BYTES);
	request.dnssec_ok = false;
	edns_write(out, &request, WIRE_BADVERS);
	assert_memory_equal(out, "\0\0\x29\x04\xd0\1\0\0\0\0\0", WIRE_OPT_BYTES);
	edns_write(out, &request, WIRE_NXDOMAIN); /* fits the header: nothing up here */
	assert_int_equal(out[5], 0);
}

static void size_is_what_is_offered_from_512_to_1232(void **state)
{
	static const uint16_t cases[][2] = {{0, 512}, {1, 512}, {511, 512}, {512, 512}, {513, 513},
		{1231, 1231}, {1232, 1232}, {1233, 1232}, {4096, 1232}, {65535, 1232}};
	struct edns none = {.present = false, .udp_bytes = 4096};

	(void)state;
	assert_int_equal(edns_udp_limit(&none), 512);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct edns edns = {.present = true, .udp_bytes = cases[i][0]};

		assert_int_equal(edns_udp_limit(&edns), cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_read),
		cmocka_unit_test(options_must_fill_rdata),
		cmocka_unit_test(every_prefix_is_malformed_and_not_over_read),
		cmocka_unit_test(reply_has_our_size_version_0_and_do_as_asked),
		cmocka_unit_test(size_is_what_is_offered_from_512_to_1232),
	};

	return cmocka_run_group_tests_name("dns/edns", tests, NULL, NULL);
}
