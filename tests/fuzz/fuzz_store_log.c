/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/store/store_log.c and store_frame.c: any octets as a segment of the log, frames of ours
 * among them. What is replayed is in order and well-formed, and the log takes frames behind it.
 *
 * Octets 0 and 1 say where a frame is copied to and which number it has; the rest is the segment.
 */
#include "control/store/store_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IDENTITY = 0x41, SEGMENT_MAX_BYTES = 16384 };

static char directory[64];

static void make_directory(void)
{
	snprintf(directory, sizeof(directory), "/dev/shm/arpad-fuzz-log-%ld", (long)getpid());
	if (mkdir(directory, 0700) != 0)
		abort();
}

static void write_segment(const uint8_t *octets, size_t bytes)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/log.1", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, octets, bytes) != (ssize_t)bytes)
		abort();
	close(fd);
	snprintf(path, sizeof(path), "%s/log.2", directory);
	unlink(path);
}

static size_t put_frame(uint8_t *octets, uint64_t number)
{
	const struct store_frame_write write = {
		STORE_META, {(const uint8_t *)"key", 3}, {(const uint8_t *)"value", 5}};
	struct store_frame frame = {.identity = IDENTITY, .generation = 1, .number = number};

	frame.bytes = STORE_FRAME_HEAD_BYTES + store_frame_write_bytes(&write);
	store_frame_put(&write, octets + STORE_FRAME_HEAD_BYTES);
	store_frame_seal(&frame, octets);
	return frame.bytes;
}

static int visit(void *context, const struct store_frame *frame)
{
	uint64_t *last = context;
	struct store_frame_write write;
	size_t at = 0, sum = 0;

	if (frame->number != *last + 1)
		abort();
	*last = frame->number;
	while (store_frame_next(frame, &at, &write) == 1)
		for (size_t i = 0; i < write.key.count; i++)
			sum += write.key.octets[i];
	return sum == (size_t)-1 ? -1 : 0;
}

/* The segments' frames behind number 0; returns how many. */
static uint64_t replay(struct store_log **log, int *result)
{
	uint64_t seen = 0, last = 0;

	if (store_log_open(directory, IDENTITY, log) != 0)
		abort();
	*result = store_log_replay(*log, 0, visit, &seen, &last);
	if (*result == 0 && seen != last)
		abort();
	return last;
}

static void append(struct store_log *log, uint64_t number)
{
	uint8_t octets[STORE_FRAME_ALIGN_BYTES] = {0};
	struct store_frame frame = {.number = number, .first = 1, .last = 1};

	frame.bytes = put_frame(octets, number);
	if (store_log_append(log, &frame, octets) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t segment[SEGMENT_MAX_BYTES + STORE_FRAME_ALIGN_BYTES] = {0};
	struct store_log *log;
	uint64_t before;
	int result;

	if (size < 2)
		return 0;
	if (directory[0] == '\0')
		make_directory();
	if (size - 2 > SEGMENT_MAX_BYTES)
		size = SEGMENT_MAX_BYTES + 2;
	memcpy(segment, data + 2, size - 2);
	put_frame(segment + data[0] % 32 * STORE_FRAME_ALIGN_BYTES, data[1] % 4u);
	write_segment(segment, SEGMENT_MAX_BYTES);
	before = replay(&log, &result);
	if (result == 0)
		append(log, before + 1);
	store_log_close(log, true);
	if (result == 0) {
		if (replay(&log, &result) != before + 1 || result != 0)
			abort();
		store_log_close(log, true);
	}
	return 0;
}
