/* SPDX-License-Identifier: BSD-3-Clause */
/* A small table, zone and address set, made with the writer's functions as the daemon makes them.
 */
#include "tests/eal/sample.h"

#include "dataplane/dns/wire.h"
#include "dataplane/records/table_writer.h"

#include <stdbool.h>
#include <stdlib.h>

/* Not assert(): a release build defines NDEBUG. */
static void need(bool held)
{
	if (!held)
		abort();
}

static void add_record(struct table *table, uint8_t octet)
{
	const struct table_room room = {.owners = 1, .ancestors = 32};
	const struct owner owner = {.prefix = {.family = ARPA_FAMILY_IPV4,
					    .bits = 32,
					    .high = (0xc0000200ull | octet) << 32}};
	const uint8_t rdata[] = {0, 4, 2, 'h', (uint8_t)('0' + octet), 0};
	const struct rrset rrset = {
		.type = WIRE_TYPE_PTR, .count = 1, .ttl = 300, .rdata_bytes = 6, .rdata = rdata};
	struct record *record = record_new(&owner, &rrset, 1);

	need(record && !table_reserve(table, &room));
	table_put(table, record);
}

static struct zone *make_zone(void)
{
	const struct owner apex = {
		.prefix = {.family = ARPA_FAMILY_IPV4, .bits = 24, .high = 0xc0000200ull << 32}};
	const struct zone_special special = {.wildcards = false};
	/* MNAME and RNAME are the root; serial 1, refresh, retry, expire, minimum 60. */
	const uint8_t rdata[] = {
		0, 22, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 60};
	const struct rrset soa = {.type = WIRE_TYPE_SOA,
		.count = 1,
		.ttl = 3600,
		.rdata_bytes = sizeof(rdata),
		.rdata = rdata};

	return zone_new(&apex, &soa, &special);
}

void sample_init(struct sample *sample)
{
	static const uint8_t seed[TABLE_SEED_BYTES] = {1, 2, 3};
	const struct ip_address ours[] = {
		{4, {198, 18, 0, 1}}, {6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}}};
	struct zone *zone = make_zone();

	need(zone);
	sample->table = table_new(2, seed);
	sample->zones = zones_new(&zone, 1);
	sample->addresses = addresses_new(ours, 2, 53);
	need(sample->table && sample->zones && sample->addresses);
	for (uint8_t octet = 1; octet <= SAMPLE_RECORDS; octet++)
		add_record(sample->table, octet);
	sample->serving.table = sample->table;
	serving_publish_zones(&sample->serving, sample->zones);
	serving_publish_addresses(&sample->serving, sample->addresses);
	sample->policy = policy_default();
	serving_publish_policy(&sample->serving, &sample->policy);
}

void sample_fini(struct sample *sample)
{
	zone_free(zones_at(sample->zones, 0));
	zones_free(sample->zones);
	addresses_free(sample->addresses);
	table_free(sample->table);
}
