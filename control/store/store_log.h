/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The log of commits: frames (store_frame.h) in files "log.N" of the store's directory, which are
 * written full of zeros beforehand, since syncing what has its blocks is one write to the disk.
 * What was appended is durable. Control thread.
 */
#ifndef ARPAD_CONTROL_STORE_LOG_H
#define ARPAD_CONTROL_STORE_LOG_H

#include "control/store/store_frame.h"

enum { STORE_LOG_MAX_BYTES = 512 << 20 }; /* of all segments */

struct store_log;
struct store_log_segment; /* a list of segments, linked */

/* Opens the segments that are there. 0 or -errno. */
int store_log_open(const char *directory, uint64_t identity, struct store_log **log);
/*
 * Takes NULL. `needed`: frames in it are; if not, only a few segments stay for the next start. What
 * was sealed has been released.
 */
void store_log_close(struct store_log *log, bool needed);

/*
 * Calls `visit` for each frame behind the number `after`, in order, once and before any other use.
 * *last: the last one's number, or `after`. They are synced first, for the last may never have
 * been. A frame that is torn or damaged ends it, unless others follow. 0, -errno, what `visit`
 * returned, or STORE_LOG_DAMAGED.
 */
enum { STORE_LOG_DAMAGED = 1 };
typedef int store_log_visit(void *context, const struct store_frame *frame);
int store_log_replay(struct store_log *log, uint64_t after, store_log_visit *visit, void *context,
	uint64_t *last);

/*
 * Appends a frame and syncs it. `octets` has its writes behind room for the head, and room for what
 * fills its last sector, which is zeroed here. `frame` has number, first, last and bytes. 0; or
 * -errno, and it is not in the log: -ENOSPC where no room can be had, else the log is broken.
 */
int store_log_append(struct store_log *log, struct store_frame *frame, uint8_t *octets);

/*
 * A broken log takes no frame until a new one, without writes, is durable in the place of the one
 * that failed: it takes that one's number. 0: mended, or it was not broken; -errno.
 */
bool store_log_broken(const struct store_log *log);
int store_log_mend(struct store_log *log);

/* The segments since the last seal, for store_log_release once they are not needed. */
struct store_log_segment *store_log_seal(struct store_log *log);
void store_log_release(struct store_log *log, struct store_log_segment *segments);

size_t store_log_bytes(const struct store_log *log);	/* of frames since the last seal */
size_t store_log_reserved(const struct store_log *log); /* of the files */

#endif
