/* SPDX-License-Identifier: BSD-3-Clause */
/* Echo, "ping", for our addresses where no kernel shares the port. */
#ifndef ARPAD_DATAPLANE_ECHO_H
#define ARPAD_DATAPLANE_ECHO_H

#include "dataplane/outcome.h"
#include "dataplane/packet.h"

/*
 * Answers an echo request (RFC 792, RFC 1122 3.2.2.6; RFC 4443 4.2) in place, as neighbor_answer
 * does: one that came to our MAC address and one of our IP addresses, whole, without IP options or
 * extension headers, no longer than the link's MTU. The reply's DSCP is the request's (RFC 1349
 * 5.1). The packet is IPv4, or IPv6. Any worker.
 */
enum outcome echo_answer_ipv4(const struct packet *packet, uint32_t *length);
enum outcome echo_answer_ipv6(const struct packet *packet, uint32_t *length);

#endif
