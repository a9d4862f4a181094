/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels that refuse links, played by a bpf_link_create that does: all goes on as without them. */
#include "bpf/attachment.h"
#include "tests/bpf/interfaces.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char sentence[STEER_ERROR_BYTES];
static int refusals[2]; /* what the first call says, and the second */
static unsigned calls;

int __wrap_bpf_link_create(int program, int target, enum bpf_attach_type type,
	const struct bpf_link_create_opts *options);

int __wrap_bpf_link_create(int program, int target, enum bpf_attach_type type,
	const struct bpf_link_create_opts *options)
{
	(void)program;
	(void)target;
	(void)options;
	assert_int_equal(type, BPF_XDP);
	assert_in_range(calls, 0, 1);
	errno = refusals[calls++];
	return -1;
}

static int clean(void **state)
{
	(void)state;
	interfaces_clean();
	calls = 0;
	return 0;
}

static void serve(const char *interface)
{
	uint32_t id = attached_id(interface);
	struct steer *steer = open_ours(interface);

	assert_false(steer_is_tied(steer));
	assert_int_equal(attached_id(interface), id);
	assert_int_equal(steer_enable(steer, 53), 0);
	assert_int_equal(read_settings(interface).state, STEER_ON);
	steer_close(steer);
	assert_int_equal(attached_id(interface), 0);
}

/* Before 5.9: the attachment is not touched at all. */
static void kernel_without_links(void **state)
{
	(void)state;
	refusals[0] = EINVAL;
	attach_ours(INTERFACE);
	serve(INTERFACE);
	assert_int_equal(calls, 1);
}

static void link_refused_after_the_detach(void **state)
{
	static const char *const interfaces[] = {INTERFACE, GENERIC};

	(void)state;
	refusals[0] = EBUSY;
	refusals[1] = ENOMEM;
	for (unsigned i = 0; i < 2; i++) {
		calls = 0;
		attach_ours(interfaces[i]);
		serve(interfaces[i]);
		assert_int_equal(calls, 2);
	}
}

static void close_detaches_only_ours(void **state)
{
	(void)state;
	refusals[0] = EINVAL;
	attach_ours(INTERFACE);
	struct steer *steer = open_ours(INTERFACE);
	detach_any(INTERFACE); /* as the driver does when its port closes */
	attach_stranger(INTERFACE);
	uint32_t id = attached_id(INTERFACE);
	steer_close(steer);
	assert_int_equal(attached_id(INTERFACE), id);
	assert_int_equal(steer_clear_stale(INTERFACE, sentence), -EBUSY);
	assert_non_null(strstr(sentence, "'stranger'"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(kernel_without_links, clean),
		cmocka_unit_test_setup(link_refused_after_the_detach, clean),
		cmocka_unit_test_setup(close_detaches_only_ours, clean),
	};

	if (argc != 2)
		return EXIT_FAILURE;
	if (!interfaces_make(argv[1]))
		return TEST_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
