/* SPDX-License-Identifier: BSD-3-Clause */
/* Grace periods as the data plane has them. */
#include "dataplane/dpdk/grace.h"
#include "tests/stress/grace_source.h"

#include <stddef.h>

static uint64_t start(void *context)
{
	return grace_start(context);
}

static bool passed(void *context, uint64_t token)
{
	return grace_passed(context, token);
}

static void online(void *context, unsigned reader)
{
	grace_online(context, reader);
}

static void quiescent(void *context, unsigned reader)
{
	grace_quiescent(context, reader);
}

static void offline(void *context, unsigned reader)
{
	grace_offline(context, reader);
}

static void release(void *context)
{
	grace_free(context);
}

bool grace_source_dpdk(struct grace_source *source, unsigned readers)
{
	struct grace_periods *periods = grace_new(readers);

	if (!periods)
		return false;
	*source = (struct grace_source){
		{start, passed, periods}, online, quiescent, offline, release};
	return true;
}
