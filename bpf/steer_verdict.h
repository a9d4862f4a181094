/* SPDX-License-Identifier: BSD-3-Clause */
/* What the XDP program's verdicts are called, and what each means. */
#ifndef ARPAD_BPF_STEER_VERDICT_H
#define ARPAD_BPF_STEER_VERDICT_H

#include "bpf/steer_map.h"

/* X(enumerator, name of the counter, sentence), in the order of enum steer_verdict. */
#define STEER_VERDICT_LIST(X) \
	X(REDIRECTED, "redirected", "untagged UDP to our address and port: to its queue's worker") \
	X(REDIRECTED_TAGGED, "redirected-tagged", "the same with one or two VLAN tags") \
	X(PASS_DISABLED, "pass-disabled", "steering was off: arpad was starting or ending") \
	X(PASS_DRAINING, "pass-draining", \
		"arpactl drain is in force: whatever came went to the kernel") \
	X(PASS_SHORT, "pass-short", "the frame ended inside the headers") \
	X(PASS_GROUP, "pass-group", "to a multicast or broadcast MAC address") \
	X(PASS_OTHER_MAC, "pass-other-mac", "to a MAC address that is not the interface's") \
	X(PASS_TAGS, "pass-tags", \
		"VLAN tags other than one 802.1Q, or 802.1Q inside 802.1ad or 802.1Q") \
	X(PASS_ETHER_TYPE, "pass-ether-type", "neither IPv4 nor IPv6: ARP, LLDP and others") \
	X(PASS_IP_HEADER, "pass-ip-header", "the IP header's version or length is impossible") \
	X(PASS_FRAGMENT, "pass-fragment", \
		"a fragment of an IP packet, which the kernel puts together") \
	X(PASS_OPTIONS, "pass-options", "IPv4 options or an IPv6 extension header") \
	X(PASS_TCP, "pass-tcp", "TCP, DNS over TCP among it") \
	X(PASS_PROTOCOL, "pass-protocol", "neither UDP nor TCP: ICMP, tunnels and others") \
	X(PASS_PORT, "pass-port", "UDP to another port") \
	X(PASS_ADDRESS, "pass-address", "UDP to our port at an address that is not ours") \
	X(PASS_NO_SOCKET, "pass-no-socket", \
		"for us, but on a queue without a worker: the kernel's socket answers, slower")

/* The counter's name; "unknown" for what is no verdict. */
static inline const char *steer_verdict_name(unsigned verdict)
{
	static const char *const names[STEER_VERDICTS] = {
#define X(name, text, sentence) [STEER_##name] = text,
		STEER_VERDICT_LIST(X)
#undef X
	};

	return verdict < STEER_VERDICTS ? names[verdict] : "unknown";
}

/* One sentence for a person; "" for what is no verdict. */
static inline const char *steer_verdict_sentence(unsigned verdict)
{
	static const char *const sentences[STEER_VERDICTS] = {
#define X(name, text, sentence) [STEER_##name] = sentence,
		STEER_VERDICT_LIST(X)
#undef X
	};

	return verdict < STEER_VERDICTS ? sentences[verdict] : "";
}

#endif
