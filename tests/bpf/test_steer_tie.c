/* SPDX-License-Identifier: BSD-3-Clause */
/* The program is tied to its process: it goes with it, however that ends, and without rights. */
#include "bpf/attachment.h"
#include "tests/bpf/interfaces.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char sentence[STEER_ERROR_BYTES];

static int clean(void **state)
{
	(void)state;
	interfaces_clean();
	return 0;
}

/* A process with our program on `interface`, which waits for its end. */
static pid_t start_owner(const char *interface)
{
	int ready[2];
	char octet;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (!pid) {
		struct steer *steer;

		attach_ours(interface);
		if (steer_open(interface, &steer, sentence) || steer_enable(steer, 53) ||
			write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &octet, 1), 1);
	close(ready[0]);
	return pid;
}

static void goes_with_a_process_that_is_killed(void **state)
{
	static const char *const interfaces[] = {INTERFACE, GENERIC};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		pid_t pid = start_owner(interfaces[i]);

		assert_int_not_equal(attached_id(interfaces[i]), 0);
		assert_int_equal(steer_clear_stale(interfaces[i], sentence), -EBUSY);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(attached_id(interfaces[i]), 0);
	}
}

/* Nobody waits for the killed one: what starts next finds it in any state of its end. */
static void another_may_start_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		pid_t pid = start_owner(INTERFACE);
		siginfo_t info;

		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
		assert_int_equal(steer_clear_stale(INTERFACE, sentence), 0);
		attach_ours(INTERFACE);
		steer_close(open_ours(INTERFACE));
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
}

/* The mode is the driver's choice, and stays. */
static void in_the_same_mode(void **state)
{
	static const struct {
		const char *name;
		uint32_t mode;
	} interfaces[] = {{INTERFACE, XDP_FLAGS_DRV_MODE}, {GENERIC, XDP_FLAGS_SKB_MODE}};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct attachment attachment;

		attach_ours(interfaces[i].name);
		uint32_t id = attached_id(interfaces[i].name);
		struct steer *steer = open_ours(interfaces[i].name);
		assert_true(steer_is_tied(steer));
		assert_int_equal(
			attachment_read((int)if_nametoindex(interfaces[i].name), &attachment), 0);
		assert_int_equal(attachment.id, id);
		assert_int_equal(attachment.mode, interfaces[i].mode);
		attachment_close(&attachment);
		steer_close(steer);
		assert_int_equal(attached_id(interfaces[i].name), 0);
		steer_close(NULL);
	}
}

static void drop_all_rights(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_setresuid, 65534, 65534, 65534) || syscall(SYS_capset, &header, none))
		_exit(1);
}

static bool serves_without_rights(struct steer *steer)
{
	const uint8_t address[4] = {198, 18, 0, 1};

	return !steer_add_address(steer, 4, address) && !steer_enable(steer, 53) &&
		!steer_drain(steer) && !steer_enable(steer, 53) &&
		!steer_remove_address(steer, 4, address) &&
		steer_verdict_count(steer, STEER_REDIRECTED) == 0;
}

/* All that comes after steer_open, as an ordinary user. */
static void needs_no_rights_after_it_was_opened(void **state)
{
	int status;

	(void)state;
	pid_t pid = fork();
	if (!pid) {
		struct steer *steer;

		attach_ours(INTERFACE);
		if (steer_open(INTERFACE, &steer, sentence))
			_exit(2);
		drop_all_rights();
		if (!serves_without_rights(steer))
			_exit(3);
		steer_close(steer);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(attached_id(INTERFACE), 0);
}

/* Somebody took a descriptor of the link: nothing to do but to say so. */
static void a_link_that_outlives_its_owner_is_named(void **state)
{
	int link = -1;

	(void)state;
	pid_t pid = start_owner(INTERFACE);
	uint32_t id = attached_id(INTERFACE), next = 0;
	while (link < 0 && !bpf_link_get_next_id(next, &next)) {
		struct bpf_link_info info = {0};
		uint32_t bytes = sizeof(info);

		link = bpf_link_get_fd_by_id(next);
		if (link < 0 ||
			(!bpf_obj_get_info_by_fd(link, &info, &bytes) &&
				info.type == BPF_LINK_TYPE_XDP && info.prog_id == id))
			continue;
		close(link);
		link = -1;
	}
	assert_true(link >= 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(attached_id(INTERFACE), id);
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), -EBUSY);
	assert_non_null(strstr(sentence, "bpftool link"));
	close(link);
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), 0);
	assert_int_equal(attached_id(INTERFACE), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(goes_with_a_process_that_is_killed, clean),
		cmocka_unit_test_setup(another_may_start_at_once, clean),
		cmocka_unit_test_setup(in_the_same_mode, clean),
		cmocka_unit_test_setup(needs_no_rights_after_it_was_opened, clean),
		cmocka_unit_test_setup(a_link_that_outlives_its_owner_is_named, clean),
	};

	if (argc != 2)
		return EXIT_FAILURE;
	if (!interfaces_make(argv[1]))
		return TEST_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
