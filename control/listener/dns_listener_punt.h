/* SPDX-License-Identifier: BSD-3-Clause */
/* DNS messages that workers punt: looked for by the clock. The listener's thread, once it runs. */
#ifndef ARPAD_CONTROL_DNS_LISTENER_PUNT_H
#define ARPAD_CONTROL_DNS_LISTENER_PUNT_H

#include "control/listener/dns_listener_core.h"
#include "control/listener/punt.h"

struct dns_listener_punt;

/* Borrows `core`, copies `punt`; looks for messages from now on. NULL: no memory. */
struct dns_listener_punt *dns_listener_punt_new(
	const struct dns_listener_core *core, const struct punt *punt);
void dns_listener_punt_free(struct dns_listener_punt *punt); /* takes NULL */

#endif
