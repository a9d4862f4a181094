/* SPDX-License-Identifier: BSD-3-Clause */
/* How to answer where the RFCs leave a choice: immutable, made from the configuration, published
 * whole. */
#ifndef ARPAD_DATAPLANE_POLICY_H
#define ARPAD_DATAPLANE_POLICY_H

#include "dataplane/dns/cookie.h"
#include "dataplane/dns/edns.h"
#include "dataplane/ratelimit_policy.h"

#include <stdbool.h>
#include <stdint.h>

enum { POLICY_TEXT_MAX_BYTES = 255 }; /* one character-string, RFC 1035 3.3 */

/* A text that a CHAOS query may be told; 0 bytes: REFUSED. */
struct policy_text {
	uint8_t bytes;
	uint8_t text[POLICY_TEXT_MAX_BYTES];
};

enum policy_cookies {
	POLICY_COOKIES_OFF,	/* the option is ignored */
	POLICY_COOKIES_ON,	/* answered, never demanded */
	POLICY_COOKIES_ENFORCE, /* over UDP, a client's cookie without ours gets BADCOOKIE */
};

struct policy {
	uint16_t udp_bytes;	  /* longest reply over UDP, 512..4096; advertised as well */
	uint16_t keepalive_100ms; /* what edns-tcp-keepalive says (RFC 7828) */
	bool any_whole;		  /* ANY gets every RRset; else one (RFC 8482 4.1) */
	enum policy_cookies cookies;
	struct cookie_secrets secrets; /* at least one unless cookies are off */
	struct policy_text identity;   /* id.server, hostname.bind (RFC 4892) */
	struct policy_text version;    /* version.bind, version.server */
	uint8_t nsid_bytes;	       /* 0: no NSID */
	uint8_t nsid[EDNS_NSID_MAX_BYTES];
	struct ratelimit_policy rate;
};

/* What holds where nothing is configured: 1232, minimal ANY, no cookies, no texts, no NSID, any
 * rate. */
struct policy policy_default(void);

#endif
