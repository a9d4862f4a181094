/* SPDX-License-Identifier: BSD-3-Clause */
/* What other methods and the server need of transactions. */
#ifndef ARPAD_CONTROL_COMMAND_TXN_H
#define ARPAD_CONTROL_COMMAND_TXN_H

#include "control/command/command_method.h"
#include "control/command/ptr_request.h"
#include "control/command/zone_request.h"

/*
 * Checks a change against what is there and what the transaction `id` holds before it, and stages
 * it; nothing is changed. Adds the result. Inside a batch.
 */
int command_txn_stage_ptr(struct session *session, const char *id,
	const struct ptr_request *request, json_t *params, struct text *result,
	struct failure *failure);
int command_txn_stage_zone(struct session *session, const char *id,
	const struct zone_request *request, json_t *params, struct text *result,
	struct failure *failure);

/* A page of txn.diff, outside any batch. */
int command_txn_diff(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure);

/* The batch is over, and was kept or not. */
void command_txn_settle(struct command *command, bool kept);

/* Once a second: ends those that nobody used for too long. */
void command_txn_tick(struct command *command);

/* Ends all and frees them. */
void command_txn_end(struct command *command);

#endif
