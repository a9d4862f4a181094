/* SPDX-License-Identifier: BSD-3-Clause */
/* The OPT record. What is not understood is skipped by its length and never echoed. */
#include "dataplane/dns/edns.h"

enum { OPTION_HEADER_BYTES = 4 }; /* code and length, RFC 6891 6.1.2 */

/* IANA, DNS EDNS0 Option Codes. */
enum option {
	OPTION_NSID = 3,
	OPTION_COOKIE = 10,
	OPTION_KEEPALIVE = 11,
	OPTION_ERROR = 15,
	OPTION_ZONE_VERSION = 19,
};

static bool read_option(uint16_t code, const uint8_t *content, size_t bytes, struct edns *edns)
{
	switch (code) {
	case OPTION_NSID:
		edns->nsid = true; /* what it holds is ignored (RFC 5001 2.1) */
		return true;
	case OPTION_KEEPALIVE:
		edns->keepalive = true;
		return true;
	case OPTION_ZONE_VERSION:
		edns->zone_version = true;
		return true;
	case OPTION_COOKIE:
		if (edns->cookie_bytes != 0)
			return true;
		if (!cookie_length_ok(bytes))
			return false;
		edns->cookie_bytes = (uint8_t)bytes;
		memcpy(edns->cookie, content, bytes);
		return true;
	default:
		return true;
	}
}

static bool read_options(const uint8_t *rdata, size_t bytes, struct edns *edns)
{
	while (bytes >= OPTION_HEADER_BYTES) {
		size_t content = wire_get16(rdata + 2);
		size_t option = OPTION_HEADER_BYTES + content;

		if (option > bytes ||
			!read_option(wire_get16(rdata), rdata + OPTION_HEADER_BYTES, content, edns))
			return false;
		rdata += option;
		bytes -= option;
	}
	return bytes == 0;
}

enum edns_status edns_read(const uint8_t *opt, size_t available, struct edns *edns, size_t *used)
{
	size_t rdata_bytes;

	if (available < WIRE_RR_FIXED)
		return EDNS_MALFORMED;
	rdata_bytes = wire_get16(opt + 8);
	if (available - WIRE_RR_FIXED < rdata_bytes)
		return EDNS_MALFORMED;
	edns->present = true;
	edns->udp_bytes = wire_get16(opt + 2);
	edns->version = opt[5];
	edns->dnssec_ok = wire_get16(opt + 6) & WIRE_EDNS_DO;
	*used = WIRE_RR_FIXED + rdata_bytes;
	/* A later version may frame them otherwise; it must get BADVERS (RFC 6891 6.1.3). */
	if (edns->version == 0 && !read_options(opt + WIRE_RR_FIXED, rdata_bytes, edns))
		return EDNS_MALFORMED;
	return EDNS_OK;
}

static size_t text_bytes(const struct edns_reply *reply)
{
	return reply->error_text ? strlen(reply->error_text) : 0;
}

size_t edns_options_bytes(const struct edns_reply *reply)
{
	size_t bytes = 0;

	if (reply->options & EDNS_REPLY_NSID)
		bytes += OPTION_HEADER_BYTES + reply->nsid_bytes;
	if (reply->options & EDNS_REPLY_COOKIE)
		bytes += OPTION_HEADER_BYTES + COOKIE_BYTES;
	if (reply->options & EDNS_REPLY_KEEPALIVE)
		bytes += OPTION_HEADER_BYTES + 2;
	if (reply->options & EDNS_REPLY_ZONE_VERSION)
		bytes += OPTION_HEADER_BYTES + 6;
	if (reply->options & EDNS_REPLY_ERROR)
		bytes += OPTION_HEADER_BYTES + 2 + text_bytes(reply);
	return bytes;
}

static uint8_t *option_start(uint8_t *out, enum option code, size_t bytes)
{
	wire_put16(out, (uint16_t)code);
	wire_put16(out + 2, (uint16_t)bytes);
	return out + OPTION_HEADER_BYTES;
}

static __attribute__((noinline)) void write_options(uint8_t *out, const struct edns_reply *reply)
{
	if (reply->options & EDNS_REPLY_NSID) {
		out = option_start(out, OPTION_NSID, reply->nsid_bytes);
		memcpy(out, reply->nsid, reply->nsid_bytes);
		out += reply->nsid_bytes;
	}
	if (reply->options & EDNS_REPLY_COOKIE) {
		out = option_start(out, OPTION_COOKIE, COOKIE_BYTES);
		memcpy(out, reply->cookie, COOKIE_BYTES);
		out += COOKIE_BYTES;
	}
	if (reply->options & EDNS_REPLY_KEEPALIVE) {
		out = option_start(out, OPTION_KEEPALIVE, 2);
		wire_put16(out, reply->keepalive_100ms);
		out += 2;
	}
	if (reply->options & EDNS_REPLY_ZONE_VERSION) {
		out = option_start(out, OPTION_ZONE_VERSION, 6);
		out[0] = reply->zone_labels;
		out[1] = 0; /* RFC 9660 2.1: the version is the SOA's serial */
		wire_put32(out + 2, reply->zone_serial);
		out += 6;
	}
	if (reply->options & EDNS_REPLY_ERROR) {
		size_t text = text_bytes(reply);

		out = option_start(out, OPTION_ERROR, 2 + text);
		wire_put16(out, reply->error);
		memcpy(out + 2, reply->error_text ? reply->error_text : "", text);
	}
}

size_t edns_write(uint8_t *out, const struct edns_reply *reply)
{
	size_t bytes = edns_reply_bytes(reply);

	edns_write_bare(out, reply->udp_bytes, reply->dnssec_ok);
	out[5] = (uint8_t)(reply->rcode >> 4);
	wire_put16(out + 9, (uint16_t)(bytes - WIRE_OPT_BYTES));
	if (reply->options)
		write_options(out + WIRE_OPT_BYTES, reply);
	return bytes;
}
