/* SPDX-License-Identifier: BSD-3-Clause */
/* The control socket with real clients: what they may do wrong, and that nobody else suffers. */
#include "control/command/socket.h"

#include "tests/control/backend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct backend backend;
static struct event_base *base;
static struct socket *control;
static char path[64];

static int open_all(void **state)
{
	struct failure failure;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	backend_open(&backend);
	base = event_base_new();
	event_base_priority_init(base, SOCKET_PRIORITIES);
	snprintf(path, sizeof(path), "%s/sock", backend.folder);
	if (socket_open(base, path, 0600, &backend.command, &control, &failure) != 0)
		fail_msg("%s", failure.text);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	socket_stop(control);
	socket_free(control);
	event_base_free(base);
	assert_int_equal(access(path, F_OK), -1);
	backend_close(&backend);
	return 0;
}

static void turn(unsigned times)
{
	while (times--)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static int dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Sends all of it, letting the server work while the socket is full. */
static void give(int fd, const char *bytes, size_t count)
{
	while (count) {
		ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);

		if (sent < 0) {
			assert_int_equal(errno, EAGAIN);
			turn(1);
			continue;
		}
		bytes += sent;
		count -= (size_t)sent;
	}
}

static void say(int fd, const char *text)
{
	give(fd, text, strlen(text));
}

/* What comes until `lines` lines are there, or the connection ends, or nothing comes any more. */
static char *hear(int fd, unsigned lines)
{
	static char heard[1 << 22];
	size_t length = 0;
	unsigned idle = 0, seen = 0;

	while (seen < lines && idle < 200 && length < sizeof(heard) - 1) {
		ssize_t got = recv(fd, heard + length, sizeof(heard) - 1 - length, 0);

		if (got == 0)
			break;
		if (got < 0) {
			turn(1);
			idle++;
			continue;
		}
		idle = 0;
		for (ssize_t i = 0; i < got; i++)
			seen += heard[length + (size_t)i] == '\n';
		length += (size_t)got;
	}
	heard[length] = '\0';
	return heard;
}

static bool is_ended(int fd)
{
	char octet;

	for (int i = 0; i < 200; i++) {
		ssize_t got = recv(fd, &octet, 1, 0);

		if (got == 0)
			return true;
		if (got > 0)
			return false;
		turn(1);
	}
	return false;
}

static int dial_and_greet(void)
{
	int fd = dial();
	char expected[240];

	snprintf(expected, sizeof(expected),
		"{\"hello\":\"arpad\",\"version\":\"" ARPAD_VERSION
		"\",\"api\":1,\"pid\":%d,\"role\":\"admin\",\"max_line\":1048576,"
		"\"max_in_flight\":1024}\n",
		(int)getpid());
	assert_string_equal(hear(fd, 1), expected);
	return fd;
}

#define LIST "{\"id\":1,\"method\":\"zone.list\"}\n"

static void greeting_and_mode(void **state)
{
	struct stat file;
	int fd = dial_and_greet();

	(void)state;
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	say(fd, LIST);
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":[]}\n");
	close(fd);
}

static void pipelined_in_order(void **state)
{
	int fd = dial_and_greet();
	char *heard, *line;

	(void)state;
	say(fd, "{\"id\":0,\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}\n");
	for (int i = 1; i <= 6000; i += 2) {
		char text[256];

		snprintf(text, sizeof(text),
			"{\"id\":%d,\"method\":\"ptr.set\",\"params\":{\"address\":\"10.0.0.1\","
			"\"name\":\"h%d.\"}}\n{\"id\":%d,\"method\":\"ptr.show\",\"params\":"
			"{\"address\":\"10.0.0.1\"}}\n",
			i, i, i + 1);
		say(fd, text);
	}
	heard = hear(fd, 6001);
	for (int i = 0; i <= 6000; i++) {
		char expected[64];

		line = strsep(&heard, "\n");
		snprintf(expected, sizeof(expected), "{\"id\":%d,\"result\"", i);
		if (!line || strncmp(line, expected, strlen(expected)) != 0)
			fail_msg("reply %d: %s", i, line);
		snprintf(expected, sizeof(expected), "\"names\":[\"h%d.\"]", i - 1);
		if (i && i % 2 == 0 && !strstr(line, expected))
			fail_msg("reply %d saw another change: %s", i, line);
	}
	close(fd);
}

