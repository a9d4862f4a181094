/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/address/hugepages.h"

/*
 * Pages of 2 MiB: EAL's own heap and rings, and for each queue a pool of 16,383 buffers of 2.3 KiB
 * (19 pages) with what surrounds it. One AF_XDP queue was seen to take 20 in all.
 */
enum { HUGEPAGES_BASE = 8, HUGEPAGES_A_QUEUE = 24 };

long hugepages_needed(const struct config *config)
{
	long needed = HUGEPAGES_BASE;

	if (!config->port_count)
		return 0;
	if (config->memory_mib)
		return (config->memory_mib + HUGEPAGE_MIB - 1) / HUGEPAGE_MIB;
	for (unsigned i = 0; i < config->port_count; i++)
		needed += (long)HUGEPAGES_A_QUEUE * dataplane_pools(&config->ports[i]);
	return needed;
}
