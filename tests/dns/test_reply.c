/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/reply.c: sections, counts, flags, and truncation at the exact byte. */
#include "dataplane/dns/reply.h"

#include "tests/support/cmocka.h"
#include "tests/support/guard.h"

#include <string.h>

enum { QUESTION_END = 12 + 14 + 4 };

/* A query for in-addr.arpa with every flag set that a reply must not copy. */
static struct query ask(uint8_t *message)
{
	memset(message, 0xee, WIRE_UDP_PLAIN_BYTES);
	memcpy(message, "\x12\x34\x7f\xff\0\1\xff\xff\xff\xff\xff\xff", 12);
	memcpy(message + 12, "\7in-addr\4arpa\0\0\14\0\1", 18);
	return (struct query){.flags = 0x7fff & ~WIRE_OPCODE_MASK,
		.qname_bytes = 14,
		.question_end = QUESTION_END};
}

static const uint8_t two_rrs[] = "\xc0\x0c\0\x0c\0\1\0\0\0\1\0\1\0"
				 "\xc0\x0c\0\x0c\0\1\0\0\0\1\0\3\1a";
enum { TWO_RRS = 13 + 15 };

static void sections_stand_in_order_after_the_question(void **state)
{
	struct edns_reply opt = {.udp_bytes = 1232};
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	struct query q = ask(message);
	struct reply reply;

	(void)state;
	reply_begin(&reply, message, sizeof(message), edns_reply_bytes(&opt), &q);
	assert_int_equal(reply_add(&reply, REPLY_ANSWER, 12, two_rrs, TWO_RRS, 2), QUESTION_END);
	assert_int_equal(
		reply_add_rr(&reply, REPLY_AUTHORITY, 20, two_rrs + 2, 11), QUESTION_END + TWO_RRS);
	assert_int_equal(reply_add(&reply, REPLY_ADDITIONAL, 12, two_rrs, 13, 1),
		QUESTION_END + TWO_RRS + 13);
	assert_int_equal(reply_finish(&reply, &q, WIRE_NXDOMAIN, true, &opt),
		QUESTION_END + TWO_RRS + 13 + 13 + WIRE_OPT_BYTES);
	assert_memory_equal(message, "\x12\x34\x85\x03\0\1\0\2\0\1\0\2", 12);
	assert_memory_equal(message + 12, "\7in-addr\4arpa\0\0\14\0\1", 18);
	assert_memory_equal(message + QUESTION_END, two_rrs, TWO_RRS);
	assert_memory_equal(message + QUESTION_END + TWO_RRS, "\xc0\x14\0\x0c", 4);
	assert_memory_equal(message + QUESTION_END + TWO_RRS + 26, "\0\0\x29", 3);
}

static void plain_reply_has_the_question_alone(void **state)
{
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	struct query q = ask(message);
	struct reply reply;

	(void)state;
	q.flags = 0;
	reply_begin(&reply, message, sizeof(message), 0, &q);
	assert_int_equal(reply_finish(&reply, &q, WIRE_REFUSED, false, NULL), QUESTION_END);
	assert_memory_equal(message, "\x12\x34\x80\x05\0\1\0\0\0\0\0\0", 12);
	assert_int_equal(message[QUESTION_END], 0xee);
}

/* The extended code's low half is the header's (RFC 6891 6.1.3). */
static void extended_code_is_split(void **state)
{
	struct edns_reply opt = {.rcode = WIRE_BADCOOKIE};
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	struct query q = ask(message);
	struct reply reply;

	(void)state;
	reply_begin(&reply, message, sizeof(message), WIRE_OPT_BYTES, &q);
	reply_finish(&reply, &q, WIRE_BADCOOKIE, false, &opt);
	assert_int_equal(message[3], 23 & 15);
	assert_int_equal(message[QUESTION_END + 5], 23 >> 4);
}

static void owners_become_what_is_asked_for_up_to_the_last_pointer(void **state)
{
	static const size_t owners[] = {12, 13, 255, 256, 0x3ffe, REPLY_POINTER_MAX};
	uint8_t message[WIRE_UDP_PLAIN_BYTES];

	(void)state;
	for (unsigned i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		struct query q = ask(message);
		struct reply reply;

		reply_begin(&reply, message, sizeof(message), 0, &q);
		reply_add(&reply, REPLY_ANSWER, owners[i], two_rrs, TWO_RRS, 2);
		reply_add_rr(&reply, REPLY_ANSWER, owners[i], two_rrs + 2, 11);
		assert_int_equal(wire_get16(message + QUESTION_END), 0xc000 + owners[i]);
		assert_int_equal(wire_get16(message + QUESTION_END + 13), 0xc000 + owners[i]);
		assert_int_equal(wire_get16(message + QUESTION_END + TWO_RRS), 0xc000 + owners[i]);
		assert_memory_equal(message + QUESTION_END + 15, two_rrs + 15, 13);
	}
}

