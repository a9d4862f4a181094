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

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OBSERVE_SLOTS = 1024, /* of one ring, a power of two */
	/* Headers of 70 octets at most, and a query of 512; a longer one is cut. */
	OBSERVE_QUERY_BYTES = 632,
	/* The same, and a reply of the usual 1232; a longer one is cut. */
	OBSERVE_REPLY_BYTES = 1344,
	OBSERVE_FILTERS_MAX = 16, /* traces at once */
};

/* Why it is seen, by bit; 0: it was not after all, and the reader passes it over. */
enum { OBSERVE_SAMPLED = 1, OBSERVE_TRACED = 2 };

/*
 * How it came: OBSERVE_WORKER as frames, from the Ethernet header on, the others as messages.
 * OBSERVE_PUNTED came to a worker too, which left it to the listener's thread.
 */
enum observe_path { OBSERVE_WORKER, OBSERVE_KERNEL_UDP, OBSERVE_TCP, OBSERVE_PUNTED };

/* One message and its reply. Written by who answers, then the reader's until it is released. */
struct observation {
	uint64_t cycles; /* the TSC when it was looked at */
	uint32_t one_in; /* it stands for so many, itself among them; 0 unless it is sampled */
	uint32_t query_bytes, reply_bytes;     /* as they were on the wire; 0: no reply */
	uint16_t filters;		       /* the traces that it belongs to, by bit */
	uint16_t worker;		       /* the ring's number */
	uint16_t client_port, server_port;     /* host order */
	uint16_t query_kept, reply_kept;       /* octets below; less if they were cut */
	uint16_t query_message, reply_message; /* where the DNS message begins in them */
	uint8_t why, path, outcome;	       /* OBSERVE_..., enum observe_path, enum outcome */
	uint8_t family; /* 4 or 6; 0: no IP datagram to us, so nothing of addresses, ports, DNS */
	uint8_t client[16], server[16]; /* as in a packet; IPv4 uses the first 4, the rest is 0 */
	uint8_t query[OBSERVE_QUERY_BYTES];
	uint8_t reply[OBSERVE_REPLY_BYTES];
};
static_assert(sizeof(struct observation) == 2048, "a ring is one page of 2 MiB");

/*
 * What a trace follows: queries whose QNAME is at or below `names` (arpa.h), if by_name, and whose
 * client is in `clients`, if by_client. One of the two at least.
 */
struct observe_filter {
	struct prefix names, clients;
	bool by_name, by_client;
};

/* The same as it is matched: mask and compare. */
struct observe_match {
	uint64_t high, low, high_mask, low_mask;
	uint8_t family, bits;
};

/* All filters. Made with observe_filters_set; immutable once published. */
struct observe_filters {
	uint32_t used; /* by bit */
	uint32_t by_name, by_client;
	struct observe_match names[OBSERVE_FILTERS_MAX], clients[OBSERVE_FILTERS_MAX];
};

/* Puts `filter` at `index`, below OBSERVE_FILTERS_MAX, or takes away what is there (NULL). */
void observe_filters_set(
	struct observe_filters *filters, unsigned index, const struct observe_filter *filter);

/* What is to be seen. Zeroes: nothing. Part of struct serving. Control: wo, who answers: ro. */
struct observe_terms {
	_Atomic(uint32_t) one_in; /* 0: no sampling */
	_Atomic(bool) thins;	  /* whoever finds its ring filling takes fewer, and says so */
	_Atomic(const struct observe_filters *) filters; /* NULL: none; retired by grace periods */
};

/* From one thread that answers to one that looks: who writes which part is said at each. */
struct observe_ring {
	struct observation *slots;
	uint16_t worker; /* its number, in all that it holds */

