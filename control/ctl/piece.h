/* SPDX-License-Identifier: BSD-3-Clause */
/* A piece of a file as the request line that carries it. */
#ifndef ARPAD_CONTROL_CTL_PIECE_H
#define ARPAD_CONTROL_CTL_PIECE_H

#include <stdbool.h>
#include <stddef.h>

/* Room for the line of a piece of `count` octets: each takes up to six, and the frame. */
static inline size_t piece_line_bytes(size_t count)
{
	return 6 * count + 128;
}

/*
 * Writes import.data with its line end into `line` and returns its length. JSON carries text,
 * zone files octets: what is no ASCII goes as \DDD (RFC 1035 5.1), behind a backslash of the file's
 * own as its three figures. `*escaped` says whether such a one came last, in this piece and the one
 * before; NULL: the piece is UTF-8 and goes as it is. There must be no NUL in the piece.
 */
size_t piece_write(char *line, long long id, long long import, const char *octets, size_t count,
	bool *escaped);

/* How many octets from the first on are whole characters of UTF-8 (RFC 3629). */
size_t piece_utf8(const char *octets, size_t count);

#endif
