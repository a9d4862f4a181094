/* SPDX-License-Identifier: BSD-3-Clause */
/* Once a second: see who goes on, take the answers, judge, ask again, tell. */
#include "control/health/health.h"

#include "control/address/answering.h"
#include "control/log.h"
#include "control/server.h"

#include <inttypes.h>
#include <time.h>

enum {
	/*
	 * The store's thread may wait for a disk that hangs, while all answers are right: so long
	 * that only a thread that will never go on is meant.
	 */
	STORE_STUCK_MS = 300000,
	EXTENSION_US = 60000000, /* of systemd's patience, at each sign of life while loading */
	PROGRESS_MS = 1000,
	STATUS_MS = 2000,
	FEEDS = 4, /* in the watchdog's time */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct health *health_of(struct server *server)
{
	return &server->monitoring.health;
}

void health_open(struct health *health)
{
	notify_open(&health->notify);
	readiness_set(&health->readiness, READINESS_STARTING, true);
	notify_send(&health->notify, "STATUS=Starting");
}

void health_loading(struct health *health, size_t records)
{
	uint64_t now = now_ms();

	if (now - health->worked_ms < PROGRESS_MS)
		return;
	health->worked_ms = now;
	notify_send(&health->notify, "EXTEND_TIMEOUT_USEC=%d\nSTATUS=Loading: %zu records so far",
		EXTENSION_US, records);
}

static bool take_worker(void *dataplane, unsigned index, const uint8_t **reply, size_t *length)
{
	return dataplane_probe_take(dataplane, index, reply, length);
}

static bool take_listener(void *listener, unsigned index, const uint8_t **reply, size_t *length)
{
	(void)index;
	return dns_listener_probe_take(listener, reply, length);
}

static void take(struct health_watch *watch,
	bool (*taken)(void *from, unsigned index, const uint8_t **reply, size_t *length),
	void *from, unsigned index, uint64_t now)
{
	const uint8_t *reply = NULL;
	size_t length;

	if (taken(from, index, &reply, &length))
		liveness_answer(&watch->live, selfquery_is_right(&watch->query, reply, length));
	else
		liveness_wait(&watch->live, now);
}

static uint64_t rounds(const struct counters *counters)
{
	return counter_read(&counters->empty_polls) + counter_read(&counters->bursts) +
		counter_read(&counters->tx_paused);
}

/* Where it has no work it goes on by definition. */
static void see_store(struct server *server, uint64_t now)
{
	uint64_t cpu_ns;

	liveness_see(&health_of(server)->store,
		store_at_work(server->store, &cpu_ns) ? cpu_ns : now, now);
}

/* Sees who has gone on, and takes the answers that came. */
static void look(struct server *server, uint64_t now)
{
	struct health *health = health_of(server);
	struct dataplane *dataplane = server->ports.dataplane;

	for (unsigned i = 0; i < dataplane_workers(dataplane); i++) {
		struct health_watch *watch = &health->worker[i];

		liveness_see(&watch->live, rounds(dataplane_worker(dataplane, i).counters), now);
		take(watch, take_worker, dataplane, i, now);
	}
	take(&health->listener, take_listener, server->listener, 0, now);
	see_store(server, now);
}

static void next_query(struct server *server, struct selfquery *query)
{
	const struct zones *zones =
		atomic_load_explicit(&server->serving.zones, memory_order_relaxed);
	size_t count = zones ? zones_count(zones) : 0;
	unsigned turn = health_of(server)->turn;

	selfquery_write(query, (uint16_t)turn, count ? zones_at(zones, turn % count) : NULL);
}

static void ask_worker(struct server *server, unsigned index, uint64_t now)
{
	struct health_watch *watch = &health_of(server)->worker[index];
	const struct address_book *book = &server->book;
	const struct dns_listener_address *to;

	if (watch->live.asked || book->count == 0)
		return;
	to = &book->addresses[health_of(server)->turn % book->count];
	next_query(server, &watch->query);
	if (dataplane_probe_send(server->ports.dataplane, index, &to->address, to->port,
		    watch->query.message, watch->query.length))
		liveness_ask(&watch->live, now);
}

static void ask(struct server *server, uint64_t now)
{
	struct health *health = health_of(server);
	struct health_watch *listener = &health->listener;

	health->turn++;
	for (unsigned i = 0; i < dataplane_workers(server->ports.dataplane); i++)
		ask_worker(server, i, now);
	if (listener->live.asked)
		return;
	next_query(server, &listener->query);
	if (dns_listener_probe_send(
		    server->listener, listener->query.message, listener->query.length))
		liveness_ask(&listener->live, now);
}

/* Whether that is new. */
static bool judge(struct server *server, enum readiness_reason reason, bool holds)
{
	if (!readiness_set(&health_of(server)->readiness, reason, holds))
		return false;
	if (holds)
		log_event(LOG_ERROR, "not-ready",
			LOG_FIELDS(LOG_TEXT_FIELD("reason", readiness_name(reason))),
			"not ready: %s: %s", readiness_name(reason), readiness_sentence(reason));
	else
		log_event(LOG_INFO, "ready-again",
			LOG_FIELDS(LOG_TEXT_FIELD("reason", readiness_name(reason))),
			"no longer so: %s", readiness_name(reason));
	return true;
}

static bool worker_is_stuck(const struct health_watch *watch, uint64_t now)
{
	return liveness_is_still(&watch->live, now, LIVENESS_STUCK_MS);
}

static bool judge_all(struct server *server, uint64_t now)
{
	struct health *health = health_of(server);
	bool stuck = false, wrong = liveness_is_wrong(&health->listener.live);

	for (unsigned i = 0; i < dataplane_workers(server->ports.dataplane); i++) {
		stuck |= worker_is_stuck(&health->worker[i], now);
		wrong |= liveness_is_wrong(&health->worker[i].live);
	}
	stuck = judge(server, READINESS_WORKER_STUCK, stuck);
	wrong = judge(server, READINESS_SELF_QUERY, wrong);
	return judge(server, READINESS_LISTENER_STUCK,
		       liveness_is_silent(&health->listener.live, now)) ||
		stuck || wrong;
}

static bool all_go_on(struct server *server, uint64_t now)
{
	const struct health *health = health_of(server);

	for (unsigned i = 0; i < dataplane_workers(server->ports.dataplane); i++)
		if (worker_is_stuck(&health->worker[i], now))
			return false;
	return !liveness_is_silent(&health->listener.live, now) &&
		!liveness_is_still(&health->store, now, STORE_STUCK_MS);
}

static void feed(struct server *server, uint64_t now)
{
	struct health *health = health_of(server);
	const struct notify *notify = &health->notify;

	if (!notify->watchdog_ms || now - health->fed_ms < notify->watchdog_ms / FEEDS ||
		!all_go_on(server, now))
		return;
	health->fed_ms = now;
	notify_send(notify, "WATCHDOG=1");
}

static uint64_t replies(const struct counters *counters)
{
	uint64_t sum = 0;

	for (unsigned i = OUTCOME_REPLIED_FIRST; i < OUTCOMES; i++)
		sum += counter_read(&counters->outcome[i]);
	return sum;
}

static uint64_t all_replies(struct server *server)
{
	const struct dns_listener_counters *listener = dns_listener_counters(server->listener);
	uint64_t sum = replies(&listener->messages);

	for (unsigned i = 0; i < dataplane_workers(server->ports.dataplane); i++)
		sum += replies(dataplane_worker(server->ports.dataplane, i).counters);
	return sum;
}

static const char *state_text(const struct health *health)
{
	uint32_t reasons = readiness_reasons(&health->readiness);

	return reasons ? readiness_sentence((enum readiness_reason)__builtin_ctz(reasons))
		       : "Serving.";
}

static void tell_status(struct server *server, const char *lines, uint64_t now)
{
	const struct zones *zones =
		atomic_load_explicit(&server->serving.zones, memory_order_relaxed);
	struct health *health = health_of(server);
	uint64_t replied = all_replies(server), ms = now - health->told_ms;

	notify_send(&health->notify, "%sSTATUS=%s %" PRIu64 " replies/s, %zu zones, %zu records",
		lines, state_text(health), ms ? (replied - health->told_replies) * 1000 / ms : 0,
		zones ? zones_count(zones) : 0, store_rrsets(server->store));
	health->told_ms = now;
	health->told_replies = replied;
}

void health_serving(struct server *server)
{
	struct health *health = health_of(server);
	uint64_t now = now_ms();

	readiness_set(&health->readiness, READINESS_STARTING, false);
	health->told_ms = now;
	tell_status(server, "READY=1\n", now);
	look(server, now);
	ask(server, now);
	feed(server, now);
}

void health_second(struct server *server)
{
	uint64_t now = now_ms();
	bool news;

	look(server, now);
	news = judge_all(server, now);
	ask(server, now);
	feed(server, now);
	if (news || now - health_of(server)->told_ms >= STATUS_MS)
		tell_status(server, "", now);
}

void health_working(struct server *server)
{
	struct health *health = health_of(server);
	uint64_t now = now_ms();

	if (now - health->worked_ms < PROGRESS_MS)
		return;
	health->worked_ms = now;
	look(server, now);
	feed(server, now);
}

void health_reloading(struct server *server, bool done)
{
	uint64_t now = now_ms();

	if (done)
		tell_status(server, "READY=1\n", now);
	else
		notify_send(&health_of(server)->notify,
			"RELOADING=1\nMONOTONIC_USEC=%" PRIu64
			"\nSTATUS=Reading the configuration again",
			now * 1000);
}

static void on_drain(evutil_socket_t fd, short what, void *context)
{
	struct failure failure;

	(void)fd;
	(void)what;
	if (answering_drain(context, true, &failure) < 0)
		log_event(
			LOG_ERROR, "steering", NULL, "the steering does not end: %s", failure.text);
}

/* At once, or after the configured time. */
static int end_steering(
	struct server *server, struct command_steering *steering, struct failure *failure)
{
	unsigned ms = server->config->drain_delay_ms;
	const struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	struct health *health = health_of(server);

