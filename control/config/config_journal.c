/* SPDX-License-Identifier: BSD-3-Clause */
/* Days and MiB as what the journal counts in. */
#include "control/config/config_journal.h"

enum {
	DAY_S = 24 * 60 * 60,
	DAYS_MAX = 36500,
	/* A commit may need what the last one wrote: less than this is no journal. */
	MIB_LEAST = 1,
	MIB_MAX = 1 << 20,
};

int config_journal_check(const struct config_check *check)
{
	static const struct config_raw_journal empty;
	const struct config_raw_journal *raw = check->raw->journal ? check->raw->journal : &empty;
	long days = JOURNAL_KEEP_DAYS, mib = JOURNAL_SIZE_MIB;
	int result = config_value_number(
			     check, "journal.keep-days", raw->keep_days, 0, DAYS_MAX, &days) |
		config_value_number(
			check, "journal.size-mib", raw->size_mib, MIB_LEAST, MIB_MAX, &mib);

	/* In seconds: 100 years fit in 32 bits. */
	check->config->journal = (struct journal_limits){
		.keep_seconds = (uint32_t)days * DAY_S, .size_bytes = (uint64_t)mib << 20};
	return result;
}
