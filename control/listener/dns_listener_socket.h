/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening the sockets to listen on, and saying what to do when one can't be had. */
#ifndef ARPAD_CONTROL_DNS_LISTENER_SOCKET_H
#define ARPAD_CONTROL_DNS_LISTENER_SOCKET_H

#include "control/listener/dns_listener_core.h"

enum { DNS_LISTENER_ADDRESS_BYTES = 64 };

/* "192.0.2.1@53". Returns `text`. */
const char *dns_listener_address_write(
	const struct dns_listener_address *address, char text[static DNS_LISTENER_ADDRESS_BYTES]);

/* Whether the address stands for every address of its family. */
bool dns_listener_address_is_any(const struct dns_listener_address *address);

/*
 * A bound, non-blocking socket; a TCP one listens. `absent`: also where no interface has the
 * address. Returns it, or -1. Control thread.
 */
int dns_listener_socket_open(
	const struct dns_listener_address *address, bool tcp, bool absent, struct failure *failure);

#endif
