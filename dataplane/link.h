/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker must know of the wire that its port is on. */
#ifndef ARPAD_DATAPLANE_LINK_H
#define ARPAD_DATAPLANE_LINK_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
	LINK_MAC_BYTES = 6,
	LINK_MTU_BYTES = 1500, /* Ethernet's, where nothing else is known */
};

struct link {
	/*
	 * The port's MAC address. Control: wo, by link_set_mac; workers: ro. Octet by octet it is
	 * read before the workers start, and where the port is alone: there it is fixed.
	 */
	union {
		uint8_t mac[LINK_MAC_BYTES];
		_Atomic(uint64_t) mac_word; /* the same, and two octets that nobody looks at */
	};
	bool alone;		     /* no kernel shares the port; set before the workers start */
	_Atomic(uint16_t) mtu_bytes; /* the longest IP packet; control: wo, workers: ro */
};

static_assert(sizeof(_Atomic(uint64_t)) == sizeof(uint64_t), "octets in a word, no lock");

/* Workers go by it from their next burst on. */
static inline void link_set_mac(struct link *link, const uint8_t mac[static LINK_MAC_BYTES])
{
	uint64_t word = 0;

	memcpy(&word, mac, LINK_MAC_BYTES);
	atomic_store_explicit(&link->mac_word, word, memory_order_relaxed);
}

#endif
