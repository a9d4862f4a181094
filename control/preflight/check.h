/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is judged of a host. Each is a function of the facts alone, adds its rows, and says for what
 * is not well how it is mended.
 */
#ifndef ARPAD_CONTROL_PREFLIGHT_CHECK_H
#define ARPAD_CONTROL_PREFLIGHT_CHECK_H

#include "control/preflight/facts.h"
#include "control/preflight/verdict.h"

void check_kernel(const struct facts *facts, struct verdicts *verdicts);
void check_hugepages(const struct facts *facts, struct verdicts *verdicts);
void check_cpus(const struct facts *facts, struct verdicts *verdicts);

/* Port `index` of the configuration: check_interface.c and check_device.c. */
void check_interface(const struct facts *facts, unsigned index, struct verdicts *verdicts);
void check_device(const struct facts *facts, unsigned index, struct verdicts *verdicts);

/* Whether its workers run on the NUMA node of the port, which is -1 where there is none. */
void check_node(const struct facts *facts, unsigned index, int node, struct verdicts *verdicts);

/* The addresses, and who holds their ports. */
void check_listen(const struct facts *facts, struct verdicts *verdicts);

/* The user, its rights and limits. */
void check_starter(const struct facts *facts, struct verdicts *verdicts);

void check_store(const struct facts *facts, struct verdicts *verdicts);

/* Whether a running arpad was seen: then what it holds is not free, and needs not be. */
bool check_arpad_runs(const struct facts *facts);

bool check_has_interface(const struct config *config);

#endif
