/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl as people run it: what it prints and what it exits with, against a server in here. */
#include "control/command/socket.h"
#include "tests/control/backend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;
static struct backend backend;
static struct event_base *base;
static struct socket *control;
static char path[64];
static char said[1 << 16]; /* standard output and error of the last run */

static int open_all(void **state)
{
	struct failure failure;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	backend_open(&backend);
	base = event_base_new();
	event_base_priority_init(base, SOCKET_PRIORITIES);
	snprintf(path, sizeof(path), "%s/sock", backend.folder);
	return socket_open(base, path, 0600, &backend.command, &control, &failure);
}

static int close_all(void **state)
{
	(void)state;
	socket_stop(control);
	socket_free(control);
	event_base_free(base);
	backend_close(&backend);
	return 0;
}

static void end_server(void)
{
	socket_stop(control);
	socket_free(control);
	control = NULL;
}

/* Serves until the child has ended; what it printed is in `said`. Returns its exit status. */
static int serve(pid_t child, int output)
{
	size_t length = 0;
	int status;
	ssize_t got;

	for (;;) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (backend.stops && control)
			end_server();
		got = read(output, said + length, sizeof(said) - 1 - length);
		if (got > 0)
			length += (size_t)got;
		else if (got == 0)
			break;
		else
			usleep(200);
	}
	close(output);
	said[length] = '\0';
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Runs a shell line in which "arpactl" is the program with our socket. */
static int run(const char *line)
{
	char script[2048];
	int ends[2];
	pid_t child;

	snprintf(script, sizeof(script), "arpactl() { '%s' -s '%s' \"$@\"; }; %s", program, path,
		line);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", script, NULL);
		_exit(127);
	}
	close(ends[1]);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	return serve(child, ends[0]);
}

/* Times of PTR objects differ from run to run. */
static void hide_times(char *text)
{
	const size_t bytes = strlen(
		",\"created\":\"2026-01-31T23:59:59Z\",\"modified\":\"2026-01-31T23:59:59Z\"");
	char *at;

	while ((at = strstr(text, ",\"created\":")) != NULL)
		memmove(at, at + bytes, strlen(at + bytes) + 1);
}

static void expect(const char *line, int status, const char *output)
{
	int got = run(line);

	hide_times(said);
	assert_string_equal(said, output);
	assert_int_equal(got, status);
}

static void usage(void **state)
{
	(void)state;
	assert_int_equal(run("arpactl"), 2);
	assert_int_equal(run("arpactl --help"), 0);
	assert_non_null(strstr(said, "zone import ZONE FILE"));
	expect("arpactl foo bar", 2, "arpactl: there is no \"foo bar\"; see \"arpactl --help\"\n");
	expect("arpactl ptr shw", 2,
		"arpactl: there is no \"ptr shw\"; did you mean \"ptr show\"?\n");
	expect("arpactl zon list", 2,
		"arpactl: there is no \"zon list\"; did you mean \"zone list\"?\n");
	expect("arpactl zone", 2, "arpactl: zone lacks its verb; see \"arpactl zone --help\"\n");
	expect("arpactl ptr show", 2,
		"arpactl: ptr show lacks its ADDRESS|-; see \"arpactl ptr show --help\"\n");
	expect("arpactl ptr set 192.0.2.1 a. --tll 1", 2,
		"arpactl: ptr set has no option --tll; did you mean --ttl?\n");
	expect("arpactl -o xml status", 2,
		"arpactl: -o takes text, json, ndjson or csv, not \"xml\"\n");
	assert_int_equal(run("arpactl ptr set 192.0.2.1 a. --ttl 1x"), 2);
	assert_int_equal(run("arpactl -t 0 status"), 2);
	assert_int_equal(run("arpactl ptr set --help"), 0);
	assert_non_null(strstr(said, "  arpactl ptr set 192.0.2.7 mx.example.net. --ttl 300 "));
}

