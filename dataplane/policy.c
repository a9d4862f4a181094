/* SPDX-License-Identifier: BSD-3-Clause */
/* The policy's defaults. */
#include "dataplane/policy.h"

#include "dataplane/dns/wire.h"

struct policy policy_default(void)
{
	return (struct policy){
		.udp_bytes = WIRE_UDP_EDNS_BYTES,
		.keepalive_100ms = 100, /* 10 s, the listener's default idle time-out */
	};
}
