/* SPDX-License-Identifier: BSD-3-Clause */
/* Octets that mean something in zone files come up more often than others. */
#include "tests/control/random_rrset.h"

#include "control/zonefile/rdata_fields.h"
#include "tests/control/support.h"

#include <string.h>

uint32_t random_below(uint64_t *state, uint32_t limit)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((*state >> 33) % limit);
}

static uint8_t hostile_octet(uint64_t *state)
{
	static const uint8_t hostile[] = {0, '.', '\\', '"', ';', '(', ')', '@', '$', ' ', '\t',
		'\n', '\r', 0x7f, 0x80, 0xff, '*', '#', '0', 'A', '\'', ',', '='};

	switch (random_below(state, 3)) {
	case 0:
		return hostile[random_below(state, sizeof(hostile))];
	case 1:
		return (uint8_t)('a' + random_below(state, 26));
	default:
		return (uint8_t)random_below(state, 256);
	}
}

static void fill(uint64_t *state, uint8_t *octets, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		octets[i] = hostile_octet(state);
}

size_t random_name(
	uint64_t *state, unsigned labels, const uint8_t *tail, size_t tail_bytes, uint8_t *name)
{
	size_t used = 0;

	for (unsigned i = 0; i < labels; i++) {
		uint32_t label = 1 + random_below(state, random_below(state, 8) == 0 ? 63 : 9);

		if (used + 1 + label + tail_bytes > WIRE_NAME_MAX_BYTES)
			break;
		name[used] = (uint8_t)label;
		fill(state, name + used + 1, label);
		used += 1 + label;
	}
	memcpy(name + used, tail, tail_bytes);
	return used + tail_bytes;
}

static size_t random_bitmap(uint64_t *state, uint8_t *out)
{
	size_t used = 0;

	for (unsigned window = 0; window < 256; window += 1 + random_below(state, 200)) {
		uint8_t bytes = (uint8_t)(1 + random_below(state, 32));

		out[used] = (uint8_t)window;
		out[used + 1] = bytes;
		fill(state, out + used + 2, bytes);
		out[used + 1 + bytes] |= 1;
		/* Type 0 is no type. */
		out[used + 2] &= window == 0 ? 0x7f : 0xff;
		used += 2u + bytes;
	}
	return used;
}

static size_t random_ipseckey(uint64_t *state, uint8_t *out)
{
	static const uint8_t root[1];
	size_t gateway = 0;

	fill(state, out, 30);
	out[1] = (uint8_t)random_below(state, 4);
	if (out[1] == 3)
		gateway = random_name(state, 2, root, 1, out + 3);
	else
		gateway = out[1] == 2 ? 16 : out[1] * 4u;
	fill(state, out + 3 + gateway, 9);
	return 3 + gateway + random_below(state, 10);
}

/* Fields that hold their own length. */
static size_t random_told(uint64_t *state, ldns_rdf_type kind, uint8_t *out)
{
	uint32_t bytes = 1 + random_below(state, 40);

	fill(state, out, 300);
	switch (kind) {
	case LDNS_RDF_TYPE_TAG:
		for (uint32_t i = 1; i <= bytes; i++)
			out[i] = (uint8_t)('a' + random_below(state, 26));
		out[0] = (uint8_t)bytes;
		return 1 + bytes;
	case LDNS_RDF_TYPE_APL:
		memcpy(out, (const uint8_t[]){0, 1, 24, 3, 192, 0, 2}, 7);
		out[3] |= random_below(state, 2) == 0 ? 0x80 : 0;
		return 7;
	case LDNS_RDF_TYPE_HIP:
		memcpy(out, (const uint8_t[]){16, 2, 0, 9}, 4);
		return 4 + 16 + 9;
	case LDNS_RDF_TYPE_NSEC3_NEXT_OWNER:
		out[0] = 20;
		return 21;
	default:
		out[0] = (uint8_t)random_below(state, kind == LDNS_RDF_TYPE_STR ? 256 : 20);
		return 1u + out[0];
	}
}

static size_t random_field(uint64_t *state, ldns_rdf_type kind, uint8_t *out)
{
	static const uint8_t root[1];

	switch (kind) {
	case LDNS_RDF_TYPE_DNAME:
		return random_name(state, random_below(state, 6), root, 1, out);
	case LDNS_RDF_TYPE_NSEC:
		return random_bitmap(state, out);
	case LDNS_RDF_TYPE_IPSECKEY:
		return random_ipseckey(state, out);
	case LDNS_RDF_TYPE_SVCPARAMS: /* alpn=h2 */
		memcpy(out, (const uint8_t[]){0, 1, 0, 3, 2, 'h', '2'}, 7);
		return 7;
	case LDNS_RDF_TYPE_LOC:
		memcpy(out, (const uint8_t[]){0, 0x12, 0x16, 0x13, 0x80}, 5);
		fill(state, out + 5, 11);
		return 16;
	default:
		break;
	}
	fill(state, out, 300);
	if (rdata_field_is_rest(kind))
		return 1 + random_below(state, 299);
	for (size_t bytes = 1; bytes <= 16; bytes++)
		if (rdata_field_bytes(kind, out, 16) == (int)bytes &&
			rdata_field_bytes(kind, out, bytes - 1) < 0 && kind != LDNS_RDF_TYPE_STR &&
			kind != LDNS_RDF_TYPE_TAG && kind != LDNS_RDF_TYPE_APL &&
			kind != LDNS_RDF_TYPE_HIP && kind != LDNS_RDF_TYPE_NSEC3_SALT &&
			kind != LDNS_RDF_TYPE_NSEC3_NEXT_OWNER)
			return bytes;
	return random_told(state, kind, out);
}

static size_t random_rdata(uint64_t *state, uint16_t type, uint8_t *out)
{
	size_t used = 0, fields = rdata_is_known(type) ? rdata_fields_min(type) : 0;

	if (!rdata_is_known(type)) {
		used = random_below(state, 300);
		fill(state, out, used);
		return used;
	}
	fields += random_below(state, 3);
	for (size_t index = 0; index < fields; index++) {
		ldns_rdf_type kind = rdata_field_kind(type, index);

		if (kind == LDNS_RDF_TYPE_NONE)
			break;
		used += random_field(state, kind, out + used);
	}
	return used;
}

void random_rrset(uint64_t *state, uint16_t type, struct rrset_buffer *rrset)
{
	static uint8_t rdata[8192];
	bool single = type == LDNS_RR_TYPE_CNAME || type == LDNS_RR_TYPE_DNAME ||
		type == LDNS_RR_TYPE_SOA;
	uint32_t count = single ? 1 : 1 + random_below(state, 3);

	rrset_buffer_reset(rrset, type, random_below(state, UINT32_C(1) << 31));
	while (rrset->count < count) {
		size_t bytes = random_rdata(state, type, rdata);

		if (!rdata_is_sound(type, rdata, bytes))
			fail_msg("the test makes unsound data of type %u", type);
		assert_int_equal(rrset_buffer_add(rrset, rdata, (uint16_t)bytes), 0);
		if (bytes == 0 || type == LDNS_RR_TYPE_APL)
			break; /* the next could be the same for ever */
	}
}