static void addresses_to_answer_on(void **state)
{
	(void)state;
	expect("arpactl address list", 0,
		"192.0.2.53 port 53: configuration\n192.0.2.54 port 53: interface lo\n");
	expect("arpactl address add 2001:db8::1", 0,
		"2001:db8::1: answering, until arpad ends; listen.addresses of the configuration "
		"keeps it\n");
	expect("arpactl address add 2001:db8::1", 6, "2001:db8::1: was added before\n");
	expect("arpactl address remove 2001:db8::1", 0, "2001:db8::1: no longer answering\n");
	expect("arpactl address remove 2001:db8::1", 6,
		"2001:db8::1: is no address that arpad answers on\n");
	expect("arpactl address add 192.0.2.54; arpactl address remove 192.0.2.54", 0,
		"192.0.2.54: answering, until arpad ends; listen.addresses of the configuration "
		"keeps it\n192.0.2.54: still answering, for it is also of: interface lo\n");
	expect("arpactl address remove 192.0.2.53", 1,
		"arpactl: 192.0.2.53 is in listen.addresses of the configuration; take it off "
		"that list and reload (SIGHUP)\n");
	expect("arpactl -j address remove 203.0.113.1", 6,
		"{\"address\":\"203.0.113.1\",\"port\":53,\"changed\":false,\"sources\":[]}\n");
	expect("arpactl address add", 2,
		"arpactl: address add lacks its ADDRESS; see \"arpactl address add --help\"\n");
	expect("arpactl address list x", 2,
		"arpactl: address list: \"x\" is too much; see \"arpactl address list --help\"\n");
	assert_int_equal(run("arpactl address add --help"), 0);
	assert_non_null(strstr(said, "  arpactl address add 192.0.2.53\n"));
}

static void draining(void **state)
{
	(void)state;
	expect("arpactl undrain", 6, "was not draining: the workers answer\n");
	expect("arpactl drain", 0,
		"draining: the kernel gets all packets, and its sockets answer\n");
	expect("arpactl -j drain", 6,
		"{\"steering\":\"draining\",\"changed\":false,\"delay_ms\":0}\n");
	expect("arpactl health", 1,
		"not ready: draining: An operator has asked for a drain; \"arpactl undrain\" ends "
		"it.\n");
	expect("arpactl health -q", 1, "");
	expect("arpactl undrain", 0, "no longer draining: the workers answer\n");
	expect("arpactl health", 0, "ready\n");
	expect("arpactl -j health", 0, "{\"ready\":true,\"reasons\":[]}\n");
	backend.drain_delay_ms = 5000;
	expect("arpactl drain", 0,
		"draining: not ready; in 5000 ms the kernel gets all packets, and its sockets "
		"answer\n");
	expect("arpactl undrain", 0, "no longer draining: the workers answer\n");
	backend.steered = false;
	expect("arpactl drain", 0, "done: no port is steered, so queries are answered as before\n");
	expect("arpactl drain", 6, "it was so before\n");
	expect("arpactl drain now", 2,
		"arpactl: drain: \"now\" is too much; see \"arpactl drain --help\"\n");
}

static void one_address(void **state)
{
	(void)state;
	expect("arpactl zone add 192.0.2.0/24", 0, "192.0.2.0/24 added (change 1)\n");
	expect("arpactl ptr set 192.0.2.7 a.example b.example. --ttl 300", 0,
		"192.0.2.7 set (change 2)\n");
	assert_int_equal(run("arpactl ptr show 192.0.2.7"), 0);
	assert_memory_equal(
		said, "address: 192.0.2.7\nname: a.example.\nname: b.example.\nttl: 300\n", 62);
	expect("arpactl -j ptr show 192.0.2.7", 0,
		"{\"address\":\"192.0.2.7\",\"names\":[\"a.example.\",\"b.example.\"],\"ttl\":300,"
		"\"seq\":2,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"}"
		"\n");
	expect("arpactl ptr unset 192.0.2.7", 0, "192.0.2.7 unset (change 3)\n");
	expect("arpactl ptr show 192.0.2.7", 6, "arpactl: there is no PTR at 192.0.2.7\n");
	assert_int_equal(run("arpactl ptr set 192.0.2.300 a."), 1);
	assert_int_equal(run("arpactl -j ptr set 192.0.2.300 a. 2>/dev/null"), 1);
	assert_memory_equal(said, "{\"error\":{\"code\":1,\"name\":\"invalid\"", 35);
}

