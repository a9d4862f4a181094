/* SPDX-License-Identifier: BSD-3-Clause */
/* Observations as those who answer make them, without anybody who answers. */
#ifndef ARPAD_TESTS_CONTROL_OBSERVATION_FIXTURE_H
#define ARPAD_TESTS_CONTROL_OBSERVATION_FIXTURE_H

#include "dataplane/observe.h"

enum { OBSERVATION_WHEN_NS = 123456789 };
#define OBSERVATION_WHEN (UINT64_C(1795453200) * 1000000000 + OBSERVATION_WHEN_NS)

/*
 * A query of 198.51.100.7 (family 4) or 2001:db8:7::7 (6) for the PTR of 192.0.2.`host`, and its
 * reply, NXDOMAIN, as messages; of OBSERVE_WORKER with 42 octets of headers (62 for IPv6) in front.
 */
void observation_make(
	struct observation *seen, enum observe_path path, uint8_t family, uint8_t host);

#endif
