#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes docs/outcomes.md: python3 docs/outcomes.py >docs/outcomes.md.

Names and sentences are those of dataplane/outcome.h and bpf/steer_verdict.h; what to do is here. A
test compares, and fails where one of the two has what the other lacks.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
USUAL = "Nothing: this is the work."

OUTCOMES = {
    "frame-short": "A broken card, cable or switch when it grows steadily: `ethtool -S eth0`. Else somebody's experiment.",
    "not-our-mac": "Normal in small numbers: switches flood. Quickly: the card is promiscuous, or a switch has lost a MAC address.",
    "vlan-tags": "Somebody sends three tags, or a provider's tag within another: the VLAN configuration of the switch port.",
    "not-ip": "On a shared interface never. On an owned port these end as `to-kernel`.",
    "not-udp": "On a shared interface the XDP program leaves these to the kernel, so hardly ever. On an owned port they end as `to-kernel`.",
    "ip-header": "Somebody's experiment, or a broken device in the path.",
    "hop-limit": "Somebody on your own link sends it: an experiment.",
    "ip-checksum": "A broken path: compare ports and cables. A card that computes none: `ethtool -k`.",
    "bad-source": "Forged queries, or an attempt to make servers talk to each other. Ask upstream for source validation (BCP 38). Many from addresses of your own: two hosts have one address.",
    "not-ours": "Queries for an address that is not in `listen`: `arpactl address list`; add it, or correct routing.",
    "udp-length": "Somebody's experiment, or a broken device in the path.",
    "udp-checksum": "On a veth or in a virtual network: `ethtool -K PEER tx off` at the other end. On a wire: a broken path.",
    "icmp-checksum": "A broken path.",
    "neighbor-bad": "A neighbour breaks the rules of ARP or ND. Where it grows quickly somebody tries to poison caches: the switch knows the port.",
    "address-conflict": "Another host uses an address of yours. The log has the warning; look for its MAC address in the switch. Two servers of one anycast address on one link do this too.",
    "to-kernel": "TCP, ping of other addresses, ssh, BGP: normal with `ports[].kernel`. Without it all of these are dropped: configure it.",
    "message-short": "Scanners.",
    "message-is-reply": "Somebody uses you as a mirror, or replies to forged queries arrive: it is background noise, up to a flood.",
    "punted": "UPDATE, NOTIFY and transfers, as many as your clients send.",
    "no-room": "The interface's MTU is below 560 (IPv6) or 540 bytes: `ip link set dev eth0 mtu 1500`.",
    "rate-dropped": "With `rate-limit.mode: on` an attack, or a limit that is too low: `docs/operation.md`, Rate limiting.",
    "answered": USUAL,
    "nodata": USUAL + " Many: clients ask addresses for another type than PTR.",
    "nxdomain": USUAL + " Many from few clients: somebody walks your address space (scans do). Names that should be there: `arpactl ptr show ADDRESS`.",
    "referral": "Nothing, where you delegate parts. Else a zone cut that should not be: `arpactl zone export ZONE`.",
    "truncated": "Long answers: clients come back over TCP; see that TCP to port 53 passes the firewall. `answers.udp-size` is the limit, the interface's MTU another.",
    "refused": "Queries for zones that are not here: a delegation points at this server that should not, or a zone is missing: `arpactl zone list`. From many sources at once: somebody's reflection attempt.",
    "punt-refused": "More UPDATE, NOTIFY and transfers than the listener's thread takes: 256 wait for each worker. Find who sends them; `listener.punted.*` has the rest.",
    "formerr": "Scanners, broken clients.",
    "notimp": "Clients send what is not served: UPDATE to the wrong server, unknown opcodes.",
    "badvers": "Scanners.",
    "badcookie": "With `answers.cookies: enforce` one for each new client. Steadily from honest ones: servers of one address have different `answers.cookie-secrets`.",
    "yxdomain": "Queries for long names below a DNAME.",
    "rate-slipped": "As `rate-dropped`; honest clients come back over TCP.",
    "neighbor": USUAL,
    "echo": USUAL + " A flood of pings costs what a flood of queries does.",
}

VERDICTS = {
    "redirected": USUAL,
    "redirected-tagged": USUAL,
    "pass-disabled": "Only at start and end.",
    "pass-draining": "`arpactl undrain` ends it.",
    "pass-short": "As `frame-short`.",
    "pass-group": "Normal: ARP requests, neighbour discovery, multicast of routing protocols.",
    "pass-other-mac": "Normal with macvlan, VRRP or promiscuous mode: the kernel's sockets answer these, slower.",
    "pass-tags": "As `vlan-tags`.",
    "pass-ether-type": "Normal: ARP, LLDP.",
    "pass-ip-header": "As `ip-header`.",
    "pass-fragment": "A flood of fragments is the kernel's to bear: `net.ipv4.ipfrag_high_thresh`, or drop them upstream.",
    "pass-options": "Normal in small numbers.",
    "pass-tcp": "Normal: ssh, BGP, DNS over TCP. Growing with `truncated`: clients come back over TCP.",
    "pass-protocol": "Normal: ping, tunnels, OSPF.",
    "pass-port": "Normal. All queries end here: `listen.port` is another.",
    "pass-address": "Queries to an address that is not in `listen`: `arpactl address list`.",
    "pass-no-socket": "More queues than workers: `ethtool -L eth0 combined N` with N as `queues`, or `arpactl preflight`.",
}

HEAD = """\
<!-- SPDX-License-Identifier: BSD-3-Clause -->
# How frames end

`arpactl stats` counts every frame under one outcome, and every frame of an interface that is shared with the kernel under one verdict of the
XDP program as well; `arpactl stats --explain` prints these sentences beside the counts. Made by `docs/outcomes.py`; a test compares.

Watch how fast a counter grows, and its share of all, never its value.
"""


def rows(path, macro):
    """(name, sentence) of each line of an X macro, in its order."""
    text = (ROOT / path).read_text(encoding="utf-8")
    body = re.search(rf"#define {macro}\(X\) \\\n(.*?[^\\])\n", text, re.S)[1]
    return re.findall(r'X\(\w+, "([^"]+)",[\s\\]*"([^"]+)"\)', body)


def table(found, advice):
    missing = {name for name, _ in found} ^ set(advice)
    if missing:
        raise SystemExit(f"docs/outcomes.py: {', '.join(sorted(missing))}: not in both places")
    return [f"| `{name}` | {sentence.rstrip('.')} | {advice[name]} |"
            for name, sentence in found]


def section(title, words, found, advice):
    return ["", f"## {title}", "", words, "", "| counter | what it is | when it grows |", "|---|---|---|",
            *table(found, advice)]


def main():
    outcomes = rows("dataplane/outcome.h", "OUTCOME_LIST")
    replies = [name for name, _ in outcomes].index("answered")
    silent = {name: OUTCOMES[name] for name, _ in outcomes[:replies] if name in OUTCOMES}
    replied = {name: advice for name, advice in OUTCOMES.items() if name not in silent}
    page = [HEAD.rstrip("\n")]
    page += section("Outcomes without a reply", "The frame was dropped, or left to others.",
                    outcomes[:replies], silent)
    page += section("Outcomes with a reply", "Something was sent to who asked.", outcomes[replies:],
                    replied)
    page += section("Verdicts of the XDP program",
                    "Counters `steer.INTERFACE.*`. What is not redirected goes to the kernel as if arpad were not there.",
                    rows("bpf/steer_verdict.h", "STEER_VERDICT_LIST"), VERDICTS)
    sys.stdout.write("\n".join(page) + "\n")


main()
