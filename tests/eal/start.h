/* SPDX-License-Identifier: BSD-3-Clause */
/* A real EAL for tests that need packet buffers: no hugepages, no NIC, every CPU. */
#ifndef ARPAD_TESTS_EAL_START_H
#define ARPAD_TESTS_EAL_START_H

struct rte_mempool;

enum { START_POOL_FRAMES = 4095, START_POOL_CACHE_FRAMES = 64 };

/* `device` is for --vdev, or NULL. Fails the test when EAL does not start. */
void start_eal(const char *device);

/* A pool of START_POOL_FRAMES, made as the product makes a queue's. */
struct rte_mempool *start_pool(void);

/* Frees the pool; returns what cmocka wants of a teardown. */
int start_end(struct rte_mempool *pool);

#endif
