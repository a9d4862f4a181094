/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/request_counts.h"

enum request_counts_result request_counts_result_of(enum failure_code code)
{
	switch (code) {
	case FAILURE_NONE:
		return REQUEST_COUNTS_DONE;
	case FAILURE_BUSY:
	case FAILURE_STORE_FULL:
	case FAILURE_STORE_ERROR:
	case FAILURE_INTERNAL:
		return REQUEST_COUNTS_FAILED;
	default:
		return REQUEST_COUNTS_REFUSED;
	}
}
