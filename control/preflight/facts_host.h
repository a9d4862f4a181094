/* SPDX-License-Identifier: BSD-3-Clause */
/* The host's kernel, memory, CPUs, store and user. */
#ifndef ARPAD_CONTROL_PREFLIGHT_FACTS_HOST_H
#define ARPAD_CONTROL_PREFLIGHT_FACTS_HOST_H

#include "control/preflight/facts.h"

void facts_read_kernel(const char *root, struct facts_kernel *kernel);
void facts_read_hugepages(const char *root, struct facts_hugepages *hugepages);
void facts_read_cpus(const char *root, const struct config *config, struct facts_cpus *cpus);

/* What is at the store's path, which is taken as it stands. */
void facts_read_store(const char *directory, struct facts_store *store);

/* Whom arpad serves as, and who may read the configuration; after the starter. */
void facts_read_user(const struct facts *facts, struct facts_user *user);

/* Every address of this network namespace's interfaces, at most FACTS_ADDRESSES_MAX. */
void facts_read_addresses(struct facts *facts);

#endif
