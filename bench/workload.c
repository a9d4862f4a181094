/* SPDX-License-Identifier: BSD-3-Clause */
/* Records are dense host addresses from the start of a zone; misses lie in its unused half. */
#include "bench/workload.h"

#include "dataplane/dns/wire.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	SHARDS = 4,
	RESERVE = 4096, /* records a table_reserve: an import's batch */
	ANCESTORS = 32, /* of one owner, at most */
};

static const uint64_t ipv4_first = UINT64_C(10) << 24;		   /* 10.0.0.0 */
static const uint64_t ipv4_missing = UINT64_C(10) << 24 | 1 << 23; /* 10.128.0.0 */
static const uint64_t ipv6_high = 0x20010db800010000;		   /* 2001:db8:1::/64 */
static const uint64_t ipv6_missing = 0x20010db800018000;	   /* 2001:db8:1:8000::/64 */
static const uint64_t seed = 20;

static struct prefix host(uint8_t family, bool missing, uint64_t index)
{
	if (family == ARPA_FAMILY_IPV4)
		return (struct prefix){
			.high = ((missing ? ipv4_missing : ipv4_first) + index) << 32,
			.family = family,
			.bits = 32};
	return (struct prefix){.high = missing ? ipv6_missing : ipv6_high,
		.low = index,
		.family = family,
		.bits = 128};
}

static uint64_t host_index(const struct prefix *owner)
{
	return owner->family == ARPA_FAMILY_IPV4 ? (owner->high >> 32) - ipv4_first : owner->low;
}

struct prefix workload_owner(uint8_t family, enum workload_kind kind, uint64_t *random)
{
	uint64_t index =
		(uint64_t)((unsigned __int128)workload_random(random) * WORKLOAD_RECORDS >> 64);
	struct prefix owner = host(family, kind == WORKLOAD_MISS, index);

	return kind == WORKLOAD_ENT ? prefix_parent(&owner) : owner;
}

void workload_target(const struct prefix *owner, uint8_t target[static WORKLOAD_TARGET_BYTES])
{
	char text[WORKLOAD_TARGET_BYTES];

	/* The terminating NUL is the root label. */
	snprintf(text, sizeof(text), "\014host-%07u\007example\003net",
		(unsigned)(host_index(owner) % 10000000));
	memcpy(target, text, WORKLOAD_TARGET_BYTES);
}

size_t workload_message(const struct prefix *owner, bool opt, uint16_t id,
	uint8_t message[static WORKLOAD_MESSAGE_MAX])
{
	static const uint8_t opt_1232[WIRE_OPT_BYTES] = {0, 0, WIRE_TYPE_OPT, 0x04, 0xd0};
	size_t at = WIRE_HEADER_BYTES;

	memset(message, 0, WIRE_HEADER_BYTES);
	wire_put16(message + WIRE_ID, id);
	wire_put16(message + WIRE_FLAGS, WIRE_RD);
	wire_put16(message + WIRE_QDCOUNT, 1);
	wire_put16(message + WIRE_ARCOUNT, opt);
	at += arpa_write(owner, message + at);
	wire_put16(message + at, WIRE_TYPE_PTR);
	wire_put16(message + at + 2, WIRE_CLASS_IN);
	at += WIRE_QUESTION_FIXED;
	if (!opt)
		return at;
	memcpy(message + at, opt_1232, sizeof(opt_1232));
	return at + sizeof(opt_1232);
}

/* ---- Frames ---- */

