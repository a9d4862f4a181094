/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operations of a transaction carried out in a group of changes: all of them for good, or those of
 * one address to see what would become of it.
 */
#ifndef ARPAD_CONTROL_TXN_RUN_H
#define ARPAD_CONTROL_TXN_RUN_H

#include "control/command/command_method.h"
#include "control/command/txn.h"

/* Seconds that go on whatever the wall clock does. */
uint64_t txn_run_now(void);

/* The open transaction `id` of the session's actor, or NULL and the failure. */
struct txn *txn_run_get(struct session *session, const char *id, struct failure *failure);

/* Whether a method may be part of a transaction. */
bool txn_run_takes(const char *method);

/* Does one operation; adds its warnings to a list of strings without brackets. */
int txn_run_operation(struct session *session, const char *method, json_t *params,
	struct text *warnings, struct failure *failure);

/* Does all of them in order. The failure says which one could not be done. */
int txn_run_all(struct session *session, const struct txn *txn, struct failure *failure);

/* Does what the operations do to one address, zones that are added round it included. */
int txn_run_address(struct session *session, const struct txn *txn, const struct prefix *address,
	struct failure *failure);

/* The sequence of the object at the address, 0 where none is. */
int txn_run_sequence(struct session *session, const struct prefix *address, uint64_t *sequence,
	struct failure *failure);

/* The serial of a zone. FAILURE_NOT_FOUND: there is none. */
int txn_run_serial(struct session *session, const struct owner *apex, uint32_t *serial,
	struct failure *failure);

/* FAILURE_CONFLICT where anything is not as it was when it was staged. */
int txn_run_check(struct session *session, const struct txn *txn, struct failure *failure);

#endif
