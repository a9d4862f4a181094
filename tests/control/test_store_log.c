/* SPDX-License-Identifier: BSD-3-Clause */
/* control/store/store_log.c: what is replayed after damage, loss and use again, and what is
 * refused. */
#include "control/store/store_log.h"

#include "tests/control/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IDENTITY = 7, FRAME_WRITES_BYTES = 600, SEEN_MAX = 2000 };

static const char *directory;
static struct store_log *segments_log;
static uint64_t seen[SEEN_MAX];
static size_t seen_count;

static int visit(void *context, const struct store_frame *frame)
{
	struct store_frame_write write;
	size_t at = 0;

	(void)context;
	assert_int_equal(store_frame_next(frame, &at, &write), 1);
	assert_int_equal(write.value.count, FRAME_WRITES_BYTES);
	assert_int_equal(write.value.octets[0], (uint8_t)frame->number);
	assert_int_equal(store_frame_next(frame, &at, &write), 0);
	seen[seen_count++] = frame->number;
	return 0;
}

/* Opens the log and replays what is behind `after`; the last number, or -1 with damage. */
static long open_log(uint64_t after)
{
	uint64_t last = 0;
	int result;

	seen_count = 0;
	assert_int_equal(store_log_open(directory, IDENTITY, &segments_log), 0);
	result = store_log_replay(segments_log, after, visit, NULL, &last);
	assert_true(result == 0 || result == STORE_LOG_DAMAGED);
	return result == 0 ? (long)last : -1;
}

static void close_log(void)
{
	store_log_close(segments_log, true);
	segments_log = NULL;
}

static void append(uint64_t number)
{
	uint8_t octets[2 * STORE_FRAME_ALIGN_BYTES], value[FRAME_WRITES_BYTES];
	const struct store_frame_write write = {
		STORE_META, {(const uint8_t *)"key", 3}, {value, sizeof(value)}};
	struct store_frame frame = {.number = number, .first = number, .last = number};

	memset(value, (int)number, sizeof(value));
	store_frame_put(&write, octets + STORE_FRAME_HEAD_BYTES);
	frame.bytes = STORE_FRAME_HEAD_BYTES + store_frame_write_bytes(&write);
	assert_int_equal(store_log_append(segments_log, &frame, octets), 0);
}

static void append_many(uint64_t first, uint64_t last)
{
	for (uint64_t number = first; number <= last; number++)
		append(number);
}

/* Changes an octet of a file of the log. */
static void damage(const char *name, off_t at)
{
	char path[128];
	uint8_t octet;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &octet, 1, at), 1);
	octet ^= 0x10;
	assert_int_equal(pwrite(fd, &octet, 1, at), 1);
	close(fd);
}

static void assert_seen(uint64_t first, uint64_t last)
{
	assert_int_equal(seen_count, last + 1 - first);
	for (uint64_t i = 0; i < seen_count; i++)
		assert_int_equal(seen[i], first + i);
}

static void frames_are_replayed_in_order_behind_a_number(void **state)
{
	(void)state;
	assert_int_equal(open_log(0), 0);
	/* Over the end of the first segment. */
	append_many(1, 700);
	close_log();
	assert_int_equal(open_log(0), 700);
	assert_seen(1, 700);
	close_log();
	assert_int_equal(open_log(650), 700);
	assert_seen(651, 700);
	close_log();
	assert_int_equal(open_log(700), 700);
	assert_int_equal(seen_count, 0);
}

static void a_torn_end_is_left_out_and_written_again(void **state)
{
	(void)state;
	open_log(0);
	append_many(1, 3);
	close_log();
	damage("log.1", 2 * 1024 + 300);
	assert_int_equal(open_log(0), 2);
	assert_seen(1, 2);
	append_many(3, 4);
	close_log();
	assert_int_equal(open_log(0), 4);
	assert_seen(1, 4);
}

