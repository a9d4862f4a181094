/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Included before all else in the table's sources, which test_table_steps.c is linked with: a call
 * before each atomic load and store. Readers and the writer meet nowhere else, for all else that a
 * reader sees is immutable; so what another thread could do at any moment is done at each of these.
 */
#ifndef ARPAD_TESTS_RECORDS_STEPS_H
#define ARPAD_TESTS_RECORDS_STEPS_H

#include <stdatomic.h>

void steps_at(void);

#undef atomic_load_explicit
#undef atomic_store_explicit
#ifdef __clang__
#define atomic_load_explicit(at, order)		(steps_at(), __c11_atomic_load(at, order))
#define atomic_store_explicit(at, value, order) (steps_at(), __c11_atomic_store(at, value, order))
#else
#define atomic_load_explicit(at, order)		(steps_at(), __atomic_load_n(at, order))
#define atomic_store_explicit(at, value, order) (steps_at(), __atomic_store_n(at, value, order))
#endif

#endif
