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

/* Reads `rdata` as the options of a version 0 request. */
static enum edns_status read_rdata(const void *rdata, uint16_t bytes, struct edns *edns)
{
	uint8_t opt[128];
	size_t used;

	*edns = (struct edns){.present = false};
	build(opt, bytes, rdata);
	opt[5] = 0;
	return edns_read(opt, 10 + (size_t)bytes, edns, &used);
}

static void known_options_are_noted_whatever_they_hold(void **state)
{
	struct edns edns;

	(void)state;
	assert_int_equal(read_rdata("\0\3\0\0", 4, &edns), EDNS_OK);
	assert_true(edns.nsid && !edns.keepalive && !edns.zone_version);
	assert_int_equal(read_rdata("\0\3\0\2xy", 6, &edns), EDNS_OK);
	assert_true(edns.nsid);
	assert_int_equal(read_rdata("\0\13\0\0", 4, &edns), EDNS_OK);
	assert_true(edns.keepalive && !edns.nsid);
	assert_int_equal(read_rdata("\0\23\0\0", 4, &edns), EDNS_OK);
	assert_true(edns.zone_version && !edns.keepalive);
	assert_int_equal(edns.cookie_bytes, 0);
}

static void cookies_have_8_or_16_to_40_octets_and_the_first_counts(void **state)
{
	uint8_t rdata[128] = {0, 10, 0, 0, 'c', 'o', 'o', 'k', 'i', 'e', 's', '!'};
	struct edns edns;

	(void)state;
	for (uint16_t bytes = 0; bytes <= 64; bytes++) {
		bool good = bytes == 8 || (bytes >= 16 && bytes <= 40);

		wire_put16(rdata + 2, bytes);
		assert_int_equal(
			read_rdata(rdata, 4 + bytes, &edns), good ? EDNS_OK : EDNS_MALFORMED);
		assert_int_equal(edns.cookie_bytes, good ? bytes : 0);
		if (good)
			assert_memory_equal(edns.cookie, rdata + 4, bytes);
	}
	wire_put16(rdata + 2, 8);
	memcpy(rdata + 12, "\0\12\0\1x", 5); /* a second one, malformed: not looked at */
	assert_int_equal(read_rdata(rdata, 17, &edns), EDNS_OK);
	assert_int_equal(edns.cookie_bytes, 8);
	assert_memory_equal(edns.cookie, "cookies!", 8);
}

static void options_of_a_later_version_are_not_looked_at(void **state)
{
	uint8_t opt[64];
	struct edns edns = {.present = false};
	size_t used;

	(void)state;
	build(opt, 9, "\0\3\0\0\0\12\0\1x");
	assert_int_equal(edns_read(opt, 19, &edns, &used), EDNS_OK);
	assert_int_equal(used, 19);
	assert_false(edns.nsid);
	assert_int_equal(edns.cookie_bytes, 0);
}

static void reply_has_our_size_version_0_and_do_as_asked(void **state)
{
	struct edns_reply reply = {.udp_bytes = 1232, .dnssec_ok = true};
	uint8_t out[WIRE_OPT_BYTES];

	(void)state;
	assert_int_equal(edns_reply_bytes(&reply), WIRE_OPT_BYTES);
	assert_int_equal(edns_write(out, &reply), WIRE_OPT_BYTES);
	assert_memory_equal(out, "\0\0\x29\x04\xd0\0\0\x80\0\0\0", WIRE_OPT_BYTES);
	reply.dnssec_ok = false;
	reply.rcode = WIRE_BADVERS;
	edns_write(out, &reply);
	assert_memory_equal(out, "\0\0\x29\x04\xd0\1\0\0\0\0\0", WIRE_OPT_BYTES);
	reply.rcode = WIRE_NXDOMAIN; /* fits the header: nothing up here */
	edns_write(out, &reply);
	assert_int_equal(out[5], 0);
}

/* Every set of options, flush against a guard: as long as told, each where it belongs. */
static void reply_options_stand_in_order_and_fill_rdata(void **state)
{
	static const struct {
		const char *octets;
		size_t bytes;
	} option[5] = {
		{"\0\3\0\4us-1", 8},
		{"\0\12\0\30ccccccccssssssssssssssss", 28},
		{"\0\13\0\2\1\2", 6},
		{"\0\23\0\6\5\0\11\12\13\14", 10},
		{"\0\17\0\5\0\25why", 9},
	};
	struct guard guard;

	(void)state;
	guard_open(&guard, 128);
	for (unsigned set = 0; set < 32; set++) {
		struct edns_reply reply = {.udp_bytes = 512,
			.nsid = (const uint8_t *)"us-1",
			.options = (uint8_t)set,
			.nsid_bytes = 4,
			.keepalive_100ms = 0x102,
			.zone_labels = 5,
			.zone_serial = 0x090a0b0c,
			.error = EDNS_ERROR_NOT_SUPPORTED,
			.error_text = "why"};
		size_t bytes = edns_reply_bytes(&reply), at = WIRE_OPT_BYTES;
		uint8_t *out = guard.end - bytes;

		memcpy(reply.cookie, option[1].octets + 4, COOKIE_BYTES);
		assert_int_equal(edns_write(out, &reply), bytes);
		assert_int_equal(wire_get16(out + 9), bytes - WIRE_OPT_BYTES);
		for (unsigned i = 0; i < 5; i++)
			if (set & 1u << i) {
				assert_memory_equal(out + at, option[i].octets, option[i].bytes);
				at += option[i].bytes;
			}
		assert_int_equal(at, bytes);
	}
	guard_close(&guard);
}

static void error_may_have_no_text(void **state)
{
	struct edns_reply reply = {.options = EDNS_REPLY_ERROR, .error = EDNS_ERROR_OTHER};
	uint8_t out[32];

	(void)state;
	assert_int_equal(edns_reply_bytes(&reply), WIRE_OPT_BYTES + 6);
	assert_int_equal(edns_write(out, &reply), WIRE_OPT_BYTES + 6);
	assert_memory_equal(out + WIRE_OPT_BYTES, "\0\17\0\2\0\0", 6);
}

static void size_is_what_is_offered_from_512_to_ours(void **state)
{
	static const uint16_t cases[][2] = {{0, 512}, {1, 512}, {511, 512}, {512, 512}, {513, 513},
		{1231, 1231}, {1232, 1232}, {1233, 1232}, {4096, 1232}, {65535, 1232}};
	struct edns none = {.present = false}; /* query_read: without OPT nothing is offered */

	(void)state;
	assert_int_equal(edns_udp_limit(&none, 1232), 512);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct edns edns = {.present = true, .udp_bytes = cases[i][0]};

		assert_int_equal(edns_udp_limit(&edns, 1232), cases[i][1]);
		assert_int_equal(edns_udp_limit(&edns, 512), 512);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_read),
		cmocka_unit_test(options_must_fill_rdata),
		cmocka_unit_test(every_prefix_is_malformed_and_not_over_read),
		cmocka_unit_test(known_options_are_noted_whatever_they_hold),
		cmocka_unit_test(cookies_have_8_or_16_to_40_octets_and_the_first_counts),
		cmocka_unit_test(options_of_a_later_version_are_not_looked_at),
		cmocka_unit_test(reply_has_our_size_version_0_and_do_as_asked),
		cmocka_unit_test(reply_options_stand_in_order_and_fill_rdata),
		cmocka_unit_test(error_may_have_no_text),
		cmocka_unit_test(size_is_what_is_offered_from_512_to_ours),
	};

	return cmocka_run_group_tests_name("dns/edns", tests, NULL, NULL);
}
