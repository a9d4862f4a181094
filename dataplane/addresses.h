/* SPDX-License-Identifier: BSD-3-Clause */
/* The addresses and the port that we answer on: an immutable set, published whole. */
#ifndef ARPAD_DATAPLANE_ADDRESSES_H
#define ARPAD_DATAPLANE_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address as it stands in a packet, network order; IPv4 uses the first 4 bytes, rest zero. */
struct ip_address {
	uint8_t family; /* 4 or 6 */
	uint8_t bytes[16];
};

struct addresses;

/* A set of `count` addresses on UDP `port` (host order). NULL: no memory. Control thread. */
struct addresses *addresses_new(const struct ip_address *list, size_t count, uint16_t port);

/* Frees a set that no worker can hold. */
void addresses_free(struct addresses *addresses);

/* Whether the address at `bytes` (4 or 16 of them) is ours. Any thread. */
bool addresses_hold(const struct addresses *addresses, uint8_t family, const uint8_t *bytes);

uint16_t addresses_port(const struct addresses *addresses);

#endif
