/* SPDX-License-Identifier: BSD-3-Clause */
/* DNS over the kernel's UDP sockets, in batches. The listener's thread, once it runs. */
#ifndef ARPAD_CONTROL_DNS_LISTENER_UDP_H
#define ARPAD_CONTROL_DNS_LISTENER_UDP_H

#include "control/listener/dns_listener_core.h"

struct dns_listener_udp;

/* Borrows `core`. One serves any number of sockets. NULL: no memory. */
struct dns_listener_udp *dns_listener_udp_new(const struct dns_listener_core *core);
void dns_listener_udp_free(struct dns_listener_udp *udp); /* takes NULL */

/* The event of a readable socket; `socket` is its struct dns_listener_socket. */
void dns_listener_udp_readable(evutil_socket_t fd, short what, void *socket);

#endif
