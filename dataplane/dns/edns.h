/* SPDX-License-Identifier: BSD-3-Clause */
/* EDNS(0), RFC 6891: the request's OPT record read, the reply's written. */
#ifndef ARPAD_DATAPLANE_DNS_EDNS_H
#define ARPAD_DATAPLANE_DNS_EDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct edns {
	bool present;
	bool dnssec_ok; /* DO: copied to the reply (RFC 3225 3) */
	uint8_t version;
	uint16_t udp_bytes; /* what the client can take, as sent; 0 without OPT */
};

enum edns_status { EDNS_OK, EDNS_MALFORMED };

/*
 * Reads an OPT record from the byte after its root owner: TYPE to the end of RDATA, `available`
 * bytes. `*used` is what it took. Version 0's options are checked for their framing and otherwise
 * ignored (RFC 6891 6.1.2: unknown options MUST be ignored).
 */
enum edns_status edns_read(const uint8_t *opt, size_t available, struct edns *edns, size_t *used);

/*
 * Writes the reply's OPT (WIRE_OPT_BYTES) at `out`: our UDP size, version 0, DO as asked, the
 * upper eight bits of `rcode`. Returns its length.
 */
size_t edns_write(uint8_t *out, const struct edns *request, uint16_t rcode);

/*
 * The longest reply over UDP to a query with this EDNS state: 512 without OPT, else what the
 * client offers, taken as 512 when lower (RFC 6891 6.2.3), at most WIRE_UDP_EDNS_BYTES.
 */
size_t edns_udp_limit(const struct edns *request);

#endif
