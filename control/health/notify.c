/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/health/notify.h"

#include "control/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 512 };

/* A path, or after '@' a name without a file. False: this is neither. */
static bool read_address(struct notify *notify, const char *path)
{
	size_t length = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || length < 2 ||
		length >= sizeof(notify->to.sun_path))
		return false;
	notify->to = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(notify->to.sun_path, path, length);
	if (path[0] == '@')
		notify->to.sun_path[0] = '\0';
	notify->to_bytes =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '/'));
	return true;
}

/* 0 where it is meant for another process, or for none. */
static uint64_t read_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!usec || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	return strtoull(usec, NULL, 10) / 1000;
}

void notify_open(struct notify *notify)
{
	const char *path = getenv("NOTIFY_SOCKET");

	*notify = (struct notify){.fd = -1};
	if (!path)
		return;
	if (!read_address(notify, path)) {
		log_event(LOG_WARNING, "notify", NULL,
			"NOTIFY_SOCKET is no path of a socket: systemd is told nothing");
		return;
	}
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notify->fd < 0) {
		log_event(LOG_WARNING, "notify", NULL, "systemd is told nothing: %s",
			strerror(errno));
		return;
	}
	notify->watchdog_ms = read_watchdog();
}

void notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}

void notify_send(const struct notify *notify, const char *format, ...)
{
	char text[TEXT_BYTES];
	va_list arguments;
	int length;

	if (notify->fd < 0)
		return;
	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length > 0 && length < TEXT_BYTES)
		sendto(notify->fd, text, (size_t)length, MSG_NOSIGNAL,
			(const struct sockaddr *)&notify->to, notify->to_bytes);
}
