/* SPDX-License-Identifier: BSD-3-Clause */
/* The OPT record. What is not understood is skipped by its length and never echoed. */
#include "dataplane/dns/edns.h"

#include "dataplane/dns/wire.h"

enum { OPTION_HEADER_BYTES = 4 }; /* code and length, RFC 6891 6.1.2 */

static bool options_framed(const uint8_t *rdata, size_t bytes)
{
	while (bytes >= OPTION_HEADER_BYTES) {
		size_t option = OPTION_HEADER_BYTES + (size_t)wire_get16(rdata + 2);

		if (option > bytes)
			return false;
		rdata += option;
		bytes -= option;
	}
	return bytes == 0;
}

enum edns_status edns_read(const uint8_t *opt, size_t available, struct edns *edns, size_t *used)
{
	size_t rdata_bytes;
	uint8_t version;

	if (available < WIRE_RR_FIXED)
		return EDNS_MALFORMED;
	rdata_bytes = wire_get16(opt + 8);
	if (available - WIRE_RR_FIXED < rdata_bytes)
		return EDNS_MALFORMED;
	version = opt[5];
	/* A later version may frame them otherwise; it must get BADVERS (RFC 6891 6.1.3). */
	if (version == 0 && !options_framed(opt + WIRE_RR_FIXED, rdata_bytes))
		return EDNS_MALFORMED;
	*edns = (struct edns){
		.present = true,
		.udp_bytes = wire_get16(opt + 2),
		.version = version,
		.dnssec_ok = wire_get16(opt + 6) & WIRE_EDNS_DO,
	};
	*used = WIRE_RR_FIXED + rdata_bytes;
	return EDNS_OK;
}

size_t edns_write(uint8_t *out, const struct edns *request, uint16_t rcode)
{
	out[0] = 0; /* the root owner */
	wire_put16(out + 1, WIRE_TYPE_OPT);
	wire_put16(out + 3, WIRE_UDP_EDNS_BYTES);
	out[5] = (uint8_t)(rcode >> 4);
	out[6] = 0; /* version */
	wire_put16(out + 7, request->dnssec_ok ? WIRE_EDNS_DO : 0);
	wire_put16(out + 9, 0);
	return WIRE_OPT_BYTES;
}

size_t edns_udp_limit(const struct edns *request)
{
	if (!request->present || request->udp_bytes < WIRE_UDP_PLAIN_BYTES)
		return WIRE_UDP_PLAIN_BYTES;
	return request->udp_bytes < WIRE_UDP_EDNS_BYTES ? request->udp_bytes : WIRE_UDP_EDNS_BYTES;
}
