# SPDX-License-Identifier: BSD-3-Clause
"""Zones as the generator builds them: RRsets at owners, legal by construction, and their text.

A Zone takes only what every server under test loads: no data beside a CNAME or below a DNAME, no
zone cut on either, one TTL an RRset. Data below a zone cut is legal and stays (occluded).
"""

from typing import NamedTuple, Optional

from wire import is_under, lower, to_text, wire_length


class Rdata(NamedTuple):
    text: str
    target: Optional[tuple] = None      # the name in it that a lookup may go on with


class RRset:
    def __init__(self, owner, rrtype, ttl):
        self.owner, self.rrtype, self.ttl = owner, rrtype, ttl
        self.rdatas = []

    def add(self, rdata):
        if all(rdata.text.lower() != known.text.lower() for known in self.rdatas):
            self.rdatas.append(rdata)


class Zone:
    def __init__(self, apex):
        self.apex = lower(apex)
        self.rrsets = {}                # (owner in lower case, type name) -> RRset
        self.nodes = {}                 # owner in lower case -> set of type names
        self.inner = set()              # every name above an owner, down from the apex
        self.family = [self]            # all zones of the group, this one among them

    def add(self, owner, rrtype, ttl, rdatas):
        """False if the zone may not hold it; else the data has been added."""
        key = lower(owner)
        rdatas = [rdata for rdata in rdatas if wire_length(rdata.target or ()) <= 255]
        if not rdatas or not self.may_hold(key, rrtype):
            return False
        rrset = self.rrsets.setdefault((key, rrtype), RRset(owner, rrtype, ttl))
        for rdata in rdatas:
            rrset.add(rdata)
        self.nodes.setdefault(key, set()).add(rrtype)
        for depth in range(1, len(key) - len(self.apex) + 1):
            self.inner.add(key[depth:])
        return True

    def may_hold(self, key, rrtype):
        if not is_under(key, self.apex) or wire_length(key) > 255:
            return False
        types = self.nodes.get(key, set())
        if "CNAME" in types or (rrtype == "CNAME" and types):
            return False
        if rrtype == "DNAME":
            is_cut = "NS" in types and key != self.apex
            if "DNAME" in types or is_cut or any(zone.stands_below(key) for zone in self.family):
                return False
        if rrtype == "NS" and key != self.apex and ("DNAME" in types or key[0] == b"*"):
            return False
        return not any("DNAME" in zone.nodes.get(key[depth:], ())
                       for depth in range(1, len(key)) for zone in self.family)

    def stands_below(self, key):
        """Something of this zone is below the name, be it only the apex."""
        return key in self.inner or (key != self.apex and is_under(self.apex, key))

    def name(self):
        return to_text(self.apex)

    def text(self):
        """The zone file. SOA first, owners under the apex relative to it."""
        lines = [f"$ORIGIN {self.name()}"]
        ordered = sorted(self.rrsets.values(), key=lambda rrset: rrset.rrtype != "SOA")
        for rrset in ordered:
            key = lower(rrset.owner)
            depth = len(key) - len(self.apex)
            owner = to_text(rrset.owner[:depth])[:-1] if depth else "@"
            lines += [f"{owner} {rrset.ttl} IN {rrset.rrtype} {rdata.text}"
                      for rdata in rrset.rdatas]
        return "\n".join(lines) + "\n"
