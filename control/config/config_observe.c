/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_observe.h"

#include <string.h>

/* Rarer than one query of a billion is off. */
enum { ONE_IN_MAX = 1000000000 };

int config_observe_check(const struct config_check *check)
{
	const char *text = check->raw->observe ? check->raw->observe->sample : NULL;
	struct config_observe *observe = &check->config->observe;
	long one_in;

	*observe = (struct config_observe){.automatic = true};
	if (!text || strcmp(text, "auto") == 0)
		return 0;
	observe->automatic = false;
	if (strcmp(text, "off") == 0)
		return 0;
	if (config_value_parse(text, 10, 1, ONE_IN_MAX, &one_in) != 0)
		return config_value_refuse(check, "observe.sample",
			"\"%s\" is none of auto, off and a whole number from 1 to %d (one query of "
			"so many)",
			text, ONE_IN_MAX);
	observe->one_in = (uint32_t)one_in;
	return 0;
}
