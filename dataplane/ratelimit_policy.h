/* SPDX-License-Identifier: BSD-3-Clause */
/* How many replies of each kind a client's prefix may have: a part of the policy, immutable. */
#ifndef ARPAD_DATAPLANE_RATELIMIT_POLICY_H
#define ARPAD_DATAPLANE_RATELIMIT_POLICY_H

#include <stdbool.h>
#include <stdint.h>

enum ratelimit_mode {
	RATELIMIT_OFF,
	RATELIMIT_LOG, /* counted as if it were on, but every reply leaves */
	RATELIMIT_ON,
};

/* Kinds of replies; each is counted apart. */
enum ratelimit_class {
	RATELIMIT_NONE, /* silence, or what is no DNS: never limited */
	RATELIMIT_ANSWERS,
	RATELIMIT_NXDOMAIN, /* and NODATA: what an attacker gets for names of his own making */
	RATELIMIT_ERRORS,
	RATELIMIT_REFERRALS,
	RATELIMIT_CLASSES,
};

enum {
	RATELIMIT_EXEMPT_MAX = 256,
	RATELIMIT_BURST_MAX_SECONDS = 60,
	RATELIMIT_RATE_MAX = 100000, /* a second: 10 us apart, ten ticks of the clock */
	/* The clock of rates ticks in microseconds. */
	RATELIMIT_SECOND = 1000000,
};

/* First to last address, both included, as two words each; IPv4 as ::ffff:0:0/96 has it. */
struct ratelimit_range {
	uint64_t first[2], last[2];
};

struct ratelimit_policy {
	enum ratelimit_mode mode;
	uint32_t interval_us[RATELIMIT_CLASSES]; /* between two replies at the rate; 0: any rate */
	uint32_t burst_us;			 /* so much of the rate may come at once */
	uint8_t ipv4_bits, ipv6_bits;		 /* of a client's prefix: 1..32, 1..64 */
	uint8_t slip;	       /* of so many limited replies one is short; 0: none is sent */
	uint16_t exempt_count; /* ranges, ascending, that do not touch */
	struct ratelimit_range exempt[RATELIMIT_EXEMPT_MAX];
};

/* Rounded to the clock's tick; 0 a second is any rate. */
static inline uint32_t ratelimit_interval_us(uint32_t per_second)
{
	return per_second ? (RATELIMIT_SECOND + per_second / 2) / per_second : 0;
}

#endif
