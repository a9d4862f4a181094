/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A real EAL, real workers on two ports: frames go in from pcap files, one a queue, and what the
 * workers send is read back from others; this thread answers what they punt. EAL starts once in a
 * process, so the whole life is one test; with an argument the workers sleep when they can.
 */
#include "dataplane/dataplane.h"
#include "dataplane/dns/wire.h"
#include "dataplane/dpdk/handover.h"
#include "dataplane/respond.h"
#include "tests/eal/pcap.h"
#include "tests/eal/sample.h"

#include <rte_mempool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

enum {
	QUEUES = 3, /* two of the first port, one of the second */
	FIRST_PORT_QUEUES = 2,
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
	uint8_t rcode, answers, opcode;
} kinds[] = {
	{"\0011\0012\0010\003192\7in-addr\4arpa", OUTCOME_ANSWERED, WIRE_NOERROR, 1, 0},
	{"\0014\0012\0010\003192\7in-addr\4arpa", OUTCOME_ANSWERED, WIRE_NOERROR, 1, 0},
	{"\0019\0012\0010\003192\7in-addr\4arpa", OUTCOME_NXDOMAIN, WIRE_NXDOMAIN, 0, 0},
	{"\0011\0010\0010\00210\7in-addr\4arpa", OUTCOME_REFUSED, WIRE_REFUSED, 0, 0},
	{"\0012\0010\003192\7in-addr\4arpa", OUTCOME_PUNTED, WIRE_NOTIMP, 0, WIRE_OPCODE_NOTIFY},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
enum { PUNTED_PER_QUEUE = QUERIES_PER_QUEUE / KINDS };
static_assert(PUNTED_PER_QUEUE <= (int)HANDOVER_PUNT_FRAMES, "all wait where nobody takes them");

static unsigned idle_us;

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
	wire_put16(dns + WIRE_FLAGS, (uint16_t)(kind->opcode << WIRE_OPCODE_SHIFT));
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

/* Each further net_pcap device counts its MAC address on by one. */
static uint8_t device_of(unsigned queue)
{
	return queue < FIRST_PORT_QUEUES ? 0 : 1;
}

static void put(FILE *file, unsigned queue, uint8_t *frame, uint32_t length)
{
	frame[5] = device_of(queue);
	pcap_put(file, frame, length);
}

static void write_frames(const char *path, unsigned queue)
{
	uint8_t frame[FRAME_MAX_BYTES];
	FILE *file = pcap_create(path);

	for (unsigned i = 0; i < QUERIES_PER_QUEUE; i++)
		put(file, queue, frame, make_query(frame, queue * QUERIES_PER_QUEUE + i));
	/* Silence: a runt, a frame of several buffers, a reply, a wrong checksum. */
	put(file, queue, frame, 5);
	make_query(frame, 0);
	put(file, queue, frame, FRAME_MAX_BYTES);
	uint32_t length = make_query(frame, 0);
	frame[ETHERNET_BYTES + 20 + 6] ^= 1;
	put(file, queue, frame, length);
	length = make_query(frame, 0);
	wire_put16(frame + ETHERNET_BYTES + 20 + 6, 0); /* over IPv4: no checksum */
	frame[ETHERNET_BYTES + 20 + UDP_BYTES + WIRE_FLAGS] |= WIRE_QR >> 8;
	put(file, queue, frame, length);
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
	assert_memory_equal(frame + 6, pcap_mac, sizeof(pcap_mac) - 1);
	assert_int_equal(frame[11], device_of(queue));
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
	assert_int_equal(
		counter_read(&worker->counters->received), QUERIES_PER_QUEUE + SILENT_PER_QUEUE);
	assert_int_equal(counter_read(&worker->counters->segmented), 1);
	assert_int_equal(counter_read(&worker->counters->returned), PUNTED_PER_QUEUE);
	assert_int_equal(counter_read(&worker->counters->sent), QUERIES_PER_QUEUE);
	assert_int_equal(counter_read(&worker->counters->sleeps) > 0, idle_us > 0);
	assert_true(worker->cycles > counter_read(&worker->counters->busy_cycles));
	assert_int_equal(worker->queue, index < FIRST_PORT_QUEUES ? index : 0);
	assert_string_equal(worker->port, index < FIRST_PORT_QUEUES ? "net_pcap0" : "net_pcap1");
	assert_int_equal(worker->core, 0);
}

/* Which threads ran a function, in turn. */
struct visits {
	pthread_t worker[QUEUES], helper;
	unsigned workers, helpers;
};

static void visit_worker(void *context)
{
	struct visits *visits = context;

	if (visits->workers < QUEUES)
		visits->worker[visits->workers] = pthread_self();
	visits->workers++;
}

static void visit_helper(void *context)
{
	struct visits *visits = context;

	visits->helper = pthread_self();
	visits->helpers++;
}

static void check_threads(struct dataplane *dataplane)
{
	char error[DATAPLANE_ERROR_BYTES] = "";
	struct visits visits = {.workers = 0};

	assert_int_equal(
		dataplane_enter_threads(dataplane, visit_worker, visit_helper, &visits, error), 0);
	assert_int_equal(visits.workers, QUEUES);
	assert_int_equal(visits.helpers, 1);
	assert_false(pthread_equal(visits.helper, pthread_self()));
	for (unsigned i = 0; i < QUEUES; i++) {
		assert_false(pthread_equal(visits.worker[i], pthread_self()));
		assert_false(pthread_equal(visits.worker[i], visits.helper));
		assert_false(i && pthread_equal(visits.worker[i], visits.worker[i - 1]));
	}
}

/* As the listener's thread: a batch at a time. Returns how many there were. */
static unsigned answer_punted(struct dataplane *dataplane, const struct serving *serving)
{
	struct dataplane_message messages[DATAPLANE_PUNT_BATCH];
	unsigned count = dataplane_punt_take(dataplane, messages, DATAPLANE_PUNT_BATCH);

	dataplane_reader_online(dataplane);
	for (unsigned i = 0; i < count; i++) {
		const struct client client = {.address = messages[i].address,
			.address_bytes = messages[i].address_bytes,
			.transport = TRANSPORT_UDP};
		enum outcome outcome;

		assert_true(messages[i].worker < QUEUES);
		assert_int_equal(client.address[client.address_bytes - 1], 2);
		messages[i].length = respond(serving, &client, messages[i].bytes,
			messages[i].length, messages[i].capacity, &outcome);
		assert_int_equal(outcome, OUTCOME_NOTIMP);
		assert_int_equal(messages[i].length, WIRE_HEADER_BYTES);
	}
	dataplane_reader_offline(dataplane);
	dataplane_punt_reply(dataplane, messages, count);
	return count;
}

static bool all_sent(const struct dataplane *dataplane)
{
	for (unsigned i = 0; i < dataplane_workers(dataplane); i++)
		if (counter_read(&dataplane_worker(dataplane, i).counters->sent) <
			QUERIES_PER_QUEUE)
			return false;
	return true;
}

/* Every buffer is in its pool again, but for the blank ones that workers put out. */
static bool buffers_are_back(const struct dataplane *dataplane)
{
	static const char *const pools[QUEUES] = {"frames_0_0", "frames_0_1", "frames_1_0"};

	(void)dataplane;
	for (unsigned i = 0; i < QUEUES; i++) {
		const struct rte_mempool *pool = rte_mempool_lookup(pools[i]);

		assert_non_null(pool);
		if (rte_mempool_in_use_count(pool) != HANDOVER_BLANK_FRAMES)
			return false;
	}
	return true;
}

/* Also while workers sleep: they are offline then. */
static void check_grace_periods(struct dataplane *dataplane)
{
	for (unsigned i = 0; i < 100; i++) {
		uint64_t token = dataplane_grace_start(dataplane);
		unsigned waited = 0;

		while (!dataplane_grace_passed(dataplane, token)) {
			const struct timespec pause = {.tv_nsec = 1000000};

			assert_true(waited++ < 10000);
			nanosleep(&pause, NULL);
		}
	}
}

struct probe_wait {
	struct dataplane *dataplane;
	unsigned worker;
	const uint8_t *message;
	size_t length;
};
static struct probe_wait wait_for;

static bool probe_came(const struct dataplane *dataplane)
{
	(void)dataplane;
	return dataplane_probe_take(
		wait_for.dataplane, wait_for.worker, &wait_for.message, &wait_for.length);
}

/* A query of our own, over IPv4 or IPv6, answered without a trace in the counters of check_worker.
 */
static void check_probe(struct dataplane *dataplane, unsigned worker, const struct ip_address *to)
{
	uint8_t frame[FRAME_MAX_BYTES];
	uint32_t end = make_query(frame, 0);
	const uint8_t *query = frame + ETHERNET_BYTES + 20 + UDP_BYTES;
	size_t length = (size_t)(frame + end - query);

	wait_for = (struct probe_wait){dataplane, worker, NULL, 0};
	assert_false(probe_came(dataplane));
	assert_true(dataplane_probe_send(dataplane, worker, to, 53, query, length));
	assert_false(dataplane_probe_send(dataplane, worker, to, 53, query, length));
	assert_true(wait_until(probe_came, dataplane));
	assert_true(wait_for.length > length);
	assert_int_equal(wire_get16(wait_for.message), 0);
	assert_int_equal(wire_get16(wait_for.message + WIRE_FLAGS), WIRE_QR | WIRE_AA);
	assert_int_equal(wire_get16(wait_for.message + WIRE_ANCOUNT), 1);
	assert_false(probe_came(dataplane));
}

static void check_probes(struct dataplane *dataplane)
{
	const struct ip_address ours[] = {{4, {198, 18, 0, 1}},
		{6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}}},
				others = {4, {198, 18, 0, 99}};
	uint8_t query[WIRE_HEADER_BYTES] = {0};

	for (unsigned i = 0; i < QUEUES; i++) {
		check_probe(dataplane, i, &ours[0]);
		check_probe(dataplane, i, &ours[1]);
		assert_true(dataplane_probe_send(dataplane, i, &others, 53, query, sizeof(query)));
		wait_for = (struct probe_wait){dataplane, i, NULL, 0};
		assert_true(wait_until(probe_came, dataplane));
		assert_int_equal(wait_for.length, 0);
	}
}

