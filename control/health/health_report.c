/* SPDX-License-Identifier: BSD-3-Clause */
/* What server.health replies. */
#include "control/health/health.h"
#include "control/server.h"

static json_t *reasons_of(uint32_t reasons)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < READINESS_REASONS; i++)
		if (reasons & 1u << i)
			json_array_append_new(list,
				json_pack("{s:s, s:s}", "reason", readiness_name(i), "why",
					readiness_sentence(i)));
	return list;
}

static json_t *thread_of(const struct health_watch *watch)
{
	return json_pack("{s:I, s:I}", "answers", (json_int_t)watch->live.right, "misses",
		(json_int_t)watch->live.misses);
}

json_t *health_report(const struct server *server)
{
	const struct health *health = &server->monitoring.health;
	uint32_t reasons = readiness_reasons(&health->readiness);
	json_t *workers = json_array();

	for (unsigned i = 0; i < dataplane_workers(server->ports.dataplane); i++)
		json_array_append_new(workers, thread_of(&health->worker[i]));
	return json_pack("{s:b, s:o, s:o, s:o}", "ready", reasons == 0, "reasons",
		reasons_of(reasons), "workers", workers, "listener", thread_of(&health->listener));
}
