# SPDX-License-Identifier: BSD-3-Clause
"""The lab: two network namespaces joined by a veth pair, arpad in one, a client in the other.

`make run`, the system tests and the comparison with a peer all use this one implementation.
"""
