/* SPDX-License-Identifier: BSD-3-Clause */
/* A limiter's memory: the control thread's part. */
#include "dataplane/dns/siphash.h"
#include "dataplane/ratelimit.h"

#include <stdlib.h>
#include <sys/mman.h>

static size_t table_bytes(const struct ratelimit *limiter)
{
	return (limiter->entry_mask + 1) * sizeof(limiter->entries[0]);
}

/* Word n of what the secret stretches to. */
static uint64_t secret_word(const uint8_t secret[static 16], uint8_t n)
{
	return siphash24(secret, &n, sizeof(n));
}

struct ratelimit *ratelimit_new(size_t entries, const uint8_t secret[static 16], unsigned shares)
{
	struct ratelimit *limiter = aligned_alloc(64, (sizeof(*limiter) + 63) / 64 * 64);
	void *table;
	uint8_t n = 0;

	if (!limiter)
		return NULL;
	*limiter = (struct ratelimit){.entry_mask = entries - 1, .shares = shares};
	table = mmap(NULL, table_bytes(limiter), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED) {
		free(limiter);
		return NULL;
	}
	/* One translation for all of it, where the kernel can; else it is slower. */
	madvise(table, table_bytes(limiter), MADV_HUGEPAGE);
	limiter->entries = table;
	limiter->random = secret_word(secret, n++) | 1;
	limiter->multiplier = secret_word(secret, n++) | 1;
	limiter->seed[4] = secret_word(secret, n++);
	limiter->seed[6] = secret_word(secret, n++);
	return limiter;
}

void ratelimit_free(struct ratelimit *limiter)
{
	if (!limiter)
		return;
	munmap(limiter->entries, table_bytes(limiter));
	free(limiter);
}
