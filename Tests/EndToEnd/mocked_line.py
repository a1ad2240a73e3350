# SPDX-License-Identifier: Apache-2.0
"""A serial converter on a mocked bus: the unmodified libserialport opens it as /dev/ttyUSB<n>.

umockdev makes it a pseudo-terminal; what that refuses, the modem lines, is answered here, and its far end is
tied to the pseudo-terminal of a device that `possim serve` offers.
"""

import os
import struct
import termios
import tty

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

TIOCMGET, TIOCMBIS, TIOCMBIC, TIOCMSET = 0x5415, 0x5416, 0x5417, 0x5418
TERMIOX = (0x5432, 0x5433)
EINVAL = 22
DTR, RTS, CTS, DCD, DSR = 0x002, 0x004, 0x020, 0x040, 0x100


class Line(UMockdev.IoctlBase):
    """One converter and the shop's device behind it."""

    def __init__(self, testbed, number, path):
        super().__init__()
        self.bits = CTS | DSR | DTR | RTS
        base = f"/devices/pci0000:00/0000:00:14.0/usb1/1-{number + 2}"
        name = f"ttyUSB{number}"
        testbed.add_from_string("\n".join([
            f"P: {base}", f"N: bus/usb/001/01{number}", f"E: DEVNAME=/dev/bus/usb/001/01{number}",
            "E: DEVTYPE=usb_device", "E: SUBSYSTEM=usb", "A: busnum=1\\n", f"A: devnum=1{number}\\n",
            "A: idVendor=0403\\n", "A: idProduct=6001\\n", "A: manufacturer=Example\\n",
            "A: product=Converter\\n", f"A: serial=EX{number}\\n", "",
            f"P: {base}/1-{number + 2}:1.0", "E: DEVTYPE=usb_interface", "E: SUBSYSTEM=usb", "",
            f"P: {base}/1-{number + 2}:1.0/{name}", "E: SUBSYSTEM=usb-serial", "",
            f"P: {base}/1-{number + 2}:1.0/{name}/tty/{name}", f"N: {name}",
            f"E: DEVNAME=/dev/{name}", "E: SUBSYSTEM=tty", "E: MAJOR=188", f"E: MINOR={number}",
            f"A: dev=188:{number}\\n", f"L: device=../../../{name}", "", ""]))
        testbed.attach_ioctl(f"/dev/{name}", self)
        self.near = testbed.get_dev_fd(f"/dev/{name}")
        self.far = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.far, termios.TCSANOW)
        for one, other in ((self.near, self.far), (self.far, self.near)):
            os.set_blocking(one, False)
            GLib.io_add_watch(one, GLib.IO_IN, self.carry, other)

    def carry(self, source, _, target):
        try:
            data = os.read(source, 4096)
        except OSError:
            # Nobody has the line open.
            return True
        while data:
            try:
                data = data[os.write(target, data):]
            except BlockingIOError:
                continue
        return True

    def do_handle_ioctl(self, client):
        request = client.get_request() & 0xFFFFFFFF
        if request in TERMIOX:
            client.complete(-1, EINVAL)
        elif request in (TIOCMGET, TIOCMBIS, TIOCMBIC, TIOCMSET):
            argument = client.get_arg().resolve(0, 4)
            given = struct.unpack("<I", bytes(argument.retrieve()))[0]
            if request == TIOCMGET:
                argument.update(0, list(struct.pack("<I", self.bits)))
            elif request == TIOCMBIS:
                self.bits |= given
            elif request == TIOCMBIC:
                self.bits &= ~given
            else:
                self.bits = given | CTS | DSR
            client.complete(0, 0)
        else:
            client.complete(*client.execute())
        return True
