/* SPDX-License-Identifier: BSD-3-Clause */
/* The names and the data of a record: text -> wire form. What comes out is sound for its type. */
#ifndef ARPAD_CONTROL_ZONEFILE_RDATA_H
#define ARPAD_CONTROL_ZONEFILE_RDATA_H

#include "control/failure.h"
#include "dataplane/dns/wire.h"

#include <stddef.h>
#include <stdint.h>

enum { ZONEFILE_RDATA_MAX_BYTES = 65535 }; /* RFC 1035 3.2.1: RDLENGTH has 16 bits */

/* The origin, which relative names end in, or an owner. */
struct zonefile_name {
	size_t bytes;
	uint8_t wire[WIRE_NAME_MAX_BYTES];
};

struct zonefile_data {
	uint16_t type;
	const char *type_name; /* as the file writes it */
	char *text;	       /* the fields after the type; changed by reading them */
};

/* Reads "@", ".", a relative or an absolute name. Returns its length, or -1. */
int zonefile_read_name(const char *field, const struct zonefile_name *origin,
	uint8_t wire[static WIRE_NAME_MAX_BYTES], struct failure *failure);

/* Reads the data. Returns its length, or -1. Names are uncompressed, their case kept. */
int zonefile_rdata_read(const struct zonefile_data *data, const struct zonefile_name *origin,
	uint8_t rdata[static ZONEFILE_RDATA_MAX_BYTES], struct failure *failure);

#endif
