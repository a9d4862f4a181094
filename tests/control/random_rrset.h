/* SPDX-License-Identifier: BSD-3-Clause */
/* RRsets of any type with any octets, from a seed. */
#ifndef ARPAD_TESTS_CONTROL_RANDOM_RRSET_H
#define ARPAD_TESTS_CONTROL_RANDOM_RRSET_H

#include "control/rrset_buffer.h"

#include <stddef.h>
#include <stdint.h>

/* A number below `limit`; `*state` is any seed and moves on. */
uint32_t random_below(uint64_t *state, uint32_t limit);

/* Labels of hostile octets, `labels` of them, and `tail` behind. Returns the length. */
size_t random_name(
	uint64_t *state, unsigned labels, const uint8_t *tail, size_t tail_bytes, uint8_t *name);

/* Fills `rrset` with 1 to 3 records of `type`, whose fields are all well-formed. */
void random_rrset(uint64_t *state, uint16_t type, struct rrset_buffer *rrset);

#endif
