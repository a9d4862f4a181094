/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands of DPDK's telemetry socket. A client has a thread of its own there, made by DPDK; one at
 * a time is answered, and none once the server ends.
 */
#include "dataplane/dataplane.h"

#include <errno.h>
#include <pthread.h>
#include <rte_telemetry.h>
#include <stdio.h>

struct dataplane_telemetry_reply {
	struct rte_tel_data *data;
};

enum { NAME_BYTES = 64 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct dataplane_telemetry served; /* under the mutex; fill NULL: nobody serves */

/* DPDK takes letters, digits and '_' alone. */
static const char *clean(const char *name, char to[static NAME_BYTES])
{
	snprintf(to, NAME_BYTES, "%s", name);
	for (char *at = to; *at; at++)
		if (*at == '-')
			*at = '_';
	return to;
}

void dataplane_telemetry_put(
	struct dataplane_telemetry_reply *reply, const char *name, uint64_t value)
{
	char key[NAME_BYTES];

	rte_tel_data_add_dict_u64(reply->data, clean(name, key), value);
}

void dataplane_telemetry_put_text(
	struct dataplane_telemetry_reply *reply, const char *name, const char *text)
{
	char key[NAME_BYTES];

	rte_tel_data_add_dict_string(reply->data, clean(name, key), text);
}

void dataplane_telemetry_put_object(struct dataplane_telemetry_reply *reply, const char *name,
	void (*fill)(const void *context, struct dataplane_telemetry_reply *object),
	const void *context)
{
	struct dataplane_telemetry_reply object = {rte_tel_data_alloc()};
	char key[NAME_BYTES];

	if (!object.data)
		return;
	rte_tel_data_start_dict(object.data);
	fill(context, &object);
	/* The reply owns it then; without room it stays ours. */
	if (rte_tel_data_add_dict_container(reply->data, clean(name, key), object.data, 0) != 0)
		rte_tel_data_free(object.data);
}

static int answer(enum dataplane_telemetry_page page, struct rte_tel_data *data)
{
	struct dataplane_telemetry_reply reply = {data};
	int result = -ESHUTDOWN;

	rte_tel_data_start_dict(data);
	pthread_mutex_lock(&mutex);
	if (served.fill) {
		served.fill(served.context, page, &reply);
		result = 0;
	}
	pthread_mutex_unlock(&mutex);
	return result;
}

static int on_status(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return answer(DATAPLANE_TELEMETRY_STATUS, data);
}

static int on_stats(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return answer(DATAPLANE_TELEMETRY_STATS, data);
}

static int on_workers(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return answer(DATAPLANE_TELEMETRY_WORKERS, data);
}

int dataplane_telemetry_serve(const struct dataplane_telemetry *telemetry)
{
	int rc;

	pthread_mutex_lock(&mutex);
	served = *telemetry;
	pthread_mutex_unlock(&mutex);
	rc = rte_telemetry_register_cmd("/arpad/status", on_status,
		"How arpad is: readiness, zones, records, the last change. No parameters.");
	rc = rc ? rc
		: rte_telemetry_register_cmd("/arpad/stats", on_stats,
			  "How frames of all workers ended, since the start. No parameters.");
	return rc ? rc
		  : rte_telemetry_register_cmd("/arpad/workers", on_workers,
			    "Packets and cycles of each worker, since the start. No parameters.");
}

void dataplane_telemetry_end(void)
{
	pthread_mutex_lock(&mutex);
	served = (struct dataplane_telemetry){.fill = NULL};
	pthread_mutex_unlock(&mutex);
}
