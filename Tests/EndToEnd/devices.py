# SPDX-License-Identifier: Apache-2.0
"""The real posd and the real, unmodified libusb and libserialport with devices on a mocked bus.

The kernel's side is `mocked_bus.py`; behind it are the shop's own device models. What is shown: a
terminal goes into service and sells by swipe over a claimed interface whose kernel driver is taken off, with
one interrupt transfer pending; nothing resets, configures or clears a halt. Printer and PIN pad are on
converters with modem lines. Pulled plugs and the end of the program are not shown yet.
"""

import json
import os
import shutil
import signal
import subprocess

from shop import Shop

PYTHON = "/usr/bin/python3"


class Bus:
    """The mocked bus, in a process of its own: whoever plugs must not be who is shown."""

    def __init__(self, shop):
        self.process = subprocess.Popen(
            ["umockdev-wrapper", PYTHON, "-u", "Tests/EndToEnd/mocked_bus.py", shop.folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.root = json.loads(self.process.stdout.readline())["root"]

    def ask(self, line="facts"):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


def prepare(shop, bus):
    """A board with a real reader's numbers instead of a socket."""
    shop.config = os.path.join(shop.folder, "config")
    shutil.copytree("Config", shop.config)
    path = os.path.join(shop.config, "boards/demo.yaml")
    with open(path, encoding="utf-8") as file:
        board = file.read()
    for simulated, real in [("sim:${RUN}/reader.sock", "0801:0002"),
                            ("${RUN}/printer.tty", "/dev/ttyUSB0"),
                            ("${RUN}/pin-pad.tty", "/dev/ttyUSB1")]:
        assert board.count("port: " + simulated) == 1
        board = board.replace("port: " + simulated, "port: " + real)
    with open(path, "w", encoding="utf-8") as file:
        file.write(board)
    shop.environment = dict(
        os.environ, UMOCKDEV_DIR=bus.root, LD_PRELOAD="libumockdev-preload.so.0")


def claimed(shop, bus):
    """From the first start to a sale; the kernel's driver is off and one transfer is pending."""
    shop.into_service()
    code, answer = shop.posctl("sale", "usb/1", "3.00")
    assert code == 0, answer
    facts = bus.ask()
    assert facts["driver"] is None and facts["claimed"] and facts["pending"] == 1, facts
    for forbidden in ("reset", "configure", "clear-halt"):
        assert forbidden not in facts, facts


def main():
    shop = Shop()
    bus = Bus(shop)
    try:
        prepare(shop, bus)
        claimed(shop, bus)
        print("well: claimed")
    except BaseException:
        print(shop.logs(), shop.try_status(), bus.ask() if bus.process.poll() is None else "")
        raise
    finally:
        # The bus outlives whoever asks it.
        shop.kill(signal.SIGKILL)
        shop.close()
        bus.close()


if __name__ == "__main__":
    main()
