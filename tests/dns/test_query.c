/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/query.c: the fields of a good query, stale fields, and every vector flush against a guard. */
#include "dataplane/dns/query.h"

#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/guard.h"
#include "tests/support/vectors.h"

#include <string.h>

/* A query for PTR of 192.0.2.1, with an OPT of version `version` when it is not negative. */
static size_t build(uint8_t message[static 128], int version)
{
	size_t at = WIRE_HEADER_BYTES;

	memset(message, 0, WIRE_HEADER_BYTES);
	wire_put16(message + WIRE_FLAGS, WIRE_RD | WIRE_CD);
	wire_put16(message + WIRE_QDCOUNT, 1);
	at += fixture_name("1.2.0.192.in-addr.arpa", message + at);
	wire_put16(message + at, WIRE_TYPE_PTR);
	wire_put16(message + at + 2, WIRE_CLASS_IN);
	at += 4;
	if (version >= 0) {
		uint8_t opt[11] = {0, 0, 41, 0x10, 0, 0, (uint8_t)version, 0x80, 0, 0, 0};

		memcpy(message + at, opt, sizeof(opt));
		wire_put16(message + WIRE_ARCOUNT, 1);
		at += sizeof(opt);
	}
	return at;
}

static void good_query_fills_every_field(void **state)
{
	struct prefix host = fixture_prefix("192.0.2.1", 32);
	uint8_t message[128];
	struct query q;

	(void)state;
	memset(&q, 0xa5, sizeof(q));
	assert_int_equal(query_read(message, build(message, -1), &q), QUERY_OK);
	assert_int_equal(q.status, QUERY_OK);
	assert_true(prefix_equal(&q.owner.prefix, &host));
	assert_int_equal(q.owner.rest_bytes, 0);
	assert_int_equal(q.flags, WIRE_RD | WIRE_CD);
	assert_int_equal(q.qtype, WIRE_TYPE_PTR);
	assert_int_equal(q.qclass, WIRE_CLASS_IN);
	assert_int_equal(q.qname_bytes, 24);
	assert_int_equal(q.question_end, 40);
	assert_false(q.edns.present);
	assert_int_equal(query_read(message, build(message, 0), &q), QUERY_OK);
	assert_true(q.edns.present);
	assert_int_equal(q.edns.udp_bytes, 4096);
	assert_int_equal(q.question_end, 40);
}

static void bad_version_and_other_classes_fill_every_field_too(void **state)
{
	uint8_t message[128];
	struct query q;
	size_t bytes = build(message, 1);

	(void)state;
	assert_int_equal(query_read(message, bytes, &q), QUERY_BADVERS);
	assert_int_equal(q.question_end, 40);
	assert_int_equal(q.owner.prefix.bits, 32);
	assert_true(q.edns.present && q.edns.dnssec_ok);
	bytes = build(message, 0);
	message[39] = 3;
	assert_int_equal(query_read(message, bytes, &q), QUERY_OK);
	assert_int_equal(q.qclass, 3);
	assert_true(q.edns.present);
}

static void nothing_is_left_of_an_earlier_query(void **state)
{
	uint8_t message[128] = {0};
	struct query q;

	(void)state;
	memset(&q, 0xff, sizeof(q));
	assert_int_equal(query_read(message, 11, &q), QUERY_SHORT);
	assert_false(q.edns.present || q.edns.dnssec_ok || q.edns.nsid || q.edns.zone_version ||
		q.edns.keepalive);
	assert_int_equal(q.edns.cookie_bytes, 0);
	assert_int_equal(q.question_end, 0);
	assert_int_equal(q.flags, 0);
}

/* 65,523 bytes of nothing after a good query, as TCP can bring them. */
static void longest_message_is_read(void **state)
{
	static uint8_t message[WIRE_MESSAGE_MAX_BYTES];
	struct query q;

	(void)state;
	build(message, -1);
	assert_int_equal(query_read(message, sizeof(message), &q), QUERY_FORMERR);
	/* Counted as additional records with empty names they are still no whole ones. */
	wire_put16(message + WIRE_ARCOUNT, 65535);
	assert_int_equal(query_read(message, sizeof(message), &q), QUERY_FORMERR);
	/* 5,954 whole records of 11 bytes, and one byte more. */
	wire_put16(message + WIRE_ARCOUNT, 5954);
	assert_int_equal(query_read(message, sizeof(message) - 1, &q), QUERY_OK);
	assert_int_equal(query_read(message, sizeof(message), &q), QUERY_FORMERR);
}