	/* The producer's own. */
	alignas(64) uint64_t gap; /* messages until the next that is sampled, which is the last */
	uint64_t random;
	uint32_t one_in;     /* terms.one_in as the gap was drawn by it */
	uint32_t weight;     /* the mean of the gaps that this one was drawn from */
	uint32_t reserved;   /* slots ever reserved */
	uint32_t known_tail; /* `tail` when last looked at */
	/* Producer: wo, any thread: ro. */
	_Atomic(uint32_t) head;	   /* slots ever committed */
	_Atomic(uint64_t) seen;	   /* observations that went into the ring */
	_Atomic(uint64_t) dropped; /* that found no slot free */

	/* Consumer: wo, producer: ro. */
	alignas(64) _Atomic(uint32_t) tail; /* slots ever released */
};

/*
 * A ring with `number` in its observations; sampling is drawn from `seed`. NULL: no memory. Control
 * thread.
 */
struct observe_ring *observe_ring_new(uint16_t number, uint64_t seed);
void observe_ring_free(struct observe_ring *ring); /* takes NULL */

/*
 * Touches the ring's memory, so that it is where the calling thread runs: the producer does it
 * before it answers.
 */
void observe_ring_settle(struct observe_ring *ring);

/*
 * Producer. The next slot, to be filled, or NULL: there is none, which is counted. Several may be
 * reserved; observe_commit gives all of them to the consumer, in their order.
 */
struct observation *observe_reserve(struct observe_ring *ring);
void observe_commit(struct observe_ring *ring);

/*
 * Consumer. `*first` is the oldest observation; returns how many follow one another from there in
 * memory, at most `max`. They are its own until observe_release gives back the first `n`.
 */
unsigned observe_peek(
	const struct observe_ring *ring, const struct observation **first, unsigned max);
void observe_release(struct observe_ring *ring, unsigned n);

/*
 * Producer, before `n` messages are answered: whether any of them may be wanted. If not, they are
 * counted as passed by, and that is all.
 */
static inline bool observe_due(
	const struct observe_terms *terms, struct observe_ring *ring, unsigned n)
{
	/* Nothing is ordered by it, nor by a filter's being there: who uses one loads it again. */
	if (atomic_load_explicit(&terms->one_in, memory_order_relaxed) != ring->one_in ||
		atomic_load_explicit(&terms->filters, memory_order_relaxed) || ring->gap <= n)
		return true;
	ring->gap -= n;
	return false;
}

/* Producer, when observe_due: draws anew if terms->one_in has changed, by which all gaps go. */
void observe_refresh(const struct observe_terms *terms, struct observe_ring *ring);

/* Producer: draws the gap to the sample after the one that is due; returns what that stands for. */
uint32_t observe_draw(const struct observe_terms *terms, struct observe_ring *ring);

/* Whether `inner` lies at or below `outer`. */
static inline bool observe_within(const struct observe_match *outer, const struct prefix *inner)
{
	return (((inner->high ^ outer->high) & outer->high_mask) |
		       ((inner->low ^ outer->low) & outer->low_mask) |
		       (uint64_t)(inner->family ^ outer->family)) == 0 &&
		inner->bits >= outer->bits;
}

/*
 * The filters, by bit, that a query fits: `name` is its QNAME's prefix (struct owner), NULL: it has
 * none that was read; `client` its source of `family`. Any registered reader.
 */
uint32_t observe_match(const struct observe_filters *filters, const struct prefix *name,
	const uint8_t *client, uint8_t family);

/* A message without a frame round it, and from whom. */
struct observe_message {
	enum observe_path path;
	uint8_t family;			 /* 4 or 6 */
	const uint8_t *client, *message; /* network order; as it came */
	size_t length;
};

/*
 * Producer, before the message is answered in place: a slot with all of it but the ports and
 * server, which the caller fills, or NULL: it is not wanted or there is no room. With a slot,
 * observe_message_end is owed.
 */
struct observation *observe_message_begin(const struct observe_terms *terms,
	struct observe_ring *ring, const struct observe_message *message);
void observe_message_end(struct observe_ring *ring, struct observation *observation,
	enum outcome outcome, const uint8_t *reply, size_t length);

#endif
