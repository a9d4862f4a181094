/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the cases measure with: a million records of one family, and owners, messages and frames
 * that ask for them. Everything comes from a fixed seed, so every run sees the same bytes.
 */
#ifndef ARPAD_BENCH_WORKLOAD_H
#define ARPAD_BENCH_WORKLOAD_H

#include "dataplane/records/table_writer.h"
#include "dataplane/serving.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WORKLOAD_RECORDS = 1000000, /* host names of one family, all in use */
	WORKLOAD_QUERIES = 1 << 20, /* random draws: too many for a cache to learn them */
	WORKLOAD_TARGET_BYTES = 26, /* PTR targets of 25 characters, in wire form */
	WORKLOAD_MESSAGE_MAX = 128, /* the longest query made here has 101 bytes */
	WORKLOAD_FRAME_MAX = 192,   /* in Ethernet, IPv6 and UDP: 62 bytes more */
};

/* The next number of a sequence. */
static inline uint64_t workload_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Where the name stands to the records. */
enum workload_kind {
	WORKLOAD_HIT,  /* a host name with a PTR record */
	WORKLOAD_MISS, /* a host name in the zone without one: NXDOMAIN */
	WORKLOAD_ENT,  /* an empty non-terminal: the parent of host names that have one */
};

/* The records of one family and all that answers need. */
struct workload {
	uint8_t family;
	struct table *table;
	struct serving serving;
	unsigned users;
};

/* The family's records, built when first taken; give them back with workload_drop. NULL: no memory.
 */
struct workload *workload_take(uint8_t family);
void workload_drop(struct workload *workload);

/* A name of that kind, uniformly random. */
struct prefix workload_owner(uint8_t family, enum workload_kind kind, uint64_t *random);

/* The PTR target of a WORKLOAD_HIT owner. */
void workload_target(const struct prefix *owner, uint8_t target[static WORKLOAD_TARGET_BYTES]);

/* Writes a PTR query for `owner`, RD set, with or without OPT, and returns its length. */
size_t workload_message(const struct prefix *owner, bool opt, uint16_t id,
	uint8_t message[static WORKLOAD_MESSAGE_MAX]);

/*
 * Writes a frame of `family` that carries such a query to one of the workload's addresses, its
 * checksums right, and returns its length.
 */
size_t workload_frame(const struct prefix *owner, bool opt, uint16_t id, uint8_t family,
	uint8_t frame[static WORKLOAD_FRAME_MAX]);

#endif
