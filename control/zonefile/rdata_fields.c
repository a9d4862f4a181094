/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The lengths of fields. ldns's own reader of the wire form takes names that pass the end and
 * octets after the last field; this does not.
 */
#include "control/zonefile/rdata_fields.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

bool rdata_is_known(uint16_t type)
{
	switch (type) {
	case LDNS_RR_TYPE_NULL: /* RFC 1035 3.3.10: no text form */
	case LDNS_RR_TYPE_WKS:	/* ldns writes names of services that others cannot read */
	case LDNS_RR_TYPE_X25:
	case LDNS_RR_TYPE_NSAP:
	case LDNS_RR_TYPE_NSAP_PTR: /* a name, which ldns has as a string */
	case LDNS_RR_TYPE_NXT:	    /* obsolete, like the six below; nobody writes them */
	case LDNS_RR_TYPE_EID:
	case LDNS_RR_TYPE_NIMLOC:
	case LDNS_RR_TYPE_ATMA:
	case LDNS_RR_TYPE_A6:
	case LDNS_RR_TYPE_SINK:
		return false;
	default:
		return type != 0 && ldns_rr_descript(type)->_type == (ldns_rr_type)type;
	}
}

ldns_rdf_type rdata_field_kind(uint16_t type, size_t index)
{
	const ldns_rr_descriptor *descriptor = ldns_rr_descript(type);

	if (index >= ldns_rr_descriptor_maximum(descriptor))
		return LDNS_RDF_TYPE_NONE;
	return ldns_rr_descriptor_field_type(descriptor, index);
}

size_t rdata_fields_min(uint16_t type)
{
	return ldns_rr_descriptor_minimum(ldns_rr_descript(type));
}

bool rdata_field_is_rest(ldns_rdf_type kind)
{
	switch (kind) {
	case LDNS_RDF_TYPE_B64:
	case LDNS_RDF_TYPE_HEX:
	case LDNS_RDF_TYPE_LONG_STR:
	case LDNS_RDF_TYPE_NSEC:
	case LDNS_RDF_TYPE_SVCPARAMS:
		return true;
	default:
		return false;
	}
}

/* RFC 4034 4.1.2: windows in order, each of 1 to 32 octets, the last of them not zero. */
static bool bitmap_is_sound(const uint8_t *bitmap, size_t bytes)
{
	int window = -1;

	while (bytes > 0) {
		if (bytes < 2 || bitmap[0] <= window || bitmap[1] < 1 || bitmap[1] > 32 ||
			bytes < 2u + bitmap[1] || bitmap[1 + bitmap[1]] == 0)
			return false;
		window = bitmap[0];
		bytes -= 2u + bitmap[1];
		bitmap += 2u + bitmap[1];
	}
	return true;
}

/* RFC 9460 2.2: keys in rising order, each with the length of its value. */
static bool parameters_are_sound(const uint8_t *parameters, size_t bytes)
{
	int32_t key = -1;

	while (bytes > 0) {
		size_t value;

		if (bytes < 4 || wire_get16(parameters) <= key)
			return false;
		key = wire_get16(parameters);
		value = wire_get16(parameters + 2);
		if (value > bytes - 4)
			return false;
		parameters += 4 + value;
		bytes -= 4 + value;
	}
	return true;
}

static int name_bytes(const uint8_t *field, size_t left)
{
	size_t bytes = name_length(field, left);

	return bytes == 0 ? -1 : (int)bytes;
}

/* RFC 4025 2.1: precedence, gateway type, algorithm, gateway; the key is the rest. */
static int ipseckey_bytes(const uint8_t *field, size_t left)
{
	int gateway;

	if (left < 3)
		return -1;
	switch (field[1]) {
	case 0:
		gateway = 0;
		break;
	case 1:
		gateway = 4;
		break;
	case 2:
		gateway = 16;
		break;
	case 3:
		gateway = name_bytes(field + 3, left - 3);
		break;
	default:
		return -1;
	}
	return gateway < 0 || left - 3 < (size_t)gateway ? -1 : (int)left;
}

