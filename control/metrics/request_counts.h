/* SPDX-License-Identifier: BSD-3-Clause */
/* How requests that change something ended, by method. The control thread adds, any reads. */
#ifndef ARPAD_CONTROL_METRICS_REQUEST_COUNTS_H
#define ARPAD_CONTROL_METRICS_REQUEST_COUNTS_H

#include "control/failure.h"

#include <stdatomic.h>
#include <stdint.h>

enum { REQUEST_COUNTS_METHODS_MAX = 256 };

/* Whose fault it was that it was not done: the client's, or the server's. */
enum request_counts_result {
	REQUEST_COUNTS_DONE,
	REQUEST_COUNTS_REFUSED,
	REQUEST_COUNTS_FAILED,
	REQUEST_COUNTS_RESULTS
};

struct request_counts {
	/* In the order of command_method_at. */
	_Atomic(uint64_t) count[REQUEST_COUNTS_METHODS_MAX][REQUEST_COUNTS_RESULTS];
};

enum request_counts_result request_counts_result_of(enum failure_code code);

#endif