static void octet_by_octet(void **state)
{
	static const char line[] = LIST;
	int fd = dial_and_greet();

	(void)state;
	for (size_t i = 0; i < sizeof(line) - 1; i++) {
		give(fd, line + i, 1);
		turn(2);
	}
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":[]}\n");
	close(fd);
}

/* Cut after any octet: no effect, no answer, and the next client is served. */
static void cut_anywhere(void **state)
{
	static const char line[] =
		"{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}\n";
	int fd;

	(void)state;
	for (size_t length = 0; length < sizeof(line) - 1; length++) {
		fd = dial();
		give(fd, line, length);
		turn(length % 3);
		close(fd);
		turn(3);
	}
	fd = dial_and_greet();
	say(fd, LIST);
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":[]}\n");
	close(fd);
}

static void bad_json_keeps_the_connection(void **state)
{
	int fd = dial_and_greet();

	(void)state;
	say(fd, "hello\n");
	assert_non_null(
		strstr(hear(fd, 1), "{\"id\":null,\"error\":{\"code\":1,\"name\":\"invalid\""));
	say(fd, "\n");
	assert_non_null(strstr(hear(fd, 1), "invalid"));
	say(fd, LIST);
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":[]}\n");
	close(fd);
}

static void nesting_bomb(void **state)
{
	char *bomb = malloc(1 << 20);
	int fd = dial_and_greet();

	(void)state;
	memset(bomb, '[', 1 << 20);
	bomb[(1 << 20) - 1] = '\n';
	give(fd, bomb, 1 << 20);
	assert_non_null(strstr(hear(fd, 1), "nests deeper than 32"));
	say(fd, LIST);
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":[]}\n");
	close(fd);
	free(bomb);
}

static void longest_line(void **state)
{
	size_t limit = COMMAND_LINE_MAX_BYTES;
	char *line = malloc(limit + 1);
	int fd = dial_and_greet();

	(void)state;
	memset(line, ' ', limit);
	memcpy(line, "{\"id\":1,\"method\":\"zone.list\"}", 29);
	line[limit] = '\n';
	give(fd, line, limit + 1);
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":[]}\n");
	close(fd);
	free(line);
}

static void oversize_line_is_the_last(void **state)
{
	size_t limit = COMMAND_LINE_MAX_BYTES;
	char *line = malloc(limit + 2);
	char *heard;
	int fd = dial_and_greet();

	(void)state;
	memset(line, ' ', limit + 2);
	line[limit + 1] = '\n';
	say(fd, LIST);
	give(fd, line, limit + 2);
	heard = hear(fd, 3);
	assert_memory_equal(heard, "{\"id\":1,\"result\":[]}\n", 20);
	assert_non_null(strstr(heard, "\"name\":\"too-large\""));
	assert_true(is_ended(fd));
	close(fd);
	/* The same without any newline. */
	fd = dial_and_greet();
	give(fd, line, limit + 1);
	assert_non_null(strstr(hear(fd, 2), "\"name\":\"too-large\""));
	assert_true(is_ended(fd));
	close(fd);
	free(line);
}

static void half_closed_client_is_answered(void **state)
{
	int fd = dial_and_greet();

	(void)state;
	say(fd, LIST LIST "{\"id\":2,\"meth");
	shutdown(fd, SHUT_WR);
	assert_string_equal(hear(fd, 3), "{\"id\":1,\"result\":[]}\n{\"id\":1,\"result\":[]}\n");
	assert_true(is_ended(fd));
	close(fd);
}