	if (!steering->steered)
		return 0;
	if (ms == 0)
		return answering_drain(server, true, failure) < 0 ? -1 : 0;
	if (!health->drain)
		health->drain = evtimer_new(server->base, on_drain, server);
	if (!health->drain || evtimer_add(health->drain, &delay) != 0)
		return failure_set(
			failure, FAILURE_INTERNAL, "out of memory for the drain's delay");
	steering->delay_ms = ms;
	return 0;
}

static int begin_steering(struct server *server, struct failure *failure)
{
	struct health *health = health_of(server);

	if (health->drain)
		evtimer_del(health->drain);
	return server->draining && answering_drain(server, false, failure) < 0 ? -1 : 0;
}

int health_drain(struct server *server, bool drain, struct command_steering *steering,
	struct failure *failure)
{
	struct readiness *readiness = &health_of(server)->readiness;

	*steering = (struct command_steering){.steered = ports_steered(&server->ports)};
	if (!!(readiness_reasons(readiness) & 1u << READINESS_DRAINING) == drain)
		return 0;
	if (!drain && begin_steering(server, failure) != 0)
		return -1;
	readiness_set(readiness, READINESS_DRAINING, drain);
	log_event(LOG_INFO, drain ? "drain" : "undrain", NULL,
		drain ? "drain: not ready from now on" : "undrain: ready");
	if (drain && end_steering(server, steering, failure) != 0) {
		readiness_set(readiness, READINESS_DRAINING, false);
		return -1;
	}
	tell_status(server, "", now_ms());
	return 1;
}

void health_stopping(struct health *health)
{
	if (readiness_set(&health->readiness, READINESS_STOPPING, true))
		notify_send(&health->notify, "STOPPING=1\nSTATUS=Stopping");
}

void health_close(struct health *health)
{
	if (health->drain)
		event_free(health->drain);
	notify_close(&health->notify);
}
