/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RDATA in wire form as a row of fields, by ldns's table of types. Pure; the octets are untrusted.
 */
#ifndef ARPAD_CONTROL_RDATA_FIELDS_H
#define ARPAD_CONTROL_RDATA_FIELDS_H

#include <ldns/ldns.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the fields of `type` are known here; of the others RDATA is octets (RFC 3597). */
bool rdata_is_known(uint16_t type);

/* The kind of field `index` of a known type, or LDNS_RDF_TYPE_NONE: there is none. */
ldns_rdf_type rdata_field_kind(uint16_t type, size_t index);

/* How many fields a known type has at least. */
size_t rdata_fields_min(uint16_t type);

/* Whether such a field is all that is left, be it nothing. */
bool rdata_field_is_rest(ldns_rdf_type kind);

/* The length of the field at `field` of which `left` octets are there, or -1: malformed. */
int rdata_field_bytes(ldns_rdf_type kind, const uint8_t *field, size_t left);

/* Whether the fields fill `rdata`. True for the types that are not known. */
bool rdata_is_sound(uint16_t type, const uint8_t *rdata, size_t bytes);

#endif