static void run_dataplane(const char *first, const char *second_device)
{
	struct dataplane_config config = {
		.program = "test_worker",
		.ports = {{.device = first, .queues = FIRST_PORT_QUEUES},
			{.device = second_device, .queues = QUEUES - FIRST_PORT_QUEUES}},
		.port_count = 2,
		.worker_count = QUEUES,
		.idle_us = idle_us,
	};
	char error[DATAPLANE_ERROR_BYTES] = "";
	struct dataplane *dataplane, *second;
	struct dataplane_port_stats stats;
	struct sample sample = {0};
	unsigned punted = 0;

	sample_init(&sample);
	if (dataplane_open(&config, &dataplane, error))
		fail_msg("%s", error);
	assert_int_equal(dataplane_workers(dataplane), QUEUES);
	assert_true(dataplane_grace_passed(dataplane, dataplane_grace_start(dataplane)));
	assert_int_not_equal(dataplane_open(&config, &second, error), 0);
	assert_non_null(strstr(error, "already"));
	check_threads(dataplane);
	assert_int_equal(dataplane_start(dataplane, &sample.serving, error), 0);
	assert_true(wait_until(all_done, dataplane));
	for (unsigned count; (count = answer_punted(dataplane, &sample.serving)) > 0;)
		punted += count;
	assert_int_equal(punted, QUEUES * PUNTED_PER_QUEUE);
	assert_true(wait_until(all_sent, dataplane));
	assert_true(wait_until(buffers_are_back, dataplane));
	check_grace_periods(dataplane);
	check_probes(dataplane);
	for (unsigned i = 0; i < QUEUES; i++) {
		struct dataplane_worker worker = dataplane_worker(dataplane, i);

		check_worker(&worker, i);
	}
	for (unsigned i = 0; i < 2; i++) {
		unsigned queues = config.ports[i].queues;

		assert_true(dataplane_port_stats(dataplane, i, &stats));
		assert_int_equal(stats.rx_packets, queues * (QUERIES_PER_QUEUE + SILENT_PER_QUEUE));
		assert_int_equal(stats.tx_packets, queues * QUERIES_PER_QUEUE);
	}
	assert_false(dataplane_port_stats(dataplane, 2, &stats));
	dataplane_close(dataplane);
	sample_fini(&sample);
}

static void test_queries_in_replies_out(void **state)
{
	char directory[] = "/tmp/arpad-test-worker-XXXXXX", device[2][1024], path[QUEUES][2][128];

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (unsigned queue = 0; queue < QUEUES; queue++) {
		for (unsigned out = 0; out < 2; out++)
			snprintf(path[queue][out], sizeof(path[queue][out]), "%s/%s%u.pcap",
				directory, out ? "out" : "in", queue);
		write_frames(path[queue][0], queue);
	}
	snprintf(device[0], sizeof(device[0]),
		"net_pcap0,rx_pcap=%s,rx_pcap=%s,tx_pcap=%s,tx_pcap=%s", path[0][0], path[1][0],
		path[0][1], path[1][1]);
	snprintf(device[1], sizeof(device[1]), "net_pcap1,rx_pcap=%s,tx_pcap=%s", path[2][0],
		path[2][1]);
	run_dataplane(device[0], device[1]);
	for (unsigned queue = 0; queue < QUEUES; queue++) {
		check_replies(path[queue][1], queue);
		unlink(path[queue][0]);
		unlink(path[queue][1]);
	}
	rmdir(directory);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries_in_replies_out),
	};

	(void)argv;
	idle_us = argc > 1 ? 1000 : 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
