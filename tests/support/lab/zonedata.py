# SPDX-License-Identifier: BSD-3-Clause
"""Zone files and query lists, the same on every run. 198.18.0.0/15 and 2001:db8::/32 are for labs."""

import ipaddress
import random

ZONE_4, ZONE_6 = "198.18.0.0/16", "2001:db8::/32"
FIRST_4 = ipaddress.IPv4Address("198.18.0.0")
FIRST_6 = ipaddress.IPv6Address("2001:db8:0:53::")

HEAD = """\
$TTL 3600
@ SOA ns1.example.net. hostmaster.example.net. 1 3600 900 604800 300
@ NS ns1.example.net.
@ NS ns2.example.net.
"""


def address_4(index):
    """The index-th IPv4 address that has a record; 198.18.0.0 itself has none."""
    return FIRST_4 + 1 + index


def address_6(index):
    return FIRST_6 + 1 + index


def name_of(address):
    """The name that an address has at first."""
    text = address.exploded if address.version == 4 else address.exploded[20:]
    return "host-" + text.replace(".", "-").replace(":", "-") + ".example.net."


def arpa(address):
    return ipaddress.ip_address(str(address)).reverse_pointer + "."


def apex(zone):
    """The apex's name of a zone at an octet or nibble boundary."""
    network = ipaddress.ip_network(zone)
    labels = arpa(network.network_address).split(".")
    bits = 8 if network.version == 4 else 4
    return ".".join(labels[(network.max_prefixlen - network.prefixlen) // bits:])


def write_zone(path, addresses, bad_line=None):
    """One PTR line an address; `bad_line` (text) goes into the middle. Returns its line number."""
    lines = HEAD.splitlines()
    for address in addresses:
        lines.append(f"{arpa(address)} PTR {name_of(address)}")
    number = None
    if bad_line is not None:
        number = len(lines) // 2
        lines.insert(number - 1, bad_line)
    with open(path, "w", encoding="ascii") as out:
        out.write("\n".join(lines) + "\n")
    return number


def zone_4(count):
    return (address_4(i) for i in range(count))


def zone_6(count):
    return (address_6(i) for i in range(count))


def write_queries(path, addresses, missing=0.1):
    """A dnsperf and kxdpgun query list in random order, a part of it for names without a record."""
    pick = random.Random(53)  # the same list on every run
    lines = []
    for address in addresses:
        if pick.random() < missing:
            address = address + 0x8000
        lines.append(f"{arpa(address)} PTR\n")
    pick.shuffle(lines)
    with open(path, "w", encoding="ascii") as out:
        out.writelines(lines)
