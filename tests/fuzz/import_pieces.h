/* SPDX-License-Identifier: BSD-3-Clause */
/* What the fuzz targets of CSV and NDJSON share: any octets, cut anywhere, become the same objects.
 */
#ifndef ARPAD_TESTS_FUZZ_IMPORT_PIECES_H
#define ARPAD_TESTS_FUZZ_IMPORT_PIECES_H

#include "control/import/import_text.h"

#include <stddef.h>
#include <stdint.h>

/* Told each object that was taken; may be NULL. */
typedef void import_pieces_take(const struct import_object *object);

/*
 * Reads the octets behind the first, which chooses the pieces, and aborts where an object is not
 * what the contract allows, or where pieces make a difference. Whether the text was taken.
 */
int import_pieces(
	enum import_format format, const uint8_t *data, size_t size, import_pieces_take *take);

#endif
