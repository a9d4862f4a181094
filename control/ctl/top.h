/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl top: the server once a second, on a terminal or as text. */
#ifndef ARPAD_CONTROL_CTL_TOP_H
#define ARPAD_CONTROL_CTL_TOP_H

#include "control/ctl/top_view.h"
#include "control/ctl/verbs.h"

struct top_options {
	bool batch;	    /* text, one page behind the other */
	long long count;    /* pages; 0: until it is ended */
	unsigned delay_s;   /* between two */
	enum top_view view; /* the first */
};

/*
 * Without arpad at the start it fails; later it says so on the page and tries again. The status is
 * CTL_OK, or that of the last page when arpad did not answer by then.
 */
enum ctl_status top_run(const struct ctl *ctl, const struct top_options *options);

#endif
