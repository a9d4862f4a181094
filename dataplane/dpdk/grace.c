/* SPDX-License-Identifier: BSD-3-Clause */
/* Grace periods: rte_rcu_qsbr on memory of our own, so that tests can use it without EAL. */
#include "dataplane/dpdk/grace.h"

#include <rte_common.h>
#include <rte_rcu_qsbr.h>
#include <stdlib.h>

/* The QSBR variable is followed by one counter a reader; it is only ever used by address. */
struct grace_periods {
	struct rte_rcu_qsbr qsbr;
};

struct grace_periods *grace_new(unsigned readers)
{
	size_t bytes = RTE_ALIGN_CEIL(rte_rcu_qsbr_get_memsize(readers), RTE_CACHE_LINE_SIZE);
	struct grace_periods *grace = aligned_alloc(RTE_CACHE_LINE_SIZE, bytes);

	if (grace && rte_rcu_qsbr_init(&grace->qsbr, readers)) {
		free(grace);
		return NULL;
	}
	return grace;
}

void grace_free(struct grace_periods *grace)
{
	free(grace);
}

void grace_online(struct grace_periods *grace, unsigned reader)
{
	rte_rcu_qsbr_thread_register(&grace->qsbr, reader);
	rte_rcu_qsbr_thread_online(&grace->qsbr, reader);
}

void grace_offline(struct grace_periods *grace, unsigned reader)
{
	rte_rcu_qsbr_thread_offline(&grace->qsbr, reader);
	rte_rcu_qsbr_thread_unregister(&grace->qsbr, reader);
}

void grace_quiescent(struct grace_periods *grace, unsigned reader)
{
	rte_rcu_qsbr_quiescent(&grace->qsbr, reader);
}

uint64_t grace_start(struct grace_periods *grace)
{
	return rte_rcu_qsbr_start(&grace->qsbr);
}

bool grace_passed(struct grace_periods *grace, uint64_t token)
{
	return rte_rcu_qsbr_check(&grace->qsbr, token, false) == 1;
}
