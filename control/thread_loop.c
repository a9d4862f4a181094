/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/thread_loop.h"

#include <event2/event.h>

struct event_base *thread_loop_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}
