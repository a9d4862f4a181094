/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/zonefile*.c: any octets, cut anywhere. The first octet chooses where; what comes out
 * must be what the contract allows, and the same however the file was cut.
 */
#include "control/store_codec.h"
#include "control/zonefile.h"
#include "dataplane/dns/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct prefix apex = {
	.high = UINT64_C(0xc000020000000000), .family = ARPA_FAMILY_IPV4, .bits = 24};

static int check(void *context, const struct prefix *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	uint64_t *digest = context;

	(void)failure;
	if (!prefix_contains(&apex, owner) || ttl > WIRE_TTL_MAX ||
		!store_rdata_is_sound(type, rdata, rdata_bytes) ||
		(type != WIRE_TYPE_PTR && !prefix_equal(&apex, owner)))
		abort();
	*digest = *digest * 31 + owner->high + ttl + type + rdata_bytes;
	return 0;
}

/* Returns a digest of the records, or of the failure. */
static uint64_t parse(const uint8_t *data, size_t size, size_t piece)
{
	uint64_t digest = 0;
	struct failure failure = {0};
	struct zonefile *zonefile = zonefile_new(&apex, check, &digest);
	int result = 0;

	for (size_t fed = 0; fed < size && result == 0; fed += piece)
		result = zonefile_feed(zonefile, (const char *)data + fed,
			size - fed < piece ? size - fed : piece, &failure);
	if (result == 0)
		result = zonefile_finish(zonefile, &failure);
	if (result != 0 && memcmp(failure.text, "line ", 5) != 0)
		abort();
	for (const char *c = failure.text; *c != '\0'; c++)
		digest = digest * 31 + (unsigned char)*c;
	zonefile_free(zonefile);
	return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (parse(data + 1, size - 1, SIZE_MAX / 2) != parse(data + 1, size - 1, 1u + data[0]))
		abort();
	return 0;
}
