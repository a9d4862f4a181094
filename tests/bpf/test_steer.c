/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whose program it is: steer.c against real interfaces in a namespace of its own. The driver's part
 * (load, attach if none is there, detach whatever is there) is played by the test.
 */
#include "bpf/steer.h"

#include "bpf/owner.h"
#include "bpf/steer_verdict.h"
#include "tests/bpf/interfaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char sentence[STEER_ERROR_BYTES];

static int clean(void **state)
{
	(void)state;
	interfaces_clean();
	memset(sentence, 0, sizeof(sentence));
	return 0;
}

static void test_no_interface(void **state)
{
	struct steer *steer = NULL;

	(void)state;
	assert_int_equal(steer_clear_stale("nosuch0", sentence), -ENODEV);
	assert_non_null(strstr(sentence, "nosuch0"));
	assert_int_equal(steer_open("nosuch0", &steer, sentence), -ENODEV);
	assert_null(steer);
}

static void test_free_interface(void **state)
{
	struct steer *steer = NULL;

	(void)state;
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), 0);
	assert_int_equal(steer_open(INTERFACE, &steer, sentence), -ENOENT);
	assert_null(steer);
}

static void test_stranger_is_left_alone(void **state)
{
	struct steer *steer = NULL;

	(void)state;
	attach_stranger(INTERFACE);
	uint32_t id = attached_id(INTERFACE);
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), -EBUSY);
	assert_non_null(strstr(sentence, "'stranger'"));
	assert_non_null(strstr(sentence, "ip link set dev " INTERFACE " xdp off"));
	assert_int_equal(steer_open(INTERFACE, &steer, sentence), -EBUSY);
	assert_int_equal(attached_id(INTERFACE), id);
}

static void test_unsigned_program_is_stale(void **state)
{
	(void)state;
	attach_ours(INTERFACE);
	assert_int_not_equal(attached_id(INTERFACE), 0);
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), 0);
	assert_int_equal(attached_id(INTERFACE), 0);
}

static void test_generic_mode_is_cleared_too(void **state)
{
	(void)state;
	attach_ours(GENERIC);
	assert_int_equal(steer_clear_stale(GENERIC, sentence), 0);
	assert_int_equal(attached_id(GENERIC), 0);
}

/* As an arpad before links left it, and one that is killed before it made one. */
static void test_program_of_dead_process_is_stale(void **state)
{
	siginfo_t info;

	(void)state;
	attach_ours(INTERFACE);
	pid_t pid = fork();
	if (!pid) {
		struct steer_settings settings = {.state = STEER_ON};

		if (!owner_sign(&settings))
			_exit(1);
		write_settings(INTERFACE, &settings);
		_exit(0);
	}
	/* Dead, but not yet buried: nobody must wait for its parent. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(info.si_status, 0);
	assert_int_equal(read_settings(INTERFACE).owner_pid, pid);
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), 0);
	assert_int_equal(attached_id(INTERFACE), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_program_of_living_process_is_kept(void **state)
{
	(void)state;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	assert_int_equal(read_settings(INTERFACE).owner_pid, getpid());
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), -EBUSY);
	assert_non_null(strstr(sentence, "another arpad"));
	assert_int_not_equal(attached_id(INTERFACE), 0);
	steer_close(steer);
}

/* The process id is in use again, by a process that started at another time. */
static void test_reused_process_id_is_stale(void **state)
{
	struct steer_settings settings = {.state = STEER_ON};

	(void)state;
	attach_ours(INTERFACE);
	assert_true(owner_sign(&settings));
	settings.owner_start++;
	write_settings(INTERFACE, &settings);
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), 0);
	assert_int_equal(attached_id(INTERFACE), 0);
}

static void test_states(void **state)
{
	(void)state;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	assert_int_equal(read_settings(INTERFACE).state, STEER_OFF);
	assert_int_equal(steer_enable(steer, 5353), 0);
	assert_int_equal(read_settings(INTERFACE).state, STEER_ON);
	assert_int_equal(read_settings(INTERFACE).port_be, htons(5353));
	assert_int_equal(steer_drain(steer), 0);
	assert_int_equal(read_settings(INTERFACE).state, STEER_DRAINING);
	assert_int_equal(steer_enable(steer, 53), 0);
	assert_int_equal(read_settings(INTERFACE).state, STEER_ON);
	assert_int_equal(read_settings(INTERFACE).port_be, htons(53));
	assert_int_equal(steer_disable(steer), 0);
	assert_int_equal(read_settings(INTERFACE).state, STEER_OFF);
	assert_int_equal(read_settings(INTERFACE).owner_pid, getpid());
	steer_close(steer);
}