/* One octet of room more or less decides; nothing is written past the limit. */
static void truncation_begins_one_octet_past_the_limit(void **state)
{
	struct edns_reply opt = {.options = 0};
	uint8_t rrs[WIRE_UDP_PLAIN_BYTES] = {0};
	struct guard guard;

	(void)state;
	guard_open(&guard, WIRE_UDP_PLAIN_BYTES);
	for (unsigned with_opt = 0; with_opt < 2; with_opt++)
		for (unsigned single = 0; single < 2; single++)
			for (int over = -2; over <= 2; over++) {
				uint8_t *message = guard.end - WIRE_UDP_PLAIN_BYTES;
				struct query q = ask(message);
				size_t tail = with_opt ? WIRE_OPT_BYTES : 0, room, length, at;
				struct reply reply;

				reply_begin(&reply, message, WIRE_UDP_PLAIN_BYTES, tail, &q);
				room = WIRE_UDP_PLAIN_BYTES - QUESTION_END - tail + (size_t)over;
				at = single
					? reply_add_rr(&reply, REPLY_AUTHORITY, 12, rrs, room - 2)
					: reply_add(&reply, REPLY_ANSWER, 12, rrs, room, 1);
				assert_int_equal(at, over > 0 ? 0 : QUESTION_END);
				assert_int_equal(reply.truncated, over > 0);
				length = reply_finish(
					&reply, &q, WIRE_NOERROR, true, with_opt ? &opt : NULL);
				assert_int_equal(length,
					over > 0 ? QUESTION_END + tail
						 : (size_t)(WIRE_UDP_PLAIN_BYTES + over));
				assert_int_equal(
					!(wire_get16(message + WIRE_FLAGS) & WIRE_TC), over <= 0);
				assert_int_equal(wire_get16(message + WIRE_ARCOUNT), with_opt);
				assert_int_equal(wire_get16(message + WIRE_ANCOUNT) +
						wire_get16(message + WIRE_NSCOUNT),
					over <= 0);
			}
	guard_close(&guard);
}

/* What fitted stays, and a smaller RRset after the one that did not is not slipped in. */
static void after_what_does_not_fit_nothing_is_added(void **state)
{
	uint8_t message[WIRE_UDP_PLAIN_BYTES], rrs[WIRE_UDP_PLAIN_BYTES] = {0};
	struct query q = ask(message);
	struct reply reply;

	(void)state;
	reply_begin(&reply, message, sizeof(message), 0, &q);
	assert_int_not_equal(reply_add(&reply, REPLY_ANSWER, 12, two_rrs, TWO_RRS, 2), 0);
	assert_int_equal(reply_add(&reply, REPLY_ANSWER, 12, rrs, sizeof(rrs), 1), 0);
	assert_int_equal(reply_add(&reply, REPLY_ANSWER, 12, two_rrs, 13, 1), 0);
	assert_int_equal(reply_add_rr(&reply, REPLY_AUTHORITY, 12, two_rrs + 2, 11), 0);
	assert_int_equal(
		reply_finish(&reply, &q, WIRE_NOERROR, true, NULL), QUESTION_END + TWO_RRS);
	assert_memory_equal(message, "\x12\x34\x87\x00\0\1\0\2\0\0\0\0", 12);
}

static void header_only_keeps_id_and_opcode(void **state)
{
	struct guard guard;
	uint8_t *message;

	(void)state;
	guard_open(&guard, 12);
	message = guard_place(&guard, "\xab\xcd\x7f\xff\1\2\3\4\5\6\7\x08", 12);
	assert_int_equal(reply_header_only(message, WIRE_NOTIMP), 12);
	assert_memory_equal(message, "\xab\xcd\xf8\x04\0\0\0\0\0\0\0\0", 12);
	message = guard_place(&guard, "\xab\xcd\0\0\1\2\3\4\5\6\7\x08", 12);
	assert_int_equal(reply_header_only(message, WIRE_FORMERR), 12);
	assert_memory_equal(message, "\xab\xcd\x80\x01\0\0\0\0\0\0\0\0", 12);
	guard_close(&guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_stand_in_order_after_the_question),
		cmocka_unit_test(plain_reply_has_the_question_alone),
		cmocka_unit_test(extended_code_is_split),
		cmocka_unit_test(owners_become_what_is_asked_for_up_to_the_last_pointer),
		cmocka_unit_test(truncation_begins_one_octet_past_the_limit),
		cmocka_unit_test(after_what_does_not_fit_nothing_is_added),
		cmocka_unit_test(header_only_keeps_id_and_opcode),
	};

	return cmocka_run_group_tests_name("dns/reply", tests, NULL, NULL);
}
