/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The types of queries that are counted apart: those that reverse zones are asked for, and those
 * that say something when they come in numbers. All others are one, so that nobody's queries make
 * new counters.
 */
#ifndef ARPAD_DATAPLANE_QUERY_TYPE_H
#define ARPAD_DATAPLANE_QUERY_TYPE_H

#include "dataplane/dns/query.h"

/* Enumerator, the counter's name, the QTYPE. */
#define QUERY_TYPE_NUMBERS(X) \
	X(PTR, "PTR", 12) \
	X(SOA, "SOA", 6) \
	X(NS, "NS", 2) \
	X(A, "A", 1) \
	X(AAAA, "AAAA", 28) \
	X(CNAME, "CNAME", 5) \
	X(TXT, "TXT", 16) \
	X(DS, "DS", 43) \
	X(DNSKEY, "DNSKEY", 48) \
	X(ANY, "ANY", 255)

#define QUERY_TYPE_LIST(X) \
	QUERY_TYPE_NUMBERS(X) \
	X(OTHER, "other", 0) \
	/* No question could be read: the message is too malformed, a reply, or of another opcode. \
	 */ \
	X(NONE, "none", 0)

enum query_type {
#define X(name, label, number) QUERY_TYPE_##name,
	QUERY_TYPE_LIST(X)
#undef X
		QUERY_TYPES, /* how many there are */
};

/* What a message that query_read has read is counted as. Any worker. */
enum query_type query_type_of(const struct query *query);

/* The counter's name ("PTR"). Any thread. */
const char *query_type_name(enum query_type type);

#endif
