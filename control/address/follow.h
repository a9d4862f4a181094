/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The addresses of interfaces, as they come and go: rtnetlink tells that something has changed,
 * and then all is read again, so that no message that was lost can be missed. Control thread.
 */
#ifndef ARPAD_CONTROL_FOLLOW_H
#define ARPAD_CONTROL_FOLLOW_H

#include "control/failure.h"
#include "dataplane/addresses.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOLLOW_INTERFACES_MAX = 32 };

/* One address, and which of the interfaces asked for have it: bit 0 is the first. */
struct follow_address {
	struct ip_address address;
	uint32_t interfaces;
};

/* What the interfaces have now. */
struct follow_addresses {
	struct follow_address *at;
	size_t count;
	uint32_t missing; /* interfaces that do not exist */
};

struct follow;

/*
 * Opens what is needed; no right is asked for then or later. `changed` is called, soon after any
 * address or interface of the host has changed, with `context`. -1: one sentence.
 */
int follow_open(struct event_base *base, void (*changed)(void *context), void *context,
	struct follow **follow, struct failure *failure);

/*
 * Reads the addresses of `interfaces` (at most FOLLOW_INTERFACES_MAX names) that are up: IPv4 and
 * IPv6 of hosts, without loopback (127.0.0.0/8, ::1) and link-local ones (169.254.0.0/16,
 * fe80::/10) and those that are still tentative or were found to be duplicates (RFC 4862 5.4).
 * -1: one sentence. 0: for follow_addresses_free.
 */
int follow_read(struct follow *follow, const char *const *interfaces, unsigned count,
	struct follow_addresses *addresses, struct failure *failure);

void follow_addresses_free(struct follow_addresses *addresses);

/* Calls `changed` again after a short while: what could not be done shall be tried again. */
void follow_again(struct follow *follow);

void follow_close(struct follow *follow); /* takes NULL */

#endif
