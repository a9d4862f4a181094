/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/reply.c: sections, counts, flags, and truncation at the exact byte. */
#include "dataplane/dns/reply.h"

#include "tests/support/cmocka.h"
#include "tests/support/guard.h"

#include <string.h>

enum { QUESTION_END = 12 + 14 + 4 };

/* A query for in-addr.arpa with every flag set that a reply must not copy. */
static struct query ask(uint8_t *message, bool opt)
{
	memset(message, 0xee, WIRE_UDP_PLAIN_BYTES);
	memcpy(message, "\x12\x34\x7f\xff\0\1\xff\xff\xff\xff\xff\xff", 12);
	memcpy(message + 12, "\7in-addr\4arpa\0\0\14\0\1", 18);
	return (struct query){.flags = 0x7fff & ~WIRE_OPCODE_MASK,
		.qname_bytes = 14,
		.question_end = QUESTION_END,
		.edns = {.present = opt, .dnssec_ok = true, .udp_bytes = 4096}};
}

static void sections_stand_in_order_after_the_question(void **state)
{
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	struct query q = ask(message, true);
	struct reply reply = {.rcode = WIRE_NXDOMAIN,
		.authoritative = true,
		.answer = (const uint8_t *)"answers",
		.answer_bytes = 7,
		.answer_count = 2,
		.authority = (const uint8_t *)"soa",
		.authority_bytes = 3,
		.authority_count = 1,
		.authority_owner = 12};
	bool truncated = true;

	(void)state;
	assert_int_equal(reply_write(message, sizeof(message), &q, &reply, &truncated),
		QUESTION_END + 7 + 5 + WIRE_OPT_BYTES);
	assert_false(truncated);
	assert_memory_equal(message, "\x12\x34\x85\x03\0\1\0\2\0\1\0\1", 12);
	assert_memory_equal(message + 12, "\7in-addr\4arpa\0\0\14\0\1", 18);
	assert_memory_equal(message + QUESTION_END, "answers\xc0\x0csoa\0\0\x29", 15);
}

static void plain_reply_has_the_question_alone(void **state)
{
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	struct query q = ask(message, false);
	struct reply reply = {.rcode = WIRE_REFUSED};
	bool truncated = true;

	(void)state;
	q.flags = 0;
	assert_int_equal(
		reply_write(message, sizeof(message), &q, &reply, &truncated), QUESTION_END);
	assert_false(truncated);
	assert_memory_equal(message, "\x12\x34\x80\x05\0\1\0\0\0\0\0\0", 12);
	assert_int_equal(message[QUESTION_END], 0xee);
}

/* One byte of room more or less decides, with and without OPT; nothing is written past the limit.
 */
static void truncation_begins_one_byte_past_the_limit(void **state)
{
	static const uint8_t bytes[2000] = {1, 2, 3};
	struct guard guard;

	(void)state;
	guard_open(&guard, WIRE_UDP_PLAIN_BYTES);
	for (unsigned opt = 0; opt < 2; opt++)
		for (unsigned authority = 0; authority < 2; authority++)
			for (int over = -2; over <= 2; over++) {
				uint8_t *message = guard.end - WIRE_UDP_PLAIN_BYTES;
				struct query q = ask(message, opt);
				size_t tail = opt ? WIRE_OPT_BYTES : 0, length;
				uint32_t room =
					(uint32_t)(WIRE_UDP_PLAIN_BYTES - QUESTION_END - tail);
				struct reply reply = {.authoritative = true};
				bool truncated;

				room += (uint32_t)over;
				if (authority) {
					reply.authority = bytes;
					reply.authority_bytes = room - 2;
					reply.authority_count = 1;
				} else {
					reply.answer = bytes;
					reply.answer_bytes = room;
					reply.answer_count = 1;
				}
				length = reply_write(
					message, WIRE_UDP_PLAIN_BYTES, &q, &reply, &truncated);
				assert_int_equal(truncated, over > 0);
				assert_int_equal(length,
					over > 0 ? QUESTION_END + tail
						 : (size_t)(WIRE_UDP_PLAIN_BYTES + over));
				assert_int_equal(
					!(wire_get16(message + WIRE_FLAGS) & WIRE_TC), over <= 0);
				assert_int_equal(wire_get16(message + WIRE_ARCOUNT), opt);
				assert_int_equal(wire_get16(message + WIRE_ANCOUNT) +
						wire_get16(message + WIRE_NSCOUNT),
					over <= 0);
			}
	guard_close(&guard);
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
		cmocka_unit_test(truncation_begins_one_byte_past_the_limit),
		cmocka_unit_test(header_only_keeps_id_and_opcode),
	};

	return cmocka_run_group_tests_name("dns/reply", tests, NULL, NULL);
}
