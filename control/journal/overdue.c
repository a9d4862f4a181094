/* SPDX-License-Identifier: BSD-3-Clause */
/* What can't be undone now is tried again the next second; the log says so once. */
#include "control/journal/overdue.h"

#include "control/journal/confirm.h"
#include "control/log.h"

#include <time.h>

static void log_end(const struct confirm_end *end)
{
	log_event(LOG_INFO, "commit-undone",
		LOG_FIELDS(LOG_TEXT_FIELD("txn", end->confirm.txn),
			LOG_TEXT_FIELD("user", end->confirm.actor),
			LOG_NUMBER_FIELD("seq", end->sequence)),
		"the commit %s of %s was not confirmed in time and is undone: change %llu as "
		"change %llu, %zu undone",
		end->confirm.txn, end->confirm.actor, (unsigned long long)end->confirm.first,
		(unsigned long long)end->sequence, end->reverted);
	if (end->skipped)
		log_event(LOG_WARNING, "commit-undone-partly",
			LOG_FIELDS(LOG_TEXT_FIELD("txn", end->confirm.txn),
				LOG_NUMBER_FIELD("left", end->skipped)),
			"the commit %s: %zu of its changes stay, for others have changed the "
			"same since, or their zone is frozen; see them with: arpactl history",
			end->confirm.txn, end->skipped);
}

bool overdue_undo(struct overdue *overdue, struct update *update)
{
	struct confirm_end end;
	struct failure failure;
	bool any = false;
	int result;

	while ((result = confirm_undo_due(update, (uint32_t)time(NULL), &end, &failure)) == 1) {
		log_end(&end);
		any = true;
	}
	if (result < 0 && !overdue->failed)
		log_event(LOG_ERROR, "commit-not-undone", NULL,
			"a commit that was not confirmed in time can't be undone yet: %s",
			failure.text);
	overdue->failed = result < 0;
	return any;
}