static void connections_are_capped(void **state)
{
	int fds[SOCKET_CONNECTIONS_MAX], extra;

	(void)state;
	for (int i = 0; i < SOCKET_CONNECTIONS_MAX; i++)
		fds[i] = dial_and_greet();
	extra = dial();
	assert_non_null(strstr(hear(extra, 2), "\"name\":\"busy\",\"message\":\"64 connections"));
	assert_true(is_ended(extra));
	close(extra);
	close(fds[10]);
	turn(5);
	fds[10] = dial_and_greet();
	say(fds[63], LIST);
	assert_string_equal(hear(fds[63], 1), "{\"id\":1,\"result\":[]}\n");
	for (int i = 0; i < SOCKET_CONNECTIONS_MAX; i++)
		close(fds[i]);
}

/* A client that only writes is stopped by its own socket, and others are served meanwhile. */
static void writer_that_never_reads(void **state)
{
	static const char line[] = "{\"id\":1,\"method\":\"server.stats\"}\n";
	int deaf = dial_and_greet(), fd = dial_and_greet();
	unsigned long sent = 0, idle = 0;

	(void)state;
	while (idle < 50) {
		ssize_t got = send(deaf, line, sizeof(line) - 1, MSG_NOSIGNAL);

		if (got == sizeof(line) - 1) {
			sent++;
			idle = 0;
		} else {
			assert_int_equal(got, -1);
			idle++;
			turn(1);
		}
		assert_true(sent < 1000000);
	}
	/* And the loop rests: nothing spins on what can't be sent. */
	assert_int_equal(event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE), 0);
	say(fd, LIST);
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":[]}\n");
	close(deaf);
	turn(5);
	close(fd);
}

/* A list of many pages holds back what follows it, and leaves in order. */
static void list_then_request(void **state)
{
	int fd = dial_and_greet();
	char *heard, *line;
	unsigned pages = 0;

	(void)state;
	say(fd, "{\"id\":0,\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}\n");
	for (unsigned i = 0; i < 3500; i++) {
		char text[160];

		snprintf(text, sizeof(text),
			"{\"method\":\"ptr.set\",\"params\":{\"address\":\"10.0.%u.%u\",\"name\":"
			"\"h.example.\"}}\n",
			i >> 8, i & 255);
		say(fd, text);
	}
	hear(fd, 3501);
	say(fd,
		"{\"id\":\"list\",\"method\":\"ptr.list\"}\n"
		"{\"id\":\"unset\",\"method\":\"ptr.unset\",\"params\":{\"address\":\"10.0.13.1\"}}"
		"\n");
	heard = hear(fd, 5);
	while ((line = strsep(&heard, "\n")) && strstr(line, "\"id\":\"list\"")) {
		pages++;
		if (!strstr(line, "\"more\":true"))
			assert_non_null(strstr(line, "\"10.0.13.1\""));
	}
	assert_int_equal(pages, 4);
	assert_non_null(strstr(line, "\"id\":\"unset\",\"result\""));
	close(fd);
}

static void import_dies_with_its_connection(void **state)
{
	int fd = dial_and_greet();

	(void)state;
	say(fd,
		"{\"id\":1,\"method\":\"import.begin\",\"params\":{\"format\":\"zone\",\"zone\":"
		"\"10.0.0.0/8\"}}\n"
		"{\"id\":2,\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":"
		"\"@ 60 SOA a. b. 1 2 3 4 5\\n@ 60 NS a.\\n\"}}\n");
	assert_non_null(strstr(hear(fd, 2), "\"records\":2"));
	assert_int_equal(backend.command.imports, 1);
	close(fd);
	turn(5);
	assert_int_equal(backend.command.imports, 0);
	fd = dial_and_greet();
	say(fd, LIST "{\"id\":3,\"method\":\"import.commit\",\"params\":{\"import\":1}}\n");
	assert_non_null(strstr(hear(fd, 2), "{\"id\":1,\"result\":[]}\n{\"id\":3,\"error\""));
	close(fd);
}

