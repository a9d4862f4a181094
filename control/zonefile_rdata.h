/* SPDX-License-Identifier: BSD-3-Clause */
/* The data of one record: text -> wire form, for the types that zone files may hold. */
#ifndef ARPAD_CONTROL_ZONEFILE_RDATA_H
#define ARPAD_CONTROL_ZONEFILE_RDATA_H

#include "control/failure.h"
#include "control/soa.h"

#include <ldns/ldns.h>
#include <stdint.h>

struct zonefile_data {
	uint16_t type;	       /* PTR, NS or SOA */
	const char *type_name; /* as the file writes it */
	char *text;	       /* the fields after the type; changed by reading them */
};

/*
 * Reads the data; relative names get `origin`. Returns its length, at most SOA_MAX_BYTES. The
 * names are uncompressed and sound, their case kept.
 */
int zonefile_rdata_read(const struct zonefile_data *data, const ldns_rdf *origin,
	uint8_t rdata[static SOA_MAX_BYTES], struct failure *failure);

#endif
