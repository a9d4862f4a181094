/* SPDX-License-Identifier: BSD-3-Clause */
/* control/store/store_frame.c and crc32c.c: what is written is read, and no damaged octet is. */
#include "control/store/crc32c.h"
#include "control/store/store_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

enum { IDENTITY = 77 };

static const struct store_frame_write writes[] = {
	{STORE_RRSETS, {(const uint8_t *)"key", 3}, {(const uint8_t *)"value", 5}},
	{STORE_ZONES, {(const uint8_t *)"k", 1}, {NULL, 0}},
	{STORE_META, {(const uint8_t *)"empty", 5}, {(const uint8_t *)"", 0}},
};

static uint8_t octets[STORE_FRAME_ALIGN_BYTES];

static struct store_frame make_frame(void)
{
	struct store_frame frame = {IDENTITY, 3, 9, 20, 22, STORE_FRAME_HEAD_BYTES, NULL};

	memset(octets, 0, sizeof(octets));
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		store_frame_put(&writes[i], octets + frame.bytes);
		frame.bytes += store_frame_write_bytes(&writes[i]);
	}
	store_frame_seal(&frame, octets);
	return frame;
}

static void the_checksum_is_crc32c(void **state)
{
	uint8_t ascending[32];

	(void)state;
	/* RFC 3720, appendix B.4. */
	for (unsigned i = 0; i < sizeof(ascending); i++)
		ascending[i] = (uint8_t)i;
	assert_int_equal(crc32c(0, ascending, sizeof(ascending)), 0x46dd794e);
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
	assert_int_equal(crc32c(0, "", 0), 0);
}

static void a_frame_is_read_as_written(void **state)
{
	struct store_frame written = make_frame(), read;
	struct store_frame_write write;
	size_t at = 0;

	(void)state;
	assert_int_equal(store_frame_parse(octets, sizeof(octets), IDENTITY, &read), 0);
	assert_int_equal(read.generation, 3);
	assert_int_equal(read.number, 9);
	assert_int_equal(read.first, 20);
	assert_int_equal(read.last, 22);
	assert_int_equal(read.bytes, written.bytes);
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		assert_int_equal(store_frame_next(&read, &at, &write), 1);
		assert_int_equal(write.table, writes[i].table);
		assert_int_equal(write.key.count, writes[i].key.count);
		assert_memory_equal(write.key.octets, writes[i].key.octets, write.key.count);
		assert_int_equal(write.value.octets == NULL, writes[i].value.octets == NULL);
		assert_int_equal(write.value.count, writes[i].value.count);
	}
	assert_int_equal(store_frame_next(&read, &at, &write), 0);
}

static void a_changed_bit_or_a_cut_is_seen(void **state)
{
	struct store_frame written = make_frame(), read;

	(void)state;
	for (size_t bit = 0; bit < written.bytes * 8; bit++) {
		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(store_frame_parse(octets, sizeof(octets), IDENTITY, &read), -1);
		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t room = 0; room < written.bytes; room++)
		assert_int_equal(store_frame_parse(octets, room, IDENTITY, &read), -1);
	assert_int_equal(store_frame_parse(octets, sizeof(octets), IDENTITY + 1, &read), -1);
	assert_int_equal(store_frame_parse(octets, written.bytes, IDENTITY, &read), 0);
}

/* A writer that errs is found out too: the checksum is right, the writes are not. */
static void wrong_writes_are_seen(void **state)
{
	/* Where in the first write, and what makes it wrong. */
	static const struct {
		size_t at;
		uint8_t octet;
	} wrong[] = {{0, STORE_TABLES}, {1, 2}, {1, 1}, {2, 255}, {3, 0}, {4, 255}, {7, 255}};
	struct store_frame frame, read;
	struct store_frame_write write;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		size_t at = 0;

		frame = make_frame();
		octets[STORE_FRAME_HEAD_BYTES + wrong[i].at] = wrong[i].octet;
		store_frame_seal(&frame, octets);
		assert_int_equal(store_frame_parse(octets, sizeof(octets), IDENTITY, &read), 0);
		assert_int_equal(store_frame_next(&read, &at, &write), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checksum_is_crc32c),
		cmocka_unit_test(a_frame_is_read_as_written),
		cmocka_unit_test(a_changed_bit_or_a_cut_is_seen),
		cmocka_unit_test(wrong_writes_are_seen),
	};

	return cmocka_run_group_tests_name("store_frame", tests, NULL, NULL);
}
