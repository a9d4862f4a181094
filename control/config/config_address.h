/* SPDX-License-Identifier: BSD-3-Clause */
/* An address to answer on as a person writes it. */
#ifndef ARPAD_CONTROL_CONFIG_ADDRESS_H
#define ARPAD_CONTROL_CONFIG_ADDRESS_H

#include "control/failure.h"
#include "control/listener/dns_listener.h"

#include <stdbool.h>

/*
 * Reads "ADDRESS" or "ADDRESS@PORT"; without a port, address->port stays as it was. -1: the failure
 * says what is wrong.
 */
int config_address_parse(
	const char *text, struct dns_listener_address *address, struct failure *failure);

/* All zero: every address of the family. */
bool config_address_is_any(const struct ip_address *address);

/* Multicast, or IPv4's addresses above it. */
bool config_address_is_group(const struct ip_address *address);

#endif
