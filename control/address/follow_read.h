/* SPDX-License-Identifier: BSD-3-Clause */
/* What rtnetlink says of interfaces and their addresses, asked and judged. Control thread. */
#ifndef ARPAD_CONTROL_FOLLOW_READ_H
#define ARPAD_CONTROL_FOLLOW_READ_H

#include "control/address/follow.h"

struct mnl_socket;

/*
 * As follow_read, over a socket of its own that is used for nothing else and has a time-out.
 * 0 or -errno; -EINTR: the addresses changed while they were read.
 */
int follow_read_all(struct mnl_socket *socket, const char *const *interfaces, unsigned count,
	struct follow_addresses *addresses);

/*
 * Whether an address is one to answer on, by itself and by its flags (IFA_F_* of
 * linux/if_addr.h).
 */
bool follow_read_wants(const struct ip_address *address, uint32_t flags);

#endif