static void damage_with_frames_behind_it_is_refused(void **state)
{
	(void)state;
	open_log(0);
	append_many(1, 3);
	close_log();
	for (off_t at = 0; at < 2 * 1024; at += 100) {
		/* What fills the last sector counts for nothing. */
		bool counts = at % 1024 < STORE_FRAME_HEAD_BYTES + 8 + 3 + FRAME_WRITES_BYTES;

		damage("log.1", at);
		assert_int_equal(open_log(0), counts ? -1 : 3);
		close_log();
		damage("log.1", at);
	}
	assert_int_equal(open_log(0), 3);
}

static void a_missing_segment_is_refused(void **state)
{
	char path[128];

	(void)state;
	open_log(0);
	append_many(1, 300);
	close_log();
	snprintf(path, sizeof(path), "%s/log.1", directory);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(open_log(0), -1);
}

static void segments_used_again_have_nothing_of_before(void **state)
{
	(void)state;
	open_log(0);
	append_many(1, 200);
	store_log_release(segments_log, store_log_seal(segments_log));
	/* In the same file, over the first of those; the others' are still there. */
	append_many(201, 203);
	close_log();
	assert_int_equal(open_log(200), 203);
	assert_seen(201, 203);
	close_log();
}

static void another_stores_log_is_nothing(void **state)
{
	uint64_t last = 9;

	(void)state;
	open_log(0);
	append_many(1, 3);
	close_log();
	seen_count = 0;
	assert_int_equal(store_log_open(directory, IDENTITY + 1, &segments_log), 0);
	assert_int_equal(store_log_replay(segments_log, 0, visit, NULL, &last), 0);
	assert_int_equal(last, 0);
	assert_int_equal(seen_count, 0);
}

static void other_files_are_left_alone(void **state)
{
	static const char *const names[] = {"log", "log.", "log.x", "log.1x", "catalog.1"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		close(open(path, O_CREAT | O_WRONLY, 0600));
	}
	open_log(0);
	assert_int_equal(store_log_reserved(segments_log), 0);
	append(1);
	store_log_release(segments_log, store_log_seal(segments_log));
	store_log_close(segments_log, false);
	segments_log = NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct stat about;

		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		assert_int_equal(stat(path, &about), 0);
		assert_int_equal(about.st_size, 0);
	}
}

/* Appends to one map's segments after the other until more would be too much. */
static void it_never_takes_more_than_its_bound(void **state)
{
	enum { LARGE = 6 << 20 };
	uint8_t *octets = calloc(1, LARGE + STORE_FRAME_ALIGN_BYTES);
	struct store_frame frame = {.first = 1, .bytes = LARGE};
	struct store_log_segment *segments;
	int error = 0;

	(void)state;
	open_log(0);
	while (error == 0) {
		frame.number++;
		error = store_log_append(segments_log, &frame, octets);
		assert_true(store_log_reserved(segments_log) <= STORE_LOG_MAX_BYTES);
	}
	assert_int_equal(error, -ENOSPC);
	assert_false(store_log_broken(segments_log));
	segments = store_log_seal(segments_log);
	store_log_release(segments_log, segments);
	assert_int_equal(store_log_append(segments_log, &frame, octets), 0);
	/* A clean stop gives most of it back. */
	store_log_release(segments_log, store_log_seal(segments_log));
	store_log_close(segments_log, false);
	assert_int_equal(store_log_open(directory, IDENTITY, &segments_log), 0);
	assert_true(store_log_reserved(segments_log) <= 4 * (8 << 20));
	free(octets);
}

static int set_up(void **state)
{
	(void)state;
	directory = directory_make();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_log_close(segments_log, true);
	segments_log = NULL;
	directory_remove(directory);
	return 0;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(frames_are_replayed_in_order_behind_a_number),
		CASE(a_torn_end_is_left_out_and_written_again),
		CASE(damage_with_frames_behind_it_is_refused),
		CASE(a_missing_segment_is_refused),
		CASE(segments_used_again_have_nothing_of_before),
		CASE(another_stores_log_is_nothing),
		CASE(other_files_are_left_alone),
		CASE(it_never_takes_more_than_its_bound),
	};

	return cmocka_run_group_tests_name("store_log", tests, NULL, NULL);
}
