/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text that people write <-> the binary that the table and the store hold: addresses, prefixes,
 * names, TTLs. Text is untrusted. Names go through ldns. Every -1 comes with a failure that names
 * the text and the rule.
 */
#ifndef ARPAD_CONTROL_PRESENTATION_H
#define ARPAD_CONTROL_PRESENTATION_H

#include "control/failure.h"
#include "dataplane/dns/owner.h"
#include "dataplane/dns/wire.h"

#include <stddef.h>
#include <stdint.h>

enum { PRESENTATION_NAME_BYTES = 1025, PRESENTATION_PREFIX_BYTES = 64 };

/* "192.0.2.7" or "2001:db8::7" -> a host prefix. An arpa name or a prefix is refused by name. */
int presentation_parse_address(const char *text, struct prefix *address, struct failure *failure);

/* "192.0.2.0/24", "2001:db8::/32", or a bare address. Host bits set past the length are refused. */
int presentation_parse_prefix(const char *text, struct prefix *prefix, struct failure *failure);

/* A prefix as text: "192.0.2.0/24", a host without its "/32". Returns `text`. */
const char *presentation_write_prefix(
	const struct prefix *prefix, char text[static PRESENTATION_PREFIX_BYTES]);

/* A zone or other owner with its labels. `owner` borrows `wire`. */
struct presentation_owner {
	struct owner owner;
	uint8_t wire[WIRE_NAME_MAX_BYTES];
};

/*
 * A zone as people write it: a prefix, or the DNS name of a zone that no prefix can name
 * ("0-25.2.0.192.in-addr.arpa", RFC 2317). Names outside the reverse trees are refused.
 */
int presentation_parse_zone(
	const char *text, struct presentation_owner *zone, struct failure *failure);

/* An owner as text: an address or prefix where it is one, else its name. Returns `text`. */
const char *presentation_write_owner(
	const struct owner *owner, char text[static PRESENTATION_NAME_BYTES]);

/*
 * A host name (with or without its final dot; \DDD and \X escapes) -> wire form, case kept.
 * Returns its length, 1..255. Refused: empty labels, labels over 63, names over 255, the root.
 */
int presentation_parse_name(
	const char *text, uint8_t wire[static WIRE_NAME_MAX_BYTES], struct failure *failure);

/*
 * Checks the characters of a name as text, absolute or relative, without parsing it: what is not
 * escaped must be printable ASCII with no meaning of its own. ldns alone is laxer.
 */
int presentation_check_name(const char *text, struct failure *failure);

/* A well-formed wire name as text with its final dot. Returns `text`. */
const char *presentation_write_name(const uint8_t *wire, char text[static PRESENTATION_NAME_BYTES]);

/* Checks 1..WIRE_TTL_MAX. */
int presentation_check_ttl(int64_t ttl, struct failure *failure);

#endif