/* What a message is called by its outcome, where that tells the status. */
static bool status_fits(enum query_status status, enum outcome outcome)
{
	switch (status) {
	case QUERY_SHORT:
		return outcome == OUTCOME_MESSAGE_SHORT;
	case QUERY_IS_REPLY:
		return outcome == OUTCOME_MESSAGE_IS_REPLY;
	case QUERY_FORMERR:
		return outcome == OUTCOME_FORMERR;
	case QUERY_NOTIMP:
		return outcome == OUTCOME_NOTIMP;
	case QUERY_BADVERS:
		return outcome == OUTCOME_BADVERS;
	case QUERY_OK:
	default:
		return outcome >= OUTCOME_REPLIED_FIRST && outcome != OUTCOME_FORMERR &&
			outcome != OUTCOME_BADVERS;
	}
}

/* RFC 6895 3.1: what is no question is malformed; what is one but is not done here is not. */
static void meta_types_are_malformed(void **state)
{
	uint8_t message[128];
	size_t bytes = build(message, -1);
	struct query q;

	(void)state;
	for (unsigned type = 0; type <= 0xffff; type++) {
		bool meta = type == 0 || type == 41 || (type >= 128 && type <= 250);

		wire_put16(message + 36, (uint16_t)type);
		assert_int_equal(query_read(message, bytes, &q), meta ? QUERY_FORMERR : QUERY_OK);
	}
	/* Another version of EDNS is told first, whatever the type. */
	bytes = build(message, 1);
	wire_put16(message + 36, 0);
	assert_int_equal(query_read(message, bytes, &q), QUERY_BADVERS);
}

static void any_name_is_a_key(void **state)
{
	static const uint8_t name[] = "NS120192in-addrARPA";
	struct prefix host = fixture_prefix("192.0.2.1", 32);
	uint8_t message[128];
	size_t at = WIRE_HEADER_BYTES + sizeof(name);
	struct query q;

	(void)state;
	build(message, -1);
	memcpy(message + WIRE_HEADER_BYTES, name, sizeof(name));
	memcpy(message + at, "\0\14\0\1", 4);
	assert_int_equal(query_read(message, at + 4, &q), QUERY_OK);
	assert_true(prefix_equal(&q.owner.prefix, &host));
	assert_int_equal(q.owner.rest_bytes, 3);
	assert_ptr_equal(q.owner.rest, message + WIRE_HEADER_BYTES);
}

static void check_same(const uint8_t *message, size_t bytes)
{
	struct query q, any;

	/* What neither may look at differs. */
	memset(&q, 0xa5, sizeof(q));
	memset(&any, 0x5a, sizeof(any));
	assert_int_equal(query_read(message, bytes, &q), query_read_any(message, bytes, &any));
	assert_int_equal(q.status, any.status);
	assert_int_equal(q.flags, any.flags);
	assert_int_equal(q.plain, any.plain);
	assert_int_equal(q.question_end, any.question_end);
	assert_memory_equal(&q.edns, &any.edns, offsetof(struct edns, version));
	if (q.status != QUERY_OK && q.status != QUERY_BADVERS)
		return;
	assert_true(prefix_equal(&q.owner.prefix, &any.owner.prefix));
	assert_ptr_equal(q.owner.rest, any.owner.rest);
	assert_int_equal(q.owner.rest_bytes, any.owner.rest_bytes);
	assert_int_equal(q.qtype, any.qtype);
	assert_int_equal(q.qclass, any.qclass);
	assert_int_equal(q.qname_bytes, any.qname_bytes);
	assert_true(!q.edns.present || q.edns.version == any.edns.version);
}

