/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/update_reader.h"

#include "bench/cycles.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A burst that took longer may have been interrupted; shorter ones are not worth a system call. */
static const uint64_t suspicious_ns = 20000;

struct prefix reader_prepare(struct frames *frames)
{
	for (size_t i = BURST_MAX; i < WORKLOAD_QUERIES; i += BURST_MAX)
		frames_copy(frames, 0, i);
	return frames_host(frames, 0);
}

/* How often the kernel took the CPU away from this thread. */
static long interruptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static void note_burst(struct reader_result *result, uint64_t ns, long *interrupted)
{
	long now = ns < suspicious_ns ? *interrupted : interruptions();

	histogram_add(&result->burst, ns);
	if (now == *interrupted)
		histogram_add(&result->undisturbed, ns);
	*interrupted = now;
}

static void note_version(struct reader *reader, unsigned version, uint64_t now)
{
	if (version == atomic_load_explicit(&reader->seen_version, memory_order_relaxed))
		return;
	atomic_store_explicit(&reader->seen_at, now, memory_order_relaxed);
	/* Pairs with the writer's acquire: it then reads the time of this version. */
	atomic_store_explicit(&reader->seen_version, version, memory_order_release);
}

/* Answers one burst and checks it: every reply's outcome and length, the first one's content. */
static const char *one_burst(struct reader *reader, size_t first, long *interrupted)
{
	struct frames *frames = reader->frames;
	uint32_t in = frames_restore(frames, first, BURST_MAX);
	uint64_t start = cycles_now(), end;
	unsigned version;

	frames_answer(frames, reader->serving);
	grace_quiescent(reader->grace, 0);
	end = cycles_now();
	if (frames_sent(frames) - in != BURST_MAX * reader->reply_grows)
		return "a reply had another length";
	if (!frames_reply_right(frames, 0, OUTCOME_ANSWERED, &version))
		return "a reply was no whole answer";
	note_version(reader, version, end);
	note_burst(
		&reader->result, (uint64_t)((double)(end - start) * reader->tick_ns), interrupted);
	return NULL;
}

static void pin(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
}

static void *reader_main(void *context)
{
	struct reader *reader = context;
	struct reader_result *result = &reader->result;
	const _Atomic(uint64_t) *answered = &reader->frames->counters.outcome[OUTCOME_ANSWERED];
	uint64_t before = counter_read(answered), cpu_ns;
	long interrupted;

	pin(reader->cpu);
	atomic_store_explicit(&reader->id, gettid(), memory_order_relaxed);
	grace_online(reader->grace, 0);
	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	interrupted = interruptions();
	for (size_t first = 0; !result->wrong; first = (first + BURST_MAX) % WORKLOAD_QUERIES) {
		if (atomic_load_explicit(&reader->stop, memory_order_relaxed))
			break;
		result->wrong = one_burst(reader, first, &interrupted);
		result->frames += BURST_MAX;
	}
	result->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	grace_offline(reader->grace, 0);
	if (!result->wrong && counter_read(answered) - before != result->frames)
		result->wrong = "a query for a name that exists was not answered";
	return NULL;
}

/* Learns by how much a right reply is longer than its query. */
static bool learn(struct reader *reader)
{
	unsigned version;

	frames_restore(reader->frames, 0, 1);
	frames_answer(reader->frames, reader->serving);
	reader->reply_grows = frames_sent(reader->frames) - reader->frames->length[0];
	return frames_reply_right(reader->frames, 0, OUTCOME_ANSWERED, &version);
}

bool reader_start(struct reader *reader)
{
	memset(&reader->result, 0, sizeof(reader->result));
	atomic_store_explicit(&reader->stop, false, memory_order_relaxed);
	if (learn(reader) && pthread_create(&reader->thread, NULL, reader_main, reader) == 0)
		return true;
	fprintf(stderr, "updates: the reader can't start: no thread, or no right reply\n");
	return false;
}

bool reader_wait_for_burst(const struct reader *reader)
{
	const _Atomic(uint64_t) *answered = &reader->frames->counters.outcome[OUTCOME_ANSWERED];
	uint64_t before = counter_read(answered), start = clock_ns(CLOCK_MONOTONIC);

	while (counter_read(answered) == before)
		if (clock_ns(CLOCK_MONOTONIC) - start > UINT64_C(1000000000))
			return false;
	return true;
}

void reader_stop(struct reader *reader)
{
	atomic_store_explicit(&reader->stop, true, memory_order_relaxed);
	pthread_join(reader->thread, NULL);
}
