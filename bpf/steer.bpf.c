/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */
/*
 * Which packets reach us: UDP to one of our addresses and our port goes to the AF_XDP socket of
 * its queue, everything else to the kernel. In doubt the kernel gets it: nothing is ever dropped
 * here, and what is redirected is checked again in full by dataplane/frame.c.
 */
#include "bpf/steer_map.h"
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

/* The variables' names are the STEER_*_NAME of steer_map.h; tests/bpf/ finds them by those. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, STEER_QUEUES_MAX);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct steer_settings);
} steer_settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, STEER_ADDRESSES_MAX);
	__type(key, struct steer_address);
	__type(value, __u8);
} steer_addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, STEER_VERDICTS);
	__type(key, __u32);
	__type(value, __u64);
} steer_verdicts SEC(".maps");

/* linux/if_vlan.h of the UAPI has no header layout. */
struct vlan_tag {
	__be16 control;
	__be16 ether_type;
};

enum {
	IPV4_HEADER_WORDS = 5,	      /* more would be options */
	IPV4_MORE_OR_OFFSET = 0x3fff, /* MF and the fragment offset; DF (0x4000) is welcome */
};

/* What the settings and the address set are asked about. */
struct datagram {
	struct steer_address destination;
	__be16 port;
};

static __always_inline const struct udphdr *read_ipv4(
	const struct iphdr *ip, const void *end, struct datagram *datagram)
{
	if ((const void *)(ip + 1) > end || ip->version != 4 || ip->ihl != IPV4_HEADER_WORDS ||
		ip->protocol != IPPROTO_UDP || (ip->frag_off & bpf_htons(IPV4_MORE_OR_OFFSET)))
		return NULL;
	datagram->destination.family = 4;
	__builtin_memcpy(datagram->destination.bytes, &ip->daddr, sizeof(ip->daddr));
	return (const struct udphdr *)(ip + 1);
}

static __always_inline const struct udphdr *read_ipv6(
	const struct ipv6hdr *ip, const void *end, struct datagram *datagram)
{
	if ((const void *)(ip + 1) > end || ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return NULL;
	datagram->destination.family = 6;
	__builtin_memcpy(datagram->destination.bytes, &ip->daddr, sizeof(ip->daddr));
	return (const struct udphdr *)(ip + 1);
}

/* False: not a whole UDP datagram over plain IP. */
static __always_inline bool read_datagram(
	const void *data, const void *end, struct datagram *datagram)
{
	const struct ethhdr *ethernet = data;
	if ((const void *)(ethernet + 1) > end)
		return false;
	const void *ip = ethernet + 1;
	__be16 ether_type = ethernet->h_proto;
	if (ether_type == bpf_htons(ETH_P_8021Q)) {
		const struct vlan_tag *tag = ip;
		if ((const void *)(tag + 1) > end)
			return false;
		ip = tag + 1;
		ether_type = tag->ether_type;
	}
	const struct udphdr *udp = NULL;
	if (ether_type == bpf_htons(ETH_P_IP))
		udp = read_ipv4(ip, end, datagram);
	else if (ether_type == bpf_htons(ETH_P_IPV6))
		udp = read_ipv6(ip, end, datagram);
	if (!udp || (const void *)(udp + 1) > end)
		return false;
	datagram->port = udp->dest;
	return true;
}

static __always_inline enum steer_verdict judge(const struct xdp_md *context)
{
	const __u32 first = 0;
	const struct steer_settings *settings = bpf_map_lookup_elem(&steer_settings, &first);
	if (!settings || !settings->enabled)
		return STEER_PASS_DISABLED;

	struct datagram datagram = {};
	if (!read_datagram((const void *)(long)context->data, (const void *)(long)context->data_end,
		    &datagram))
		return STEER_PASS_OTHER;
	if (datagram.port != settings->port_be)
		return STEER_PASS_PORT;
	if (!bpf_map_lookup_elem(&steer_addresses, &datagram.destination))
		return STEER_PASS_ADDRESS;
	/* The redirect below would pass as well; looking first makes it a verdict of its own. */
	const __u32 queue = context->rx_queue_index;
	return bpf_map_lookup_elem(&xsks_map, &queue) ? STEER_REDIRECTED : STEER_PASS_NO_SOCKET;
}

SEC("xdp")
int arpad_steer(struct xdp_md *context)
{
	const __u32 verdict = judge(context);
	__u64 *count = bpf_map_lookup_elem(&steer_verdicts, &verdict);
	if (count)
		*count += 1;
	if (verdict != STEER_REDIRECTED)
		return XDP_PASS;
	return bpf_redirect_map(&xsks_map, context->rx_queue_index, XDP_PASS);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
