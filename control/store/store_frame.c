/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Head: "ARPL", length (4), checksum of what follows (4), zero (4), identity, generation, number,
 * first and last sequence number (8 each). Write: table (1), 1 if deleted (1), key length (2),
 * value length (4), key, value. All big endian.
 */
#include "control/store/store_frame.h"

#include "control/store/crc32c.h"
#include "dataplane/dns/wire.h"

#include <string.h>

enum {
	MAGIC = 0x4152504c,
	LENGTH_AT = 4,
	CHECKSUM_AT = 8,
	CHECKED_AT = 12,
	NUMBERS_AT = 16,
	WRITE_HEAD_BYTES = 8,
};

size_t store_frame_write_bytes(const struct store_frame_write *write)
{
	return WRITE_HEAD_BYTES + write->key.count +
		(write->value.octets != NULL ? write->value.count : 0);
}

void store_frame_put(const struct store_frame_write *write, uint8_t *octets)
{
	bool deleted = write->value.octets == NULL;

	octets[0] = (uint8_t)write->table;
	octets[1] = deleted;
	wire_put16(octets + 2, (uint16_t)write->key.count);
	wire_put32(octets + 4, deleted ? 0 : (uint32_t)write->value.count);
	memcpy(octets + WRITE_HEAD_BYTES, write->key.octets, write->key.count);
	if (!deleted && write->value.count > 0)
		memcpy(octets + WRITE_HEAD_BYTES + write->key.count, write->value.octets,
			write->value.count);
}

void store_frame_seal(const struct store_frame *frame, uint8_t *octets)
{
	const uint64_t numbers[] = {
		frame->identity, frame->generation, frame->number, frame->first, frame->last};

	wire_put32(octets, MAGIC);
	wire_put32(octets + LENGTH_AT, (uint32_t)frame->bytes);
	wire_put32(octets + CHECKED_AT, 0);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		wire_put64(octets + NUMBERS_AT + i * sizeof(numbers[0]), numbers[i]);
	wire_put32(octets + CHECKSUM_AT, crc32c(0, octets + CHECKED_AT, frame->bytes - CHECKED_AT));
}

int store_frame_parse(
	const uint8_t *octets, size_t room, uint64_t identity, struct store_frame *frame)
{
	if (room < STORE_FRAME_HEAD_BYTES || wire_get32(octets) != MAGIC ||
		wire_get64(octets + NUMBERS_AT) != identity)
		return -1;
	*frame = (struct store_frame){
		.identity = identity,
		.generation = wire_get64(octets + NUMBERS_AT + 8),
		.number = wire_get64(octets + NUMBERS_AT + 16),
		.first = wire_get64(octets + NUMBERS_AT + 24),
		.last = wire_get64(octets + NUMBERS_AT + 32),
		.bytes = wire_get32(octets + LENGTH_AT),
		.octets = octets,
	};
	if (frame->bytes < STORE_FRAME_HEAD_BYTES || frame->bytes > room ||
		frame->bytes > STORE_FRAME_MAX_BYTES)
		return -1;
	/* The length is not under the checksum: another one makes another checksum. */
	return crc32c(0, octets + CHECKED_AT, frame->bytes - CHECKED_AT) ==
			wire_get32(octets + CHECKSUM_AT)
		? 0
		: -1;
}

int store_frame_next(const struct store_frame *frame, size_t *at, struct store_frame_write *write)
{
	const uint8_t *octets = frame->octets + STORE_FRAME_HEAD_BYTES + *at;
	size_t left = frame->bytes - STORE_FRAME_HEAD_BYTES - *at, key, value;

	if (left == 0)
		return 0;
	if (left < WRITE_HEAD_BYTES)
		return -1;
	key = wire_get16(octets + 2);
	value = wire_get32(octets + 4);
	if (octets[0] >= STORE_TABLES || octets[1] > 1 || key == 0 ||
		key > STORE_KV_KEY_MAX_BYTES || (octets[1] == 1 && value != 0) ||
		value > left - WRITE_HEAD_BYTES || key > left - WRITE_HEAD_BYTES - value)
		return -1;
	write->table = (enum store_table)octets[0];
	write->key = (struct store_bytes){octets + WRITE_HEAD_BYTES, key};
	write->value = (struct store_bytes){
		octets[1] == 1 ? NULL : octets + WRITE_HEAD_BYTES + key, value};
	*at += WRITE_HEAD_BYTES + key + value;
	return 1;
}
