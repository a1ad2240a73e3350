# SPDX-License-Identifier: Apache-2.0
"""A bus on which the unmodified libusb and libserialport see the shop's simulated devices.

umockdev shows a process a /sys, a /dev and a udev of its own; what libusb asks the kernel through usbfs is
answered here, on behalf of the same device models that `possim serve` offers. Runs under `umockdev-wrapper` with
Debian's own Python, gets the shop's folder, takes commands as lines on standard input and answers each with
one line of JSON, what has been asked of the kernel so far: "facts"; "busy" and "free" say whether another
program has the reader; "stall" ends the pending transfer as a device does that has lost its way.
"""

import ctypes
import json
import os
import socket
import struct
import sys

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402
from mocked_line import Line  # noqa: E402

NODE = "/dev/bus/usb/001/002"
ENODEV, EPIPE, ETIMEDOUT, ENOENT = 19, 32, 110, 2
EAGAIN, EBUSY, ENOTTY, ENODATA = 11, 16, 25, 61

# The numbers of usbfs, as <linux/usbdevice_fs.h> makes them on 64 bits.
REQUESTS = {
    0x8004551A: "capabilities", 0x41045508: "driver", 0x8004550F: "claim", 0x80045510: "unclaim",
    0x8108551B: "detach-claim", 0x0000551F: "speed", 0x8038550A: "submit", 0x4008550D: "reap",
    0x4008550C: "reap", 0x0000550B: "discard", 0xC0105512: "interface", 0x5514: "reset",
    0x80045505: "configure", 0x80045515: "clear-halt",
}
CONTROL, INTERRUPT = 2, 1
ATTACH, DETACH = 0x5517, 0x5516


class Transfer:
    """A usbdevfs_urb in the memory of the process that waits for it."""

    def __init__(self, data):
        self.data = data
        raw = bytes(data.retrieve())
        self.kind, self.endpoint = raw[0], raw[1]
        self.address = data.client_addr
        self.length = struct.unpack_from("<i", raw, 24)[0]
        self.buffer = data.resolve(16, self.length) if self.length else None
        self.bytes = bytes(self.buffer.retrieve()) if self.buffer else b""
        self.gathered = b""

    def end(self, status, payload=b"", count=None, offset=0):
        if payload:
            self.buffer.update(offset, list(payload))
        count = len(payload) if count is None else count
        self.data.update(4, list(struct.pack("<i", status)))
        self.data.update(28, list(struct.pack("<i", count)))