static void descriptors_are_not_taken(void **state)
{
	char control_bytes[CMSG_SPACE(sizeof(int))] = {0};
	char text[] = LIST;
	struct iovec part = {text, sizeof(text) - 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control_bytes,
		.msg_controllen = sizeof(control_bytes)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd = dial_and_greet(), ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
	assert_int_equal(sendmsg(fd, &message, 0), sizeof(text) - 1);
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":[]}\n");
	/* Nobody else holds the pipe's writing end: closing ours is its end. */
	close(ends[1]);
	assert_int_equal(read(ends[0], text, 1), 0);
	close(ends[0]);
	close(fd);
}

static void stale_file_is_replaced(void **state)
{
	struct socket *second;
	struct failure failure;
	char other[80];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(socket_open(base, path, 0600, &backend.command, &second, &failure), -1);
	assert_non_null(strstr(failure.text, "another arpad is running"));
	snprintf(other, sizeof(other), "%s/dead", backend.folder);
	strcpy(address.sun_path, other);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(socket_open(base, other, 0600, &backend.command, &second, &failure), 0);
	socket_stop(second);
	socket_free(second);
	assert_int_equal(access(other, F_OK), -1);
	fclose(fopen(other, "w"));
	assert_int_equal(socket_open(base, other, 0600, &backend.command, &second, &failure), -1);
	assert_non_null(strstr(failure.text, "is in the way of the control socket"));
	assert_int_equal(access(other, F_OK), 0);
}

/* What was answered before the stop arrives, though the loop turns no more. */
static void stop_sends_what_is_queued(void **state)
{
	int fd = dial_and_greet();

	(void)state;
	say(fd, "{\"id\":1,\"method\":\"server.stop\"}\n");
	while (!backend.stops)
		event_base_loop(base, EVLOOP_ONCE);
	socket_stop(control);
	assert_string_equal(hear(fd, 1), "{\"id\":1,\"result\":{\"stopping\":true}}\n");
	assert_false(is_ended(fd));
	socket_free(control);
	control = NULL;
	assert_true(is_ended(fd));
	close(fd);
}

static void wake_all(void *context)
{
	(void)context;
	update_poll(backend.update);
	socket_wake_followers(control);
}

#define FOLLOW "{\"id\":\"f\",\"method\":\"events\"}\n"
#define ADD    "{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}\n"

/* Whether another line comes, while nothing else is done. */
static bool hears_more(int fd)
{
	char octet;

	turn(5);
	return recv(fd, &octet, 1, MSG_PEEK) == 1;
}

static void followers_hear_of_each_change(void **state)
{
	int reader = dial_and_greet(), writer = dial_and_greet();

	(void)state;
	backend.command.changed = wake_all;
	say(reader, FOLLOW LIST);
	assert_false(hears_more(reader));
	for (int i = 0; i < 20; i++) {
		char text[160], *heard;

		say(writer, i ? "" : ADD);
		if (i == 0)
			assert_non_null(strstr(hear(writer, 1), "\"seq\":1"));
		snprintf(text, sizeof(text),
			"{\"id\":%d,\"method\":\"ptr.set\",\"params\":{\"address\":\"10.0.0.%d\","
			"\"name\":\"a.\"}}\n",
			i, i);
		/* The follower is in the same turn as the change that wakes it. */
		say(reader, LIST);
		say(writer, text);
		assert_non_null(strstr(hear(writer, 1), "\"result\""));
		heard = hear(reader, 1);
		assert_ptr_equal(strstr(heard, "{\"id\":\"f\",\"more\":true,\"result\":[{"), heard);
	}
	/* What came behind the list waits for it. */
	while (hears_more(reader))
		assert_null(strstr(hear(reader, 1), "\"id\":1,"));
	close(reader);
	close(writer);
}

