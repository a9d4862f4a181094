/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */
/*
 * Which packets reach us: UDP to our MAC address, one of our addresses and our port goes to the
 * AF_XDP socket of its queue, everything else to the kernel. In doubt the kernel gets it: nothing
 * is ever dropped here, and what is redirected is checked again in full by dataplane/frame.c.
 */
#include "bpf/steer_map.h"
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
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
	IPV4_HEADER_WORDS = 5,	      /* more are options */
	IPV4_MORE_OR_OFFSET = 0x3fff, /* MF and the fragment offset; DF (0x4000) is welcome */
	ETHERNET_GROUP = 1,	      /* in the first octet of a destination */
	/* linux/in6.h names all but these extension headers (RFC 7045 4, RFC 4727 3.4). */
	NEXT_HIP = 139,
	NEXT_SHIM6 = 140,
	NEXT_EXPERIMENT = 253,
	NEXT_EXPERIMENT_2 = 254,
};

/* A frame while it is read: `at` is what comes next. */
struct frame {
	const void *at, *end;
	__be16 ether_type;
	__be16 port;
	__u32 tags;
	struct steer_address destination;
};

/* Each reader below returns STEER_REDIRECTED to go on, or the verdict that the frame ends in. */

static __always_inline enum steer_verdict read_ethernet(
	struct frame *frame, const struct steer_settings *settings)
{
	const struct ethhdr *ethernet = frame->at;
	if ((const void *)(ethernet + 1) > frame->end)
		return STEER_PASS_SHORT;
	if (ethernet->h_dest[0] & ETHERNET_GROUP)
		return STEER_PASS_GROUP;
	__u16 first;
	__u32 rest;
	__builtin_memcpy(&first, ethernet->h_dest, sizeof(first));
	__builtin_memcpy(&rest, ethernet->h_dest + sizeof(first), sizeof(rest));
	if (first != settings->mac_first || rest != settings->mac_rest)
		return STEER_PASS_OTHER_MAC;
	frame->ether_type = ethernet->h_proto;
	frame->at = ethernet + 1;
	return STEER_REDIRECTED;
}

static __always_inline bool is_tag(__be16 ether_type)
{
	return ether_type == bpf_htons(ETH_P_8021Q) || ether_type == bpf_htons(ETH_P_8021AD);
}

/* The outer tag of two may be 802.1ad or 802.1Q, the inner one, or the only one, is 802.1Q. */
static __always_inline enum steer_verdict read_tags(struct frame *frame)
{
	__be16 last = bpf_htons(ETH_P_8021Q);

	for (int i = 0; i < STEER_TAGS_MAX && is_tag(frame->ether_type); i++) {
		const struct vlan_tag *tag = frame->at;
		if ((const void *)(tag + 1) > frame->end)
			return STEER_PASS_SHORT;
		last = frame->ether_type;
		frame->ether_type = tag->ether_type;
		frame->at = tag + 1;
		frame->tags++;
	}
	return last != bpf_htons(ETH_P_8021Q) || is_tag(frame->ether_type) ? STEER_PASS_TAGS
									   : STEER_REDIRECTED;
}

static __always_inline enum steer_verdict read_ipv4(struct frame *frame)
{
	const struct iphdr *ip = frame->at;
	if ((const void *)(ip + 1) > frame->end)
		return STEER_PASS_SHORT;
	if (ip->version != 4 || ip->ihl < IPV4_HEADER_WORDS)
		return STEER_PASS_IP_HEADER;
	if (ip->frag_off & bpf_htons(IPV4_MORE_OR_OFFSET))
		return STEER_PASS_FRAGMENT;
	if (ip->ihl > IPV4_HEADER_WORDS)
		return STEER_PASS_OPTIONS;
	if (ip->protocol != IPPROTO_UDP)
		return ip->protocol == IPPROTO_TCP ? STEER_PASS_TCP : STEER_PASS_PROTOCOL;
	frame->destination.family = 4;
	__builtin_memcpy(frame->destination.bytes, &ip->daddr, sizeof(ip->daddr));
	frame->at = ip + 1;
	return STEER_REDIRECTED;
}

