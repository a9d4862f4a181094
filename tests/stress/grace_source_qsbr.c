/* SPDX-License-Identifier: BSD-3-Clause */
/* Grace periods from the reference in qsbr.h. */
#include "tests/stress/grace_source.h"
#include "tests/stress/qsbr.h"

#include <stdlib.h>

/* Readers are online from qsbr_init on. */
static void online(void *context, unsigned reader)
{
	qsbr_quiescent(context, reader);
}

static void quiescent(void *context, unsigned reader)
{
	qsbr_quiescent(context, reader);
}

static void offline(void *context, unsigned reader)
{
	qsbr_offline(context, reader);
}

bool grace_source_qsbr(struct grace_source *source, unsigned readers)
{
	struct qsbr *qsbr = aligned_alloc(alignof(struct qsbr), sizeof(*qsbr));

	if (!qsbr)
		return false;
	qsbr_init(qsbr, readers);
	*source = (struct grace_source){
		{qsbr_start, qsbr_passed, qsbr}, online, quiescent, offline, free};
	return true;
}