/* Every octet of a query changed to every other, every bit of two, and ends cut off or added. */
static void common_queries_are_read_as_any_is(void **state)
{
	(void)state;
	for (int version = -1; version <= 1; version++) {
		uint8_t message[128] = {0};
		size_t bytes = build(message, version);

		for (size_t length = 0; length < sizeof(message); length++)
			check_same(message, length);
		for (size_t at = 0; at < bytes; at++)
			for (unsigned octet = 1; octet < 256; octet++) {
				message[at] ^= (uint8_t)octet;
				check_same(message, bytes);
				message[at] ^= (uint8_t)octet;
			}
		for (size_t one = 0; one < 8 * bytes; one++)
			for (size_t two = 0; two < one; two++) {
				message[one / 8] ^= (uint8_t)(1u << one % 8);
				message[two / 8] ^= (uint8_t)(1u << two % 8);
				check_same(message, bytes);
				message[one / 8] ^= (uint8_t)(1u << one % 8);
				message[two / 8] ^= (uint8_t)(1u << two % 8);
			}
	}
}

/* A question, and, where they are wanted, an OPT and in it NSID. */
static size_t build_any(
	uint8_t *message, const char *name, uint16_t type, uint16_t class, bool opt, bool nsid)
{
	uint8_t rr[15] = {0, 0, 41, 4, 0xd0, [10] = nsid ? 4 : 0, 0, 3};
	size_t at = WIRE_HEADER_BYTES, bytes = nsid ? 15 : 11;

	memset(message, 0, WIRE_HEADER_BYTES);
	wire_put16(message + WIRE_QDCOUNT, 1);
	at += fixture_name(name, message + at);
	wire_put16(message + at, type);
	wire_put16(message + at + 2, class);
	if (!opt)
		return at + 4;
	wire_put16(message + WIRE_ARCOUNT, 1);
	memcpy(message + at + 4, rr, bytes);
	return at + 4 + bytes;
}

static void plain_is_what_has_nothing_to_tell_apart(void **state)
{
	static const char *const names[] = {"1.2.0.192.in-addr.arpa", "0.192.in-addr.arpa",
		"8.b.d.0.1.0.0.2.ip6.arpa", "x.2.0.192.in-addr.arpa", "www.example.net"};
	static const uint16_t types[] = {0, 1, 12, 40, 41, 42, 127, 128, 250, 251, 255, 256, 65535};

	(void)state;
	for (unsigned n = 0; n < 5 * 13 * 2 * 3; n++) {
		uint16_t type = types[n / 5 % 13],
			 class = n / 65 % 2 ? WIRE_CLASS_CH : WIRE_CLASS_IN;
		bool opt = n / 130 != 0, nsid = n / 130 == 2;
		uint8_t message[128];
		struct query q;

		memset(&q, 0xa5, sizeof(q));
		query_read(message, build_any(message, names[n % 5], type, class, opt, nsid), &q);
		assert_int_equal(q.plain,
			q.status == QUERY_OK && class == WIRE_CLASS_IN && type < 128 && !nsid);
	}
}

static void check_prefixes(const char *file)
{
	struct vectors vectors;
	struct guard guard;

	vectors_open(&vectors, file);
	guard_open(&guard, 4096);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		struct query q;

		for (size_t cut = 0; cut <= v->query_bytes; cut++) {
			memset(&q, 0xa5, sizeof(q));
			query_read(guard_place(&guard, v->query, cut), cut, &q);
		}
		if (!status_fits(q.status, v->outcome))
			fail_msg("%s: status %d", v->name, q.status);
	}
	guard_close(&guard);
	vectors_close(&vectors);
}

static void no_vector_nor_prefix_of_one_is_over_read(void **state)
{
	(void)state;
	check_prefixes("plain-udp.txt");
	check_prefixes("full-udp.txt");
	check_prefixes("enforce-udp.txt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_query_fills_every_field),
		cmocka_unit_test(bad_version_and_other_classes_fill_every_field_too),
		cmocka_unit_test(nothing_is_left_of_an_earlier_query),
		cmocka_unit_test(longest_message_is_read),
		cmocka_unit_test(meta_types_are_malformed),
		cmocka_unit_test(any_name_is_a_key),
		cmocka_unit_test(common_queries_are_read_as_any_is),
		cmocka_unit_test(plain_is_what_has_nothing_to_tell_apart),
		cmocka_unit_test(no_vector_nor_prefix_of_one_is_over_read),
	};

	return cmocka_run_group_tests_name("dns/query", tests, NULL, NULL);
}
