/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/observer/dnstap.h"

#include "control/log.h"
#include "control/observer/dnstap_pipe.h"

#include <errno.h>
#include <fstrm.h>
#include <pthread.h>
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

struct beginning {
	struct dnstap *dnstap;
	void (*enter)(void *context);
	void *context;
};

/* A thread of its own, only so that the one that libfstrm makes inherits its limits. */
static void *begin(void *context)
{
	const struct beginning *beginning = context;
	struct dnstap *dnstap = beginning->dnstap;

	pthread_setname_np(pthread_self(), "dnstap");
	if (beginning->enter)
		beginning->enter(beginning->context);
	dnstap->thread = make_thread(dnstap);
	return NULL;
}

struct dnstap *dnstap_start(const struct dnstap_settings *settings, void (*enter)(void *context),
	void *context, struct failure *failure)
{
	struct dnstap *dnstap = calloc(1, sizeof(*dnstap));
	struct beginning beginning = {dnstap, enter, context};
	pthread_t thread;
	int error = ENOMEM;

	if (dnstap) {
		dnstap->settings = settings;
		dnstap->pipe = (struct dnstap_pipe){.socket = settings->socket,
			.file = settings->file,
			.file_max_bytes = settings->file_max_bytes,
			.fd = -1};
		error = pthread_create(&thread, NULL, begin, &beginning);
	}
	if (!error)
		pthread_join(thread, NULL);
	if (!error && dnstap->thread) {
		dnstap->queue = fstrm_iothr_get_input_queue(dnstap->thread);
		return dnstap;
	}
	free(dnstap);
	failure_set(failure, FAILURE_INTERNAL, "dnstap can't be begun: %s",
		strerror(error ? error : ENOMEM));
	return NULL;
}

void dnstap_stop(struct dnstap *dnstap)
{
	if (!dnstap)
		return;
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
		log_info("dnstap: sampled queries and replies go to %s", path);
	else if (error == EFBIG)
		log_warning("dnstap: %s has reached dnstap.file-mib, and nothing more is written; "
			    "move it away and restart arpad",
			path);
	else
		log_warning("dnstap: nothing can be written to %s: %s; it is tried again each "
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
