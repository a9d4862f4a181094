/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker must know of the wire that its port is on. */
#ifndef ARPAD_DATAPLANE_LINK_H
#define ARPAD_DATAPLANE_LINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	LINK_MAC_BYTES = 6,
	LINK_MTU_BYTES = 1500, /* Ethernet's, where nothing else is known */
};

struct link {
	uint8_t mac[LINK_MAC_BYTES]; /* set before the workers start, then fixed */
	bool alone;		     /* no kernel shares the port; likewise */
	_Atomic(uint16_t) mtu_bytes; /* the longest IP packet; control: wo, workers: ro */
};

#endif