static const struct ip_address ours[] = {
	{4, {198, 18, 0, 1}},
	{6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
};

/* The one's complement checksum (RFC 1071), by the book: a second opinion on frame.c's. */
static uint16_t checksum(const uint8_t *bytes, size_t count, uint32_t sum)
{
	for (size_t i = 0; i < count; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t sum_of(const uint8_t *bytes, size_t count)
{
	return (uint16_t)~checksum(bytes, count, 0);
}

static size_t put_ipv4(uint8_t *ip, size_t udp_bytes, uint16_t client)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	wire_put16(ip + 2, (uint16_t)(20 + udp_bytes));
	ip[8] = 64;
	ip[9] = 17;
	wire_put16(ip + 12, 198 << 8 | 19);
	wire_put16(ip + 14, client | 1);
	memcpy(ip + 16, ours[0].bytes, 4);
	wire_put16(ip + 10, checksum(ip, 20, 0));
	return 20;
}

static size_t put_ipv6(uint8_t *ip, size_t udp_bytes, uint16_t client)
{
	memset(ip, 0, 40);
	ip[0] = 0x60;
	wire_put16(ip + 4, (uint16_t)udp_bytes);
	ip[6] = 17;
	ip[7] = 64;
	memcpy(ip + 8, ours[1].bytes, 8);
	wire_put16(ip + 22, client | 2);
	memcpy(ip + 24, ours[1].bytes, 16);
	return 40;
}

size_t workload_frame(const struct prefix *owner, bool opt, uint16_t id, uint8_t family,
	uint8_t frame[static WORKLOAD_FRAME_MAX])
{
	static const uint8_t macs[12] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
	uint8_t message[WORKLOAD_MESSAGE_MAX], *ip = frame + 14, *udp;
	size_t bytes = 8 + workload_message(owner, opt, id, message);
	uint16_t sum;
	uint32_t pseudo;

	memcpy(frame, macs, sizeof(macs));
	wire_put16(frame + 12, family == 4 ? 0x0800 : 0x86dd);
	udp = ip + (family == 4 ? put_ipv4(ip, bytes, id) : put_ipv6(ip, bytes, id));
	wire_put16(udp, 1024 | id);
	wire_put16(udp + 2, 53);
	wire_put16(udp + 4, (uint16_t)bytes);
	wire_put16(udp + 6, 0);
	memcpy(udp + 8, message, bytes - 8);
	pseudo = (family == 4 ? sum_of(ip + 12, 8) : sum_of(ip + 8, 32)) + 17 + (uint32_t)bytes;
	sum = checksum(udp, bytes, pseudo);
	wire_put16(udp + 6, sum ? sum : 0xffff); /* 0 would mean "none" (RFC 768) */
	return (size_t)(udp - frame) + bytes;
}

/* ---- Records, zones, addresses ---- */

static struct record *make_record(uint8_t family, uint64_t index)
{
	struct prefix name = host(family, false, index);
	struct owner owner = owner_from_prefix(&name);
	uint8_t rdata[2 + WORKLOAD_TARGET_BYTES];
	struct rrset ptr = {WIRE_TYPE_PTR, 1, 3600, sizeof(rdata), rdata};

	wire_put16(rdata, WORKLOAD_TARGET_BYTES);
	workload_target(&name, rdata + 2);
	return record_new(&owner, &ptr, 1);
}

static bool fill(struct workload *w)
{
	static const struct table_room room = {.owners = RESERVE, .ancestors = RESERVE + ANCESTORS};

	for (uint64_t i = 0; i < WORKLOAD_RECORDS; i++) {
		struct unlinked old[64];
		struct record *record = make_record(w->family, i);

		if (!record)
			return false;
		if (i % RESERVE == 0 && table_reserve(w->table, &room) != 0) {
			record_free(record);
			return false;
		}
		table_put(w->table, record);
		/* No reader yet: what growth unlinks is free at once. */
		for (size_t n = table_take_unlinked(w->table, old, 64); n > 0; n--)
			unlinked_free(&old[n - 1]);
	}
	return true;
}

static struct zone *make_zone(const struct owner *apex)
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

	return zone_new(apex, &soa, &(struct zone_special){.wildcards = false});
}

/* 10.in-addr.arpa, or 2001:db8::/32. */
static const struct zones *make_zones(uint8_t family)
{
	struct prefix first = host(family, false, 0);
	struct owner apex = {
		.prefix = prefix_truncate(&first, family == ARPA_FAMILY_IPV4 ? 8 : 32)};
	struct zone *zone = make_zone(&apex);
	struct zones *zones = zone ? zones_new(&zone, 1) : NULL;

	if (!zones)
		zone_free(zone);
	return zones;
}

static void workload_free(struct workload *w)
{
	struct zones *zones = (struct zones *)w->serving.zones;

	table_free(w->table);
	if (zones)
		zone_free(zones_at(zones, 0));
	zones_free(zones);
	addresses_free((struct addresses *)w->serving.addresses);
	free((struct policy *)w->serving.policy);
	memset(w, 0, sizeof(*w));
}

static const struct policy *make_policy(void)
{
	struct policy *policy = malloc(sizeof(*policy));

	if (policy)
		*policy = policy_default();
	return policy;
}

static bool build(struct workload *w)
{
	uint8_t table_seed[TABLE_SEED_BYTES];
	uint64_t random = seed;

	for (size_t i = 0; i < sizeof(table_seed); i++)
		table_seed[i] = (uint8_t)workload_random(&random);
	w->table = table_new(SHARDS, table_seed);
	w->serving.table = w->table;
	w->serving.zones = make_zones(w->family);
	w->serving.addresses = addresses_new(ours, sizeof(ours) / sizeof(ours[0]), 53);
	w->serving.policy = make_policy();
	return w->table && w->serving.zones && w->serving.addresses && w->serving.policy && fill(w);
}

struct workload *workload_take(uint8_t family)
{
	static struct workload workloads[2];
	struct workload *w = &workloads[family == ARPA_FAMILY_IPV6];

	if (w->users == 0) {
		w->family = family;
		if (!build(w)) {
			workload_free(w);
			return NULL;
		}
	}
	w->users++;
	return w;
}

void workload_drop(struct workload *workload)
{
	if (--workload->users == 0)
		workload_free(workload);
}
