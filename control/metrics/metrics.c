/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/metrics.h"

#include "control/log.h"
#include "control/metrics/http_listen.h"
#include "control/metrics/render.h"
#include "control/thread_loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { RETRY_S = 3 };

struct metrics {
	struct metrics_config config;
	struct metrics_shared *shared;
	struct usage usage;
	uint64_t start_ns; /* since 1970 */
	uint64_t render_ns;
	/* Control: release, the thread: acquire; -1: there is none, or the server has it. */
	_Atomic(int) listener;
	atomic_bool stop; /* likewise */
	int wake;
	unsigned wait_s; /* until the socket is tried again */
	struct event_base *base;
	struct event *woken;
	struct http_server *server;
	pthread_t thread;
	void (*enter)(void *context);
	void *enter_context;
	sem_t entered;
	bool listening, running;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int64_t metrics_now_ms(void)
{
	return (int64_t)(clock_ns(CLOCK_MONOTONIC) / 1000000);
}

static uint64_t silent_ms(const struct metrics *metrics)
{
	int64_t alive = atomic_load_explicit(&metrics->shared->alive_ms, memory_order_relaxed);
	int64_t now = metrics_now_ms();

	return alive && now > alive ? (uint64_t)(now - alive) : 0;
}

static void page_metrics(struct metrics *metrics, struct http_answer *answer)
{
	uint64_t began_ns = clock_ns(CLOCK_MONOTONIC);
	struct usage_facts usage = {.start_ns = metrics->start_ns};
	struct metrics_view view = {
		.usage = &usage,
		.http = http_server_counters(metrics->server),
		.dpdk = metrics->config.dpdk,
		.cycles = metrics->config.cycles(),
		.reasons = readiness_reasons(metrics->config.readiness),
		.silent_ms = silent_ms(metrics),
		.render_ns = metrics->render_ns,
	};

	usage_read(&metrics->usage, &usage);
	view.facts = metrics_box_read(&metrics->shared->box);
	metrics_render(&view, &answer->body);
	metrics_box_done(&metrics->shared->box);
	answer->status = 200;
	answer->type = "text/plain; version=0.0.4; charset=utf-8";
	metrics->render_ns = clock_ns(CLOCK_MONOTONIC) - began_ns;
}

static void page_alive(const struct metrics *metrics, struct http_answer *answer)
{
	bool alive = silent_ms(metrics) <= METRICS_ALIVE_MS;

	answer->status = alive ? 200 : 503;
	answer->type = "text/plain; charset=utf-8";
	text_add_string(&answer->body,
		alive ? "alive\n" : "The control thread has not come round for a minute.\n");
}

static void page_ready(const struct metrics *metrics, struct http_answer *answer)
{
	uint32_t hold = readiness_reasons(metrics->config.readiness);

	answer->status = hold ? 503 : 200;
	answer->type = "text/plain; charset=utf-8";
	if (!hold)
		text_add_string(&answer->body, "ready\n");
	for (unsigned i = 0; i < READINESS_REASONS; i++) {
		if (!(hold >> i & 1))
			continue;
		text_add_string(&answer->body, readiness_name(i));
		text_add_string(&answer->body, ": ");
		text_add_string(&answer->body, readiness_sentence(i));
		text_add_string(&answer->body, "\n");
	}
}

static void page_index(struct http_answer *answer)
{
	answer->status = 200;
	answer->type = "text/plain; charset=utf-8";
	text_add_string(&answer->body,
		"/metrics  counters for Prometheus\n"
		"/readyz   200: others should send us queries; else 503 and why not\n"
		"/healthz  200: arpad lives\n");
}

static void page(void *context, const char *path, struct http_answer *answer)
{
	struct metrics *metrics = context;

	if (strcmp(path, "/metrics") == 0)
		page_metrics(metrics, answer);
	else if (strcmp(path, "/healthz") == 0)
		page_alive(metrics, answer);
	else if (strcmp(path, "/readyz") == 0)
		page_ready(metrics, answer);
	else if (strcmp(path, "/") == 0)
		page_index(answer);
}

/* Takes the listening socket, if there is a new one. Without memory it is closed. */
static void take_listener(struct metrics *metrics)
{
	int fd = atomic_exchange_explicit(&metrics->listener, -1, memory_order_acquire);

	if (fd < 0)
		return;
	metrics->server = http_server_new(metrics->base, fd, page, metrics);
	if (!metrics->server)
		close(fd);
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
	struct metrics *metrics = context;
	eventfd_t wakes;

	(void)what;
	if (eventfd_read(fd, &wakes) != 0)
		return;
	if (atomic_load_explicit(&metrics->stop, memory_order_acquire))
		event_base_loopbreak(metrics->base);
	else
		take_listener(metrics);
}

/* What it made, metrics_close frees, also after half of it. */
static bool make_loop(struct metrics *metrics)
{
	metrics->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	metrics->base = thread_loop_new();
	if (metrics->wake < 0 || !metrics->base)
		return false;
	metrics->woken =
		event_new(metrics->base, metrics->wake, EV_READ | EV_PERSIST, on_wake, metrics);
	return metrics->woken && event_add(metrics->woken, NULL) == 0;
}

/* 0; -1: one sentence. */
static int try_listen(struct metrics *metrics, struct failure *failure)
{
	int fd = http_listen(metrics->config.listen, failure);

	if (fd < 0)
		return -1;
	metrics->listening = true;
	atomic_store_explicit(&metrics->listener, fd, memory_order_release);
	eventfd_write(metrics->wake, 1);
	return 0;
}

int metrics_open(const struct metrics_config *config, struct metrics_shared *shared,
	struct metrics **out, struct failure *failure)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	metrics->config = *config;
	metrics->shared = shared;
	metrics->start_ns = clock_ns(CLOCK_REALTIME);
	metrics->listener = metrics->wake = -1;
	sem_init(&metrics->entered, 0, 0);
	usage_open(&metrics->usage);
	*out = metrics;
	if (!make_loop(metrics))
		return failure_set(failure, FAILURE_STORE_FULL,
			"the metrics can't be served: out of memory or descriptors");
	/* Queries need no counters. */
	if (try_listen(metrics, failure) != 0) {
		metrics->wait_s = RETRY_S;
		log_event(LOG_WARNING, "metrics-missing", NULL,
			"serving without metrics: %s; trying again", failure->text);
	}
	return 0;
}

