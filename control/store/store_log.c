/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each use of a segment has a generation, higher than all before. Where two frames have one number
 * the higher generation's counts: the other was refused. So no octet of a segment must be cleared
 * before it is used again.
 */
#include "control/store/store_log.h"

#include "control/array.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MODE = 0600,
	SEGMENT_BYTES = 8 << 20,
	FIRST_BYTES = 256 << 10, /* for stores that change little, and small disks */
	LEAST_BYTES = 32 << 10,
	KEPT_SEGMENTS = 4, /* by a clean stop */
};

struct store_log_segment {
	struct store_log_segment *next;
	int fd;
	unsigned name;
	size_t bytes, used;
	uint64_t generation;
	bool live; /* by a replay: frames in it are needed */
};

struct store_log {
	int directory;
	uint64_t identity, generation; /* the last used */
	unsigned last_name;
	struct store_log_segment *unused, *current; /* the first of these is written to */
	size_t reserved, current_bytes;
	bool broken;
	uint64_t refused;		   /* the number of the frame that failed */
	struct store_log_segment *mending; /* where another takes its place */
};

/* Zeros to write segments with. */
static const uint8_t zeros[64 << 10];

static void name_segment(const struct store_log_segment *segment, char name[static 16])
{
	snprintf(name, 16, "log.%u", segment->name);
}

static void push(struct store_log_segment **list, struct store_log_segment *segment)
{
	segment->next = *list;
	*list = segment;
}

static void free_list(struct store_log_segment *list)
{
	while (list != NULL) {
		struct store_log_segment *next = list->next;

		close(list->fd);
		free(list);
		list = next;
	}
}

static void discard(struct store_log *log, struct store_log_segment *segment)
{
	char name[16];

	name_segment(segment, name);
	unlinkat(log->directory, name, 0);
	log->reserved -= segment->bytes;
	segment->next = NULL;
	free_list(segment);
}

static void trim(struct store_log *log)
{
	struct store_log_segment **link = &log->unused, *more;

	for (unsigned kept = 0; *link != NULL && kept < KEPT_SEGMENTS; kept++)
		link = &(*link)->next;
	while ((more = *link) != NULL) {
		*link = more->next;
		discard(log, more);
	}
}

