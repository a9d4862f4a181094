/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One commit as it lies in the log: a head with a checksum over all that follows it, then the
 * writes. A frame starts at a multiple of 512 octets, so that no sector holds octets of two. Read
 * frames are untrusted. Any thread.
 */
#ifndef ARPAD_CONTROL_STORE_FRAME_H
#define ARPAD_CONTROL_STORE_FRAME_H

#include "control/store/store_kv.h"

enum {
	STORE_FRAME_HEAD_BYTES = 56,
	STORE_FRAME_ALIGN_BYTES = 512,
	STORE_FRAME_MAX_BYTES = 8 << 20,
};

struct store_frame {
	uint64_t identity;     /* of the store */
	uint64_t generation;   /* of the segment, which is used again and again */
	uint64_t number;       /* of the commit, counted by the log: one by one */
	uint64_t first, last;  /* sequence numbers of its changes; first > last: none */
	size_t bytes;	       /* head and writes, without what fills the last sector */
	const uint8_t *octets; /* of a read frame, borrowed */
};

/* One write. value.octets NULL: deleted. */
struct store_frame_write {
	enum store_table table;
	struct store_bytes key, value;
};

/* Octets that a write takes, and writes it. The key is 1 to STORE_KV_KEY_MAX_BYTES long. */
size_t store_frame_write_bytes(const struct store_frame_write *write);
void store_frame_put(const struct store_frame_write *write, uint8_t *octets);

/* Writes the head before `frame->bytes` - STORE_FRAME_HEAD_BYTES octets of writes. */
void store_frame_seal(const struct store_frame *frame, uint8_t *octets);

/* The frame at `octets`, of a store with this identity. 0; -1: none is there, or a damaged one. */
int store_frame_parse(
	const uint8_t *octets, size_t room, uint64_t identity, struct store_frame *frame);

/* The writes of a frame whose checksum is right, from *at = 0. 1; 0: the end; -1: damaged. */
int store_frame_next(const struct store_frame *frame, size_t *at, struct store_frame_write *write);

/* With what fills the last sector. */
static inline size_t store_frame_room(size_t bytes)
{
	return (bytes + STORE_FRAME_ALIGN_BYTES - 1) & ~(size_t)(STORE_FRAME_ALIGN_BYTES - 1);
}

#endif
