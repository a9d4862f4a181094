/* SPDX-License-Identifier: BSD-3-Clause */
/* Classic pcap in host byte order with microseconds: one header, then a header a frame. */
#include "tests/eal/pcap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, precision, longest, link_type;
};

struct frame_header {
	uint32_t seconds, microseconds, stored, length;
};

enum { LINK_ETHERNET = 1, LONGEST_FRAME = 65535 };

static const uint32_t magic_microseconds = 0xa1b2c3d4;

FILE *pcap_create(const char *path)
{
	const struct file_header header = {.magic = magic_microseconds,
		.major = 2,
		.minor = 4,
		.longest = LONGEST_FRAME,
		.link_type = LINK_ETHERNET};
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(&header, sizeof(header), 1, file), 1);
	return file;
}

void pcap_put(FILE *file, const uint8_t *frame, uint32_t length)
{
	const struct frame_header header = {.stored = length, .length = length};

	assert_int_equal(fwrite(&header, sizeof(header), 1, file), 1);
	assert_int_equal(fwrite(frame, 1, length, file), length);
}

FILE *pcap_open(const char *path)
{
	struct file_header header;
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	assert_int_equal(fread(&header, sizeof(header), 1, file), 1);
	assert_int_equal(header.link_type, LINK_ETHERNET);
	return file;
}

uint32_t pcap_get(FILE *file, uint8_t *frame, uint32_t capacity)
{
	struct frame_header header;

	if (fread(&header, sizeof(header), 1, file) != 1)
		return 0;
	assert_in_range(header.stored, 1, capacity);
	assert_int_equal(fread(frame, 1, header.stored, file), header.stored);
	return header.stored;
}
