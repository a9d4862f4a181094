/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fixture zones of tests/vectors/zones.txt: table, zones, addresses and policies that the
 * vectors are answered from. No ldns, so that fuzz targets can use it too.
 */
#ifndef ARPAD_TESTS_SUPPORT_FIXTURE_H
#define ARPAD_TESTS_SUPPORT_FIXTURE_H

#include "dataplane/answer.h"
#include "dataplane/link.h"
#include "dataplane/records/table_writer.h"
#include "dataplane/serving.h"

#include <stddef.h>
#include <stdint.h>

enum {
	FIXTURE_ZONES_MAX = 32,
	FIXTURE_PORT = 53,
	FIXTURE_RDATA_BYTES = 65535,
	FIXTURE_NOW = 1559731985, /* the moment of RFC 9018 A.1 */
};

/* The policies that files of vectors are named after. */
enum fixture_policy { FIXTURE_PLAIN, FIXTURE_FULL, FIXTURE_ENFORCE, FIXTURE_POLICIES };

/* The wire of the vectors: MAC address 02:00:00:00:00:0a, shared with a kernel, MTU 1500. */
extern const struct link fixture_link;

struct fixture {
	struct serving serving;
	struct table *table;
	struct zones *zones;
	struct addresses *addresses;
	struct zone *zone[FIXTURE_ZONES_MAX];
	unsigned zone_count;
	struct policy policy[FIXTURE_POLICIES];
};

/* Builds all with the plain policy; aborts where there is no memory or no zones.txt. */
void fixture_open(struct fixture *fixture);

/* The same without the zones that have a zone cut or a DNAME. */
void fixture_open_uncut(struct fixture *fixture);

void fixture_close(struct fixture *fixture);

/* Serves by another policy from now on. */
void fixture_use(struct fixture *fixture, enum fixture_policy policy);

/* The client of the vectors, 198.51.100.100 (RFC 9018 A). */
struct client fixture_client(enum transport transport);

/* The prefix of an address in text and a bit count; aborts when it is none. */
struct prefix fixture_prefix(const char *address, unsigned bits);

/* Writes the wire name of `text` (no escapes), two bytes more than it, and returns its length. */
size_t fixture_name(const char *text, uint8_t *name);

/* An owner and the name that it borrows. */
struct fixture_owner {
	struct owner owner;
	uint8_t name[255];
};
void fixture_owner(struct fixture_owner *owner, const char *text);

/* An RRset that is being put together; `set` is ready for record_new after each step. */
struct fixture_rrset {
	struct rrset set;
	uint8_t rdata[FIXTURE_RDATA_BYTES];
};
void fixture_rrset_start(struct fixture_rrset *rrset, uint16_t type, uint32_t ttl);
void fixture_rrset_add(struct fixture_rrset *rrset, const void *rdata, size_t bytes);
void fixture_rrset_add_name(struct fixture_rrset *rrset, const char *text);

/* A PTR record with one name; the caller owns it. */
struct record *fixture_ptr(const struct owner *owner, const char *name, uint32_t ttl);

/* What `owner` has as a record, or NULL. One that a page holds is good for the next 64 calls. */
const struct record *fixture_find(const struct table *table, const struct owner *owner);

/* Publishes `record` with all it needs reserved, and frees what that unlinked. */
void fixture_put(struct table *table, struct record *record);

/* The same for the one PTR record of a host, in the page of its network. */
void fixture_put_host(struct table *table, const struct prefix *address, const struct rrset *ptr);

/* A zone whose SOA has the names "a." and "b." and this serial; NULL: no memory. */
struct zone *fixture_zone(
	const struct owner *apex, uint32_t serial, const struct zone_special *special);

#endif
