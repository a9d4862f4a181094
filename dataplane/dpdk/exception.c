/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A turn moves at most a burst each way for each worker. Where the rate is used up, frames stay
 * where they are: what comes faster is dropped by the worker, whose ring is full, or by the kernel,
 * whose queue is. So a flood costs this thread no more than the rate allows.
 */
#include "dataplane/dpdk/exception.h"

#include "dataplane/counters.h"
#include "dataplane/dpdk/failure.h"
#include "dataplane/dpdk/handover.h"
#include "dataplane/dpdk/kernel_device.h"
#include "dataplane/token_bucket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	/*
	 * Workers wake nobody, so their rings are looked at: soon after there was something, then
	 * ever less often. The longest is what a first packet waits, at a thousand looks a second.
	 */
	REST_SHORTEST_NS = 20000,
	REST_LONGEST_NS = 1000000,
	SECOND_NS = 1000000000,
	BLANKS = 32,
};
static_assert(
	(int)BLANKS <= (int)KERNEL_DEVICE_BURST && (int)HANDOVER_BURST <= (int)KERNEL_DEVICE_BURST,
	"a device takes a burst of ours");

/* The thread's own, but for the counters, which any thread reads. */
struct exception_port {
	struct kernel_device device;
	struct handover *workers[DATAPLANE_WORKERS_MAX];
	unsigned worker_count;
	unsigned turn; /* the worker that is first; each in its turn, or a low rate were one's alone
			*/
	struct token_bucket to_kernel, from_kernel;
	uint32_t rate;
	struct rte_mbuf *blank[BLANKS]; /* of the first worker, to be filled */
	unsigned blanks;
	bool may_receive; /* a readable device is a reason to go on */
	struct {
		_Atomic(uint64_t) to_kernel, from_kernel;
		_Atomic(uint64_t) device_full, no_buffer, to_throttled, from_throttled;
	} counters;
};

struct exception {
	struct exception_port ports[DATAPLANE_PORTS_MAX];
	pthread_t thread;
	bool running;
	atomic_bool stop; /* control: wo */
};

struct exception *exception_new(void)
{
	return calloc(1, sizeof(struct exception));
}

int exception_open(struct exception *exception, const struct dataplane_kernel *kernel,
	unsigned index, char error[static DATAPLANE_ERROR_BYTES])
{
	struct exception_port *port = &exception->ports[index];

	port->rate = kernel->rate;
	return kernel_device_open(&port->device, kernel, index, error);
}

bool exception_add_worker(struct exception *exception, unsigned index, struct handover *handover)
{
	struct exception_port *port = &exception->ports[index];

	if (port->device.kind == DATAPLANE_KERNEL_NONE)
		return false;
	port->workers[port->worker_count++] = handover;
	return true;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* An empty frame that goes back is freed by its worker. */
static void return_empty(struct handover *worker, struct rte_mbuf *const *frames, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		frames[i]->data_len = 0;
		frames[i]->pkt_len = 0;
	}
	handover_return(worker, frames, count);
}

/* Frames of one worker, to the kernel; returns how many it had. */
static unsigned give_kernel(struct exception_port *port, struct handover *worker, unsigned most)
{
	struct rte_mbuf *frames[HANDOVER_BURST];
	unsigned count = handover_take(worker, HANDOVER_EXCEPTION, frames, most);

	if (!count)
		return 0;
	unsigned taken = kernel_device_send(&port->device, frames, count);
	counter_add(&port->counters.to_kernel, taken);
	counter_add(&port->counters.device_full, count - taken);
	return_empty(worker, frames, count);
	return count;
}

static bool move_to_kernel(struct exception_port *port, uint64_t now)
{
	bool moved = false;

	port->turn++;
	for (unsigned i = 0; i < port->worker_count; i++) {
		struct handover *worker = port->workers[(port->turn + i) % port->worker_count];
		uint64_t tokens = token_bucket_look(&port->to_kernel, now);

		if (!tokens) {
			counter_add(&port->counters.to_throttled, 1);
			return moved;
		}
		unsigned most = tokens < HANDOVER_BURST ? (unsigned)tokens : HANDOVER_BURST;
		unsigned count = give_kernel(port, worker, most);
		token_bucket_take(&port->to_kernel, count);
		moved = moved || count;
	}
	return moved;
}

static void refill_blanks(struct exception_port *port)
{
	while (port->blanks < BLANKS) {
		struct rte_mbuf *blank = handover_alloc(port->workers[0]);

		if (!blank)
			break;
		port->blank[port->blanks++] = blank;
	}
	if (!port->blanks)
		counter_add(&port->counters.no_buffer, 1);
}

