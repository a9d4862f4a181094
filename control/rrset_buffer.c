/* SPDX-License-Identifier: BSD-3-Clause */
/* An RRset that owns its bytes. It never grows past what one message can carry. */
#include "control/rrset_buffer.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* An item costs two octets here, and in a message an owner pointer and the RR's fixed fields. */
enum { LENGTH_BYTES = 2, RENDERED_EXTRA = 2 + WIRE_RR_FIXED - LENGTH_BYTES };

void rrset_buffer_reset(struct rrset_buffer *buffer, uint16_t type, uint32_t ttl)
{
	buffer->type = type;
	buffer->ttl = ttl;
	buffer->count = 0;
	buffer->rdata_bytes = 0;
}

/*
 * RDATA that is a name is equal without case (RFC 4343). Lowering every octet is right for well-
 * formed names: a length octet, at most 63, is below 'A'.
 */
static bool same_rdata(uint16_t type, const uint8_t *a, const uint8_t *b, uint16_t bytes)
{
	if (type != WIRE_TYPE_PTR && type != WIRE_TYPE_NS)
		return memcmp(a, b, bytes) == 0;
	for (uint16_t i = 0; i < bytes; i++)
		if (name_lower(a[i]) != name_lower(b[i]))
			return false;
	return true;
}

static bool holds(const struct rrset_buffer *buffer, const uint8_t *rdata, uint16_t bytes)
{
	const struct rrset view = rrset_buffer_view(buffer);
	const uint8_t *item;
	uint32_t offset = 0;
	uint16_t item_bytes;

	while ((item = rrset_next(&view, &offset, &item_bytes)) != NULL)
		if (item_bytes == bytes && same_rdata(buffer->type, item, rdata, bytes))
			return true;
	return false;
}

static int make_room(struct rrset_buffer *buffer, uint32_t needed)
{
	uint32_t capacity = buffer->capacity == 0 ? 64 : buffer->capacity;
	uint8_t *rdata;

	if (needed <= buffer->capacity)
		return 0;
	while (capacity < needed)
		capacity *= 2;
	rdata = realloc(buffer->rdata, capacity);
	if (rdata == NULL)
		return -ENOMEM;
	buffer->rdata = rdata;
	buffer->capacity = capacity;
	return 0;
}

int rrset_buffer_add(struct rrset_buffer *buffer, const uint8_t *rdata, uint16_t bytes)
{
	uint32_t grown = buffer->rdata_bytes + LENGTH_BYTES + bytes;
	uint8_t *end;

	if (holds(buffer, rdata, bytes))
		return 0;
	if (grown + (buffer->count + 1u) * RENDERED_EXTRA > RRSET_RDATA_MAX_BYTES)
		return -E2BIG;
	if (make_room(buffer, grown) != 0)
		return -ENOMEM;
	end = buffer->rdata + buffer->rdata_bytes;
	wire_put16(end, bytes);
	if (bytes > 0)
		memcpy(end + LENGTH_BYTES, rdata, bytes);
	buffer->rdata_bytes = grown;
	buffer->count++;
	return 0;
}

int rrset_buffer_copy(struct rrset_buffer *buffer, const struct rrset *rrset)
{
	if (make_room(buffer, rrset->rdata_bytes) != 0)
		return -ENOMEM;
	rrset_buffer_reset(buffer, rrset->type, rrset->ttl);
	memcpy(buffer->rdata, rrset->rdata, rrset->rdata_bytes);
	buffer->rdata_bytes = rrset->rdata_bytes;
	buffer->count = rrset->count;
	return 0;
}

struct rrset rrset_buffer_view(const struct rrset_buffer *buffer)
{
	return (struct rrset){
		.type = buffer->type,
		.count = buffer->count,
		.ttl = buffer->ttl,
		.rdata_bytes = buffer->rdata_bytes,
		.rdata = buffer->rdata,
	};
}

void rrset_buffer_free(struct rrset_buffer *buffer)
{
	free(buffer->rdata);
	*buffer = (struct rrset_buffer){0};
}

const uint8_t *rrset_next(const struct rrset *rrset, uint32_t *offset, uint16_t *bytes)
{
	const uint8_t *item;

	if (*offset >= rrset->rdata_bytes)
		return NULL;
	item = rrset->rdata + *offset;
	*bytes = wire_get16(item);
	*offset += LENGTH_BYTES + *bytes;
	return item + LENGTH_BYTES;
}

bool rrset_equal(const struct rrset *a, const struct rrset *b)
{
	return a->type == b->type && a->ttl == b->ttl && a->count == b->count &&
		a->rdata_bytes == b->rdata_bytes && memcmp(a->rdata, b->rdata, a->rdata_bytes) == 0;
}
