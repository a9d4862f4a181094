/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL's command line as a function of the configuration; no EAL is started. */
#include "dataplane/dpdk/eal_arguments.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct eal_arguments made;
static char error[DATAPLANE_ERROR_BYTES];

static struct dataplane_config af_xdp_config(void)
{
	return (struct dataplane_config){
		.program = "arpad",
		.ports = {{.interface = "eth1", .queues = 2}},
		.port_count = 1,
		.steer_object = "/usr/libexec/arpad/steer.bpf.o",
		.worker_cores = {1, 1},
		.worker_count = 2,
	};
}

/* All arguments in one line, as a shell would show them. */
static const char *joined(const struct dataplane_config *config)
{
	static char line[sizeof(made.text) + 4096];

	error[0] = '\0';
	assert_int_equal(eal_arguments(config, &made, error), 0);
	assert_string_equal(error, "");
	assert_null(made.list[made.count]);
	line[0] = '\0';
	for (int i = 0; i < made.count; i++) {
		strcat(line, i ? " " : "");
		strcat(line, made.list[i]);
	}
	return line;
}

static void refused(const struct dataplane_config *config, const char *word)
{
	error[0] = '\0';
	assert_int_equal(eal_arguments(config, &made, error), -EINVAL);
	assert_non_null(strstr(error, word));
}

static void test_af_xdp_without_hugepages(void **state)
{
	struct dataplane_config config = af_xdp_config();

	(void)state;
	assert_string_equal(joined(&config),
		"arpad --no-huge --no-shconf -m 256 --lcores 0@0,1@1,2@1 --main-lcore 0 --vdev "
		"net_af_xdp0,iface=eth1,start_queue=0,queue_count=2,"
		"xdp_prog=/usr/libexec/arpad/steer.bpf.o,busy_budget=0 --no-pci --iova-mode=va "
		"--no-telemetry "
		"--log-level=warning --log-level=lib.eal:error");
}

static void test_hugepages_and_memory(void **state)
{
	struct dataplane_config config = af_xdp_config();

	(void)state;
	config.hugepages = true;
	assert_non_null(strstr(joined(&config), "arpad --in-memory --lcores"));
	config.memory_mib = 1024;
	assert_non_null(strstr(joined(&config), "arpad --in-memory -m 1024 --lcores"));
	config.hugepages = false;
	assert_non_null(strstr(joined(&config), "--no-huge --no-shconf -m 1024 "));
}

static void test_telemetry_is_for_who_wants_it(void **state)
{
	struct dataplane_config config = af_xdp_config();

	(void)state;
	config.telemetry = true;
	assert_null(strstr(joined(&config), "telemetry"));
}

static void test_memory_grows_with_queues_and_buffers(void **state)
{
	struct dataplane_config config = af_xdp_config();

	(void)state;
	config.ports[0].queues = config.worker_count = 2;
	assert_non_null(strstr(joined(&config), " -m 256 "));
	config.ports[0].queues = config.worker_count = 16;
	assert_non_null(strstr(joined(&config), " -m 1152 "));
	config.ports[0].queues = config.worker_count = 4;
	config.ports[0].buffers = 65535; /* five pools of the usual size, rounded up */
	assert_non_null(strstr(joined(&config), " -m 1424 "));
}

static void test_pci_devices(void **state)
{
	struct dataplane_config config = {
		.program = "arpad",
		.ports = {{.device = "0000:3b:00.0", .queues = 1},
			{.device = "3b:00.1,opt=1", .queues = 1}},
		.port_count = 2,
		.control_core = 2,
		.worker_cores = {3, 4},
		.worker_count = 2,
	};
	char name[EAL_PORT_NAME_BYTES];

	(void)state;
	const char *line = joined(&config);
	assert_non_null(strstr(line, " --lcores 0@2,1@3,2@4 "));
	assert_non_null(strstr(line, " -a 0000:3b:00.0 -a 3b:00.1,opt=1 "));
	assert_null(strstr(line, "--no-pci"));
	assert_null(strstr(line, "--iova-mode"));
	assert_null(strstr(line, "--vdev"));
	eal_port_name(&config.ports[0], 0, name);
	assert_string_equal(name, "0000:3b:00.0");
	eal_port_name(&config.ports[1], 1, name);
	assert_string_equal(name, "0000:3b:00.1");
}

static void test_virtual_devices(void **state)
{
	struct dataplane_config config = {
		.program = "arpad",
		.ports = {{.device = "net_pcap0,rx_pcap=a.pcap,tx_pcap=b.pcap", .queues = 1}},
		.port_count = 1,
		.worker_count = 1,
	};
	char name[EAL_PORT_NAME_BYTES];

	(void)state;
	const char *line = joined(&config);
	assert_non_null(strstr(line, " --vdev net_pcap0,rx_pcap=a.pcap,tx_pcap=b.pcap "));
	assert_non_null(strstr(line, " --no-pci "));
	eal_port_name(&config.ports[0], 0, name);
	assert_string_equal(name, "net_pcap0");
}

static struct dataplane_config kernel_config(enum dataplane_kernel_device device)
{
	return (struct dataplane_config){
		.program = "arpad",
		.ports = {{.device = "net_tap0,iface=w", .queues = 1},
			{.device = "0000:3b:00.0",
				.queues = 1,
				.kernel = {.device = device, .interface = "dns0", .rate = 1000}}},
		.port_count = 2,
		.worker_cores = {1, 2},
		.worker_count = 2,
	};
}

