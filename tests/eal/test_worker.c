/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A real EAL, real workers: frames go in from pcap files, one a queue, and what the workers send is
 * read back from others. EAL starts once in a process, so the whole life is one test.
 */
#include "dataplane/dataplane.h"
#include "dataplane/dns/wire.h"
#include "tests/eal/pcap.h"
#include "tests/eal/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	QUEUES = 2,
	QUERIES_PER_QUEUE = 1000, /* many bursts */
	SILENT_PER_QUEUE = 4,
	FRAME_MAX_BYTES = 4096,
	ETHERNET_BYTES = 14,
	UDP_BYTES = 8,
};

/* The MAC address that DPDK gives the first net_pcap device of a process. */
static const uint8_t pcap_mac[6] = {2, 'p', 'c', 'a', 'p', 0};

/* What is asked, by the query's number modulo this. */
static const struct kind {
	const char *name;
	enum outcome outcome;
	uint8_t rcode, answers;
} kinds[] = {
	{"\0011\0012\0010\003192\7in-addr\4arpa", OUTCOME_ANSWERED, WIRE_NOERROR, 1},
	{"\0014\0012\0010\003192\7in-addr\4arpa", OUTCOME_ANSWERED, WIRE_NOERROR, 1},
	{"\0019\0012\0010\003192\7in-addr\4arpa", OUTCOME_NXDOMAIN, WIRE_NXDOMAIN, 0},
	{"\0011\0010\0010\00210\7in-addr\4arpa", OUTCOME_REFUSED, WIRE_REFUSED, 0},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i + 1 < count; i += 2)
		sum += wire_get16(bytes + i);
	return count % 2 ? sum + (uint32_t)(bytes[count - 1] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Over addresses, protocol, length and datagram: 0xffff where the checksum inside is right. */
static uint16_t udp_sum(const uint8_t *ip, unsigned family, const uint8_t *udp, size_t bytes)
{
	uint32_t sum = family == 4 ? sum16(0, ip + 12, 8) : sum16(0, ip + 8, 32);

	return fold(sum16(sum + 17 + (uint32_t)bytes, udp, bytes));
}

/* Query `number` from host 2 of our network to us; even ones over IPv4, odd ones over IPv6. */
static uint32_t make_query(uint8_t *frame, unsigned number)
{
	static const uint8_t ipv4[] = {198, 18, 0, 2, 198, 18, 0, 1};
	static const uint8_t ipv6[32] = {
		0x20, 0x01, 0x0d, 0xb8, [15] = 2, 0x20, 0x01, 0x0d, 0xb8, [31] = 1};
	const struct kind *kind = &kinds[number / 2 % KINDS];
	unsigned family = number % 2 ? 6 : 4;
	uint8_t *ip = frame + ETHERNET_BYTES, *udp = ip + (family == 4 ? 20 : 40);
	uint8_t *dns = udp + UDP_BYTES;
	size_t name_bytes = strlen(kind->name) + 1;
	uint16_t udp_bytes = (uint16_t)(UDP_BYTES + 12 + name_bytes + 4);

	memset(frame, 0, FRAME_MAX_BYTES);
	memcpy(frame, pcap_mac, sizeof(pcap_mac));
	memset(frame + 6, 0x06, 6);
	wire_put16(frame + 12, family == 4 ? 0x0800 : 0x86dd);
	wire_put16(dns, (uint16_t)number);
	wire_put16(dns + WIRE_QDCOUNT, 1);
	memcpy(dns + 12, kind->name, name_bytes);
	wire_put16(dns + 12 + name_bytes, WIRE_TYPE_PTR);
	wire_put16(dns + 12 + name_bytes + 2, WIRE_CLASS_IN);
	wire_put16(udp, (uint16_t)(1024 + number));
	wire_put16(udp + 2, 53);
	wire_put16(udp + 4, udp_bytes);
	if (family == 4) {
		ip[0] = 0x45;
		wire_put16(ip + 2, (uint16_t)(20 + udp_bytes));
		ip[8] = 64;
		ip[9] = 17;
		memcpy(ip + 12, ipv4, sizeof(ipv4));
		wire_put16(ip + 10, (uint16_t)~fold(sum16(0, ip, 20)));
	} else {
		ip[0] = 0x60;
		wire_put16(ip + 4, udp_bytes);
		ip[6] = 17;
		ip[7] = 64;
		memcpy(ip + 8, ipv6, sizeof(ipv6));
	}
	wire_put16(udp + 6, (uint16_t)~udp_sum(ip, family, udp, udp_bytes));
	return (uint32_t)(udp + udp_bytes - frame);
}

static void write_frames(const char *path, unsigned queue)
{
	uint8_t frame[FRAME_MAX_BYTES];
	FILE *file = pcap_create(path);

	for (unsigned i = 0; i < QUERIES_PER_QUEUE; i++)
		pcap_put(file, frame, make_query(frame, queue * QUERIES_PER_QUEUE + i));
	/* Silence: a runt, a frame of several buffers, a reply, a wrong checksum. */
	pcap_put(file, frame, 5);
	make_query(frame, 0);
	pcap_put(file, frame, FRAME_MAX_BYTES);
	uint32_t length = make_query(frame, 0);
	frame[ETHERNET_BYTES + 20 + 6] ^= 1;
	pcap_put(file, frame, length);
	length = make_query(frame, 0);
	wire_put16(frame + ETHERNET_BYTES + 20 + 6, 0); /* over IPv4: no checksum */
	frame[ETHERNET_BYTES + 20 + UDP_BYTES + WIRE_FLAGS] |= WIRE_QR >> 8;
	pcap_put(file, frame, length);
	assert_int_equal(fclose(file), 0);
}

static void check_reply(const uint8_t *frame, uint32_t length, bool *seen, unsigned queue)
{
	unsigned family = wire_get16(frame + 12) == 0x0800 ? 4 : 6;
	const uint8_t *ip = frame + ETHERNET_BYTES, *udp = ip + (family == 4 ? 20 : 40);
	const uint8_t *dns = udp + UDP_BYTES;
	unsigned number = wire_get16(dns + WIRE_ID);
	const struct kind *kind = &kinds[number / 2 % KINDS];

	assert_int_equal(number / QUERIES_PER_QUEUE, queue);
	assert_int_equal(family, number % 2 ? 6 : 4);
	assert_false(seen[number]);
	seen[number] = true;
	assert_int_equal(frame[0], 0x06);
	assert_memory_equal(frame + 6, pcap_mac, sizeof(pcap_mac));
	if (family == 4)
		assert_int_equal(fold(sum16(0, ip, 20)), 0xffff);
	assert_int_equal(ip[family == 4 ? 15 : 23], 1);
	assert_int_equal(ip[family == 4 ? 19 : 39], 2);
	assert_int_equal(wire_get16(udp), 53);
	assert_int_equal(wire_get16(udp + 2), 1024 + number);
	assert_ptr_equal(udp + wire_get16(udp + 4), frame + length);
	assert_int_equal(udp_sum(ip, family, udp, wire_get16(udp + 4)), 0xffff);
	assert_int_equal(
		wire_get16(dns + WIRE_FLAGS) & (WIRE_QR | WIRE_RCODE_MASK), WIRE_QR | kind->rcode);
	assert_int_equal(wire_get16(dns + WIRE_ANCOUNT), kind->answers);
	if (kind->answers) { /* the sample's "hN.", N being the name's first digit */
		assert_int_equal(frame[length - 2], kind->name[1]);
		assert_memory_equal(frame + length - 4, "\2h", 2);
	}
}

static void check_replies(const char *path, unsigned queue)
{
	static bool seen[QUEUES * QUERIES_PER_QUEUE];
	uint8_t frame[FRAME_MAX_BYTES];
	unsigned count = 0;
	uint32_t length;
	FILE *file = pcap_open(path);

	while ((length = pcap_get(file, frame, sizeof(frame)))) {
		check_reply(frame, length, seen, queue);
		count++;
	}
	assert_int_equal(count, QUERIES_PER_QUEUE);
	fclose(file);
}

static uint64_t frames_done(const struct counters *counters)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < OUTCOMES; i++)
		sum += counter_read(&counters->outcome[i]);
	return sum;
}

