/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/observer/dnstap.h"

#include "control/log.h"
#include "control/observer/dnstap_pipe.h"

#include <errno.h>
#include <fstrm.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	QUEUE_MESSAGES = 4096, /* that wait for libfstrm's thread, some hundred octets each */
	REOPEN_S = 1,
};

struct dnstap {
	const struct dnstap_settings *settings;
	struct dnstap_pipe pipe;
	struct fstrm_iothr *thread;
	struct fstrm_iothr_queue *queue;
	/* The thread that begins; what it reads is written before it goes. */
	pthread_t beginner;
	sem_t go;
	bool begun, wanted;
	void (*enter)(void *context);
	void *enter_context;
	/* The observer's thread: wo. */
	_Atomic(uint64_t) refused; /* the queue had no room, or there was no memory */
	/* libfstrm's thread: wo. */
	_Atomic(uint64_t) done; /* taken out of the queue, sent or not */
	/* The control thread's. */
	bool told, told_open;
	int told_error;
};

static struct fstrm_iothr *make_thread(struct dnstap *dnstap)
{
	struct fstrm_writer *writer = dnstap_pipe_writer(&dnstap->pipe);
	struct fstrm_iothr_options *options = fstrm_iothr_options_init();
	struct fstrm_iothr *thread = NULL;

	if (writer && options &&
		fstrm_iothr_options_set_input_queue_size(options, QUEUE_MESSAGES) ==
			fstrm_res_success &&
		fstrm_iothr_options_set_reopen_interval(options, REOPEN_S) == fstrm_res_success)
		thread = fstrm_iothr_init(options, &writer);
	fstrm_iothr_options_destroy(&options);
	if (writer)
		fstrm_writer_destroy(&writer);
	return thread;
}

/* Only so that the thread that libfstrm makes inherits the limits of this one. */
static void *begin(void *context)
{
	struct dnstap *dnstap = context;

	pthread_setname_np(pthread_self(), "dnstap");
	while (sem_wait(&dnstap->go) && errno == EINTR)
		;
	if (!dnstap->wanted)
		return NULL;
	if (dnstap->enter)
		dnstap->enter(dnstap->enter_context);
	dnstap->thread = make_thread(dnstap);
	return NULL;
}

