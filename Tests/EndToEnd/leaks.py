# SPDX-License-Identifier: Apache-2.0
"""No clear account number, track or PIN in what posd leaves behind: state folder, logs, what passed
over the network and the control socket, its memory, and a core dump of it. posd can be read by nobody
but root, so this runs as root or fails."""

import os
import re
import subprocess
import sys
import tempfile
import time

from shop import Shop

# The published test cards of the shop's customers, with their PINs.
CARDS = {
    "4012345678909": "739461820573",
    "4111111111111111": "8250936147",
    "5555555555554444": "60481729530",
}


def forms(card, pin):
    """The ways in which a secret may be written, each with its name."""
    packed = bytes.fromhex(card + ("F" if len(card) % 2 else ""))
    return {
        "account number": card.encode(),
        "account number, packed": packed,
        "account number, UTF-16": card.encode("utf-16-le"),
        "account number in hexadecimal": card.encode().hex().encode(),
        "track 2": (card + "=3012").encode(),
        "track 2, packed": bytes.fromhex((card + "D3012")[:(len(card) + 5) // 2 * 2]),
        "PIN": pin.encode(),
    }


def memory(process):
    """Everything that is mapped and can be read."""
    chunks = []
    with open(f"/proc/{process}/maps", encoding="ascii") as maps, \
            open(f"/proc/{process}/mem", "rb", 0) as mem:
        for line in maps:
            start, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            if "r" not in rights or "[v" in line:
                continue
            mem.seek(int(start, 16))
            try:
                chunks.append(mem.read(int(end, 16) - int(start, 16)))
            except OSError:
                # A page that nobody has touched yet, as in a guard.
                continue
    return b"\0".join(chunks)


def core_dump(process):
    """A core dump of a process that makes none of itself, with all of its mappings."""
    with open(f"/proc/{process}/limits", encoding="ascii") as limits:
        size = re.search(r"Max core file size +(\d+|unlimited) +(\d+|unlimited)", limits.read())
    assert size.groups() == ("0", "0"), "posd would leave a core dump itself"
    with tempfile.TemporaryDirectory(prefix="posd-core.") as folder:
        subprocess.run(
            ["gcore", "-a", "-o", os.path.join(folder, "core"), str(process)], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(folder, f"core.{process}"), "rb") as file:
            return file.read()


def search(name, data, found):
    for card, pin in CARDS.items():
        for kind, secret in forms(card, pin).items():
            # Six digits, or a row of fives and fours, turn up by chance in 40 megabytes of libraries.
            if name in ("memory", "core dump") and (kind == "PIN" or "packed" in kind and card[0] == "5"):
                continue
            if secret in data:
                at = data.index(secret)
                found.append(f"{kind} in {name} at {at}: {data[max(0, at - 40):at + 40]!r}")


def main():
    if os.geteuid() != 0:
        sys.exit("leaks.py reads the memory of posd: run it as root")
    shop = Shop("--capture")
    answers = []

    def ask(*words):
        code, answer = shop.posctl(*words)
        answers.append(repr(answer).encode())
        return code, answer

    try:
        shop.into_service()
        for number, (card, amount, code) in enumerate([
                (0, "12.00", 0), (1, "5.51", 2), (2, "7.00", 0), (1, "102.02", 2), (0, "9.00", 0)]):
            # The last swipe of the other card is over before the next card is taken out.
            shop.strings("eager off")
            time.sleep(0.3)
            shop.strings(f"card {card}")
            shop.strings("eager on")
            got, answer = ask("sale", f"secret/{number}", amount)
            assert got == code, answer
            shop.settle("ready")
        # A sale whose reversal cannot leave: its card has to be kept, and must be sealed.
        ask("sale", "secret/held", "102.02")
        shop.strings("unplug acquirer")
        ask("status")
        ask("queue", "list")
        ask("trace")
        ask("transactions")
        # A card that is being swiped at this very moment is of course in memory.
        shop.strings("eager off")
        time.sleep(0.5)
        found = []
        for name, take in [("memory", memory), ("core dump", core_dump)]:
            data = take(shop.terminal.pid)
            # What must be there is found: the search can find something.
            assert b"898000000000001" in data, "the search finds nothing at all"
            print(f"{name}: {len(data)} bytes searched")
            search(name, data, found)
        files = 0
        for folder, _, names in os.walk(shop.folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, "rb") as file:
                        search(name, file.read(), found)
                    files += 1
        # In the sealed bytes of a trace, 100 kB of hexadecimal digits, five digits turn up by chance;
        # what they hold is searched for whole.
        told = re.sub(rb"[0-9A-F]{32,}", b"<sealed>", b"\n".join(answers))
        assert b"<sealed>" in told and b"sale secret/2" in told, "the trace is not among the answers"
        search("answers", told, found)
        for card in CARDS:
            for form in (card.encode().hex().upper().encode(), card.encode()):
                if form in b"\n".join(answers):
                    found.append(f"account number in the sealed bytes: {form!r}")
        names = os.listdir(shop.folder)
        assert "acquirer.capture" in names and "management.capture" in names, names
        print(f"{files} files and {len(answers)} answers searched, {len(found)} secrets found")
        for line in found:
            print("  " + line)
        sys.exit(1 if found else 0)
    finally:
        shop.close()


if __name__ == "__main__":
    main()