/* What the kernel sends leaves by the port's first worker. */
static bool move_from_kernel(struct exception_port *port, uint64_t now)
{
	uint64_t tokens = token_bucket_look(&port->from_kernel, now);

	refill_blanks(port);
	port->may_receive = tokens && port->blanks;
	if (!tokens)
		counter_add(&port->counters.from_throttled, 1);
	if (!port->may_receive)
		return false;
	unsigned most = tokens < port->blanks ? (unsigned)tokens : port->blanks;
	unsigned count = kernel_device_receive(&port->device, port->blank, most);
	if (!count)
		return false;
	handover_return(port->workers[0], port->blank, count);
	port->blanks -= count;
	memmove(port->blank, port->blank + count, port->blanks * sizeof(*port->blank));
	token_bucket_take(&port->from_kernel, count);
	counter_add(&port->counters.from_kernel, count);
	return true;
}

static bool move(struct exception *exception)
{
	uint64_t now = now_ns();
	bool moved = false;

	for (unsigned i = 0; i < DATAPLANE_PORTS_MAX; i++) {
		struct exception_port *port = &exception->ports[i];

		if (!port->worker_count)
			continue;
		moved = move_to_kernel(port, now) || moved;
		moved = move_from_kernel(port, now) || moved;
	}
	return moved;
}

/* Until a TAP has something for us that we can take, at most so long. */
static void rest(const struct exception *exception, long rest_ns)
{
	const struct timespec most = {.tv_nsec = rest_ns};
	struct pollfd taps[DATAPLANE_PORTS_MAX];

	for (unsigned i = 0; i < DATAPLANE_PORTS_MAX; i++) {
		const struct exception_port *port = &exception->ports[i];
		bool tap = port->device.kind == DATAPLANE_KERNEL_TAP && port->may_receive;

		taps[i] =
			(struct pollfd){.fd = tap ? port->device.descriptor : -1, .events = POLLIN};
	}
	ppoll(taps, DATAPLANE_PORTS_MAX, &most, NULL);
}

static void *run(void *argument)
{
	struct exception *exception = argument;
	long rest_ns = REST_SHORTEST_NS;

	/* To name another thread, as EAL tries, is to write a file, which the sandbox does not
	 * allow. */
	pthread_setname_np(pthread_self(), "arpad-exception");
	/* Pairs with the release in exception_stop. */
	while (!atomic_load_explicit(&exception->stop, memory_order_acquire)) {
		if (move(exception)) {
			rest_ns = REST_SHORTEST_NS;
			continue;
		}
		rest(exception, rest_ns);
		rest_ns = rest_ns * 2 < REST_LONGEST_NS ? rest_ns * 2 : REST_LONGEST_NS;
	}
	for (unsigned i = 0; i < DATAPLANE_PORTS_MAX; i++) {
		struct exception_port *port = &exception->ports[i];

		if (port->blanks)
			return_empty(port->workers[0], port->blank, port->blanks);
	}
	return NULL;
}

/* As EAL's threads, it leaves every signal to the control thread. */
static int start_thread(struct exception *exception)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc =
		rte_ctrl_thread_create(&exception->thread, "arpad-exception", NULL, run, exception);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int exception_start(struct exception *exception, char error[static DATAPLANE_ERROR_BYTES])
{
	uint64_t now = now_ns();
	bool any = false;

	for (unsigned i = 0; i < DATAPLANE_PORTS_MAX; i++) {
		struct exception_port *port = &exception->ports[i];

		if (!port->worker_count)
			continue;
		any = true;
		port->to_kernel = port->from_kernel = token_bucket_full(port->rate, now);
	}
	if (!any)
		return 0;
	int rc = start_thread(exception);
	if (rc)
		return failure(error, rc, "the thread of the exception path does not start (%s)",
			strerror(-rc));
	exception->running = true;
	return 0;
}

void exception_stop(struct exception *exception)
{
	if (!exception || !exception->running)
		return;
	/* Pairs with the acquire in run. */
	atomic_store_explicit(&exception->stop, true, memory_order_release);
	pthread_join(exception->thread, NULL);
	exception->running = false;
}

void exception_free(struct exception *exception)
{
	if (!exception)
		return;
	for (unsigned i = 0; i < DATAPLANE_PORTS_MAX; i++)
		kernel_device_close(&exception->ports[i].device);
	free(exception);
}

bool exception_stats(
	const struct exception *exception, unsigned index, struct dataplane_kernel_stats *stats)
{
	const struct exception_port *port = &exception->ports[index];

	if (port->device.kind == DATAPLANE_KERNEL_NONE)
		return false;
#define COUNT(name) stats->name += counter_read(&port->counters.name)
	COUNT(to_kernel);
	COUNT(from_kernel);
	COUNT(device_full);
	COUNT(no_buffer);
	COUNT(to_throttled);
	COUNT(from_throttled);
#undef COUNT
	return true;
}
