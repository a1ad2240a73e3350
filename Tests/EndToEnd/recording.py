# SPDX-License-Identifier: Apache-2.0
"""What the flight recorder keeps can be told again, exactly, and only with the terminal's key."""

import os
import subprocess
import sys

from shop import BUILD, Shop

PANS = ["401234567890", "6212345678"]


def replay(shop, path, state=None):
    child = subprocess.run(
        [f"{BUILD}/posctl", "replay", path, "--config", "Config/posd.yaml", "--run", shop.folder,
         "--state", state or shop.state], capture_output=True, text=True)
    return child.returncode, child.stdout, child.stderr


def main():
    shop = Shop()
    try:
        shop.into_service()
        for number in range(3):
            code, answer = shop.posctl("sale", f"recorded/{number}", "12.00")
            assert code == 0, answer
        shop.kill()
        shop.start()
        shop.settle("ready")
        code, answer = shop.posctl("sale", "recorded/after", "12.00")
        assert code == 0, answer
        trace = subprocess.run(
            [f"{BUILD}/posctl", "trace", "--socket", os.path.join(shop.folder, "control.sock")],
            capture_output=True, text=True, check=True).stdout
        assert "asked" in trace and "sale recorded/after" in trace, trace[:400]
        assert not any(pan in trace for pan in PANS), "a card is in the trace"
        path = os.path.join(shop.folder, "recording.txt")

        def keep(text):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

        keep(trace)
        code, told, wrong = replay(shop, path)
        assert code == 0 and "the same answers" in told, (code, told[-400:], wrong)
        assert "journal ← recorded/after approved" in told, told[-2000:]
        assert not any(pan in told for pan in PANS), "a card is in the replay"
        lines = trace.split("\n")

        # Left out, changed or sealed by another: never taken for a recording.
        events = [i for i, line in enumerate(lines) if " asked " in line]
        keep("\n".join(lines[:events[0]] + lines[events[0] + 1:]))
        code, _, wrong = replay(shop, path)
        assert code == 1 and "TRC-002" in wrong, (code, wrong)
        words = lines[events[0]].split(" ")
        words[3] = words[3][:-1] + ("0" if words[3][-1] != "0" else "1")
        keep("\n".join(lines[:events[0]] + [" ".join(words)] + lines[events[0] + 1:]))
        code, _, wrong = replay(shop, path)
        assert code == 1 and "TRC-002" in wrong, (code, wrong)
        keep("\n".join(lines[:3] + ["nonsense"]))
        code, _, wrong = replay(shop, path)
        assert code == 1 and "TRC-001" in wrong, (code, wrong)

        # An answer that was another one then is found.
        words = lines[events[0]].split(" ")
        words[2] = "0" * 16
        keep("\n".join(lines[:events[0]] + [" ".join(words)] + lines[events[0] + 1:]))
        code, told, _ = replay(shop, path)
        assert code == 2 and "answered otherwise" in told, (code, told[-200:])
        print(f"{len(lines) - 1} lines recorded, replayed with the same answers")
    finally:
        shop.close()


if __name__ == "__main__":
    sys.exit(main())
