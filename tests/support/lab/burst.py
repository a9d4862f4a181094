# SPDX-License-Identifier: BSD-3-Clause
"""Many datagrams at once, faster than a loop of send() could: sendmmsg and a deep receive buffer."""

import ctypes
import os
import socket
import struct

from .machine import LabError

SO_RCVBUFFORCE = 33
RECEIVE_BYTES = 16 << 20


class _Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class _Header(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint32),
                ("iovec", ctypes.POINTER(_Iovec)), ("iovec_count", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
                ("flags", ctypes.c_int)]


class _Message(ctypes.Structure):
    _fields_ = [("header", _Header), ("sent", ctypes.c_uint32)]


class Burst:
    """Sends the same messages again and again from one socket of the client's namespace."""

    def __init__(self, pair, server, wires):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self.socket = pair.client.socket(family, socket.SOCK_DGRAM, 2.0)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BYTES)
        self.socket.connect((server, 53))
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.buffers = [ctypes.create_string_buffer(wire, len(wire)) for wire in wires]
        self.iovecs = (_Iovec * len(wires))()
        self.messages = (_Message * len(wires))()
        for buffer, iovec, message in zip(self.buffers, self.iovecs, self.messages):
            iovec.base, iovec.length = ctypes.addressof(buffer), len(buffer)
            message.header.iovec, message.header.iovec_count = ctypes.pointer(iovec), 1

    def send(self):
        """All of them once."""
        done, size = 0, ctypes.sizeof(_Message)
        while done < len(self.messages):
            sent = self.libc.sendmmsg(self.socket.fileno(),
                                      ctypes.byref(self.messages, done * size),
                                      len(self.messages) - done, 0)
            if sent <= 0:
                raise LabError(f"sendmmsg: {os.strerror(ctypes.get_errno())}")
            done += sent

    def receive(self, most, timeout=2.0):
        """Replies as (id, flags, bytes), until there are `most` or none comes in time."""
        self.socket.settimeout(timeout)
        replies = []
        while len(replies) < most:
            try:
                wire = self.socket.recv(65535)
            except TimeoutError:
                break
            replies.append((*struct.unpack_from("!2H", wire), wire))
        return replies

    def close(self):
        self.socket.close()
