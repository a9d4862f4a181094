/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fixture zones, the same facts as tests/vectors/zones.py: table, zones and addresses that the
 * vectors are answered from. No ldns, so that fuzz targets and benchmarks can use it too.
 */
#ifndef ARPAD_TESTS_SUPPORT_FIXTURE_H
#define ARPAD_TESTS_SUPPORT_FIXTURE_H

#include "dataplane/records/table_writer.h"
#include "dataplane/serving.h"

#include <stddef.h>
#include <stdint.h>

enum { FIXTURE_ZONES = 5, FIXTURE_PORT = 53, FIXTURE_RDATA_BYTES = 65535 };

struct fixture {
	struct serving serving;
	struct table *table;
	struct zones *zones;
	struct addresses *addresses;
	struct zone *zone[FIXTURE_ZONES];
};

/* Builds all; aborts where there is no memory. */
void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);

/* The prefix of an address in text and a bit count; aborts when it is none. */
struct prefix fixture_prefix(const char *address, unsigned bits);

/* Writes the wire name of `text` (no escapes), two bytes more than it, and returns its length. */
size_t fixture_name(const char *text, uint8_t *name);

/* An RRset that is being put together; `set` is ready for record_new after each step. */
struct fixture_rrset {
	struct rrset set;
	uint8_t rdata[FIXTURE_RDATA_BYTES];
};
void fixture_rrset_start(struct fixture_rrset *rrset, uint16_t type, uint32_t ttl);
void fixture_rrset_add(struct fixture_rrset *rrset, const void *rdata, size_t bytes);
void fixture_rrset_add_name(struct fixture_rrset *rrset, const char *text);

/* A PTR record with one name; the caller owns it. */
struct record *fixture_ptr(const struct prefix *owner, const char *name, uint32_t ttl);

/* Publishes `record` with all it needs reserved, and frees what that unlinked. */
void fixture_put(struct table *table, struct record *record);

#endif
