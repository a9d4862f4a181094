/* SPDX-License-Identifier: BSD-3-Clause */
/* The names and the data of a record: text -> wire form, for the types that zone files may hold. */
#ifndef ARPAD_CONTROL_ZONEFILE_RDATA_H
#define ARPAD_CONTROL_ZONEFILE_RDATA_H

#include "control/failure.h"
#include "control/soa.h"

#include <stdint.h>

/* What relative names end in. */
struct zonefile_origin {
	size_t bytes;
	uint8_t wire[WIRE_NAME_MAX_BYTES];
};

struct zonefile_data {
	uint16_t type;	       /* PTR, NS or SOA */
	const char *type_name; /* as the file writes it */
	char *text;	       /* the fields after the type; changed by reading them */
};

/* Reads "@", ".", a relative or an absolute name. Returns its length, or -1. */
int zonefile_read_name(const char *field, const struct zonefile_origin *origin,
	uint8_t wire[static WIRE_NAME_MAX_BYTES], struct failure *failure);

/*
 * Reads the data. Returns its length, at most SOA_MAX_BYTES, or -1. The names are uncompressed and
 * sound, their case kept.
 */
int zonefile_rdata_read(const struct zonefile_data *data, const struct zonefile_origin *origin,
	uint8_t rdata[static SOA_MAX_BYTES], struct failure *failure);

#endif
