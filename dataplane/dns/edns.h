/* SPDX-License-Identifier: BSD-3-Clause */
/* EDNS(0), RFC 6891: the request's OPT record read, the reply's written. */
#ifndef ARPAD_DATAPLANE_DNS_EDNS_H
#define ARPAD_DATAPLANE_DNS_EDNS_H

#include "dataplane/dns/cookie.h"
#include "dataplane/dns/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a request's OPT says. The first eight octets are cleared at once for every query. */
struct edns {
	bool present;
	bool dnssec_ok;	      /* DO: copied to the reply (RFC 3225 3) */
	bool nsid;	      /* asks who we are (RFC 5001) */
	bool zone_version;    /* asks which version of the zone answers (RFC 9660) */
	bool keepalive;	      /* asks how long the TCP connection may idle (RFC 7828) */
	uint8_t cookie_bytes; /* 0: no cookie; else 8, or 16 to 40 (RFC 7873) */
	uint16_t udp_bytes;   /* what the client can take, as sent; 0 without OPT */
	uint8_t version;      /* only where an OPT is present */
	uint8_t cookie[COOKIE_MAX_BYTES];
};

enum edns_status { EDNS_OK, EDNS_MALFORMED };

/*
 * Reads an OPT record from the byte after its root owner: TYPE to the end of RDATA, `available`
 * bytes. `*used` is what it took. Unknown options are skipped (RFC 6891 6.1.2); of a repeated
 * cookie the first counts (RFC 7873 5.2); a cookie of an impossible length is malformed. Options of
 * a version that is not 0 are not looked at.
 */
enum edns_status edns_read(const uint8_t *opt, size_t available, struct edns *edns, size_t *used);

/* Extended DNS errors, RFC 8914 4 and 5.2. */
enum edns_error {
	EDNS_ERROR_OTHER = 0,
	EDNS_ERROR_NOT_AUTHORITATIVE = 20,
	EDNS_ERROR_NOT_SUPPORTED = 21,
};

enum { EDNS_NSID_MAX_BYTES = 128 }; /* with all else it still fits 512 behind any question */

/* The options of a reply. */
enum edns_reply_option {
	EDNS_REPLY_NSID = 1,
	EDNS_REPLY_COOKIE = 2,
	EDNS_REPLY_KEEPALIVE = 4,
	EDNS_REPLY_ZONE_VERSION = 8,
	EDNS_REPLY_ERROR = 16,
};

/* What the reply's OPT says; a field counts only where `options` has its option. */
struct edns_reply {
	uint16_t udp_bytes; /* what we can take */
	uint16_t rcode;	    /* its upper eight bits go here */
	bool dnssec_ok;
	uint8_t options; /* enum edns_reply_option, or'ed */

	uint8_t nsid_bytes;	  /* NSID, borrowed */
	uint8_t zone_labels;	  /* RFC 9660 2.1: labels of the zone's apex, the root aside */
	uint16_t keepalive_100ms; /* RFC 7828 3.1 */
	uint16_t error;		  /* enum edns_error */
	uint32_t zone_serial;
	const uint8_t *nsid;
	const char *error_text; /* borrowed; may be NULL */
	uint8_t cookie[COOKIE_BYTES];
};

/* Whether the request's OPT asks for an option in the reply. */
static inline bool edns_asks(const struct edns *request)
{
	return request->nsid | request->zone_version | request->keepalive |
		(request->cookie_bytes != 0);
}

/* Writes an OPT without options; returns WIRE_OPT_BYTES. */
static inline size_t edns_write_bare(uint8_t *out, uint16_t udp_bytes, bool dnssec_ok)
{
	/* The root owner, type, size, extended RCODE 0, version 0, the flags' upper half: a store.
	 */
	uint64_t word = __builtin_bswap64((uint64_t)WIRE_TYPE_OPT << 40 |
		(uint64_t)udp_bytes << 24 | (dnssec_ok ? WIRE_EDNS_DO >> 8 : 0));

	memcpy(out, &word, sizeof(word));
	memset(out + sizeof(word), 0, WIRE_OPT_BYTES - sizeof(word));
	return WIRE_OPT_BYTES;
}

/* The bytes that the options will take. */
size_t edns_options_bytes(const struct edns_reply *reply);

/* The bytes that edns_write will take, owner included. */
static inline size_t edns_reply_bytes(const struct edns_reply *reply)
{
	return WIRE_OPT_BYTES + (reply->options ? edns_options_bytes(reply) : 0);
}

/* Writes the reply's OPT at `out`; returns its length. */
size_t edns_write(uint8_t *out, const struct edns_reply *reply);

/*
 * The longest reply over UDP to a query with this EDNS state: 512 without OPT, else what the
 * client offers, taken as 512 when lower (RFC 6891 6.2.3), at most `ours`.
 */
static inline size_t edns_udp_limit(const struct edns *request, uint16_t ours)
{
	if (request->udp_bytes < WIRE_UDP_PLAIN_BYTES)
		return WIRE_UDP_PLAIN_BYTES;
	return request->udp_bytes < ours ? request->udp_bytes : ours;
}

#endif
