# SPDX-License-Identifier: Apache-2.0
"""The real posd and the real, unmodified libusb and libserialport with devices on a mocked bus.

The kernel's side is `mocked_bus.py`; behind it are the shop's own device models. What is shown: the
kernel's driver is taken off and given back, also after kill -9; nothing resets, configures or clears a halt;
one interrupt transfer is pending; sales by swipe, pulled plugs, stalls, a control transfer that times out,
an interface that another program holds.
"""

import json
import os
import shutil
import signal
import subprocess
import time

from shop import Shop, until

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


def reader_problem(shop):
    return next((problem for problem in shop.try_status()["problems"]
                 if problem["code"].startswith("RDR")), None)


def sell(shop, reference):
    code, answer = shop.posctl("sale", reference, "3.00")
    assert code == 0, answer


def claimed(shop, bus):
    """From the first start to a sale; the kernel's driver is off and one transfer is pending."""
    shop.into_service()
    sell(shop, "usb/1")
    facts = bus.ask()
    assert facts["driver"] is None and facts["claimed"] and facts["pending"] == 1, facts
    for forbidden in ("reset", "configure", "clear-halt"):
        assert forbidden not in facts, facts


def plugs(shop, bus):
    """Pulled and put in again, five times, with a sale each time; in between it is named."""
    for turn in range(5):
        shop.strings("unplug reader")
        until("the reader is missed", lambda: (reader_problem(shop) or {}).get("code") == "RDR-001")
        shop.strings("plug reader")
        until("the reader is back", lambda: not reader_problem(shop), 20, shop)
        sell(shop, f"plug/{turn}")
        assert bus.ask()["pending"] == 1


def stalls(shop, bus):
    """A stalled transfer ends the opening; the device is opened again without being reset."""
    before = bus.ask()["detach-claim"]
    bus.ask("stall")
    until("it is claimed again", lambda: bus.ask()["detach-claim"] == before + 1, 20, shop)
    until("the reader is back", lambda: not reader_problem(shop), 20, shop)
    sell(shop, "stall/1")
    assert "clear-halt" not in bus.ask() and "reset" not in bus.ask()


def late(shop, bus):
    """A device whose control answers never come is named, and used when they come again."""
    bus.ask("hold")
    bus.ask("stall")
    until("it is missed", lambda: reader_problem(shop) is not None, 20, shop)
    bus.ask("release")
    until("the reader is back", lambda: not reader_problem(shop), 20, shop)
    sell(shop, "late/1")


def seized(shop, bus):
    """An interface that another program holds is not taken from it; the evidence says so."""
    bus.ask("seize brltty")
    bus.ask("stall")
    until("it is missed", lambda: reader_problem(shop) is not None, 20, shop)
    time.sleep(1)
    problem = reader_problem(shop)
    assert problem["code"] == "RDR-001" and "another program" in problem["evidence"], problem
    bus.ask("seize none")
    until("the reader is back", lambda: not reader_problem(shop), 20, shop)
    sell(shop, "seized/1")


def ends(shop, bus):
    """At its end the kernel has its driver again; after kill -9 the next start's end gives it back."""
    assert shop.kill(signal.SIGTERM) == 0
    facts = bus.ask()
    assert facts["driver"] == "usbhid" and not facts["claimed"], facts
    shop.start()
    shop.settle("ready")
    shop.kill(signal.SIGKILL)
    shop.start()
    shop.settle("ready")
    sell(shop, "killed/1")
    assert shop.kill(signal.SIGTERM) == 0
    facts = bus.ask()
    assert facts["driver"] == "usbhid" and not facts["claimed"], facts


def main():
    shop = Shop()
    bus = Bus(shop)
    try:
        prepare(shop, bus)
        for part in [claimed, plugs, stalls, late, seized, ends]:
            part(shop, bus)
            print("well: " + part.__name__)
    except BaseException:
        print(shop.logs(), shop.try_status(), bus.ask() if bus.process.poll() is None else "")
        raise
    finally:
        shop.close()
        bus.close()


if __name__ == "__main__":
    main()
