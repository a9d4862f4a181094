/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dnstap with libfstrm's own thread: a file read back, bounds, and collectors that do not do as
 * they should.
 */
#include "control/observer/dnstap.h"

#include "tests/control/observation_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fstrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { WAITS = 1500, WAIT_MS = 20 };

static char folder[] = "/tmp/arpad-test-dnstap-XXXXXX";
static char file[64], old[64], path[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/out", folder);
	snprintf(old, sizeof(old), "%s/out.old", folder);
	snprintf(path, sizeof(path), "%s/sock", folder);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	unlink(file);
	unlink(old);
	unlink(path);
	return 0;
}

static int remove_folder(void **state)
{
	clear(state);
	return rmdir(folder);
}

static struct dnstap *started(const struct dnstap_settings *settings)
{
	struct failure failure;
	struct dnstap *dnstap = dnstap_new(settings, &failure);

	if (!dnstap || dnstap_start(dnstap, NULL, NULL, &failure) != 0)
		fail_msg("%s", failure.text);
	return dnstap;
}

static struct dnstap_settings to_file(uint64_t most)
{
	return (struct dnstap_settings){
		.file = file, .file_max_bytes = most, .queries = true, .responses = true};
}

static const struct dnstap_settings to_socket = {
	.socket = path, .queries = true, .responses = true};

static void see(struct dnstap *dnstap, unsigned why)
{
	struct observation seen;

	observation_make(&seen, OBSERVE_KERNEL_UDP, 4, 7);
	seen.why = (uint8_t)why;
	dnstap_take(dnstap, &seen, OBSERVATION_WHEN);
}

/* Until so many messages are sent or dropped. */
static struct dnstap_counts settled(struct dnstap *dnstap, uint64_t messages)
{
	const struct timespec pause = {.tv_nsec = WAIT_MS * 1000000};
	struct dnstap_counts counts = dnstap_counts(dnstap);

	for (unsigned i = 0; i < WAITS && counts.sent + counts.dropped < messages; i++) {
		nanosleep(&pause, NULL);
		counts = dnstap_counts(dnstap);
	}
	assert_true(counts.sent + counts.dropped == messages);
	return counts;
}

/* How many frames the file has, and that it ends as it should. */
static unsigned frames_in(const char *name)
{
	struct fstrm_file_options *options = fstrm_file_options_init();
	struct fstrm_reader *reader;
	const uint8_t *octets;
	unsigned frames = 0;
	size_t bytes;
	fstrm_res result;

	fstrm_file_options_set_file_path(options, name);
	reader = fstrm_file_reader_init(options, NULL);
	assert_non_null(reader);
	while ((result = fstrm_reader_read(reader, &octets, &bytes)) == fstrm_res_success)
		frames++;
	assert_int_equal(result, fstrm_res_stop);
	fstrm_reader_destroy(&reader);
	fstrm_file_options_destroy(&options);
	return frames;
}

static void test_a_file_has_all_of_it(void **state)
{
	const struct dnstap_settings settings = to_file(1 << 20);

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		struct dnstap *dnstap = started(&settings);

		for (unsigned i = 0; i < 100; i++)
			see(dnstap, OBSERVE_SAMPLED);
		see(dnstap, OBSERVE_TRACED);
		assert_true(settled(dnstap, 200).dropped == 0);
		assert_true(dnstap_counts(dnstap).open);
		dnstap_free(dnstap);
		assert_int_equal(frames_in(file), 200);
	}
	assert_int_equal(frames_in(old), 200);
}

static void test_a_file_ends_at_its_limit(void **state)
{
	const struct dnstap_settings settings = to_file(20000);
	struct dnstap *dnstap = started(&settings);
	struct dnstap_counts counts;
	struct stat about;

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		see(dnstap, OBSERVE_SAMPLED);
	counts = settled(dnstap, 600);
	assert_true(counts.dropped > 0);
	see(dnstap, OBSERVE_SAMPLED);
	assert_true(settled(dnstap, 602).sent == counts.sent);
	dnstap_second(dnstap);
	dnstap_free(dnstap);
	assert_int_equal(stat(file, &about), 0);
	assert_true(about.st_size <= 20000);
	assert_int_equal(access(old, F_OK), -1);
}

static void test_no_folder_is_no_end(void **state)
{
	const struct dnstap_settings settings = {
		.file = "/nowhere/out", .file_max_bytes = 1 << 20, .queries = true};
	struct dnstap *dnstap = started(&settings);

	(void)state;
	see(dnstap, OBSERVE_SAMPLED);
	assert_true(settled(dnstap, 1).dropped == 1);
	assert_false(dnstap_counts(dnstap).open);
	dnstap_second(dnstap);
	dnstap_free(dnstap);
}

static int listening(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void test_a_collector_that_says_nothing_holds_nobody_up(void **state)
{
	int fd = listening();
	struct dnstap *dnstap = started(&to_socket);

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		see(dnstap, OBSERVE_SAMPLED);
	assert_true(dnstap_counts(dnstap).sent == 0);
	dnstap_free(dnstap); /* ends; the test's time limit would tell */
	close(fd);
}

static void test_a_collector_that_talks_nonsense_is_left(void **state)
{
	static const char nonsense[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	int fd = listening(), client;
	struct dnstap *dnstap = started(&to_socket);

	(void)state;
	client = accept(fd, NULL, NULL);
	assert_true(client >= 0);
	assert_int_equal(write(client, nonsense, sizeof(nonsense)), sizeof(nonsense));
	see(dnstap, OBSERVE_SAMPLED);
	assert_true(settled(dnstap, 2).dropped == 2);
	close(client);
	close(fd);
	dnstap_free(dnstap);
}

static void test_one_that_never_starts_ends_too(void **state)
{
	struct failure failure;
	struct dnstap *dnstap = dnstap_new(&to_socket, &failure);

	(void)state;
	assert_non_null(dnstap);
	dnstap_free(dnstap);
	dnstap_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_file_has_all_of_it, clear),
		cmocka_unit_test_teardown(test_a_file_ends_at_its_limit, clear),
		cmocka_unit_test_teardown(test_no_folder_is_no_end, clear),
		cmocka_unit_test_teardown(
			test_a_collector_that_says_nothing_holds_nobody_up, clear),
		cmocka_unit_test_teardown(test_a_collector_that_talks_nonsense_is_left, clear),
		cmocka_unit_test(test_one_that_never_starts_ends_too),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
