/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The addresses that we answer on, and who wants each of them: the configuration, an interface that
 * is followed, arpactl. An address stays as long as anybody wants it. A value: a change is made to
 * a copy, which takes the place of the book once it is in force. Control thread.
 */
#ifndef ARPAD_CONTROL_ADDRESS_BOOK_H
#define ARPAD_CONTROL_ADDRESS_BOOK_H

#include "bpf/steer_map.h"
#include "control/address/follow.h"
#include "control/config/config.h"
#include "control/failure.h"

enum {
	ADDRESS_BOOK_MAX = STEER_ADDRESSES_MAX,
	ADDRESS_BOOK_TEXT_BYTES = 64,
};

/* Who wants an address. */
enum address_source {
	ADDRESS_CONFIGURED = 1,
	ADDRESS_COMMANDED = 2,
	ADDRESS_FOLLOWED = 4, /* one of these for each interface of the configuration, in order */
};

struct address_book {
	/* Those of the configuration first, in its order; all different. */
	struct dns_listener_address *addresses;
	uint64_t *sources; /* of each: enum address_source */
	size_t count;
	uint16_t port; /* where none is said */
	bool one_port; /* workers know no other */
};

/*
 * The book of a configuration: its addresses, those of `followed` (in its interfaces' order), and
 * what arpactl added to `before` (NULL: nothing). -1: more than ADDRESS_BOOK_MAX, or no memory;
 * nothing is to be freed then. `left_out`, unless NULL, allows to go without followed addresses
 * beyond the limit, and is told how many those are.
 */
int address_book_make(struct address_book *book, const struct config *config,
	const struct follow_addresses *followed, const struct address_book *before,
	size_t *left_out, struct failure *failure);

int address_book_copy(
	struct address_book *copy, const struct address_book *book, struct failure *failure);

/* Takes a zeroed one. */
void address_book_free(struct address_book *book);

/* The index of an address, or -1. */
long address_book_find(const struct address_book *book, const struct dns_listener_address *address);

/*
 * What arpactl wants and no longer wants. 1: it is so now; 0: it was so before; -1: the failure
 * says why not, of what others give also where to take it away.
 */
int address_book_add(struct address_book *book, const struct dns_listener_address *address,
	struct failure *failure);
int address_book_remove(struct address_book *book, const struct dns_listener_address *address,
	const struct config *config, struct failure *failure);

/* Adds these sources to an address. False: there is no room for another one. */
bool address_book_put(
	struct address_book *book, const struct dns_listener_address *address, uint64_t sources);

/* Takes away the address at `index`, whoever wants it. */
void address_book_drop(struct address_book *book, size_t index);

/* The plain addresses for free(), book->count of them; NULL: no memory. */
struct ip_address *address_book_plain(const struct address_book *book);

/*
 * Reads "ADDRESS" or "ADDRESS@PORT"; without a port it is the book's. -1: it is no address of one
 * host, or has a port that the book can't have.
 */
int address_book_parse(const struct address_book *book, const char *text,
	struct dns_listener_address *address, struct failure *failure);

/* The address as it is written, without port. Returns `text`. */
const char *address_book_text(
	const struct dns_listener_address *address, char text[static ADDRESS_BOOK_TEXT_BYTES]);

#endif
