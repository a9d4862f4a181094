/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Allocations that fail on demand. A test links with memory_dep, which wraps malloc, calloc,
 * aligned_alloc, reallocarray, mmap and munmap of all its objects.
 */
#ifndef ARPAD_TESTS_SUPPORT_MEMORY_H
#define ARPAD_TESTS_SUPPORT_MEMORY_H

#include <stdbool.h>

/* After `count` more allocations every one fails, until memory_fail_never. */
void memory_fail_after(unsigned count);

/* Ends the failing; returns whether one did fail. */
bool memory_fail_never(void);

/* Mappings made and not undone: LeakSanitizer does not see those. */
unsigned memory_mappings(void);

#endif
