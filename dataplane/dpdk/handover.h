/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames between one worker and the threads that may block. Everything is bounded, and a worker
 * waits for nobody: no other thread ever touches its packet pool, and one that is preempted inside
 * a ring holds up nothing but what it was bringing.
 *
 *              give                        take
 *   worker ----------> PUNT, EXCEPTION ----------> one thread each
 *          ----------> blank frames    ----------> any thread (handover_alloc)
 *          <---------- frames back     <---------- any thread (handover_return)
 *             collect
 *
 * Who frees: the worker alone. A frame that was taken or got from handover_alloc is that thread's
 * until handover_return, which it owes for every one of them, soon, in any order: with its lengths
 * set it is sent on the worker's queue; with a packet length of 0 it is freed. Frames stay of
 * one segment and of the worker's pool, with one reference: the queue's fast free relies on it.
 */
#ifndef ARPAD_DATAPLANE_DPDK_HANDOVER_H
#define ARPAD_DATAPLANE_DPDK_HANDOVER_H

#include "dataplane/dataplane.h"

#include <stdalign.h>
#include <stdbool.h>

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

/* To whom a worker gives frames. Each has one taking thread. */
enum handover_way {
	HANDOVER_PUNT,	    /* DNS messages for the listener's thread */
	HANDOVER_EXCEPTION, /* whole frames for the kernel */
	HANDOVER_WAYS,
};

enum {
	HANDOVER_PUNT_FRAMES = 256,	  /* 1 ms of 256,000 a second; a message waits no longer */
	HANDOVER_EXCEPTION_FRAMES = 1024, /* a TCP window or a routing table's burst */
	HANDOVER_BLANK_FRAMES = 256,	  /* what other threads may begin before a worker's poll */
	HANDOVER_PRIVATE_BYTES = 64,	  /* of each frame, for a note from giver to taker */
	HANDOVER_BURST = 64,		  /* frames taken, returned or collected at once, at most */
	/*
	 * Frames of a worker that are not in its hands: in the rings above, with other threads, and
	 * on their way back. The ring back holds as many, so returning a frame never fails.
	 */
	HANDOVER_LENT_MAX = 2048,
};
static_assert(HANDOVER_LENT_MAX >= HANDOVER_PUNT_FRAMES + HANDOVER_EXCEPTION_FRAMES +
			HANDOVER_BLANK_FRAMES + HANDOVER_WAYS * HANDOVER_BURST,
	"full rings leave room for what is being worked on");
static_assert(HANDOVER_LENT_MAX <= (DATAPLANE_BUFFERS + 1) / 8,
	"what is lent leaves the queue's rings and the pool's cache their buffers");

/* Made and freed by the control thread while neither the worker nor any other thread uses it. */
struct handover {
	struct rte_ring *given[HANDOVER_WAYS]; /* worker: producer; the way's thread: consumer */
	struct rte_ring *blank;		       /* worker: producer; any thread: consumer */
	struct rte_ring *back;		       /* any thread: producer; worker: consumer */
	/* The worker's own: */
	alignas(64) struct rte_mempool *pool;
	unsigned lent;	      /* 0..HANDOVER_LENT_MAX */
	bool short_of_blanks; /* the ring of blank frames may have room */
};

/*
 * For worker `index`, whose queue's frames are of `pool`; memory of NUMA node `socket` (-1: any).
 * Returns 0, or -errno with one sentence; handover_fini is owed in every case. Control thread.
 */
int handover_init(struct handover *handover, struct rte_mempool *pool, unsigned index, int socket,
	char error[static DATAPLANE_ERROR_BYTES]);

/* Frees the rings and the frames in them, and takes one that is all zero. Control thread. */
void handover_fini(struct handover *handover);

/* How many frames handover_give would take now; never less at the next call of it. Worker. */
unsigned handover_room(const struct handover *handover, enum handover_way way);

/*
 * Gives frames away; returns how many, the first ones, and the rest stay the caller's. All are
 * taken as long as they are no more than handover_room said. Worker.
 */
unsigned handover_give(struct handover *handover, enum handover_way way,
	struct rte_mbuf *const *frames, unsigned count);

/*
 * Takes back at most HANDOVER_BURST frames, frees those that are not to be sent, and puts out blank
 * ones. Returns how many are in `frames`, to be sent: they are the caller's. Worker, once a
 * poll: where nothing is there, it costs the look at one word.
 */
unsigned handover_collect(
	struct handover *handover, struct rte_mbuf *frames[static HANDOVER_BURST]);

/*
 * Takes up to `count` frames, at most HANDOVER_BURST, in the order given; returns how many. The
 * way's thread, which must not hold more than HANDOVER_BURST of a worker.
 */
unsigned handover_take(
	struct handover *handover, enum handover_way way, struct rte_mbuf **frames, unsigned count);

/*
 * A frame to fill: of one segment, empty, with the usual headroom. NULL: the worker has not put out
 * new ones yet, or its pool is empty; what was to be sent is then lost or waits. Any thread
 * but the worker, which is not delayed by it.
 */
struct rte_mbuf *handover_alloc(struct handover *handover);

/* Gives back what was taken or allocated; never fails. Any thread but the worker. */
void handover_return(struct handover *handover, struct rte_mbuf *const *frames, unsigned count);

#endif