static void lists(void **state)
{
	(void)state;
	expect("arpactl -j zone list", 0, "[]\n");
	expect("arpactl zone list", 0, "");
	run("arpactl zone add 192.0.2.0/24; arpactl zone add 2001:db8::/32");
	expect("arpactl zone list", 0, "192.0.2.0/24\n2001:db8::/32\n");
	expect("arpactl -j zone list", 0,
		"[{\"zone\":\"192.0.2.0/24\",\"serial\":1,\"records\":2},\n{\"zone\":\"2001:db8::/"
		"32\",\"serial\":1,\"records\":2}]\n");
	run("arpactl ptr set 192.0.2.1 a.; arpactl ptr set 2001:db8::1 b.");
	expect("arpactl ptr list", 0, "192.0.2.1 a. 3600\n2001:db8::1 b. 3600\n");
	expect("arpactl ptr list 2001:db8::/32", 0, "2001:db8::1 b. 3600\n");
}

static void zones(void **state)
{
	(void)state;
	expect("arpactl zone add 10.0.0.0/8 --ns a. --ns b. --mname m. --rname r. --ttl 9", 0,
		"10.0.0.0/8 added (change 1)\n");
	expect("arpactl zone show 10.0.0.0/8", 0,
		"zone: 10.0.0.0/8\nmname: m.\nrname: r.\nserial: 1\nrefresh: 3600\nretry: 900\n"
		"expire: 1209600\nminimum: 300\nsoa-ttl: 9\nns-ttl: 9\nns: a.\nns: b.\n"
		"records: 2\nserial-policy: increment\nfrozen: no\n");
	expect("arpactl zone remove 10.0.0.0/8", 0,
		"10.0.0.0/8 removed with 2 RRsets (change 2)\n");
	assert_int_equal(run("arpactl zone remove 10.0.0.0/8"), 6);
	assert_int_equal(run("arpactl zone show 10.0.0.0/8"), 6);
}

/* Every line is acknowledged by its address; a bad one is named, and the rest goes on. */
static void many_addresses(void **state)
{
	(void)state;
	run("arpactl zone add 10.0.0.0/8");
	expect("printf '10.0.0.1 a.\\n# no\\n\\n10.0.0.2 b. 7\\n10.0.0.3\\n10.0.0.4 "
	       "c..d\\n10.0.0.5 e.' |"
	       " arpactl ptr set - --ttl 5 2>/dev/null",
		1, "10.0.0.1\n10.0.0.2\n10.0.0.5\n");
	expect("arpactl ptr list", 0, "10.0.0.1 a. 5\n10.0.0.2 b. 7\n10.0.0.5 e. 5\n");
	expect("for i in $(seq 0 2999); do echo 10.1.$((i / 256)).$((i % 256)) h$i.; done |"
	       " arpactl ptr set - | wc -l",
		0, "3000\n");
	expect("arpactl ptr list 10.1.0.0/16 | arpactl ptr set - | wc -l", 0, "3000\n");
}

#define ZONE "printf '$TTL 60\\n@ SOA a. b. 1 2 3 4 5\\n@ NS a. ; caf\\351\\n7 PTR seven.\\n%s' "

static void import(void **state)
{
	(void)state;
	assert_int_equal(run(ZONE "'' | arpactl zone import 192.0.2.0/24 -"), 0);
	assert_memory_equal(said, "192.0.2.0/24 imported: 3 records in ", 36);
	expect("arpactl ptr list", 0, "192.0.2.7 seven. 60\n");
	assert_int_equal(run(ZONE "'8 PTR' | arpactl zone import 192.0.2.0/24 -"), 1);
	assert_non_null(strstr(said, "arpactl: "));
	assert_non_null(strstr(said, "line 5: "));
	expect("arpactl ptr list", 0, "192.0.2.7 seven. 60\n");
	/* Octets that are no ASCII are themselves, escaped or not; a NUL is none of a text. */
	assert_int_equal(
		run("printf '$TTL 60\\n@ SOA a. b. 1 2 3 4 5\\n@ NS a.\\n8 PTR \\351\\\\\\351.\\n' "
		    "|"
		    " arpactl zone import 192.0.2.0/24 - && arpactl zone export 192.0.2.0/24"),
		0);
	assert_non_null(strstr(said, "PTR \\233\\233.\n"));
	assert_int_equal(run("printf '7 PTR a\\000.\\n' | arpactl zone import 192.0.2.0/24 -"), 1);
	assert_non_null(strstr(said, "a NUL octet; this is no text"));
	assert_int_equal(run("arpactl zone import 192.0.2.0/24 /nonexistent"), 1);
	assert_int_equal(backend.command.imports, 0);
}

