/* SPDX-License-Identifier: BSD-3-Clause */
/* control/import/import_csv.c and what is under it: any octets. */
#include "tests/fuzz/import_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	import_pieces(IMPORT_CSV, data, size, NULL);
	return 0;
}
