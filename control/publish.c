/* SPDX-License-Identifier: BSD-3-Clause */
/* Everything that may fail comes before the first exchange, so that half of it is never served. */
#include "control/publish.h"

#include "control/log.h"

#include <stdlib.h>
#include <string.h>

static struct addresses *address_set(const struct address_book *book)
{
	struct ip_address *list = address_book_plain(book);
	struct addresses *set = NULL;

	if (!list)
		return NULL;
	/* Workers run only where every address has this port. */
	set = addresses_new(list, book->count, book->port);
	free(list);
	return set;
}

static struct policy *policy_new(const struct publish *publish, const struct config *config)
{
	struct policy *policy = malloc(sizeof(*policy));

	if (!policy)
		return NULL;
	*policy = config->policy;
	policy->keepalive_100ms = (uint16_t)(publish->idle_ms / 100);
	if (!policy->secrets.count) {
		memcpy(policy->secrets.key[0], publish->secret, sizeof(publish->secret));
		policy->secrets.count = 1;
	}
	return policy;
}

static void release_addresses(void *addresses)
{
	addresses_free(addresses);
}

/* There is room: it was reserved. */
static void retire(const struct publish *publish, const void *old, void (*release)(void *))
{
	if (old)
		reclaim_add(publish->reclaim, (struct unlinked){(void *)(uintptr_t)old, release});
}

/* Their grace period starts here, after the exchange. */
static void start_grace(const struct publish *publish)
{
	if (reclaim_batch(publish->reclaim, publish->table) != 0)
		log_event(LOG_WARNING, "free-delayed", NULL,
			"what was replaced is freed with the next change: out of memory");
}

int publish_config(const struct publish *publish, const struct config *config,
	const struct address_book *book, struct failure *failure)
{
	struct addresses *addresses = address_set(book);
	struct policy *policy = policy_new(publish, config);

	if (!addresses || !policy || reclaim_reserve(publish->reclaim, 2) != 0) {
		addresses_free(addresses);
		free(policy);
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	}
	retire(publish, serving_publish_addresses(publish->serving, addresses), release_addresses);
	retire(publish, serving_publish_policy(publish->serving, policy), free);
	start_grace(publish);
	return 0;
}

int publish_addresses(
	const struct publish *publish, const struct address_book *book, struct failure *failure)
{
	struct addresses *addresses = address_set(book);

	if (!addresses || reclaim_reserve(publish->reclaim, 1) != 0) {
		addresses_free(addresses);
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	}
	retire(publish, serving_publish_addresses(publish->serving, addresses), release_addresses);
	start_grace(publish);
	return 0;
}

int publish_filters(const struct publish *publish, const struct observe_filters *filters,
	struct failure *failure)
{
	if (reclaim_reserve(publish->reclaim, 1) != 0)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	retire(publish, serving_publish_filters(publish->serving, filters), free);
	start_grace(publish);
	return 0;
}

void publish_free(const struct publish *publish)
{
	if (!publish->serving)
		return;
	free((void *)(uintptr_t)serving_publish_filters(publish->serving, NULL));
	addresses_free(
		(struct addresses *)(uintptr_t)serving_publish_addresses(publish->serving, NULL));
	free((void *)(uintptr_t)serving_publish_policy(publish->serving, NULL));
}
