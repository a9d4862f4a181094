/* SPDX-License-Identifier: BSD-3-Clause */
/* A zone with a few records to answer from: 2.0.192.in-addr.arpa with 192.0.2.1 to 192.0.2.4. */
#ifndef ARPAD_TESTS_EAL_SAMPLE_H
#define ARPAD_TESTS_EAL_SAMPLE_H

#include "dataplane/serving.h"

enum { SAMPLE_RECORDS = 4 };

struct sample {
	struct serving serving;
	struct table *table;
	struct zones *zones;
	struct addresses *addresses;
	struct policy policy;
};

/* Serves on 198.18.0.1 and 2001:db8::1, port 53. Every PTR is "hN." with N the last octet. */
void sample_init(struct sample *sample);

/* No worker may be left. */
void sample_fini(struct sample *sample);

#endif
