/* SPDX-License-Identifier: BSD-3-Clause */
/* The fixture zones. A fact changed here must change in tests/vectors/zones.py too. */
#include "tests/support/fixture.h"

#include "dataplane/dns/wire.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_TXT = 16 };

static void need(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "fixture: %s\n", what);
	abort();
}

struct prefix fixture_prefix(const char *address, unsigned bits)
{
	struct prefix p = {.family = ARPA_FAMILY_IPV4, .bits = 32};
	uint8_t bytes[16];

	if (inet_pton(AF_INET, address, bytes) == 1) {
		p.high = (uint64_t)wire_get32(bytes) << 32;
	} else {
		need(inet_pton(AF_INET6, address, bytes) == 1, address);
		p.family = ARPA_FAMILY_IPV6;
		p.bits = 128;
		p.high = (uint64_t)wire_get32(bytes) << 32 | wire_get32(bytes + 4);
		p.low = (uint64_t)wire_get32(bytes + 8) << 32 | wire_get32(bytes + 12);
	}
	return prefix_truncate(&p, (uint8_t)bits);
}

size_t fixture_name(const char *text, uint8_t *name)
{
	size_t at = 0;

	while (*text) {
		size_t label = strcspn(text, ".");

		name[at] = (uint8_t)label;
		memcpy(name + at + 1, text, label);
		at += 1 + label;
		text += label + (text[label] == '.');
	}
	name[at] = 0;
	return at + 1;
}

/* A name of 255 bytes; `n` tells one from another. */
static void long_name(unsigned n, uint8_t name[static 255])
{
	static const struct {
		uint8_t letter, bytes;
	} label[] = {{'x', 63}, {'y', 63}, {'z', 63}, {'w', 61}};

	for (unsigned i = 0; i < 4; i++) {
		*name++ = label[i].bytes;
		memset(name, label[i].letter, label[i].bytes);
		if (i == 0) {
			name[0] = (uint8_t)('0' + n / 10);
			name[1] = (uint8_t)('0' + n % 10);
		}
		name += label[i].bytes;
	}
	*name = 0;
}

void fixture_rrset_start(struct fixture_rrset *rrset, uint16_t type, uint32_t ttl)
{
	rrset->set = (struct rrset){.type = type, .ttl = ttl, .rdata = rrset->rdata};
}

void fixture_rrset_add(struct fixture_rrset *rrset, const void *rdata, size_t bytes)
{
	uint8_t *end = rrset->rdata + rrset->set.rdata_bytes;

	need(rrset->set.rdata_bytes + 2 + bytes <= sizeof(rrset->rdata), "RRset too large");
	wire_put16(end, (uint16_t)bytes);
	memcpy(end + 2, rdata, bytes);
	rrset->set.rdata_bytes += 2 + (uint32_t)bytes;
	rrset->set.count++;
}

void fixture_rrset_add_name(struct fixture_rrset *rrset, const char *text)
{
	uint8_t name[255];

	fixture_rrset_add(rrset, name, fixture_name(text, name));
}

struct record *fixture_ptr(const struct prefix *owner, const char *name, uint32_t ttl)
{
	struct fixture_rrset ptr;
	struct record *record;

	fixture_rrset_start(&ptr, WIRE_TYPE_PTR, ttl);
	fixture_rrset_add_name(&ptr, name);
	record = record_new(owner, &ptr.set, 1);
	need(record, "no memory for a record");
	return record;
}

void fixture_put(struct table *table, struct record *record)
{
	struct unlinked thing;

	need(table_reserve(table, 1, 32) == 0, "no memory for the table");
	table_put(table, record);
	while (table_take_unlinked(table, &thing, 1) == 1)
		unlinked_free(&thing);
}

static void put(struct table *table, const char *address, unsigned bits,
	const struct fixture_rrset *sets, unsigned count)
{
	struct prefix owner = fixture_prefix(address, bits);
	struct rrset list[2];
	struct record *record;

	for (unsigned i = 0; i < count; i++)
		list[i] = sets[i].set;
	record = record_new(&owner, list, count);
	need(record, "no memory for a record");
	fixture_put(table, record);
}

static void host(struct table *table, const char *address, uint32_t ttl, const char *name)
{
	struct prefix owner = fixture_prefix(address, strchr(address, ':') ? 128 : 32);

	fixture_put(table, fixture_ptr(&owner, name, ttl));
}

/* TXT RDATA of `bytes`: strings of 255 as long as they fit, then the rest. */
static void add_text(struct fixture_rrset *rrset, size_t bytes)
{
	uint8_t rdata[2048];

	for (size_t at = 0; at < bytes;) {
		size_t part = bytes - at < 256 ? bytes - at : 256;

		rdata[at] = (uint8_t)(part - 1);
		memset(rdata + at + 1, 't', part - 1);
		at += part;
	}
	fixture_rrset_add(rrset, rdata, bytes);
}

static void text_host(
	struct table *table, const char *address, size_t bytes, struct fixture_rrset *scratch)
{
	fixture_rrset_start(scratch, TYPE_TXT, 60);
	add_text(scratch, bytes);
	put(table, address, 32, scratch, 1);
}