/* The length a field of one size has, or 0. */
static int fixed_bytes(ldns_rdf_type kind)
{
	switch (kind) {
	case LDNS_RDF_TYPE_INT8:
	case LDNS_RDF_TYPE_ALG:
	case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
	case LDNS_RDF_TYPE_SELECTOR:
	case LDNS_RDF_TYPE_MATCHING_TYPE:
		return 1;
	case LDNS_RDF_TYPE_INT16:
	case LDNS_RDF_TYPE_TYPE:
	case LDNS_RDF_TYPE_CERT_ALG:
		return 2;
	case LDNS_RDF_TYPE_INT32:
	case LDNS_RDF_TYPE_TIME:
	case LDNS_RDF_TYPE_PERIOD:
	case LDNS_RDF_TYPE_A:
		return 4;
	case LDNS_RDF_TYPE_EUI48:
		return 6;
	case LDNS_RDF_TYPE_EUI64:
	case LDNS_RDF_TYPE_ILNP64:
		return 8;
	case LDNS_RDF_TYPE_AAAA:
	case LDNS_RDF_TYPE_LOC:
		return 16;
	default:
		return 0;
	}
}

/* RFC 3123 4: family, prefix length, negation and address length; the address lacks its zeros. */
static int apl_bytes(const uint8_t *field, size_t left)
{
	unsigned bits, octets;

	if (left < 4)
		return -1;
	bits = wire_get16(field) == 1 ? 32 : 128;
	octets = field[3] & 0x7f;
	return wire_get16(field) < 1 || wire_get16(field) > 2 || field[2] > bits ||
			octets > bits / 8
		? -1
		: 4 + (int)octets;
}

/* The length a field that tells it has, as far as it is there, or -1. */
static int told_bytes(ldns_rdf_type kind, const uint8_t *field, size_t left)
{
	switch (kind) {
	case LDNS_RDF_TYPE_STR:
	case LDNS_RDF_TYPE_TAG:
	case LDNS_RDF_TYPE_NSEC3_SALT:
	case LDNS_RDF_TYPE_NSEC3_NEXT_OWNER:
		return left < 1 ? -1 : 1 + field[0];
	case LDNS_RDF_TYPE_APL:
		return apl_bytes(field, left);
	case LDNS_RDF_TYPE_HIP: /* RFC 8005 5 */
		return left < 4 ? -1 : 4 + field[0] + wire_get16(field + 2);
	default:
		return -1;
	}
}

int rdata_field_bytes(ldns_rdf_type kind, const uint8_t *field, size_t left)
{
	int bytes = fixed_bytes(kind);

	if (kind == LDNS_RDF_TYPE_DNAME)
		return name_bytes(field, left);
	if (kind == LDNS_RDF_TYPE_IPSECKEY)
		return ipseckey_bytes(field, left);
	if (kind == LDNS_RDF_TYPE_NSEC && !bitmap_is_sound(field, left))
		return -1;
	if (kind == LDNS_RDF_TYPE_SVCPARAMS && !parameters_are_sound(field, left))
		return -1;
	if (rdata_field_is_rest(kind))
		return (int)left;
	if (bytes == 0)
		bytes = told_bytes(kind, field, left);
	return bytes >= 0 && (size_t)bytes <= left ? bytes : -1;
}

bool rdata_is_sound(uint16_t type, const uint8_t *rdata, size_t bytes)
{
	if (!rdata_is_known(type))
		return true;
	for (size_t index = 0; bytes > 0 || index < rdata_fields_min(type); index++) {
		ldns_rdf_type kind = rdata_field_kind(type, index);
		int taken = kind == LDNS_RDF_TYPE_NONE ? -1 : rdata_field_bytes(kind, rdata, bytes);

		if (taken < 0)
			return false;
		rdata += taken;
		bytes -= (size_t)taken;
	}
	return true;
}
