/* SPDX-License-Identifier: BSD-3-Clause */
/* A configuration's addresses and policy, published whole; what they replace goes when unread. */
#ifndef ARPAD_CONTROL_PUBLISH_H
#define ARPAD_CONTROL_PUBLISH_H

#include "control/address/address_book.h"
#include "control/config/config.h"
#include "control/failure.h"
#include "control/reclaim.h"
#include "dataplane/serving.h"

struct publish {
	struct serving *serving;
	struct reclaim *reclaim;
	struct table *table;
	uint8_t secret[SIPHASH_KEY_BYTES]; /* for cookies where the configuration names none */
	unsigned idle_ms;		   /* of TCP clients, as the listener was started with */
};

/* Publishes policy and addresses, or neither. -1: no memory. Control thread. */
int publish_config(const struct publish *publish, const struct config *config,
	const struct address_book *book, struct failure *failure);

/* The addresses alone. -1: no memory; nothing has changed. Control thread. */
int publish_addresses(
	const struct publish *publish, const struct address_book *book, struct failure *failure);

/*
 * What is observed beside samples; NULL: nothing. Takes `filters`, which malloc gave; what they
 * replace is freed when nobody reads it. -1: no memory; nothing has changed, and they are the
 * caller's. Control thread.
 */
int publish_filters(const struct publish *publish, const struct observe_filters *filters,
	struct failure *failure);

/* Frees what is published. No reader may be left. */
void publish_free(const struct publish *publish);

#endif