static void test_mac_address_is_the_interfaces(void **state)
{
	static const uint8_t mac[] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

	(void)state;
	attach_ours(INTERFACE);
	assert_int_equal(system("ip link set dev " INTERFACE " address 02:11:22:33:44:55"), 0);
	struct steer *steer = open_ours(INTERFACE);
	struct steer_settings settings = read_settings(INTERFACE);
	assert_memory_equal(&settings.mac_first, mac, 2);
	assert_memory_equal(&settings.mac_rest, mac + 2, 4);
	steer_close(steer);
}

static void test_another_mac_address_changes_nothing_else(void **state)
{
	static const uint8_t mac[] = {0x02, 0x66, 0x77, 0x88, 0x99, 0xaa};

	(void)state;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	assert_int_equal(steer_enable(steer, 5353), 0);
	struct steer_settings before = read_settings(INTERFACE);
	assert_memory_not_equal(&before.mac_rest, mac + 2, 4);
	assert_int_equal(steer_set_mac(steer, mac), 0);
	struct steer_settings settings = read_settings(INTERFACE);
	memcpy(&before.mac_first, mac, 2);
	memcpy(&before.mac_rest, mac + 2, 4);
	assert_memory_equal(&settings, &before, sizeof(settings));
	steer_close(steer);
}

/* A dead arpad of any version must be known by its settings: their size and owner stay put. */
static void test_layout_of_settings_is_that_of_the_first_arpad(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct steer_settings), 24);
	assert_int_equal(offsetof(struct steer_settings, state), 0);
	assert_int_equal(offsetof(struct steer_settings, owner_pid), 8);
	assert_int_equal(offsetof(struct steer_settings, owner_start), 16);
}

static void test_addresses(void **state)
{
	uint8_t bytes[16] = {198, 18, 0, 1};
	uint32_t count = 0;

	(void)state;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	assert_int_equal(steer_add_address(steer, 5, bytes), -EINVAL);
	assert_int_equal(steer_remove_address(steer, 4, bytes), -ENOENT);
	assert_int_equal(steer_add_address(steer, 4, bytes), 0);
	assert_int_equal(steer_add_address(steer, 4, bytes), 0);
	assert_int_equal(steer_remove_address(steer, 6, bytes), -ENOENT);
	assert_int_equal(steer_remove_address(steer, 4, bytes), 0);
	int rc = 0;
	while (!rc) {
		memcpy(bytes, &count, sizeof(count));
		rc = steer_add_address(steer, 6, bytes);
		count += !rc;
	}
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(count, STEER_ADDRESSES_MAX);
	steer_close(steer);
}

static void test_verdict_names_sentences_and_counts(void **state)
{
	(void)state;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	for (unsigned i = 0; i < STEER_VERDICTS; i++) {
		assert_true(strlen(steer_verdict_sentence(i)) > 10);
		for (unsigned j = 0; j < i; j++) {
			assert_string_not_equal(steer_verdict_name(i), steer_verdict_name(j));
			assert_string_not_equal(
				steer_verdict_sentence(i), steer_verdict_sentence(j));
		}
	}
	assert_int_equal(steer_verdict_count(steer, STEER_REDIRECTED), 0);
	assert_int_equal(steer_verdict_count(steer, STEER_VERDICTS), 0);
	assert_string_equal(steer_verdict_name(STEER_VERDICTS), "unknown");
	assert_string_equal(steer_verdict_sentence(STEER_VERDICTS), "");
	steer_close(steer);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_no_interface, clean),
		cmocka_unit_test_setup(test_free_interface, clean),
		cmocka_unit_test_setup(test_stranger_is_left_alone, clean),
		cmocka_unit_test_setup(test_unsigned_program_is_stale, clean),
		cmocka_unit_test_setup(test_generic_mode_is_cleared_too, clean),
		cmocka_unit_test_setup(test_program_of_dead_process_is_stale, clean),
		cmocka_unit_test_setup(test_program_of_living_process_is_kept, clean),
		cmocka_unit_test_setup(test_reused_process_id_is_stale, clean),
		cmocka_unit_test_setup(test_states, clean),
		cmocka_unit_test_setup(test_mac_address_is_the_interfaces, clean),
		cmocka_unit_test_setup(test_another_mac_address_changes_nothing_else, clean),
		cmocka_unit_test_setup(test_layout_of_settings_is_that_of_the_first_arpad, clean),
		cmocka_unit_test_setup(test_addresses, clean),
		cmocka_unit_test_setup(test_verdict_names_sentences_and_counts, clean),
	};

	if (argc != 2)
		return EXIT_FAILURE;
	if (!interfaces_make(argv[1]))
		return TEST_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