/* The apex's record and the zone. Wide: MNAME and RNAME of 255 bytes, too much for 512. */
static struct zone *apex(struct table *table, const char *address, unsigned bits, uint32_t ttl,
	uint32_t minimum, bool wide, struct fixture_rrset *scratch)
{
	static const uint32_t numbers[4] = {2026010101, 7200, 3600, 1209600};
	struct prefix owner = fixture_prefix(address, bits);
	uint8_t rdata[2 * 255 + 20];
	size_t at = 0;
	struct zone *zone;

	if (wide) {
		long_name(98, rdata);
		long_name(99, rdata + 255);
		at = 510;
	} else {
		at = fixture_name("ns1.example.net", rdata);
		at += fixture_name("hostmaster.example.net", rdata + at);
	}
	for (unsigned i = 0; i < 4; i++, at += 4)
		wire_put32(rdata + at, numbers[i]);
	wire_put32(rdata + at, minimum);
	fixture_rrset_start(&scratch[0], WIRE_TYPE_SOA, ttl);
	fixture_rrset_add(&scratch[0], rdata, at + 4);
	fixture_rrset_start(&scratch[1], WIRE_TYPE_NS, 86400);
	fixture_rrset_add_name(&scratch[1], "ns1.example.net");
	fixture_rrset_add_name(&scratch[1], "ns2.example.net");
	put(table, address, bits, scratch, 2);
	zone = zone_new(&owner, &scratch[0].set);
	need(zone, "no zone");
	return zone;
}

static void hosts(struct table *table, struct fixture_rrset *scratch)
{
	host(table, "192.0.2.1", 3600, "host1.example.net");
	fixture_rrset_start(scratch, WIRE_TYPE_PTR, 3600);
	fixture_rrset_add_name(scratch, "a.example.net");
	fixture_rrset_add_name(scratch, "b.example.net");
	put(table, "192.0.2.2", 32, scratch, 1);
	fixture_rrset_start(scratch, WIRE_TYPE_PTR, 300);
	for (unsigned n = 0; n < 10; n++) {
		uint8_t name[255];

		long_name(n, name);
		fixture_rrset_add(scratch, name, sizeof(name));
	}
	put(table, "192.0.2.10", 32, scratch, 1);
	host(table, "192.0.2.20", 1, "brief.example.net");
	host(table, "192.0.2.21", WIRE_TTL_MAX, "forever.example.net");
	fixture_rrset_start(&scratch[0], WIRE_TYPE_PTR, 3600);
	fixture_rrset_add_name(&scratch[0], "two.example.net");
	fixture_rrset_start(&scratch[1], TYPE_TXT, 60);
	fixture_rrset_add(&scratch[1], "\5hello", 6);
	put(table, "192.0.2.30", 32, scratch, 2);
	/* Replies of exactly 512, 513, 1232 and 1233 bytes; the last two with an OPT. */
	text_host(table, "192.0.2.40", 460, scratch);
	text_host(table, "192.0.2.41", 461, scratch);
	text_host(table, "192.0.2.42", 1169, scratch);
	text_host(table, "192.0.2.43", 1170, scratch);
	fixture_rrset_start(scratch, WIRE_TYPE_CNAME, 600);
	fixture_rrset_add_name(scratch, "50.0-127.2.0.192.in-addr.arpa");
	put(table, "192.0.2.50", 32, scratch, 1);
	host(table, "198.51.100.7", 3600, "seven.example.net");
	host(table, "198.51.200.9", 3600, "nine.example.net");
	host(table, "203.0.113.1", 3600, "wide.example.net");
	host(table, "2001:db8::1", 3600, "six.example.net");
	host(table, "2001:db8::abcd:ef01", 3600, "letters.example.net");
	host(table, "2001:db8:1:2:3:4:5:6", 3600, "deep.example.net");
}

void fixture_open(struct fixture *f)
{
	static const uint8_t seed[TABLE_SEED_BYTES] = "a seed that is fixed for tests.";
	static const struct ip_address ours[] = {
		{4, {192, 0, 2, 53}},
		{6, {0x20, 0x01, 0x0d, 0xb8, [15] = 0x53}},
	};
	struct fixture_rrset *scratch = calloc(2, sizeof(*scratch));

	need(scratch, "no memory");
	f->table = table_new(4, seed);
	need(f->table, "no memory for the table");
	f->zone[0] = apex(f->table, "192.0.2.0", 24, 3600, 300, false, scratch);
	f->zone[1] = apex(f->table, "198.51.0.0", 16, 60, 3600, false, scratch);
	f->zone[2] = apex(f->table, "198.51.200.0", 24, 1800, 900, false, scratch);
	f->zone[3] = apex(f->table, "203.0.113.0", 24, 600, 600, true, scratch);
	f->zone[4] = apex(f->table, "2001:db8::", 32, 3600, 600, false, scratch);
	hosts(f->table, scratch);
	free(scratch);
	f->zones = zones_new(f->zone, FIXTURE_ZONES);
	f->addresses = addresses_new(ours, 2, FIXTURE_PORT);
	need(f->zones && f->addresses, "no memory for zones or addresses");
	f->serving.table = f->table;
	atomic_init(&f->serving.zones, f->zones);
	atomic_init(&f->serving.addresses, f->addresses);
}

void fixture_close(struct fixture *f)
{
	table_free(f->table);
	zones_free(f->zones);
	for (unsigned i = 0; i < FIXTURE_ZONES; i++)
		zone_free(f->zone[i]);
	addresses_free(f->addresses);
}
