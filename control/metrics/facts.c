/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/facts.h"

#include <stdlib.h>

void metrics_box_init(struct metrics_box *box)
{
	*box = (struct metrics_box){.current = NULL};
	pthread_mutex_init(&box->reading, NULL);
}

static void facts_free(struct metrics_facts *facts)
{
	if (!facts)
		return;
	free(facts->zones);
	free(facts);
}

/* What was written into it before is seen by who takes it out. */
static struct metrics_facts *swap(struct metrics_box *box, struct metrics_facts *facts)
{
	return atomic_exchange_explicit(&box->newest, facts, memory_order_acq_rel);
}

void metrics_box_fini(struct metrics_box *box)
{
	facts_free(swap(box, NULL));
	facts_free(box->current);
	box->current = NULL;
	pthread_mutex_destroy(&box->reading);
}

struct metrics_facts *metrics_box_take(struct metrics_box *box)
{
	struct metrics_facts *facts = swap(box, NULL);

	return facts ? facts : calloc(1, sizeof(*facts));
}

void metrics_box_put(struct metrics_box *box, struct metrics_facts *facts)
{
	facts_free(swap(box, facts));
}

const struct metrics_facts *metrics_box_read(struct metrics_box *box)
{
	struct metrics_facts *newer;

	pthread_mutex_lock(&box->reading);
	newer = swap(box, NULL);
	if (newer) {
		facts_free(box->current);
		box->current = newer;
	}
	return box->current;
}

void metrics_box_done(struct metrics_box *box)
{
	pthread_mutex_unlock(&box->reading);
}