/* What follows an IPv6 header that is not UDP. */
static __always_inline enum steer_verdict judge_next_header(__u8 next)
{
	switch (next) {
	case IPPROTO_TCP:
		return STEER_PASS_TCP;
	case IPPROTO_FRAGMENT:
		return STEER_PASS_FRAGMENT;
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_ESP:
	case IPPROTO_AH:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
	case NEXT_HIP:
	case NEXT_SHIM6:
	case NEXT_EXPERIMENT:
	case NEXT_EXPERIMENT_2:
		return STEER_PASS_OPTIONS;
	default:
		return STEER_PASS_PROTOCOL;
	}
}

static __always_inline enum steer_verdict read_ipv6(struct frame *frame)
{
	const struct ipv6hdr *ip = frame->at;
	if ((const void *)(ip + 1) > frame->end)
		return STEER_PASS_SHORT;
	if (ip->version != 6)
		return STEER_PASS_IP_HEADER;
	if (ip->nexthdr != IPPROTO_UDP)
		return judge_next_header(ip->nexthdr);
	frame->destination.family = 6;
	__builtin_memcpy(frame->destination.bytes, &ip->daddr, sizeof(ip->daddr));
	frame->at = ip + 1;
	return STEER_REDIRECTED;
}

static __always_inline enum steer_verdict read_ip(struct frame *frame)
{
	if (frame->ether_type == bpf_htons(ETH_P_IP))
		return read_ipv4(frame);
	if (frame->ether_type == bpf_htons(ETH_P_IPV6))
		return read_ipv6(frame);
	return STEER_PASS_ETHER_TYPE;
}

static __always_inline enum steer_verdict read_udp(
	struct frame *frame, const struct steer_settings *settings)
{
	const struct udphdr *udp = frame->at;
	if ((const void *)(udp + 1) > frame->end)
		return STEER_PASS_SHORT;
	return udp->dest == settings->port_be ? STEER_REDIRECTED : STEER_PASS_PORT;
}

static __always_inline enum steer_verdict judge(const struct xdp_md *context)
{
	const __u32 first = 0;
	const struct steer_settings *settings = bpf_map_lookup_elem(&steer_settings, &first);
	if (!settings || settings->state != STEER_ON)
		return settings && settings->state == STEER_DRAINING ? STEER_PASS_DRAINING
								     : STEER_PASS_DISABLED;

	struct frame frame = {.at = (const void *)(long)context->data,
		.end = (const void *)(long)context->data_end};
	enum steer_verdict verdict = read_ethernet(&frame, settings);
	if (verdict == STEER_REDIRECTED)
		verdict = read_tags(&frame);
	if (verdict == STEER_REDIRECTED)
		verdict = read_ip(&frame);
	if (verdict == STEER_REDIRECTED)
		verdict = read_udp(&frame, settings);
	if (verdict != STEER_REDIRECTED)
		return verdict;
	if (!bpf_map_lookup_elem(&steer_addresses, &frame.destination))
		return STEER_PASS_ADDRESS;
	/* The redirect below would pass as well; looking first makes it a verdict of its own. */
	const __u32 queue = context->rx_queue_index;
	if (!bpf_map_lookup_elem(&xsks_map, &queue))
		return STEER_PASS_NO_SOCKET;
	return frame.tags ? STEER_REDIRECTED_TAGGED : STEER_REDIRECTED;
}

SEC("xdp")
int arpad_steer(struct xdp_md *context)
{
	const __u32 verdict = judge(context);
	__u64 *count = bpf_map_lookup_elem(&steer_verdicts, &verdict);
	if (count)
		*count += 1;
	if (verdict != STEER_REDIRECTED && verdict != STEER_REDIRECTED_TAGGED)
		return XDP_PASS;
	return bpf_redirect_map(&xsks_map, context->rx_queue_index, XDP_PASS);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