static int make_beginner(struct dnstap *dnstap)
{
	sigset_t all, before;
	int error;

	sem_init(&dnstap->go, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&dnstap->beginner, NULL, begin, dnstap);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct dnstap *dnstap_new(const struct dnstap_settings *settings, struct failure *failure)
{
	struct dnstap *dnstap = calloc(1, sizeof(*dnstap));
	int error = ENOMEM;

	if (dnstap) {
		dnstap->settings = settings;
		dnstap->pipe = (struct dnstap_pipe){.socket = settings->socket,
			.file = settings->file,
			.file_max_bytes = settings->file_max_bytes,
			.fd = -1};
		error = make_beginner(dnstap);
	}
	if (!error)
		return dnstap;
	free(dnstap);
	failure_set(
		failure, FAILURE_INTERNAL, "dnstap's thread can't be made: %s", strerror(error));
	return NULL;
}

/* Lets the first thread go on, and waits for its end. */
static void finish_beginning(struct dnstap *dnstap, bool wanted)
{
	dnstap->wanted = wanted;
	sem_post(&dnstap->go);
	pthread_join(dnstap->beginner, NULL);
	sem_destroy(&dnstap->go);
	dnstap->begun = true;
}

int dnstap_start(
	struct dnstap *dnstap, void (*enter)(void *context), void *context, struct failure *failure)
{
	dnstap->enter = enter;
	dnstap->enter_context = context;
	finish_beginning(dnstap, true);
	if (!dnstap->thread)
		return failure_set(
			failure, FAILURE_INTERNAL, "dnstap can't be begun: out of memory");
	dnstap->queue = fstrm_iothr_get_input_queue(dnstap->thread);
	return 0;
}

void dnstap_free(struct dnstap *dnstap)
{
	if (!dnstap)
		return;
	if (!dnstap->begun)
		finish_beginning(dnstap, false);
	if (dnstap->thread)
		fstrm_iothr_destroy(&dnstap->thread);
	free(dnstap);
}

static void on_done(void *octets, void *context)
{
	struct dnstap *dnstap = context;

	free(octets);
	/* Pairs with the acquire in dnstap_counts. */
	atomic_store_explicit(&dnstap->done,
		atomic_load_explicit(&dnstap->done, memory_order_relaxed) + 1,
		memory_order_release);
}

static void hand_over(struct dnstap *dnstap, const uint8_t *octets, size_t bytes)
{
	uint8_t *copy = malloc(bytes);

	if (copy) {
		memcpy(copy, octets, bytes);
		if (fstrm_iothr_submit(dnstap->thread, dnstap->queue, copy, bytes, on_done,
			    dnstap) == fstrm_res_success)
			return;
	}
	free(copy);
	atomic_fetch_add_explicit(&dnstap->refused, 1, memory_order_relaxed);
}

static void take(struct dnstap *dnstap, enum dnstap_kind kind, const struct observation *seen,
	uint64_t when_ns)
{
	uint8_t octets[DNSTAP_MESSAGE_BYTES];
	size_t bytes = dnstap_message_write(&dnstap->settings->source, kind, seen, when_ns, octets);

	if (bytes)
		hand_over(dnstap, octets, bytes);
}

void dnstap_take(void *context, const struct observation *seen, uint64_t when_ns)
{
	struct dnstap *dnstap = context;

	if (!(seen->why & OBSERVE_SAMPLED))
		return;
	if (dnstap->settings->queries)
		take(dnstap, DNSTAP_QUERY, seen, when_ns);
	if (dnstap->settings->responses)
		take(dnstap, DNSTAP_RESPONSE, seen, when_ns);
}

struct dnstap_counts dnstap_counts(struct dnstap *dnstap)
{
	/* In this order: what is done was sent before, or never. */
	uint64_t done = atomic_load_explicit(&dnstap->done, memory_order_acquire);
	uint64_t sent = atomic_load_explicit(&dnstap->pipe.sent, memory_order_relaxed);

	return (struct dnstap_counts){
		.sent = sent,
		.dropped = atomic_load_explicit(&dnstap->refused, memory_order_relaxed) +
			(done > sent ? done - sent : 0),
		.open = atomic_load_explicit(&dnstap->pipe.open, memory_order_relaxed),
	};
}

static void tell(const struct dnstap *dnstap, const char *path, bool open, int error)
{
	if (open)
		log_event(LOG_INFO, "dnstap-open", LOG_FIELDS(LOG_TEXT_FIELD("path", path)),
			"dnstap: sampled queries and replies go to %s", path);
	else if (error == EFBIG)
		log_event(LOG_WARNING, "dnstap-full", LOG_FIELDS(LOG_TEXT_FIELD("path", path)),
			"dnstap: %s has reached dnstap.file-mib, and nothing more is written; "
			"move it away and restart arpad",
			path);
	else
		log_event(LOG_WARNING, "dnstap-closed", LOG_FIELDS(LOG_TEXT_FIELD("path", path)),
			"dnstap: nothing can be written to %s: %s; it is tried again each "
			"second%s",
			path, strerror(error),
			dnstap->settings->socket ? ", until a collector listens there" : "");
}

void dnstap_second(struct dnstap *dnstap)
{
	const struct dnstap_settings *settings = dnstap->settings;
	bool open = atomic_load_explicit(&dnstap->pipe.open, memory_order_relaxed);
	int error = atomic_load_explicit(&dnstap->pipe.error, memory_order_relaxed);

	if ((!open && !error) ||
		(dnstap->told && open == dnstap->told_open &&
			(open || error == dnstap->told_error)))
		return;
	dnstap->told = true;
	dnstap->told_open = open;
	dnstap->told_error = error;
	tell(dnstap, settings->socket ? settings->socket : settings->file, open, error);
}
