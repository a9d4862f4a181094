/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/workload.h"

#include "bench/fill.h"
#include "bench/proc.h"
#include "bench/query_frame.h"
#include "dataplane/dns/wire.h"

#include <stdlib.h>
#include <string.h>

enum {
	SHARDS = 16, /* as control/server.c has them */
	WORKLOADS_MAX = 16,
	ZONES_MAX = 246, /* from 10.0.0.0/8 on */
	PORT = 53,
};

static struct zone *make_zone(const struct prefix *apex)
{
	static const uint8_t rdata[] = "\0\067"			/* 55 bytes */
				       "\3ns1\7example\3net\0"	/* MNAME, 17 */
				       "\4root\7example\3net\0" /* RNAME, 18 */
				       "\0\0\0\1"
				       "\0\0\16\20"
				       "\0\0\2\130" /* SERIAL to RETRY */
				       "\0\11\72\200"
				       "\0\0\1\54"; /* EXPIRE, MINIMUM */
	struct rrset soa = {WIRE_TYPE_SOA, 1, 3600, sizeof(rdata) - 1, rdata};
	struct owner owner = owner_from_prefix(apex);

	return zone_new(&owner, &soa, &(struct zone_special){.wildcards = false});
}

/* The /8s from 10.in-addr.arpa on, or 2001:db8::/32. */
static const struct zones *make_zones(const struct population *population)
{
	bool ipv4 = population_family(population) == ARPA_FAMILY_IPV4;
	unsigned count = ipv4 ? population_ipv4_zones(population) : 1, made = 0;
	struct prefix first = population_host(population, 0);
	struct prefix apex = prefix_truncate(&first, ipv4 ? 8 : 32);
	struct zone *list[ZONES_MAX];
	struct zones *zones;

	if (ipv4)
		apex.high = UINT64_C(10) << 56;
	for (; made < count && made < ZONES_MAX; made++) {
		list[made] = make_zone(&apex);
		if (!list[made])
			break;
		apex.high += UINT64_C(1) << 56;
	}
	zones = made == count ? zones_new(list, count) : NULL;
	while (!zones && made > 0)
		zone_free(list[--made]);
	return zones;
}

static const struct policy *make_policy(void)
{
	struct policy *policy = malloc(sizeof(*policy));

	if (policy)
		*policy = policy_default();
	return policy;
}

void workload_fini(struct workload *w)
{
	struct zones *zones = (struct zones *)w->serving.zones;

	table_free(w->table);
	for (size_t i = 0; zones && i < zones_count(zones); i++)
		zone_free(zones_at(zones, i));
	zones_free(zones);
	addresses_free((struct addresses *)w->serving.addresses);
	free((struct policy *)w->serving.policy);
	memset(w, 0, sizeof(*w));
}

bool workload_init(struct workload *w, const struct population *population, uint64_t records)
{
	uint8_t seed[TABLE_SEED_BYTES];
	uint64_t random = 20, before;

	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)random_next(&random);
	memset(w, 0, sizeof(*w));
	w->population = population;
	w->serving.zones = make_zones(population);
	w->serving.addresses = addresses_new(query_server, QUERY_SERVERS, PORT);
	w->serving.policy = make_policy();
	before = proc_memory_held();
	w->table = table_new(SHARDS, seed);
	w->serving.table = w->table;
	if (w->table && w->serving.zones && w->serving.addresses && w->serving.policy &&
		fill_hosts(w->table, population, 0, records) == 0) {
		w->bytes = proc_memory_held() - before;
		return true;
	}
	workload_fini(w);
	return false;
}

/* ---- Sharing ---- */

static struct workload workloads[WORKLOADS_MAX];

/* That of the population, or a free one. */
static struct workload *slot(const struct population *population)
{
	struct workload *free_one = NULL;

	for (size_t i = 0; i < WORKLOADS_MAX; i++) {
		if (workloads[i].users > 0 && workloads[i].population == population)
			return &workloads[i];
		if (workloads[i].users == 0)
			free_one = &workloads[i];
	}
	return free_one;
}

const struct workload *workload_built(const struct population *population)
{
	const struct workload *w = slot(population);

	return w && w->users > 0 ? w : NULL;
}

uint64_t workload_need(const struct population *population)
{
	/* With arrays that are half full, and the arrays that they were copied from. */
	enum { RECORD_BYTES_MAX = 160 };

	return workload_built(population) ? 0 : population->records * RECORD_BYTES_MAX;
}

struct workload *workload_take(const struct population *population)
{
	struct workload *w = slot(population);

	if (!w || (w->users == 0 && !workload_init(w, population, population->records)))
		return NULL;
	w->users++;
	return w;
}

void workload_drop(struct workload *workload)
{
	if (--workload->users == 0)
		workload_fini(workload);
}
