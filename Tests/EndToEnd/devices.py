# SPDX-License-Identifier: Apache-2.0
"""The real posd and the real, unmodified libusb and libserialport with devices on a mocked bus.

The kernel's side is `mocked_bus.py`; behind it are the shop's own device models. What is shown: a
terminal goes into service and sells by swipe over a claimed interface whose kernel driver is taken off, with
one interrupt transfer pending; nothing resets, configures or clears a halt. Printer and PIN pad are on
converters with modem lines. The reader's plug is pulled and put in again, and at the end the kernel gets its
device back. `posctl doctor` looks at the same bus.
"""

import json
import os
import shutil
import signal
import subprocess

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


def claimed(shop, bus):
    """From the first start to a sale; the kernel's driver is off and one transfer is pending."""
    shop.into_service()
    code, answer = shop.posctl("sale", "usb/1", "3.00")
    assert code == 0, answer
    facts = bus.ask()
    assert facts["driver"] is None and facts["claimed"] and facts["pending"] == 1, facts
    for forbidden in ("reset", "configure", "clear-halt"):
        assert forbidden not in facts, facts


def states(shop):
    return {device["name"]: device["state"] for device in shop.ask("GetDevices")["devices"]}


def doctor(shop):
    """The exit code and the codes of what was found, on the mocked bus."""
    child = subprocess.run(
        [".build/release/posctl", "doctor", "--json", "--config", f"{shop.config}/posd.yaml", "--state",
         shop.state, "--run", shop.folder, "--socket", os.path.join(shop.folder, "control.sock")],
        stdout=subprocess.PIPE, env=shop.environment, text=True, timeout=30, check=False)
    assert child.stdout, child
    found = json.loads(child.stdout)["problems"]
    return child.returncode, {problem["code"]: problem["evidence"] for problem in found}


def pulled(shop, bus):
    """The plug is pulled and put in again: missed, found, claimed anew, and the next card is read."""
    assert doctor(shop) == (0, {}), doctor(shop)
    shop.strings("eager off")
    shop.strings("unplug reader")
    until("the plug is missed", lambda: states(shop)["reader"] in ("absent", "reconnecting"), shop=shop)
    until("the bus is empty", lambda: not bus.ask()["plugged"], shop=shop)
    code, found = doctor(shop)
    assert code == 1 and found == {
        "RDR-001": "reader: not on the bus; other input devices there: none"}, found
    shop.strings("plug reader")
    until("the reader is there again", lambda: states(shop)["reader"] == "connected", shop=shop)
    shop.strings("eager on")
    code, answer = shop.posctl("sale", "usb/2", "4.00")
    assert code == 0, answer
    facts = bus.ask()
    assert facts["driver"] is None and facts["claimed"] and facts["pending"] == 1, facts


def troubled(shop, bus):
    """A stall ends the opening and costs no more than that; a reader that somebody else has is told so."""
    def count(kind):
        counts = shop.ask("GetDevices")["devices"][0]["counts"]
        return next(count["count"] for count in counts if count["kind"] == kind)

    shop.strings("eager off")
    opened = count("opened")
    bus.ask("stall")
    until("the reader is opened anew", lambda: count("opened") == opened + 1, shop=shop)
    until("and works", lambda: states(shop)["reader"] == "connected", shop=shop)
    assert count("line errors") == 1
    bus.ask("busy")
    bus.ask("stall")
    until("it is refused", lambda: count("refused") > 0, shop=shop)
    assert states(shop)["reader"] == "reconnecting"
    evidence = [problem["evidence"] for problem in shop.try_status()["problems"]]
    assert evidence == ["another program has it"], evidence
    bus.ask("free")
    until("it is free again", lambda: states(shop)["reader"] == "connected", shop=shop)
    facts = bus.ask()
    for forbidden in ("reset", "configure", "clear-halt"):
        assert forbidden not in facts, facts
    shop.strings("eager on")
    code, answer = shop.posctl("sale", "usb/3", "5.00")
    assert code == 0, answer


def ended(shop, bus):
    """At the end nothing is pending and the kernel's driver has its device again."""
    assert shop.kill(signal.SIGTERM) == 0
    facts = bus.ask()
    assert facts["driver"] == "usbhid" and not facts["claimed"] and facts["pending"] == 0, facts
    code, found = doctor(shop)
    assert code == 1 and set(found) == {"CTL-001"}, found


def main():
    shop = Shop()
    bus = Bus(shop)
    try:
        prepare(shop, bus)
        claimed(shop, bus)
        pulled(shop, bus)
        troubled(shop, bus)
        ended(shop, bus)
        print("well: claimed, pulled and plugged, stalled, refused, ended, and seen by the doctor")
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