#define IN_FOLDER "d=$(mktemp -d) && cd $d && trap 'cd / && rm -r '$d EXIT; mkdir s; "

/* Files are found from the file that names them, and their lines are named. */
static void import_with_includes(void **state)
{
	(void)state;
	assert_int_equal(run(IN_FOLDER "echo '$INCLUDE b' >s/a; echo '8 PTR b.example.' >s/b; " ZONE
				       "'$INCLUDE s/a' >z; arpactl zone import 192.0.2.0/24 z"),
		0);
	assert_memory_equal(said, "192.0.2.0/24 imported: 4 records in ", 36);
	assert_int_equal(run(IN_FOLDER "echo '8 PTR' >s/a; " ZONE
				       "'$INCLUDE \"s/a\"' >z; arpactl zone import 192.0.2.0/24 z"),
		1);
	assert_non_null(strstr(said, "s/a:1: the PTR record lacks a name"));
	assert_int_equal(run(IN_FOLDER "echo '$INCLUDE ../z' >s/a; " ZONE
				       "'$INCLUDE s/a' >z; arpactl zone import 192.0.2.0/24 z"),
		1);
	assert_non_null(strstr(said, "which is being read already"));
	assert_int_equal(
		run(ZONE "'$INCLUDE /nonexistent' | arpactl zone import 192.0.2.0/24 -"), 1);
	assert_non_null(strstr(said, "/nonexistent can't be opened"));
	assert_int_equal(run(ZONE "'$INCLUDE' | arpactl zone import 192.0.2.0/24 -"), 1);
}

static void stop_waits_for_the_end(void **state)
{
	(void)state;
	assert_int_equal(run("arpactl status"), 0);
	assert_non_null(strstr(said, "zones: 0\n"));
	expect("arpactl stop", 0, "stopped\n");
	assert_int_equal(run("arpactl status"), 3);
	assert_non_null(strstr(said, "arpad is not running"));
}

static void the_store_and_the_counters(void **state)
{
	(void)state;
	run("arpactl zone add 192.0.2.0/24; arpactl ptr set 192.0.2.1 a.");
	expect("arpactl store verify", 0,
		"the store is sound (RRsets: 3, zones: 1, journal entries: 5)\n");
	expect("arpactl -j store verify", 0,
		"[{\"rrsets\":3,\"zones\":1,\"journal\":5,\"problems\":0}]\n");
	expect("arpactl stats | grep -x -e 'seq 2' -e 'table.owners 2' -e 'outcome.answered 0'", 0,
		"outcome.answered 0\nseq 2\ntable.owners 2\n");
	expect("arpactl -j stats | sed 's/0123/4567/' | arpactl -q stats --since - | grep -e ^seq",
		0,
		"arpactl: arpad was restarted since then; these are the counts since its start\n"
		"seq 2 0.0/s\n");
	expect("arpactl stats --since 0", 2,
		"arpactl: --since takes 1 to 86400 seconds, or a file that \"arpactl -j stats\" "
		"wrote\n");
	expect("echo '{}' | arpactl stats --since -", 2,
		"arpactl: - is not what \"arpactl -j stats\" of this version prints\n");
	assert_int_equal(run("arpactl stats --since /nonexistent"), 1);
	assert_non_null(strstr(said, "/nonexistent can't be read"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(usage),
		TEST(addresses_to_answer_on),
		TEST(draining),
		TEST(one_address),
		TEST(lists),
		TEST(zones),
		TEST(the_store_and_the_counters),
		TEST(many_addresses),
		TEST(import),
		TEST(import_with_includes),
		TEST(stop_waits_for_the_end),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s ARPACTL\n", argv[0]);
		return 2;
	}
	program = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
