/* SPDX-License-Identifier: BSD-3-Clause */
/* What is found missing before EAL starts: each gives a number and a sentence that says what to do.
 */
#include "dataplane/dpdk/eal.h"

#include <errno.h>
#include <glob.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int allowed_cpu(void)
{
	cpu_set_t allowed;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	return cpu;
}

/* Valid but for what a test spoils; "lo" is there in every network namespace. */
static struct dataplane_config loopback_config(void)
{
	return (struct dataplane_config){
		.program = "test_eal",
		.ports = {{.interface = "lo", .queues = 1}},
		.port_count = 1,
		.steer_object = "/dev/null",
		.control_core = allowed_cpu(),
		.worker_cores = {allowed_cpu(), allowed_cpu()},
		.worker_count = 1,
	};
}

static void refused(const struct dataplane_config *config, int code, const char *words)
{
	char error[DATAPLANE_ERROR_BYTES] = "";

	assert_int_equal(eal_open(config, error), code);
	if (!strstr(error, words))
		fail_msg("'%s' is not in: %s", words, error);
}

static void test_no_such_interface(void **state)
{
	struct dataplane_config config = loopback_config();

	(void)state;
	config.ports[0].interface = "nosuch0";
	refused(&config, -ENODEV, "no interface nosuch0");
}

static void test_unreadable_object(void **state)
{
	struct dataplane_config config = loopback_config();

	(void)state;
	config.steer_object = "/nonexistent/steer.bpf.o";
	refused(&config, -ENOENT, "/nonexistent/steer.bpf.o");
}

static void test_more_queues_than_the_interface_has(void **state)
{
	struct dataplane_config config = loopback_config();

	(void)state;
	config.ports[0].queues = config.worker_count = 2;
	refused(&config, -EINVAL, "set its queues to 1");
}

static void test_cpu_that_is_not_there(void **state)
{
	struct dataplane_config config = loopback_config();

	(void)state;
	config.worker_cores[0] = CPU_SETSIZE;
	refused(&config, -EINVAL, "CPU 1024");
	config = loopback_config();
	config.control_core = -1;
	refused(&config, -EINVAL, "CPU -1");
}

static bool any_hugepage_free(void)
{
	bool any = false;
	glob_t paths = {0};

	glob("/sys/kernel/mm/hugepages/hugepages-*/free_hugepages", 0, NULL, &paths);
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		FILE *file = fopen(paths.gl_pathv[i], "r");

		any = any || (file && fgetc(file) != '0');
		if (file)
			fclose(file);
	}
	globfree(&paths);
	return any;
}

static void test_no_hugepage(void **state)
{
	struct dataplane_config config = loopback_config();

	(void)state;
	if (any_hugepage_free())
		skip();
	config.hugepages = true;
	refused(&config, -ENOMEM, "/proc/sys/vm/nr_hugepages");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_such_interface),
		cmocka_unit_test(test_unreadable_object),
		cmocka_unit_test(test_more_queues_than_the_interface_has),
		cmocka_unit_test(test_cpu_that_is_not_there),
		cmocka_unit_test(test_no_hugepage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
