/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What systemd is told (sd_notify(3), the documented protocol): datagrams of lines to the socket
 * that NOTIFY_SOCKET names. The socket is made at the start, because once it serves arpad may make
 * none of that family; libsystemd would make one for each message.
 */
#ifndef ARPAD_CONTROL_HEALTH_NOTIFY_H
#define ARPAD_CONTROL_HEALTH_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody wants to be told */
	struct sockaddr_un to;
	socklen_t to_bytes;
	uint64_t watchdog_ms; /* silence for so long ends us; 0: no watchdog */
};

/* Reads the environment. What can't be had is logged, and then nobody is told. Before threads. */
void notify_open(struct notify *notify);
void notify_close(struct notify *notify);

/* Sends lines "NAME=value\n…". Any thread; never blocks, and a lost one is no failure. */
void notify_send(const struct notify *notify, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
