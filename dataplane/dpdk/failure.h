/* SPDX-License-Identifier: BSD-3-Clause */
/* The one sentence that says what to do, and the -errno beside it. */
#ifndef ARPAD_DATAPLANE_DPDK_FAILURE_H
#define ARPAD_DATAPLANE_DPDK_FAILURE_H

#include "dataplane/dataplane.h"

#include <stdarg.h>
#include <stdio.h>

/* Writes the sentence and returns `code`, so that a caller can `return failure(...)`. */
__attribute__((format(printf, 3, 4))) static inline int failure(
	char error[static DATAPLANE_ERROR_BYTES], int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error, DATAPLANE_ERROR_BYTES, format, arguments);
	va_end(arguments);
	return code;
}

#endif
