/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of update*.c share: a store, a table and zones without workers, restarted at will.
 */
#ifndef ARPAD_TESTS_CONTROL_UPDATE_FIXTURE_H
#define ARPAD_TESTS_CONTROL_UPDATE_FIXTURE_H

#include "control/soa.h"
#include "control/update/update.h"
#include "control/update/update_import.h"
#include "tests/control/store_fixture.h"
#include "tests/support/fixture.h"

extern const uint8_t seed[TABLE_SEED_BYTES];
extern const struct zone_defaults defaults;

extern struct table *table;
extern struct serving serving;
extern struct reclaim *reclaim;
extern struct update *update;
extern struct update_result result; /* of the last change */
extern uint64_t sequence, tokens, tokens_passed;

void start_up(void);
void shut_down(void);
void restart(void);
int set_up(void **state);
int tear_down(void **state);
void begin(void);
void commit(void);
int add_zone(const char *apex);
int change_ptr(const char *address, const struct ptr_change *change);
int set(const char *address, uint32_t ttl, const char *first, const char *second);
int unset(const char *address);
void one_zone(const char *apex);
const struct record *find(const char *owner);
const char *answer(const char *owner);
const char *zone_at(const char *name);
uint32_t serial(const char *apex);
void stage(
	struct staging *staging, const char *owner, uint16_t type, uint32_t ttl, const char *name);
void stage_soa(struct staging *staging, const char *apex, uint32_t number);
struct staging *stage_zone(const char *apex, uint32_t number);
int replace(struct staging *staging);

#endif
