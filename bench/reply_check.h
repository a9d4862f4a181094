/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether replies are right, judged by the bytes alone and by rules of our own. */
#ifndef ARPAD_BENCH_REPLY_CHECK_H
#define ARPAD_BENCH_REPLY_CHECK_H

#include "bench/population.h"
#include "dataplane/outcome.h"

/* The length of a query's question, which asks for `*host`; 0: it asks for no address. */
size_t reply_check_question(const uint8_t *query, struct prefix *host);

/*
 * Whether `reply` has the query's id and question, that outcome's rcode, flags and sections, an
 * OPT if `opt`, and, when answered, a name of the address asked for: `*version` says which.
 */
bool reply_check_message(const uint8_t *query, const uint8_t *reply, enum outcome outcome, bool opt,
	unsigned *version);

/* Whether an IPv4 frame of `bytes` goes back the way the query came, lengths and checksums right.
 */
bool reply_check_frame(const uint8_t *query, const uint8_t *reply, size_t bytes);

#endif
