/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whose program it is: steer.c against real interfaces in a namespace of its own. The driver's part
 * (load, attach if none is there, detach whatever is there) is played by the test.
 */
#include "bpf/steer.h"

#include "bpf/attachment.h"
#include "bpf/steer_map.h"
#include "tests/bpf/support.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define INTERFACE "steer0" /* a veth end: native XDP */
#define GENERIC	  "steer2" /* a bridge: generic XDP only */

static const char *object_path;
static char sentence[STEER_ERROR_BYTES];

static uint32_t attached_id(const char *interface)
{
	uint32_t id = 0;

	assert_int_equal(bpf_xdp_query_id((int)if_nametoindex(interface), 0, &id), 0);
	return id;
}

static void attach(const char *interface, int program_fd)
{
	assert_int_equal(bpf_xdp_attach((int)if_nametoindex(interface), program_fd,
				 XDP_FLAGS_UPDATE_IF_NOEXIST, NULL),
		0);
}

static void detach_any(const char *interface)
{
	bpf_xdp_detach((int)if_nametoindex(interface), 0, NULL);
}

/* Attached, and held by nothing but the interface: as after the process died. */
static void attach_ours(const char *interface)
{
	struct loaded loaded = support_load(object_path);

	attach(interface, loaded.program_fd);
	bpf_object__close(loaded.object);
}

static void attach_stranger(const char *interface)
{
	const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "stranger", "GPL", pass, 2, NULL);

	assert_true(fd >= 0);
	attach(interface, fd);
	close(fd);
}

static struct steer *open_ours(const char *interface)
{
	struct steer *steer = NULL;

	assert_int_equal(steer_open(interface, &steer, sentence), 0);
	assert_non_null(steer);
	return steer;
}

static struct steer_settings read_settings(const char *interface)
{
	struct attachment attachment;
	struct steer_settings settings;
	const uint32_t first = 0;

	assert_int_equal(attachment_read((int)if_nametoindex(interface), &attachment), 0);
	int fd = attachment_open_map(&attachment, STEER_SETTINGS_NAME, sizeof(settings));
	assert_true(fd >= 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &first, &settings), 0);
	close(fd);
	attachment_close(&attachment);
	return settings;
}

static void write_settings(const char *interface, const struct steer_settings *settings)
{
	struct attachment attachment;
	const uint32_t first = 0;

	assert_int_equal(attachment_read((int)if_nametoindex(interface), &attachment), 0);
	int fd = attachment_open_map(&attachment, STEER_SETTINGS_NAME, sizeof(*settings));
	assert_int_equal(bpf_map_update_elem(fd, &first, settings, BPF_ANY), 0);
	close(fd);
	attachment_close(&attachment);
}

static int clean(void **state)
{
	(void)state;
	detach_any(INTERFACE);
	detach_any(GENERIC);
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

static void test_program_of_dead_process_is_stale(void **state)
{
	siginfo_t info;

	(void)state;
	pid_t pid = fork();
	if (!pid) { /* attaches, signs, and dies without closing anything */
		struct loaded loaded = support_load(object_path);
		struct steer *steer;
		int ifindex = (int)if_nametoindex(INTERFACE);

		if (bpf_xdp_attach(ifindex, loaded.program_fd, 0, NULL) ||
			steer_open(INTERFACE, &steer, sentence))
			_exit(1);
		_exit(steer_enable(steer, 53) ? 1 : 0);
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
	(void)state;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	struct steer_settings settings = read_settings(INTERFACE);
	settings.owner_start++;
	write_settings(INTERFACE, &settings);
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), 0);
	assert_int_equal(attached_id(INTERFACE), 0);
	steer_close(steer);
}

static void test_enable_and_disable(void **state)
{
	(void)state;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	assert_int_equal(read_settings(INTERFACE).enabled, 0);
	assert_int_equal(steer_enable(steer, 5353), 0);
	assert_int_equal(read_settings(INTERFACE).enabled, 1);
	assert_int_equal(read_settings(INTERFACE).port_be, htons(5353));
	assert_int_equal(steer_disable(steer), 0);
	assert_int_equal(read_settings(INTERFACE).enabled, 0);
	assert_int_equal(read_settings(INTERFACE).owner_pid, getpid());
	steer_close(steer);
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

static void test_verdict_names_and_counts(void **state)
{
	(void)state;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	for (unsigned i = 0; i < STEER_VERDICTS; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(steer_verdict_name(i), steer_verdict_name(j));
	assert_int_equal(steer_verdict_count(steer, STEER_REDIRECTED), 0);
	assert_int_equal(steer_verdict_count(steer, STEER_VERDICTS), 0);
	assert_string_equal(steer_verdict_name(STEER_VERDICTS), "unknown");
	steer_close(steer);
}

static void test_close_detaches_only_ours(void **state)
{
	(void)state;
	attach_ours(INTERFACE);
	steer_close(open_ours(INTERFACE));
	assert_int_equal(attached_id(INTERFACE), 0);

	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	detach_any(INTERFACE); /* as the driver does when its port closes */
	attach_stranger(INTERFACE);
	uint32_t id = attached_id(INTERFACE);
	steer_close(steer);
	assert_int_equal(attached_id(INTERFACE), id);
	steer_close(NULL);
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
		cmocka_unit_test_setup(test_enable_and_disable, clean),
		cmocka_unit_test_setup(test_addresses, clean),
		cmocka_unit_test_setup(test_verdict_names_and_counts, clean),
		cmocka_unit_test_setup(test_close_detaches_only_ours, clean),
	};

	if (argc != 2)
		return EXIT_FAILURE;
	object_path = argv[1];
	if (!support_enter_namespace() ||
		system("ip link add " INTERFACE " type veth peer name steer1 && "
		       "ip link add " GENERIC " type bridge"))
		return TEST_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