class Reader(UMockdev.IoctlBase):
    """What the kernel would do for the device behind reader.sock."""

    def __init__(self, path, testbed):
        super().__init__()
        self.path, self.testbed = path, testbed
        self.link = None
        self.descriptor, self.numbers = b"", (0, 0)
        self.packet_size = 64
        self.syspath = None
        self.driver = "usbhid"
        self.claimed = False
        self.is_busy = False
        self.waiting, self.ended, self.reaping = [], [], []
        self.packets, self.asked = [], []
        self.counts = {}
        self.connect()

    # The device's side: packets of reader.sock.

    def connect(self):
        self.link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.link.connect(self.path)
        GLib.io_add_watch(self.link.fileno(), GLib.IO_IN, self.heard)

    def heard(self, *_):
        packet = self.link.recv(8192)
        kind, body = packet[:1], packet[1:]
        if kind == b"A":
            self.plug(body)
        elif kind == b"D":
            self.unplug()
        elif kind == b"P":
            self.packets.append(body)
            self.deliver()
        elif kind in b"FN":
            self.answer(body if kind == b"F" else None)
        return bool(packet)

    def plug(self, body):
        self.vanish()
        vendor, product, boot = struct.unpack(">HHB", body[:5])
        self.descriptor, self.numbers = body[5:], (vendor, product)
        hid = struct.pack("<BBHBBBH", 9, 0x21, 0x0111, 0, 1, 0x22, len(self.descriptor))
        endpoint = struct.pack("<BBBBHB", 7, 5, 0x81, 3, self.packet_size, 1)
        interface = struct.pack("<9B", 9, 4, 0, 0, 1, 3, boot, boot, 0)
        total = 9 + len(interface) + len(hid) + len(endpoint)
        configuration = struct.pack("<BBHBBBBB", 9, 2, total, 1, 1, 0, 0x80, 50)
        device = struct.pack(
            "<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, vendor, product, 0x0100, 0, 0, 0, 1)
        whole = device + configuration + interface + hid + endpoint
        self.testbed.add_from_string("\n".join([
            "P: /devices/pci0000:00/0000:00:14.0/usb1/1-1", "N: bus/usb/001/002",
            f"E: DEVNAME={NODE}", "E: DEVTYPE=usb_device", "E: SUBSYSTEM=usb", "E: BUSNUM=001",
            "E: DEVNUM=002", "E: MAJOR=189", "E: MINOR=1",
            f"E: PRODUCT={vendor:x}/{product:x}/100", "A: busnum=1\\n", "A: devnum=2\\n",
            "A: bConfigurationValue=1\\n", "A: bNumConfigurations=1\\n", "A: speed=12\\n",
            f"A: idVendor={vendor:04x}\\n", f"A: idProduct={product:04x}\\n",
            "H: descriptors=" + whole.hex().upper(), "", ""]))
        self.syspath = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1"
        self.driver, self.claimed = "usbhid", False
        self.testbed.attach_ioctl(NODE, self)
        self.testbed.uevent(self.syspath, "add")

    def unplug(self):
        # Through REAP: that alone a mocked node can wake.
        self.packets.clear()
        for transfer in self.waiting + self.asked:
            transfer.end(-ENODEV)
            self.ended.append(transfer)
        self.waiting, self.asked = [], []
        self.reap_all()
        # What has the node open lets go of it first: a mocked node that is gone answers nobody.
        GLib.timeout_add(300, self.vanish)

    def vanish(self):
        if self.syspath:
            self.testbed.uevent(self.syspath, "remove")
            self.testbed.detach_ioctl(NODE)
            self.testbed.remove_device(self.syspath)
            self.syspath = None
        return False

    def deliver(self):
        """Packets go into the pending transfer until it is full or one is short."""
        while self.waiting and self.packets:
            transfer, packet = self.waiting[0], self.packets.pop(0)
            transfer.gathered += packet
            if len(packet) == self.packet_size and len(transfer.gathered) < transfer.length:
                continue
            self.waiting.pop(0)
            transfer.end(0, transfer.gathered[:transfer.length])
            self.finish(transfer)

    def answer(self, body):
        if not self.asked:
            return
        transfer = self.asked.pop(0)
        if body is None:
            transfer.end(-EPIPE)
        else:
            transfer.end(0, body[:transfer.length - 8], offset=8)
        self.finish(transfer)

    # The host's side: usbfs.

    def do_handle_ioctl(self, client):
        name = REQUESTS.get(client.get_request() & 0xFFFFFFFF, "other")
        if name != "reap":
            self.counts[name] = self.counts.get(name, 0) + 1
        handler = getattr(self, "ask_" + name.replace("-", "_"), None)
        if not handler or (self.syspath is None and name not in ("reap", "discard", "unclaim")):
            client.complete(-1, ENODEV if self.syspath is None else ENOTTY)
            return True
        result = handler(client)
        if result is not None:
            client.complete(*result)
        return True

    def ask_capabilities(self, client):
        client.get_arg().resolve(0, 4).update(0, list(struct.pack("<I", 0x1BF & ~0x40)))
        return 0, 0

    def ask_speed(self, client):
        return 2, 0

    def ask_driver(self, client):
        name = "usbfs" if self.claimed else self.driver
        if not name:
            return -1, ENODATA
        client.get_arg().resolve(0, 260).update(4, list(name.encode() + b"\0"))
        return 0, 0

    def ask_claim(self, client):
        if self.driver or self.is_busy:
            return -1, EBUSY
        self.claimed = True
        return 0, 0

    def ask_detach_claim(self, client):
        if self.is_busy:
            return -1, EBUSY
        self.driver, self.claimed = None, True
        return 0, 0

    def ask_unclaim(self, client):
        self.claimed = False
        return 0, 0

    def ask_interface(self, client):
        code = struct.unpack("<i", bytes(client.get_arg().resolve(0, 16).retrieve())[4:8])[0]
        self.counts["attach" if code == ATTACH else "detach"] = (
            self.counts.get("attach" if code == ATTACH else "detach", 0) + 1)
        if code == ATTACH:
            self.driver = "usbhid"
            return 1, 0
        if code == DETACH and self.driver:
            self.driver = None
            return 0, 0
        return -1, ENODATA

    def ask_submit(self, client):
        transfer = Transfer(client.get_arg().resolve(0, 56))
        client.complete(0, 0)
        if transfer.kind == INTERRUPT and transfer.endpoint & 0x80:
            self.waiting.append(transfer)
            self.deliver()
        elif transfer.kind == CONTROL:
            self.control(transfer)
        return None

    def control(self, transfer):
        kind, request, value, _, length = struct.unpack("<BBHHH", transfer.bytes[:8])
        payload = transfer.bytes[8:8 + length]
        if (kind, request, value >> 8) == (0x81, 0x06, 0x22):
            self.link.send(b"O")
            transfer.end(0, self.descriptor[:length], offset=8)
        elif (kind, request, value >> 8) == (0x21, 0x09, 3):
            self.link.send(b"S" + payload)
            transfer.end(0, count=length)
        elif (kind, request, value >> 8) == (0xA1, 0x01, 3):
            self.asked.append(transfer)
            self.link.send(b"G" + struct.pack(">H", length))
            return
        else:
            transfer.end(-EPIPE)
        self.finish(transfer)

    def ask_discard(self, client):
        address = client.get_arg().client_addr
        for waiting in (self.waiting, self.asked):
            for transfer in [t for t in waiting if t.address == address]:
                waiting.remove(transfer)
                transfer.end(-ENOENT)
                self.ended.append(transfer)
        client.complete(0, 0)
        self.reap_all()
        return None

    def ask_reap(self, client):
        self.reaping.append(client)
        # The mocked node is always ready for poll: a pause here keeps libusb from spinning.
        GLib.timeout_add(20, self.nothing_to_reap, client)
        self.reap_all()
        return None

    def nothing_to_reap(self, client):
        if client in self.reaping:
            self.reaping.remove(client)
            client.complete(-1, EAGAIN)
        return False

    def finish(self, transfer):
        self.ended.append(transfer)
        self.reap_all()

    def reap_all(self):
        while self.ended and self.reaping:
            client, transfer = self.reaping.pop(0), self.ended.pop(0)
            client.get_arg().resolve(0, 8).set_ptr(0, transfer.data)
            client.complete(0, 0)

    # The test's side: lines.

    def obey(self, word):
        if word in ("busy", "free"):
            self.is_busy = word == "busy"
        elif word == "stall" and self.waiting:
            transfer = self.waiting.pop(0)
            transfer.end(-EPIPE)
            self.finish(transfer)

    def facts(self):
        return {"driver": self.driver, "claimed": self.claimed, "pending": len(self.waiting),
                "plugged": self.syspath is not None, **self.counts}


def main():
    # It dies with the script that started it.
    ctypes.CDLL(None).prctl(1, 15)
    testbed = UMockdev.Testbed.new()
    reader = Reader(os.path.join(sys.argv[1], "reader.sock"), testbed)
    lines = [Line(testbed, 0, os.path.join(sys.argv[1], "printer.tty")),
             Line(testbed, 1, os.path.join(sys.argv[1], "pin-pad.tty"))]

    def asked(*_):
        line = sys.stdin.readline()
        if not line:
            loop.quit()
            return False
        reader.obey(line.strip())
        print(json.dumps(reader.facts() | {"modem": [each.bits for each in lines]}), flush=True)
        return True

    loop = GLib.MainLoop()
    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, asked)
    print(json.dumps({"root": testbed.get_root_dir()}), flush=True)
    loop.run()


if __name__ == "__main__":
    main()
