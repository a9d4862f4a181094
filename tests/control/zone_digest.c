/* SPDX-License-Identifier: BSD-3-Clause */
/* A sum of hashes: equal for equal sets of records, and for others only by a rare chance. */
#include "tests/control/zone_digest.h"

#include "dataplane/dns/wire.h"
#include "tests/control/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t hash(uint64_t seed, const void *octets, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		seed = (seed ^ ((const uint8_t *)octets)[i]) * UINT64_C(0x100000001b3);
	return seed ^ seed >> 32;
}

int zone_digest_add(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct zone_digest *digest = context;
	uint8_t name[WIRE_NAME_MAX_BYTES];
	uint64_t value = hash(UINT64_C(0xcbf29ce484222325), name, owner_write(owner, name));

	(void)failure;
	value = hash(value, &type, sizeof(type));
	value = hash(value, &ttl, sizeof(ttl));
	digest->sum += hash(value, rdata, rdata_bytes);
	digest->records++;
	return 0;
}

struct zone_digest zone_digest_of(const struct owner *apex, const char *text, size_t bytes)
{
	struct zone_digest digest = {0};
	struct zonefile *zonefile = zonefile_new(apex, zone_digest_add, &digest);
	struct failure failure = {0};

	assert_non_null(zonefile);
	if (zonefile_feed(zonefile, text, bytes, &failure) != 0 ||
		zonefile_finish(zonefile, &failure) != 0)
		fail_msg("%s", failure.text);
	zonefile_free(zonefile);
	return digest;
}

bool program_is_there(const char *name)
{
	char command[200];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", name);
	return system(command) == 0;
}

void file_write(const char *path, const char *text, size_t bytes)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, bytes, file), bytes);
	assert_int_equal(fclose(file), 0);
}

char *file_read(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "r");
	long end;
	char *text;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	end = ftell(file);
	rewind(file);
	text = malloc((size_t)end + 1);
	assert_non_null(text);
	*bytes = fread(text, 1, (size_t)end, file);
	fclose(file);
	return text;
}
