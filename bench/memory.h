/* SPDX-License-Identifier: BSD-3-Clause */
/* What this process holds, and what the machine can still give. Bytes; 0 where /proc is silent. */
#ifndef ARPAD_BENCH_MEMORY_H
#define ARPAD_BENCH_MEMORY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memory that nobody would have to be swapped out for (MemAvailable). */
uint64_t memory_available(void);

/* Free hugepages of the default size. */
uint64_t memory_free_hugepages(void);

/* Anonymous and hugetlb memory of this process, as the kernel counts it page by page. */
uint64_t memory_held(void);

#ifdef __cplusplus
}
#endif

#endif