void metrics_second(struct metrics *metrics)
{
	struct failure ignored;

	if (!metrics || metrics->listening || --metrics->wait_s)
		return;
	metrics->wait_s = RETRY_S;
	if (try_listen(metrics, &ignored) == 0)
		log_event(LOG_INFO, "metrics", NULL, "metrics are served at %s",
			metrics->config.listen->listen);
}

static void *run(void *context)
{
	struct metrics *metrics = context;

	pthread_setname_np(pthread_self(), "metrics");
	metrics->enter(metrics->enter_context);
	sem_post(&metrics->entered);
	event_base_dispatch(metrics->base);
	return NULL;
}

/* Signals are the main thread's. */
int metrics_start(struct metrics *metrics, void (*enter)(void *context), void *context,
	struct failure *failure)
{
	sigset_t all, before;
	int error;

	metrics->enter = enter;
	metrics->enter_context = context;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&metrics->thread, NULL, run, metrics);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return failure_set(failure, FAILURE_INTERNAL,
			"the thread for metrics can't be started: %s", strerror(error));
	metrics->running = true;
	/* Threads enter the sandbox one after the other. */
	while (sem_wait(&metrics->entered) != 0 && errno == EINTR)
		;
	return 0;
}

void metrics_stop(struct metrics *metrics)
{
	if (!metrics || !metrics->running)
		return;
	atomic_store_explicit(&metrics->stop, true, memory_order_release);
	eventfd_write(metrics->wake, 1);
	pthread_join(metrics->thread, NULL);
	metrics->running = false;
}

void metrics_close(struct metrics *metrics)
{
	if (!metrics)
		return;
	metrics_stop(metrics);
	http_server_free(metrics->server);
	if (metrics->listener >= 0)
		close(metrics->listener);
	if (metrics->listening)
		http_listen_remove(metrics->config.listen);
	if (metrics->woken)
		event_free(metrics->woken);
	if (metrics->base)
		event_base_free(metrics->base);
	if (metrics->wake >= 0)
		close(metrics->wake);
	usage_close(&metrics->usage);
	sem_destroy(&metrics->entered);
	free(metrics);
}