static void test_ways_to_the_kernel(void **state)
{
	struct dataplane_config config = kernel_config(DATAPLANE_KERNEL_VIRTIO_USER);
	char name[EAL_PORT_NAME_BYTES];

	(void)state;
	assert_non_null(strstr(joined(&config),
		" --vdev net_tap0,iface=w -a 0000:3b:00.0 --vdev "
		"virtio_user1,path=/dev/vhost-net,queues=1,queue_size=1024,iface=dns0 "
		"--no-telemetry "));
	assert_non_null(strstr(joined(&config), " -m 256 "));
	config.ports[0].queues = 2;
	config.worker_count = 3;
	assert_non_null(strstr(joined(&config), " -m 278 ")); /* its own memory too */
	eal_kernel_name(1, name);
	assert_string_equal(name, "virtio_user1");
	/* A TAP is none of EAL's business. */
	config = kernel_config(DATAPLANE_KERNEL_TAP);
	assert_null(strstr(joined(&config), "dns0"));
}

static void test_ways_to_the_kernel_that_are_none(void **state)
{
	struct dataplane_config config = kernel_config(DATAPLANE_KERNEL_TAP);

	(void)state;
	config.ports[1].kernel.rate = 0;
	refused(&config, "port 1: the way to the kernel");
	config = kernel_config(DATAPLANE_KERNEL_TAP);
	config.ports[1].kernel.interface = NULL;
	refused(&config, "port 1: the way to the kernel");
	config.ports[1].kernel.interface = "a,b";
	refused(&config, "port 1: the way to the kernel");
	config = kernel_config(DATAPLANE_KERNEL_TAP);
	config.ports[1].device = NULL;
	config.ports[1].interface = "eth0";
	refused(&config, "port 1: the way to the kernel");
}

static void test_port_names_follow_the_index(void **state)
{
	struct dataplane_config config = af_xdp_config();
	char name[EAL_PORT_NAME_BYTES];

	(void)state;
	config.ports[1] = (struct dataplane_port){.interface = "eth2", .queues = 1};
	config.port_count = 2;
	config.worker_count = 3;
	assert_non_null(strstr(joined(&config), " --vdev net_af_xdp1,iface=eth2,start_queue=0,"));
	eal_port_name(&config.ports[1], 1, name);
	assert_string_equal(name, "net_af_xdp1");
}

static void test_extra_arguments_come_last(void **state)
{
	static const char *const extra[] = {"--log-level=debug", "--iova-mode=va"};
	struct dataplane_config config = af_xdp_config();

	(void)state;
	config.extra_args = extra;
	config.extra_arg_count = 2;
	joined(&config);
	assert_ptr_equal(made.list[made.count - 2], extra[0]);
	assert_ptr_equal(made.list[made.count - 1], extra[1]);
}

static void test_the_largest_configuration_fits(void **state)
{
	static char object[4096];
	struct dataplane_config config = af_xdp_config();

	(void)state;
	memset(object, 'x', sizeof(object) - 1);
	object[0] = '/';
	config.steer_object = object;
	config.port_count = 1;
	config.ports[0].queues = config.worker_count = DATAPLANE_WORKERS_MAX;
	for (unsigned i = 0; i < DATAPLANE_WORKERS_MAX; i++)
		config.worker_cores[i] = 1023;
	assert_non_null(strstr(joined(&config), ",64@1023 "));
}

static void test_too_many_arguments(void **state)
{
	static const char *extra[EAL_ARGUMENTS_MAX];
	struct dataplane_config config = af_xdp_config();

	(void)state;
	for (unsigned i = 0; i < EAL_ARGUMENTS_MAX; i++)
		extra[i] = "-v";
	config.extra_args = extra;
	config.extra_arg_count = EAL_ARGUMENTS_MAX;
	refused(&config, "too many");
}

static void test_text_that_does_not_fit(void **state)
{
	static char object[sizeof(made.text)];
	struct dataplane_config config = af_xdp_config();

	(void)state;
	memset(object, 'x', sizeof(object) - 1);
	config.steer_object = object;
	refused(&config, "too many");
}

static void test_refusals(void **state)
{
	struct dataplane_config config = af_xdp_config();

	(void)state;
	config.port_count = 0;
	refused(&config, "ports");
	config = af_xdp_config();
	config.worker_count = 1;
	refused(&config, "2 queues for 1 workers");
	config = af_xdp_config();
	config.ports[0].queues = 0;
	refused(&config, "queues must be 1");
	config = af_xdp_config();
	config.ports[0].device = "net_ring0";
	refused(&config, "one of the two");
	config = af_xdp_config();
	config.ports[0].interface = NULL;
	refused(&config, "one of the two");
	config = af_xdp_config();
	config.ports[0].interface = "eth0,shared_umem=1";
	refused(&config, "comma");
	config = af_xdp_config();
	config.steer_object = "/a,b.o";
	refused(&config, "comma");
	config.steer_object = NULL;
	refused(&config, "XDP program");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_af_xdp_without_hugepages),
		cmocka_unit_test(test_hugepages_and_memory),
		cmocka_unit_test(test_telemetry_is_for_who_wants_it),
		cmocka_unit_test(test_memory_grows_with_queues_and_buffers),
		cmocka_unit_test(test_pci_devices),
		cmocka_unit_test(test_virtual_devices),
		cmocka_unit_test(test_ways_to_the_kernel),
		cmocka_unit_test(test_ways_to_the_kernel_that_are_none),
		cmocka_unit_test(test_port_names_follow_the_index),
		cmocka_unit_test(test_extra_arguments_come_last),
		cmocka_unit_test(test_the_largest_configuration_fits),
		cmocka_unit_test(test_too_many_arguments),
		cmocka_unit_test(test_text_that_does_not_fit),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