static bool all_done(const struct dataplane *dataplane)
{
	for (unsigned i = 0; i < dataplane_workers(dataplane); i++)
		if (frames_done(dataplane_worker(dataplane, i).counters) <
			QUERIES_PER_QUEUE + SILENT_PER_QUEUE)
			return false;
	return true;
}

/* Polls `condition` for up to ten seconds. */
static bool wait_until(
	bool (*condition)(const struct dataplane *), const struct dataplane *dataplane)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (unsigned i = 0; i < 10000; i++) {
		if (condition(dataplane))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static bool grace_passes(const struct dataplane *dataplane)
{
	struct dataplane *mutable = (struct dataplane *)(uintptr_t)dataplane;
	static uint64_t token;

	if (!token)
		token = dataplane_grace_start(mutable);
	return dataplane_grace_passed(mutable, token);
}

static void check_worker(const struct dataplane_worker *worker, unsigned index)
{
	uint64_t expected[OUTCOMES] = {[OUTCOME_UDP_CHECKSUM] = 1,
		[OUTCOME_MESSAGE_IS_REPLY] = 1,
		[OUTCOME_FRAME_SHORT] = 2};

	for (unsigned i = 0; i < QUERIES_PER_QUEUE; i++)
		expected[kinds[i / 2 % KINDS].outcome]++;
	for (unsigned i = 0; i < OUTCOMES; i++)
		assert_int_equal(counter_read(&worker->counters->outcome[i]), expected[i]);
	assert_int_equal(counter_read(&worker->counters->tx_dropped), 0);
	assert_true(counter_read(&worker->counters->bursts) > 0);
	assert_true(counter_read(&worker->counters->busy_cycles) > 0);
	assert_int_equal(worker->queue, index);
	assert_int_equal(worker->core, 0);
}

static void run_dataplane(const char *device)
{
	struct dataplane_config config = {
		.program = "test_worker",
		.ports = {{.device = device, .queues = QUEUES}},
		.port_count = 1,
		.worker_count = QUEUES,
	};
	char error[DATAPLANE_ERROR_BYTES] = "";
	struct dataplane *dataplane, *second;
	struct dataplane_port_stats stats;
	struct sample sample = {0};

	sample_init(&sample);
	if (dataplane_open(&config, &dataplane, error))
		fail_msg("%s", error);
	assert_int_equal(dataplane_workers(dataplane), QUEUES);
	assert_true(dataplane_grace_passed(dataplane, dataplane_grace_start(dataplane)));
	assert_int_not_equal(dataplane_open(&config, &second, error), 0);
	assert_non_null(strstr(error, "already"));
	assert_int_equal(dataplane_start(dataplane, &sample.serving, error), 0);
	assert_true(wait_until(all_done, dataplane));
	assert_true(wait_until(grace_passes, dataplane));
	for (unsigned i = 0; i < QUEUES; i++) {
		struct dataplane_worker worker = dataplane_worker(dataplane, i);

		check_worker(&worker, i);
	}
	assert_true(dataplane_port_stats(dataplane, 0, &stats));
	assert_int_equal(stats.rx_packets, QUEUES * (QUERIES_PER_QUEUE + SILENT_PER_QUEUE));
	assert_int_equal(stats.tx_packets, QUEUES * QUERIES_PER_QUEUE);
	assert_false(dataplane_port_stats(dataplane, 1, &stats));
	dataplane_close(dataplane);
	sample_fini(&sample);
}

static void test_queries_in_replies_out(void **state)
{
	char directory[] = "/tmp/arpad-test-worker-XXXXXX", device[1024], path[QUEUES][2][128];

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (unsigned queue = 0; queue < QUEUES; queue++) {
		for (unsigned out = 0; out < 2; out++)
			snprintf(path[queue][out], sizeof(path[queue][out]), "%s/%s%u.pcap",
				directory, out ? "out" : "in", queue);
		write_frames(path[queue][0], queue);
	}
	snprintf(device, sizeof(device), "net_pcap0,rx_pcap=%s,rx_pcap=%s,tx_pcap=%s,tx_pcap=%s",
		path[0][0], path[1][0], path[0][1], path[1][1]);
	run_dataplane(device);
	for (unsigned queue = 0; queue < QUEUES; queue++) {
		check_replies(path[queue][1], queue);
		unlink(path[queue][0]);
		unlink(path[queue][1]);
	}
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries_in_replies_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
