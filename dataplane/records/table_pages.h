/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of what keeps the pages of hosts. The one writer only. */
#ifndef ARPAD_DATAPLANE_RECORDS_TABLE_PAGES_H
#define ARPAD_DATAPLANE_RECORDS_TABLE_PAGES_H

#include "dataplane/records/table_layout.h"

/* 0, or -ENOMEM: what there is waits for pages_fini. */
int pages_init(struct table *table);

/* Frees the pages of in-addr.arpa and the pool. Those of ip6.arpa, entries, went before. */
void pages_fini(struct table *table);

#endif