static int write_all(int fd, const uint8_t *octets, size_t bytes, size_t at)
{
	while (bytes > 0) {
		ssize_t written = pwrite(fd, octets, bytes, (off_t)at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		octets += written;
		bytes -= (size_t)written;
		at += (size_t)written;
	}
	return 0;
}

static int read_all(int fd, uint8_t *octets, size_t bytes, size_t at)
{
	while (bytes > 0) {
		ssize_t got = pread(fd, octets, bytes, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		octets += got;
		bytes -= (size_t)got;
		at += (size_t)got;
	}
	return 0;
}

/* ---- Segments ---- */

static int open_segment(struct store_log *log, const char *name)
{
	struct store_log_segment *segment;
	struct stat about;
	unsigned number;
	int end = 0;

	if (sscanf(name, "log.%9u%n", &number, &end) != 1 || name[end] != '\0')
		return 0;
	segment = calloc(1, sizeof(*segment));
	if (segment == NULL)
		return -ENOMEM;
	segment->name = number;
	segment->fd = openat(log->directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (segment->fd < 0 || fstat(segment->fd, &about) != 0) {
		int error = -errno;

		if (segment->fd >= 0)
			close(segment->fd);
		free(segment);
		return error;
	}
	segment->bytes = store_frame_room((size_t)about.st_size + 1) - STORE_FRAME_ALIGN_BYTES;
	log->reserved += segment->bytes;
	if (number > log->last_name)
		log->last_name = number;
	push(&log->unused, segment);
	return 0;
}

static int open_segments(struct store_log *log)
{
	int copy = dup(log->directory), error = 0;
	DIR *names = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (names == NULL) {
		error = -errno;
		if (copy >= 0)
			close(copy);
		return error;
	}
	while (error == 0 && (entry = readdir(names)) != NULL)
		error = open_segment(log, entry->d_name);
	closedir(names);
	return error;
}

int store_log_open(const char *directory, uint64_t identity, struct store_log **opened)
{
	struct store_log *log = calloc(1, sizeof(*log));
	int error;

	if (log == NULL)
		return -ENOMEM;
	log->identity = identity;
	log->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = log->directory < 0 ? -errno : open_segments(log);
	if (error != 0) {
		store_log_close(log, true);
		return error;
	}
	*opened = log;
	return 0;
}

void store_log_close(struct store_log *log, bool needed)
{
	if (log == NULL)
		return;
	if (!needed)
		trim(log);
	free_list(log->unused);
	free_list(log->current);
	free_list(log->mending);
	if (log->directory >= 0)
		close(log->directory);
	free(log);
}

/* Writes a new file's blocks and makes its name durable. */
static int fill_segment(const struct store_log *log, const struct store_log_segment *segment)
{
	int error = 0;

	for (size_t at = 0; at < segment->bytes && error == 0; at += sizeof(zeros)) {
		size_t left = segment->bytes - at;

		error = write_all(
			segment->fd, zeros, left < sizeof(zeros) ? left : sizeof(zeros), at);
	}
	if (error == 0 && (fsync(segment->fd) != 0 || fsync(log->directory) != 0))
		error = -errno;
	return error;
}

static int make_segment(struct store_log *log, size_t bytes, struct store_log_segment **made)
{
	struct store_log_segment *segment = calloc(1, sizeof(*segment));
	char name[16];
	int error;

	if (segment == NULL)
		return -ENOMEM;
	segment->name = ++log->last_name;
	segment->bytes = bytes;
	name_segment(segment, name);
	segment->fd = openat(log->directory, name,
		O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (segment->fd < 0) {
		error = -errno;
		free(segment);
		return error;
	}
	log->reserved += bytes;
	error = fill_segment(log, segment);
	if (error != 0)
		discard(log, segment);
	else
		*made = segment;
	return error;
}

/* A smaller one is better than none. */
static int make_some_segment(struct store_log *log, size_t least, struct store_log_segment **made)
{
	size_t bytes = log->reserved == 0 && least <= FIRST_BYTES ? FIRST_BYTES : SEGMENT_BYTES;
	int error = -ENOSPC;

	while (error == -ENOSPC && bytes >= least && bytes >= LEAST_BYTES) {
		if (log->reserved + bytes <= STORE_LOG_MAX_BYTES)
			error = make_segment(log, bytes, made);
		bytes /= 2;
	}
	return error == -EDQUOT ? -ENOSPC : error;
}

/* A segment for new frames, of a generation of its own, on no list. */
static int take_segment(struct store_log *log, size_t least, struct store_log_segment **taken)
{
	struct store_log_segment **link = &log->unused;
	int error = 0;

	while (*link != NULL && (*link)->bytes < least)
		link = &(*link)->next;
	if (*link != NULL) {
		*taken = *link;
		*link = (*link)->next;
	} else {
		error = make_some_segment(log, least, taken);
	}
	if (error == 0) {
		(*taken)->generation = ++log->generation;
		(*taken)->used = 0;
	}
	return error;
}

/* ---- Appending ---- */

static int write_frame(const struct store_log *log, const struct store_log_segment *segment,
	struct store_frame *frame, uint8_t *octets)
{
	size_t room = store_frame_room(frame->bytes);
	int error;

	frame->identity = log->identity;
	frame->generation = segment->generation;
	memset(octets + frame->bytes, 0, room - frame->bytes);
	store_frame_seal(frame, octets);
	error = write_all(segment->fd, octets, room, segment->used);
	return error == 0 && fdatasync(segment->fd) != 0 ? -errno : error;
}

/*
 * Whether the frame will be read is open, so it is made unreadable as well as the disk allows; and
 * nothing is appended until another frame has its number (store_log_mend).
 */
static void break_off(
	struct store_log *log, struct store_log_segment *segment, const struct store_frame *frame)
{
	log->broken = true;
	log->refused = frame->number;
	if (write_all(segment->fd, zeros, STORE_FRAME_ALIGN_BYTES, segment->used) != 0 &&
		ftruncate(segment->fd, (off_t)segment->used) == 0) {
		log->reserved -= segment->bytes - segment->used;
		segment->bytes = segment->used;
	}
	fdatasync(segment->fd);
}

int store_log_append(struct store_log *log, struct store_frame *frame, uint8_t *octets)
{
	size_t room = store_frame_room(frame->bytes);
	struct store_log_segment *segment = log->current;
	int error;

	if (log->broken)
		return -EIO;
	if (segment == NULL || segment->bytes - segment->used < room) {
		error = take_segment(log, room, &segment);
		if (error != 0)
			return error;
		push(&log->current, segment);
	}
	error = write_frame(log, segment, frame, octets);
	if (error != 0) {
		break_off(log, segment, frame);
		return error == -ENOSPC ? -EIO : error;
	}
	segment->used += room;
	log->current_bytes += room;
	return 0;
}

bool store_log_broken(const struct store_log *log)
{
	return log->broken;
}

int store_log_mend(struct store_log *log)
{
	uint8_t octets[STORE_FRAME_ALIGN_BYTES];
	struct store_frame frame = {
		.number = log->refused, .first = 1, .bytes = STORE_FRAME_HEAD_BYTES};
	int error = 0;

	if (!log->broken)
		return 0;
	if (log->mending == NULL)
		error = take_segment(log, sizeof(octets), &log->mending);
	if (error == 0)
		error = write_frame(log, log->mending, &frame, octets);
	if (error != 0)
		return error;
	log->mending->used = sizeof(octets);
	push(&log->current, log->mending);
	log->current_bytes += sizeof(octets);
	log->mending = NULL;
	log->broken = false;
	return 0;
}

struct store_log_segment *store_log_seal(struct store_log *log)
{
	struct store_log_segment *segments = log->current;

	log->current = NULL;
	log->current_bytes = 0;
	return segments;
}

void store_log_release(struct store_log *log, struct store_log_segment *segments)
{
	while (segments != NULL) {
		struct store_log_segment *next = segments->next;

		if (segments->bytes < LEAST_BYTES) /* cut by an error */
			discard(log, segments);
		else
			push(&log->unused, segments);
		segments = next;
	}
}

size_t store_log_bytes(const struct store_log *log)
{
	return log->current_bytes;
}

size_t store_log_reserved(const struct store_log *log)
{
	return log->reserved;
}

/* ---- Replay ---- */

/* A frame that was found, by place. */
struct found {
	uint64_t number, generation;
	struct store_log_segment *segment;
	size_t at, bytes;
};

struct replay {
	struct store_log *log;
	uint64_t after;
	struct found *found;
	size_t count, capacity;
	uint8_t *octets;
	size_t room;
};

static int grow_octets(struct replay *replay, size_t bytes)
{
	uint8_t *octets;

	if (bytes <= replay->room)
		return 0;
	octets = realloc(replay->octets, bytes);
	if (octets == NULL)
		return -ENOMEM;
	replay->octets = octets;
	replay->room = bytes;
	return 0;
}

static int note_frame(struct replay *replay, struct store_log_segment *segment, size_t at,
	const struct store_frame *frame)
{
	struct found *grown;

	if (frame->generation > replay->log->generation)
		replay->log->generation = frame->generation;
	if (frame->number <= replay->after)
		return 0;
	grown = array_grow(replay->found, replay->count, &replay->capacity, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	replay->found = grown;
	replay->found[replay->count++] =
		(struct found){frame->number, frame->generation, segment, at, frame->bytes};
	return 0;
}

/* Every sector is looked at: good frames behind a damaged one tell that it was no torn end. */
static int scan_segment(struct replay *replay, struct store_log_segment *segment)
{
	struct store_frame frame;
	int error = grow_octets(replay, segment->bytes);
	size_t at = 0;

	if (error == 0)
		error = read_all(segment->fd, replay->octets, segment->bytes, 0);
	while (error == 0 && at < segment->bytes) {
		if (store_frame_parse(replay->octets + at, segment->bytes - at,
			    replay->log->identity, &frame) != 0) {
			at += STORE_FRAME_ALIGN_BYTES;
			continue;
		}
		error = note_frame(replay, segment, at, &frame);
		at += store_frame_room(frame.bytes);
	}
	return error;
}

static int compare_found(const void *a, const void *b)
{
	const struct found *one = a, *two = b;

	if (one->number != two->number)
		return one->number < two->number ? -1 : 1;
	return (one->generation > two->generation) - (one->generation < two->generation);
}

/* Leaves of each number the frame that counts, and sees that none is missing between. */
static int settle_found(struct replay *replay)
{
	size_t kept = 0;

	if (replay->count > 0)
		qsort(replay->found, replay->count, sizeof(*replay->found), compare_found);
	for (size_t i = 0; i < replay->count; i++) {
		if (i + 1 < replay->count && replay->found[i + 1].number == replay->found[i].number)
			continue;
		if (replay->found[i].number != replay->after + kept + 1 ||
			(kept > 0 &&
				replay->found[i].generation < replay->found[kept - 1].generation))
			return STORE_LOG_DAMAGED;
		replay->found[i].segment->live = true;
		replay->found[kept++] = replay->found[i];
	}
	replay->count = kept;
	return 0;
}

/* Those with frames that are needed are no longer free for use. */
static int split_segments(struct store_log *log)
{
	struct store_log_segment *all = log->unused, *next;
	int error = 0;

	log->unused = NULL;
	for (; all != NULL; all = next) {
		next = all->next;
		/* What is full is never written to, so a new frame goes to another segment. */
		all->used = all->bytes;
		push(all->live ? &log->current : &log->unused, all);
		if (all->live && error == 0 && fdatasync(all->fd) != 0)
			error = -errno;
	}
	return error;
}

static int visit_found(struct replay *replay, store_log_visit *visit, void *context)
{
	int result = 0;

	for (size_t i = 0; i < replay->count && result == 0; i++) {
		const struct found *found = &replay->found[i];
		struct store_frame frame;

		result = grow_octets(replay, found->bytes);
		if (result == 0)
			result = read_all(
				found->segment->fd, replay->octets, found->bytes, found->at);
		if (result == 0 &&
			store_frame_parse(
				replay->octets, found->bytes, replay->log->identity, &frame) != 0)
			result = STORE_LOG_DAMAGED;
		if (result == 0)
			result = visit(context, &frame);
		replay->log->current_bytes += found->bytes;
	}
	return result;
}

int store_log_replay(struct store_log *log, uint64_t after, store_log_visit *visit, void *context,
	uint64_t *last)
{
	struct replay replay = {.log = log, .after = after};
	int result = 0;

	for (struct store_log_segment *at = log->unused; at != NULL && result == 0; at = at->next)
		result = scan_segment(&replay, at);
	if (result == 0)
		result = settle_found(&replay);
	if (result == 0)
		result = split_segments(log);
	if (result == 0)
		result = visit_found(&replay, visit, context);
	*last = after + replay.count;
	free(replay.found);
	free(replay.octets);
	return result;
}
