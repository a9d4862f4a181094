/* SPDX-License-Identifier: BSD-3-Clause */
/* tests/vectors/zones.txt in memory: owners in the file's order, each with its RRsets. */
#ifndef ARPAD_TESTS_SUPPORT_ZONETEXT_H
#define ARPAD_TESTS_SUPPORT_ZONETEXT_H

#include "dataplane/records/record.h"

#include <stddef.h>
#include <stdint.h>

enum { ZONETEXT_SETS_MAX = 8 };

struct zonetext_owner {
	uint8_t name[255];
	struct owner owner; /* borrows `name` */
	unsigned sets;
	struct rrset set[ZONETEXT_SETS_MAX];
};

struct zonetext {
	struct zonetext_owner *owner;
	size_t owners;
};

/* Aborts with a sentence when there is no such file or a line is wrong. */
void zonetext_open(struct zonetext *text);
void zonetext_close(struct zonetext *text);

#endif
