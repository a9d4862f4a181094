/* SPDX-License-Identifier: BSD-3-Clause */
/* The fixture: what every test makes records with, and a server put together from zones.txt. */
#include "tests/support/fixture.h"

#include "dataplane/dns/wire.h"
#include "dataplane/records/host_pages.h"

#include "tests/support/zonetext.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct link fixture_link = {.mac = {2, 0, 0, 0, 0, 10}, .mtu_bytes = LINK_MTU_BYTES};

static void need(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "fixture: %s\n", what);
	abort();
}

/* ---- Names, RRsets, records, zones ---- */

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

void fixture_owner(struct fixture_owner *owner, const char *text)
{
	owner_from_name(owner->name, fixture_name(text, owner->name), &owner->owner);
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

struct record *fixture_ptr(const struct owner *owner, const char *name, uint32_t ttl)
{
	struct fixture_rrset ptr;
	struct record *record;

	fixture_rrset_start(&ptr, WIRE_TYPE_PTR, ttl);
	fixture_rrset_add_name(&ptr, name);
	record = record_new(owner, &ptr.set, 1);
	need(record, "no memory for a record");
	return record;
}

const struct record *fixture_find(const struct table *table, const struct owner *owner)
{
	static struct record_space space[64];
	static unsigned next;
	struct found found = table_find(table, owner);

	return found_record(&found, owner, &space[next++ % 64]);
}

static void free_unlinked(struct table *table)
{
	struct unlinked thing;

	while (table_take_unlinked(table, &thing, 1) == 1)
		unlinked_free(&thing);
}

void fixture_put_host(struct table *table, const struct prefix *address, const struct rrset *ptr)
{
	struct host_pages pages = {0};
	struct table_room room = {0};

	need(host_pages_put(&pages, table, address, ptr->ttl, ptr->rdata + 2,
		     (uint8_t)(ptr->rdata_bytes - 2)) == 0 &&
			host_pages_finish(&pages, table) == 0,
		"no memory for a page");
	host_pages_room(&pages, table, &room);
	need(table_reserve(table, &room) == 0, "no memory for the table");
	host_pages_publish_made(&pages, table);
	host_pages_forget(&pages);
	host_pages_free(&pages);
	free_unlinked(table);
}

void fixture_put(struct table *table, struct record *record)
{
	static const struct table_room room = {
		.owners = 1, .ancestors = 32, .named_ancestors = OWNER_LABELS_MAX};

	need(table_reserve(table, &room) == 0, "no memory for the table");
	table_put(table, record);
	free_unlinked(table);
}

struct zone *fixture_zone(
	const struct owner *apex, uint32_t serial, const struct zone_special *special)
{
	uint8_t item[2 + 26] = {0, 26, 1, 'a', 0, 1, 'b', 0};
	struct rrset soa = {
		.type = WIRE_TYPE_SOA, .count = 1, .ttl = 60, .rdata = item, .rdata_bytes = 28};

	wire_put32(item + 8, serial);
	return zone_new(apex, &soa, special);
}

/* ---- The fixture zones ---- */

static const struct rrset *find_set(const struct zonetext_owner *owner, uint16_t type)
{
	for (unsigned i = 0; i < owner->sets; i++)
		if (owner->set[i].type == type)
			return &owner->set[i];
	return NULL;
}

/* The owner of the zone that `name` is in: the longest apex; NULL: in none. */
static const struct zonetext_owner *zone_of(
	const struct zonetext *text, const struct zonetext_owner *name)
{
	const struct zonetext_owner *found = NULL;

	for (size_t i = 0; i < text->owners; i++) {
		const struct zonetext_owner *o = &text->owner[i];

		if (find_set(o, WIRE_TYPE_SOA) && owner_contains(&o->owner, &name->owner) &&
			(!found || owner_depth(&o->owner) > owner_depth(&found->owner)))
			found = o;
	}
	return found;
}

static bool has_star(const struct owner *owner)
{
	for (unsigned at = 0; at < owner->rest_bytes; at += 1u + owner->rest[at])
		if (owner->rest[at] == 1 && owner->rest[at + 1] == '*')
			return true;
	return false;
}

/* What answers must know of the zone: asked of every owner in it. */
static struct zone_special special_of(
	const struct zonetext *text, const struct zonetext_owner *apex)
{
	struct zone_special special = {0};

	for (size_t i = 0; i < text->owners; i++) {
		const struct zonetext_owner *o = &text->owner[i];

		if (zone_of(text, o) != apex)
			continue;
		special.wildcards |= has_star(&o->owner);
		if (find_set(o, WIRE_TYPE_DNAME) || (find_set(o, WIRE_TYPE_NS) && o != apex))
			zone_depths_add(&special.cuts, owner_depth(&o->owner));
	}
	return special;
}

/* Whether the zone or one around it has a cut or a DNAME. */
static bool is_cut(const struct zonetext *text, const struct zonetext_owner *apex)
{
	for (size_t i = 0; i < text->owners; i++) {
		const struct zonetext_owner *o = &text->owner[i];
		struct zone_special special;

		if (!find_set(o, WIRE_TYPE_SOA) || !owner_contains(&o->owner, &apex->owner))
			continue;
		special = special_of(text, o);
		if ((special.cuts.bit[0] | special.cuts.bit[1]) != 0)
			return true;
	}
	return false;
}

static void add_zone(struct fixture *f, const struct zonetext *text,
	const struct zonetext_owner *apex, bool uncut)
{
	struct zone_special special = special_of(text, apex);
	struct zone *zone;

	if (uncut && is_cut(text, apex))
		return;
	zone = zone_new(&apex->owner, find_set(apex, WIRE_TYPE_SOA), &special);
	need(zone && f->zone_count < FIXTURE_ZONES_MAX, "no room for a zone");
	f->zone[f->zone_count++] = zone;
	for (size_t i = 0; i < text->owners; i++) {
		const struct zonetext_owner *o = &text->owner[i];
		struct record *record;

		if (zone_of(text, o) != apex)
			continue;
		if (host_pages_take(f->table, &o->owner, o->set, o->sets)) {
			fixture_put_host(f->table, &o->owner.prefix, o->set);
			continue;
		}
		record = record_new(&o->owner, o->set, o->sets);
		need(record, "no memory for a record");
		fixture_put(f->table, record);
	}
}

static struct policy_text text_of(const char *text)
{
	struct policy_text t = {.bytes = (uint8_t)strlen(text)};

	memcpy(t.text, text, t.bytes);
	return t;
}

/* The same facts as the policies of tests/vectors/replies.py. */
static void set_policies(struct policy *policy)
{
	static const struct cookie_secrets secrets = {2,
		{{0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f, 0x48, 0xe7, 0xdc, 0x84, 0x9e,
			 0x37, 0xbf, 0xcf},
			{0xdd, 0x3b, 0xdf, 0x93, 0x44, 0xb6, 0x78, 0xb1, 0x85, 0xa6, 0xf5, 0xcb,
				0x60, 0xfc, 0xa7, 0x15}}};
	struct policy *full = &policy[FIXTURE_FULL], *enforce = &policy[FIXTURE_ENFORCE];

	policy[FIXTURE_PLAIN] = policy_default();
	*full = policy_default();
	full->keepalive_100ms = 250;
	full->any_whole = true;
	full->cookies = POLICY_COOKIES_ON;
	full->secrets = secrets;
	full->identity = text_of("a.test");
	full->version = text_of("arpad of the tests");
	full->nsid_bytes = 6;
	memcpy(full->nsid, "node-7", 6);
	*enforce = policy_default();
	enforce->udp_bytes = 4096;
	enforce->cookies = POLICY_COOKIES_ENFORCE;
	enforce->secrets = secrets;
	enforce->secrets.count = 1;
}

static void open_fixture(struct fixture *f, bool uncut)
{
	static const uint8_t seed[TABLE_SEED_BYTES] = "a seed that is fixed for tests.";
	static const struct ip_address ours[] = {
		{4, {192, 0, 2, 53}},
		{6, {0x20, 0x01, 0x0d, 0xb8, [15] = 0x53}},
	};
	struct zonetext text;

	*f = (struct fixture){.table = table_new(4, seed)};
	need(f->table, "no memory for the table");
	zonetext_open(&text);
	for (size_t i = 0; i < text.owners; i++)
		if (find_set(&text.owner[i], WIRE_TYPE_SOA))
			add_zone(f, &text, &text.owner[i], uncut);
	zonetext_close(&text);
	f->zones = zones_new(f->zone, f->zone_count);
	f->addresses = addresses_new(ours, 2, FIXTURE_PORT);
	need(f->zones && f->addresses, "no memory for zones or addresses");
	set_policies(f->policy);
	f->serving.table = f->table;
	atomic_init(&f->serving.zones, f->zones);
	atomic_init(&f->serving.addresses, f->addresses);
	atomic_init(&f->serving.policy, &f->policy[FIXTURE_PLAIN]);
	atomic_init(&f->serving.now, FIXTURE_NOW);
}

void fixture_open(struct fixture *fixture)
{
	open_fixture(fixture, false);
}

void fixture_open_uncut(struct fixture *fixture)
{
	open_fixture(fixture, true);
}

void fixture_close(struct fixture *f)
{
	table_free(f->table);
	zones_free(f->zones);
	for (unsigned i = 0; i < f->zone_count; i++)
		zone_free(f->zone[i]);
	addresses_free(f->addresses);
}

void fixture_use(struct fixture *fixture, enum fixture_policy policy)
{
	serving_publish_policy(&fixture->serving, &fixture->policy[policy]);
}

struct client fixture_client(enum transport transport)
{
	static const uint8_t address[4] = {198, 51, 100, 100};

	return (struct client){.address = address, .address_bytes = 4, .transport = transport};
}
