/* SPDX-License-Identifier: BSD-3-Clause */
/* Who holds the ports that arpad wants, from /proc. */
#ifndef ARPAD_CONTROL_PREFLIGHT_FACTS_SOCKET_H
#define ARPAD_CONTROL_PREFLIGHT_FACTS_SOCKET_H

#include "control/preflight/facts.h"

/*
 * A line of /proc/net/udp, udp6, tcp or tcp6 (proc(5)): address, port and inode. False: it is none,
 * or of TCP and not listening.
 */
bool facts_socket_parse(const char *line, bool tcp, struct facts_socket *socket);

/* The unit that the text of /proc/PID/cgroup names, or "". */
void facts_unit_of_cgroup(const char *text, char *unit, size_t bytes);

/* Fills facts->sockets with those that have a port of facts->config, and who they are. */
void facts_read_sockets(const char *root, struct facts *facts);

#endif
