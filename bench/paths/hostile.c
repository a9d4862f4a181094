/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends hostile frames through an interface at a rate, for a time, and prints how many the kernel
 * took. `dns` is a mix of queries and of what only looks like them, `kernel` what no fast path
 * answers, `many` are sound queries from 65,536 clients. Every frame has another spoofed source.
 */
#include "bench/paths/hostile_frame.h"
#include "bench/paths/pace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { FRAMES = 1 << 15, MACS_BYTES = 12 };

struct flood {
	int socket;
	uint64_t sent, refused; /* refused: the interface had no room */
	uint32_t next;
	struct mmsghdr batch[PACE_BATCH];
	struct iovec piece[PACE_BATCH];
	size_t length[FRAMES];
	uint8_t frame[FRAMES][HOSTILE_FRAME_MAX];
};

/* Whose kinds of frames are sent in turn, over IPv4 and, where it says so, IPv6. */
static const struct mix {
	const char *name;
	unsigned first, kinds;
	bool ipv6;
} mixes[] = {
	{"dns", 0, HOSTILE_DNS_KINDS, true},
	{"kernel", HOSTILE_DNS_KINDS, HOSTILE_KINDS - HOSTILE_DNS_KINDS, false},
	{"many", HOSTILE_ADDRESS, 1, false},
};

static const struct mix *find_mix(const char *name)
{
	for (size_t i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++)
		if (strcmp(mixes[i].name, name) == 0)
			return &mixes[i];
	return NULL;
}

static void make_frames(struct flood *flood, const struct mix *mix, const uint8_t *macs)
{
	uint64_t seed = 53;

	for (unsigned i = 0; i < FRAMES; i++) {
		flood->length[i] = hostile_frame(mix->first + i % mix->kinds,
			mix->ipv6 && i / mix->kinds % 2 != 0, &seed, flood->frame[i]);
		memcpy(flood->frame[i], macs, MACS_BYTES);
	}
}

static int open_socket(const char *interface)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET};
	int packet = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	address.sll_ifindex = (int)if_nametoindex(interface);
	/* Past the queueing discipline: what the interface does not take at once is no load. */
	if (packet < 0 || setsockopt(packet, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) ||
		bind(packet, (struct sockaddr *)&address, sizeof(address))) {
		fprintf(stderr, "hostile: cannot send through %s (%s): root can\n", interface,
			strerror(errno));
		exit(1);
	}
	return packet;
}

static void send_batch(struct flood *flood, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned index = flood->next % FRAMES;

		hostile_spoof(flood->frame[index], flood->next++);
		flood->piece[i] = (struct iovec){flood->frame[index], flood->length[index]};
		flood->batch[i].msg_hdr =
			(struct msghdr){.msg_iov = &flood->piece[i], .msg_iovlen = 1};
	}
	for (unsigned done = 0; done < count;) {
		int sent = sendmmsg(flood->socket, flood->batch + done, count - done, 0);

		if (sent > 0) {
			flood->sent += (unsigned)sent;
			done += (unsigned)sent;
		} else {
			flood->refused++;
			done++;
		}
	}
}

static void run(struct flood *flood, double rate, double seconds)
{
	uint64_t now = pace_now_ns(), end = now + (uint64_t)(seconds * 1e9);
	struct pace pace = pace_init(rate, now);

	for (; now < end; now = pace_now_ns()) {
		unsigned due = pace_due(&pace, now);

		if (due)
			send_batch(flood, due);
		else
			pace_pause();
	}
}

int main(int argc, char **argv)
{
	static struct flood flood;
	uint8_t macs[MACS_BYTES] = {[6] = 2, [11] = 0x66};
	const struct mix *mix = argc == 6 ? find_mix(argv[1]) : NULL;
	struct ether_addr *server = mix ? ether_aton(argv[3]) : NULL;

	if (!server) {
		fprintf(stderr,
			"usage: hostile dns|kernel|many INTERFACE SERVER-MAC RATE SECONDS\n");
		return 2;
	}
	memcpy(macs, server, sizeof(*server));
	prctl(PR_SET_TIMERSLACK, 1);
	make_frames(&flood, mix, macs);
	flood.socket = open_socket(argv[2]);
	run(&flood, strtod(argv[4], NULL), strtod(argv[5], NULL));
	printf("{\"sent\": %llu, \"refused\": %llu}\n", (unsigned long long)flood.sent,
		(unsigned long long)flood.refused);
	return 0;
}
