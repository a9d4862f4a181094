/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Message bytes -> struct query, or the reason it is not one. The message is hostile: nothing is
 * read past `length`, whatever its counts and lengths promise.
 */
#ifndef ARPAD_DATAPLANE_DNS_QUERY_H
#define ARPAD_DATAPLANE_DNS_QUERY_H

#include "dataplane/dns/edns.h"
#include "dataplane/dns/owner.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a message is. Every value is a behaviour that a client can see. */
enum query_status {
	QUERY_OK,	/* one question that a server may know the answer to */
	QUERY_SHORT,	/* under 12 bytes: silence */
	QUERY_IS_REPLY, /* QR set: silence, or two servers could talk for ever (CVE-2024-2169) */
	QUERY_FORMERR,	/* counts, contents or a meta-type that are no query */
	QUERY_NOTIMP,	/* another opcode (RFC 8906 3.1.4) */
	QUERY_BADVERS,	/* EDNS version above 0 (RFC 6891 6.1.3) */
};

/* One parsed question. Names stay in the message: the question starts at WIRE_HEADER_BYTES. */
struct query {
	struct owner owner; /* QNAME as a key; borrows the message's question */
	enum query_status status;
	uint16_t flags;	       /* the header's flag word, host order */
	uint16_t question_end; /* offset of the first byte after the question; 0 when unread */
	uint16_t qtype;	       /* 0 when unread */
	uint16_t qclass;
	uint16_t qname_bytes; /* 1..255 */
	/*
	 * True only for QUERY_OK, class IN, a QTYPE that may have an answer, and no option: as
	 * nearly all queries are, so that one test tells them from the rest.
	 */
	bool plain;
	struct edns edns;
};

/*
 * Reads the message of `length` bytes. Fills every field that the returned status allows: for
 * QUERY_OK and _BADVERS all of them; for the others only `status`, `plain`, `question_end`, `qtype`
 * and, from 12 bytes on, `flags`.
 * Returns query->status.
 */
enum query_status query_read(const uint8_t *message, size_t length, struct query *query);

/* The same, field by field, which query_read does with what is not as nearly all queries are. */
enum query_status query_read_any(const uint8_t *message, size_t length, struct query *query);

#endif