static unsigned admitted(void)
{
	int fds[SOCKET_CONNECTIONS_MAX + 1];
	unsigned count = 0;

	while (count <= SOCKET_CONNECTIONS_MAX) {
		fds[count] = dial();
		if (strstr(hear(fds[count++], 1), "\"busy\""))
			break;
	}
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	turn(5);
	return count - 1;
}

/* Neither one that ends its sending side only nor one that is gone is forgotten, or kept. */
static void followers_that_leave_free_their_place(void **state)
{
	int half = dial_and_greet(), gone = dial_and_greet(), writer = dial_and_greet();

	(void)state;
	backend.command.changed = wake_all;
	say(half, FOLLOW);
	say(gone, FOLLOW);
	turn(5);
	shutdown(half, SHUT_WR);
	close(gone);
	turn(5);
	socket_wake_followers(control); /* as once a second */
	turn(5);
	assert_int_equal(admitted(), SOCKET_CONNECTIONS_MAX - 2);
	say(writer, ADD);
	hear(writer, 1);
	assert_non_null(strstr(hear(half, 1), "\"more\":true"));
	close(half);
	turn(5);
	socket_wake_followers(control);
	turn(5);
	assert_int_equal(admitted(), SOCKET_CONNECTIONS_MAX - 1);
	close(writer);
}

static void arrays_in_one_line(void **state)
{
	enum { COUNT = 4096 };
	char *line = malloc(COUNT * 64), *at = line, *heard;
	int fd = dial_and_greet();

	(void)state;
	*at++ = '[';
	for (int i = 0; i < COUNT; i++)
		at += sprintf(at, "%s{\"id\":%d,\"method\":\"zone.list\"}", i ? "," : "", i);
	strcpy(at, "]\n" LIST);
	say(fd, line);
	heard = hear(fd, COUNT + 1);
	for (int i = 0; i < COUNT; i++) {
		snprintf(line, 64, "{\"id\":%d,\"result\":[]}", i);
		assert_string_equal(strsep(&heard, "\n"), line);
	}
	assert_string_equal(strsep(&heard, "\n"), "{\"id\":1,\"result\":[]}");
	close(fd);
	free(line);
}

static void the_read_only_socket_has_viewers(void **state)
{
	char kept[sizeof(path)];
	struct socket *second;
	struct failure failure;
	char *heard;
	int fd;

	(void)state;
	strcpy(kept, path);
	snprintf(path, sizeof(path), "%s/ro", backend.folder);
	assert_int_equal(
		socket_open_read_only(base, path, 0666, &backend.command, &second, &failure), 0);
	fd = dial();
	assert_non_null(strstr(hear(fd, 1), "\"role\":\"viewer\",\"read_only\":true,"));
	say(fd, ADD LIST);
	heard = hear(fd, 2);
	assert_non_null(strstr(heard, "\"name\":\"denied\""));
	assert_non_null(strstr(heard, "\"result\":[]"));
	socket_stop(second);
	socket_free(second);
	assert_int_equal(access(path, F_OK), -1);
	close(fd);
	strcpy(path, kept);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(greeting_and_mode),
		TEST(pipelined_in_order),
		TEST(octet_by_octet),
		TEST(cut_anywhere),
		TEST(bad_json_keeps_the_connection),
		TEST(nesting_bomb),
		TEST(longest_line),
		TEST(oversize_line_is_the_last),
		TEST(half_closed_client_is_answered),
		TEST(connections_are_capped),
		TEST(writer_that_never_reads),
		TEST(list_then_request),
		TEST(import_dies_with_its_connection),
		TEST(descriptors_are_not_taken),
		TEST(stale_file_is_replaced),
		TEST(stop_sends_what_is_queued),
		TEST(followers_hear_of_each_change),
		TEST(followers_that_leave_free_their_place),
		TEST(arrays_in_one_line),
		TEST(the_read_only_socket_has_viewers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
