/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What those who answer let others see: 1 in N messages, and those that a trace follows, copied as
 * they came and as they were answered into a ring of fixed slots that one other thread reads. Who
 * answers never waits: with no slot free the message is not seen, and that is counted.
 */
#ifndef ARPAD_DATAPLANE_OBSERVE_H
#define ARPAD_DATAPLANE_OBSERVE_H

#include "dataplane/dns/arpa.h"
#include "dataplane/outcome.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	OBSERVE_SLOTS = 1024, /* of one ring, a power of two */
	/* Headers of 70 octets at most, and a query of 512; a longer one is cut. */
	OBSERVE_QUERY_BYTES = 640,
	/* The same, and a reply of the usual 1232; a longer one is cut. */
	OBSERVE_REPLY_BYTES = 1344,
	OBSERVE_FILTERS_MAX = 16, /* traces at once */
};

/* Why it is seen, by bit. */
enum { OBSERVE_SAMPLED = 1, OBSERVE_TRACED = 2 };

/* How it came: OBSERVE_WORKER as frames, from the Ethernet header on, the others as messages. */
enum observe_path { OBSERVE_WORKER, OBSERVE_KERNEL_UDP, OBSERVE_TCP };

/* One message and its reply. Written by who answers, then the reader's until it is released. */
struct observation {
	uint64_t cycles;		/* the TSC when the burst or message came */
	uint32_t one_in;		/* of so many it is the one that was taken; sampled only */
	uint16_t filters;		/* the traces that it belongs to, by bit */
	uint8_t why, path, outcome;	/* OBSERVE_..., enum observe_path, enum outcome */
	uint8_t family;			/* 4 or 6; 0: it was no IP datagram to us */
	uint16_t client_port;		/* host order */
	uint16_t worker;		/* the ring's number */
	uint8_t client[16], server[16]; /* as in a packet; IPv4 uses the first 4 */
	uint32_t query_bytes, reply_bytes;     /* as they were on the wire; 0: no reply */
	uint16_t query_kept, reply_kept;       /* octets below; less if they were cut */
	uint16_t query_message, reply_message; /* where the DNS message begins in them */
	uint8_t query[OBSERVE_QUERY_BYTES];
	uint8_t reply[OBSERVE_REPLY_BYTES];
};

#endif
