# SPDX-License-Identifier: Apache-2.0
"""Reader, printer and PIN pad unplugged and plugged in again, a hundred times or as often as the argument says:
posd loses none of them for good, keeps no descriptor of the dead ones, and its memory does not grow."""

import os
import sys
import time

from shop import Shop, until

DEVICES = ("reader", "printer", "pin-pad")
# What a full reel of the flight recorder takes, and the allocator's own rounding.
REEL = 1_400_000
SLACK = 256 * 1024


def counts(shop, kind):
    """How often something was counted, a number a device."""
    found = []
    for device in shop.ask("GetDevices")["devices"]:
        found += [count["count"] for count in device["counts"] if count["kind"] == kind]
    return found


def states(shop):
    return [device["state"] for device in shop.ask("GetDevices")["devices"]]


def descriptors(process):
    """What posd keeps open: the fewest of some looks, as the socket of this script's last question
    may still be there."""
    looks = []
    for _ in range(20):
        looks.append(len(os.listdir(f"/proc/{process}/fd")))
        time.sleep(0.02)
    return min(looks)


def memory(process):
    """Bytes of memory that are no file's."""
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no RssAnon")


def cycle(shop, number):
    for device in DEVICES:
        shop.strings(f"unplug {device}")
    until("every plug is missed", lambda: counts(shop, "lost") == [number] * 3, shop=shop)
    for device in DEVICES:
        shop.strings(f"plug {device}")
    until("every plug is found", lambda: counts(shop, "opened") == [number + 1] * 3, shop=shop)


def securemag():
    """Another maker's reader in the place of the first sells too; one that encrypts says why it does not."""
    shop = Shop()
    try:
        shop.into_service()
        shop.settle("ready")
        for number, (reader, wanted) in enumerate([
                ("securemag", "approved"), ("securemag-encrypted", "CRD-001"), ("stripe", "approved")]):
            shop.strings(f"reader {reader}")
            until("the other reader is opened", lambda: counts(shop, "opened")[0] == number + 2, shop=shop)
            until("and works", lambda: not shop.try_status()["problems"], shop=shop)
            code, answer = shop.posctl("sale", f"{reader}/1", "12.00")
            assert (code == 0) == (wanted == "approved") and wanted in str(answer), (reader, answer)
    finally:
        shop.close()


def main():
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    shop = Shop()
    try:
        shop.start()
        shop.settle("unregistered")
        shop.strings("eager off")
        process = shop.terminal.pid
        warm = max(10, cycles // 10)
        began = time.monotonic()
        for number in range(1, cycles + 1):
            cycle(shop, number)
            if number == warm:
                before = descriptors(process), memory(process)
        until("every device is connected", lambda: states(shop) == ["connected"] * 3, shop=shop)
        took = time.monotonic() - began
        after = descriptors(process), memory(process)
        assert counts(shop, "reconnected") == [cycles] * 3
        assert after[0] <= before[0], (before, after)
        assert after[1] - before[1] <= REEL + SLACK, (before, after)
        assert not shop.try_status()["problems"], shop.try_status()
        print(f"{cycles} cycles of three devices in {took:.1f} s, {before[0]} descriptors behind the "
              f"first {warm} and {after[0]} behind the last, memory {before[1] // 1024} and "
              f"{after[1] // 1024} kB")
    finally:
        shop.close()
    securemag()
    print("well: a SecureMag in the place of a SureSwipe")


if __name__ == "__main__":
    main()
