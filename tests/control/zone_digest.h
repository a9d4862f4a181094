/* SPDX-License-Identifier: BSD-3-Clause */
/* The content of a zone file as one number, whatever the order of its records. */
#ifndef ARPAD_TESTS_CONTROL_ZONE_DIGEST_H
#define ARPAD_TESTS_CONTROL_ZONE_DIGEST_H

#include "control/zonefile/zonefile.h"

#include <stdbool.h>
#include <stdint.h>

struct zone_digest {
	uint64_t sum, records;
};

/* A zonefile_visit with a struct zone_digest as its context. */
int zone_digest_add(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure);

/* The text of the zone at `apex`; a text that is refused fails the test. */
struct zone_digest zone_digest_of(const struct owner *apex, const char *text, size_t bytes);

/* Whether a program is there to be asked, by its name. */
bool program_is_there(const char *name);

/* Writes `bytes` octets to `path`. */
void file_write(const char *path, const char *text, size_t bytes);

/* All of a file, with its length. Free it. */
char *file_read(const char *path, size_t *bytes);

#endif
