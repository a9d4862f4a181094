/* SPDX-License-Identifier: BSD-3-Clause */
/* What /proc tells of this process and of the machine; 0 where it is silent. Memory in bytes. */
#ifndef ARPAD_BENCH_PROC_H
#define ARPAD_BENCH_PROC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memory that nobody would have to be swapped out for (MemAvailable). */
uint64_t proc_memory_available(void);

/* Free hugepages of the default size. */
uint64_t proc_free_hugepages(void);

/* Anonymous and hugetlb memory of this process, as the kernel counts it page by page. */
uint64_t proc_memory_held(void);

/* How often the kernel took the CPU away from a thread of this process. */
uint64_t proc_interruptions(int thread);

#ifdef __cplusplus
}
#endif

#endif
