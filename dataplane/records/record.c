/* SPDX-License-Identifier: BSD-3-Clause */
/* Rendering: RRsets become the bytes of an answer section once, so that workers only copy. */
#include "dataplane/records/record.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include <stdlib.h>
#include <string.h>

enum {
	OWNER_AND_FIXED = 2 + WIRE_RR_FIXED, /* the 0xC00C pointer, TYPE to RDLENGTH */
	/* A reply also holds its header, the longest question and an OPT. */
	RENDERED_MAX_BYTES = WIRE_MESSAGE_MAX_BYTES - WIRE_HEADER_BYTES - WIRE_NAME_MAX_BYTES -
		WIRE_QUESTION_FIXED - WIRE_OPT_BYTES,
};

/* Bytes of one rendered RRset in a record; 0 when it fits no message. */
static size_t rendered_bytes(const struct rrset *rrset)
{
	/* Each item's 2-byte length is replaced by 12 bytes of RR header. */
	size_t wire = rrset->rdata_bytes + (size_t)rrset->count * (OWNER_AND_FIXED - 2);

	if (wire > RENDERED_MAX_BYTES)
		return 0;
	return sizeof(struct rendered) + ((wire + 3) & ~(size_t)3);
}

static void render(struct rendered *out, const struct rrset *rrset)
{
	const uint8_t *item = rrset->rdata;
	uint8_t *to = out->wire;

	for (unsigned i = 0; i < rrset->count; i++) {
		uint16_t bytes = wire_get16(item);

		wire_put16(to, WIRE_QNAME_POINTER);
		wire_put16(to + 2, rrset->type);
		wire_put16(to + 4, WIRE_CLASS_IN);
		wire_put32(to + 6, rrset->ttl);
		memcpy(to + 10, item, 2 + (size_t)bytes);
		to += OWNER_AND_FIXED + bytes;
		item += 2 + bytes;
	}
	out->type = rrset->type;
	out->count = rrset->count;
	out->wire_bytes = (uint32_t)(to - out->wire);
}

static size_t pad(size_t bytes)
{
	return (bytes + 3) & ~(size_t)3;
}

static uint8_t kinds_of(const struct rrset *rrsets, unsigned sets)
{
	bool soa = false, ns = false;
	uint8_t kinds = 0;

	for (unsigned i = 0; i < sets; i++) {
		soa |= rrsets[i].type == WIRE_TYPE_SOA;
		ns |= rrsets[i].type == WIRE_TYPE_NS;
		if (rrsets[i].type == WIRE_TYPE_DNAME)
			kinds |= RECORD_DNAME;
		if (rrsets[i].type == WIRE_TYPE_CNAME)
			kinds |= RECORD_CNAME;
	}
	if (soa)
		kinds |= RECORD_APEX;
	else if (ns)
		kinds |= RECORD_CUT;
	return kinds;
}

struct record *record_new(const struct owner *owner, const struct rrset *rrsets, unsigned sets)
{
	size_t bytes = pad(owner->rest_bytes);
	struct record *record;
	uint8_t *out;

	for (unsigned i = 0; i < sets; i++) {
		size_t one = rendered_bytes(&rrsets[i]);

		if (one == 0)
			return NULL;
		bytes += one;
	}
	record = malloc(sizeof(*record) + bytes);
	if (!record)
		return NULL;
	*record = (struct record){.prefix = owner->prefix,
		.sets = (uint16_t)sets,
		.rest_bytes = owner->rest_bytes,
		.kinds = kinds_of(rrsets, sets),
		.body_bytes = (uint32_t)bytes};
	for (unsigned i = 0; i < owner->rest_bytes; i++)
		record->body[i] = name_lower(owner->rest[i]);
	out = record->body + pad(record->rest_bytes);
	for (unsigned i = 0; i < sets; i++) {
		render((struct rendered *)out, &rrsets[i]);
		out += rendered_bytes(&rrsets[i]);
	}
	return record;
}

void record_free(struct record *record)
{
	free(record);
}

const struct rendered *record_next(const struct record *record, const struct rendered *rendered)
{
	const uint8_t *next =
		(const uint8_t *)rendered + sizeof(*rendered) + pad(rendered->wire_bytes);

	return next < record->body + record->body_bytes ? (const void *)next : NULL;
}
