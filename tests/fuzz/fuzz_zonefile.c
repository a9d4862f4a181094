/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/zonefile/zonefile*.c and zonefile_scan.c: any octets, cut anywhere. The first octet
 * chooses where; what comes out must be what the contract allows, be written by
 * control/zonefile/zonetext.c as lines that are read back to the same, and be the same however the
 * file was cut. Whole lines may go by zonefile_ptr.c; octet by octet, none does.
 */
#include "control/rrset_buffer.h"
#include "control/zonefile/rdata_fields.h"
#include "control/zonefile/zonefile.h"
#include "control/zonefile/zonefile_scan.h"
#include "control/zonefile/zonetext.h"
#include "dataplane/dns/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More would only be slow: a $GENERATE makes a million from one line. */
enum { RECORDS_MAX = 64 };

static const struct prefix prefix = {
	.high = UINT64_C(0xc000020000000000), .family = ARPA_FAMILY_IPV4, .bits = 24};

struct digest {
	uint64_t value;
	unsigned records;
};

static uint64_t mix(uint64_t value, const void *octets, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		value = value * 31 + ((const uint8_t *)octets)[i];
	return value;
}

static int take(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	const struct owner apex = owner_from_prefix(&prefix);
	struct digest *digest = context;
	uint8_t name[WIRE_NAME_MAX_BYTES];

	if (!owner_contains(&apex, owner) || ttl > WIRE_TTL_MAX || type == 0 ||
		type == WIRE_TYPE_OPT || !rdata_is_sound(type, rdata, rdata_bytes) ||
		(type == WIRE_TYPE_SOA && !owner_equal(&apex, owner)))
		abort();
	if (++digest->records > RECORDS_MAX)
		return failure_set(failure, FAILURE_TOO_LARGE, "enough");
	digest->value = mix(digest->value, name, owner_write(owner, name));
	digest->value = mix(digest->value, &type, sizeof(type));
	digest->value = mix(digest->value, &ttl, sizeof(ttl));
	digest->value = mix(digest->value, rdata, rdata_bytes);
	return 0;
}

static uint64_t digest_of(const void *text, size_t bytes)
{
	const struct owner apex = owner_from_prefix(&prefix);
	struct digest digest = {0};
	struct zonefile *zonefile = zonefile_new(&apex, take, &digest);
	struct failure failure;

	if (zonefile_feed(zonefile, text, bytes, &failure) != 0 ||
		zonefile_finish(zonefile, &failure) != 0)
		abort();
	zonefile_free(zonefile);
	return digest.value;
}

/* take, and besides each record must survive being written as text. */
static int take_and_write(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct digest one = {0};
	struct rrset_buffer buffer = {0};
	struct zonetext text = {0};
	struct rrset rrset;

	if (rdata_bytes <= RRSET_RDATA_MAX_BYTES / 2) {
		rrset_buffer_reset(&buffer, type, ttl);
		if (rrset_buffer_add(&buffer, rdata, rdata_bytes) != 0)
			abort();
		rrset = rrset_buffer_view(&buffer);
		take(&one, owner, type, ttl, rdata, rdata_bytes, failure);
		if (zonetext_write(&text, owner, &rrset) != 0 ||
			(text.bytes < UINT16_MAX && digest_of(text.text, text.bytes) != one.value))
			abort();
		rrset_buffer_free(&buffer);
		zonetext_free(&text);
	}
	return take(context, owner, type, ttl, rdata, rdata_bytes, failure);
}

/* ---- Through the scan, as arpactl sends a file: an included text is one line ---- */

struct reading {
	struct zonefile *zonefile;
	struct failure failure;
};

static int feed(void *context, const char *text, size_t bytes)
{
	struct reading *reading = context;

	return zonefile_feed(reading->zonefile, text, bytes, &reading->failure);
}

static int include(void *context, const char *file, const char *origin)
{
	static const char text[] = "included 5 A 192.0.2.1 ; no line end";
	struct reading *reading = context;

	if (zonefile_include(reading->zonefile, file, origin, &reading->failure) != 0 ||
		feed(context, text, sizeof(text) - 1) != 0)
		return -1;
	return zonefile_include_end(reading->zonefile, &reading->failure);
}

static int refuse(void *context, uint64_t line, const char *rule)
{
	struct reading *reading = context;

	return failure_set(&reading->failure, FAILURE_INVALID, "line %llu: %s",
		(unsigned long long)line, rule);
}

/* Returns a digest of the records and of the failure. */
static uint64_t parse(const uint8_t *data, size_t size, size_t piece, zonefile_visit *visit)
{
	const struct owner apex = owner_from_prefix(&prefix);
	struct digest digest = {0};
	struct reading reading = {.zonefile = zonefile_new(&apex, visit, &digest)};
	const struct zonefile_scan_sink sink = {feed, include, refuse, &reading};
	struct zonefile_scan scan;
	int result = 0;

	zonefile_scan_init(&scan, &sink);
	for (size_t fed = 0; fed < size && result == 0; fed += piece)
		result = zonefile_scan_feed(
			&scan, (const char *)data + fed, size - fed < piece ? size - fed : piece);
	if (result == 0)
		result = zonefile_scan_finish(&scan);
	if (result == 0)
		result = zonefile_finish(reading.zonefile, &reading.failure);
	if (result != 0 && strchr(reading.failure.text, ':') == NULL)
		abort();
	zonefile_free(reading.zonefile);
	return mix(digest.value, reading.failure.text, strlen(reading.failure.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole;

	if (size < 1)
		return 0;
	whole = parse(data + 1, size - 1, SIZE_MAX / 2, take_and_write);
	if (whole != parse(data + 1, size - 1, 1u + data[0], take) ||
		whole != parse(data + 1, size - 1, 1, take))
		abort();
	return 0;
}
