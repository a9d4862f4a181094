/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL starts once in a process. */
#include "tests/eal/start.h"

#include "dataplane/dpdk/handover.h"

#include <rte_eal.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

void start_eal(const char *device)
{
	static char words[][32] = {"test", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
		"--iova-mode=va", "-m", "64", "--lcores", "0@0", "--vdev", ""};
	enum { WORDS = sizeof(words) / sizeof(words[0]) };
	char *arguments[WORDS];
	cpu_set_t cpus; /* EAL keeps this thread to the one */

	for (unsigned i = 0; i < WORDS; i++)
		arguments[i] = words[i];
	if (device)
		snprintf(words[WORDS - 1], sizeof(words[0]), "%s", device);
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	assert_true(rte_eal_init(device ? WORDS : WORDS - 2, arguments) >= 0);
	assert_int_equal(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
}

struct rte_mempool *start_pool(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("frames", START_POOL_FRAMES,
		START_POOL_CACHE_FRAMES, HANDOVER_PRIVATE_BYTES, RTE_MBUF_DEFAULT_BUF_SIZE, -1);

	assert_non_null(pool);
	return pool;
}

int start_end(struct rte_mempool *pool)
{
	rte_mempool_free(pool);
	return rte_eal_cleanup();
}
