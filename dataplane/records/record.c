/* SPDX-License-Identifier: BSD-3-Clause */
/* Rendering: RRsets become the bytes of an answer section once, so that workers only copy. */
#include "dataplane/records/record.h"

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
	return (sizeof(struct rendered) + wire + 3) & ~(size_t)3;
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

static const struct rendered *rendered_next(const struct rendered *r)
{
	return (const void *)((const uint8_t *)r + ((sizeof(*r) + r->wire_bytes + 3) & ~(size_t)3));
}

struct record *record_new(const struct prefix *owner, const struct rrset *rrsets, unsigned sets)
{
	struct record *record;
	struct rendered *out;
	size_t bytes = 0;

	for (unsigned i = 0; i < sets; i++) {
		size_t one = rendered_bytes(&rrsets[i]);

		if (one == 0)
			return NULL;
		bytes += one;
	}
	record = malloc(sizeof(*record) + bytes);
	if (!record)
		return NULL;
	*record = (struct record){
		.owner = *owner, .sets = (uint16_t)sets, .set_bytes = (uint32_t)bytes};
	out = (struct rendered *)record->set;
	for (unsigned i = 0; i < sets; i++) {
		render(out, &rrsets[i]);
		out = (struct rendered *)rendered_next(out);
	}
	return record;
}

void record_free(struct record *record)
{
	free(record);
}

const struct rendered *record_first(const struct record *record)
{
	return record->sets == 0 ? NULL : (const struct rendered *)record->set;
}

const struct rendered *record_rrset(const struct record *record, uint16_t type)
{
	const struct rendered *r = (const struct rendered *)record->set;

	for (unsigned left = record->sets; left > 0; left--, r = rendered_next(r))
		if (r->type == type)
			return r;
	return NULL;
}
