# SPDX-License-Identifier: Apache-2.0
"""Updates of the real posd, from the maker's repository over Debian's nginx to a terminal that keeps
the new version or goes back: the whole way, with a shop in which it sells before and after."""

import glob
import json
import os
import shutil
import time

from updated_shop import BOARD, DEAD, House, Terminal

# Starts the program with another configuration, as a release would that has lost its devices.
WRONG = '#!/bin/sh\nexec "${0%/posd}/real" "$@" --config CONFIG/posd.yaml\n'


def withdraw(house, terminal):
    """The maker takes the newest back, and the terminal forgets it."""
    names = glob.glob(os.path.join(house.folder, "*.tar"))
    newest = max(names, key=lambda name: int(name[:-4].rsplit("-", 1)[1]))
    house.maker.do("withdraw", "repo", f"{BOARD}/{os.path.basename(newest)}")
    house.maker.release()
    terminal.posctl("update", "cancel")


def stays(terminal, version):
    """It is kept, and not before it has all that a sale needs."""
    update = terminal.follow(f"{version} stays", lambda now: now["version"] == version
                             and now["cause"] == "committed" and now["stage"] == "idle")
    codes = [problem["code"] for problem in terminal.try_status()["problems"]]
    assert not any(code[:3] in ("RDR", "PAD", "PRN") for code in codes), codes
    return update


def kept(terminal, house):
    """Publish, update, trial, commit: it sells before and after, and the till may postpone."""
    terminal.sell("ota/1")
    house.publish("1.1")
    code, update = terminal.check()
    assert code == 0 and update["offered"] == "1.1.0" and update["note"] == "Faster.", update
    update = stays(terminal, "1.1.0")
    assert update["slot"] == "B" and update["history"][-1]["code"] == "committed", update
    terminal.sell("ota/2")
    code, answer = terminal.posctl("update", "postpone", "5")
    assert code == 1 and answer["parameters"]["problem"]["code"] == "UPD-022", answer
    code, answer = terminal.posctl("update", "apply")
    assert code == 1 and answer["parameters"]["problem"]["code"] == "UPD-021", answer


def postponed(terminal, house):
    """Announced, put off by the till, and still there."""
    house.publish("1.2")
    terminal.check()
    update = terminal.follow("1.2 is announced", lambda now: now["notice"] is not None)
    assert update["stage"] == "gate" and update["minutes"] == 5, update
    code, answer = terminal.posctl("update", "postpone", "30")
    assert code == 0, answer
    time.sleep(5)
    update = terminal.update()
    assert update["stage"] == "gate" and update["locks"] == ["postponed"], update
    assert update["version"] == "1.1.0" and update["notice"] is None, update
    code, answer = terminal.posctl("update", "postpone", "600")
    assert answer["parameters"]["problem"]["code"] == "UPD-022", answer
    terminal.apply()
    stays(terminal, "1.2.0")


def busy(terminal, house):
    """Nothing is interrupted: while a cardholder looks for the card, the switch waits."""
    house.publish("1.3")
    terminal.strings("eager off")
    # A swipe that was on its way is over by then.
    time.sleep(1.5)
    sale = terminal.begin("sale", "ota/slow", "8.00")
    terminal.check()
    terminal.apply()
    terminal.follow("the sale is waited for", lambda now: "sale" in now["locks"])
    time.sleep(1)
    assert sale.poll() is None and terminal.update()["version"] == "1.2.0"
    terminal.strings("swipe")
    answer = json.loads(sale.communicate(timeout=30)[0].strip().split("\n")[-1])
    assert answer["transaction"]["state"] == "approved", answer
    terminal.strings("eager on")
    stays(terminal, "1.3.0")


def given_up(terminal, house, version, script, wanted):
    """A version that cannot stay: the one before is back, says why, and sells."""
    before = terminal.update()["version"]
    house.publish(version, script)
    terminal.check()
    terminal.apply()
    began = time.monotonic()
    update = terminal.follow(f"{version} is given up: {wanted}", lambda now: wanted in [
        one["code"] for one in now["history"] if one["version"].startswith(version)], 60)
    lasted = time.monotonic() - began
    assert update["version"] == before, update
    assert update["problem"]["code"] == "UPD-010" and update["problem"]["remedy"], update
    terminal.sell(f"ota/{version}")
    withdraw(house, terminal)
    return lasted


def host_is_down(terminal, house):
    """The acquirer happens to be down: that is no reason to go back."""
    terminal.settle("ready")
    terminal.strings("certificate expired")
    house.publish("1.6")
    terminal.check()
    terminal.apply()
    update = terminal.follow("1.6 is on trial", lambda now: now["version"] == "1.6.0")
    time.sleep(3)
    update = terminal.update()
    assert update["version"] == "1.6.0" and update["stage"] == "trial", update
    code, answer = terminal.posctl("network", "test")
    assert code == 1 and answer["parameters"]["problem"]["code"] == "NET-005", answer
    terminal.strings("certificate right")
    stays(terminal, "1.6.0")
    terminal.sell("ota/6")


def forged(terminal, house):
    """Bytes that were not signed are not installed, and metadata that is not is not believed."""
    house.publish("1.7")
    found = glob.glob(house.maker.path("repo", "public", "targets", BOARD, "*posd-1.7-*.tar"))
    assert len(found) == 1, found
    shutil.copy(found[0], found[0] + ".good")
    os.chmod(found[0], 0o644)
    with open(found[0], "r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)
        file.seek(1_000_000)
        file.write(bytes([byte[0] ^ 1]))
    terminal.check()
    update = terminal.follow("the forgery is told", lambda now: now["problem"] is not None)
    assert update["problem"]["code"] == "UPD-008" and update["version"] == "1.6.0", update
    os.replace(found[0] + ".good", found[0])
    terminal.sell("ota/7")
    terminal.posctl("update", "cancel")
    # The same list, signed by somebody else.
    path = house.maker.path("repo", "public", "metadata", "timestamp.json")
    with open(path, "rb") as file:
        good = file.read()
    document = json.loads(good)
    document["signed"]["version"] += 1
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
    code, update = terminal.check()
    assert code == 1 and update["problem"]["code"] == "UPD-001", update
    assert "signature-threshold" in update["problem"]["evidence"], update
    with open(path, "wb") as file:
        file.write(good)
    terminal.check()
    stays(terminal, "1.7.0")
    terminal.sell("ota/8")


def older(house):
    """What is older than what runs is not offered, whoever has signed it, and not by a file."""
    terminal = Terminal(house, house.bundle("2.0"))
    try:
        terminal.start()
        code, update = terminal.check()
        assert code == 0 and update["offered"] == "" and update["version"] == "2.0.0", update
        path = glob.glob(os.path.join(house.folder, "posd-1.7-*.tar"))[0]
        code, answer = terminal.posctl("update", "install", path)
        assert code == 1 and answer["update"]["problem"]["code"] == "UPD-005", answer
    finally:
        terminal.close()


def main():
    house = House()
    terminal = None
    try:
        terminal = Terminal(house, house.bundle("1.0"), notice=4)
        terminal.into_service()
        kept(terminal, house)
        print("published, fetched, tried and kept; the new version sells")
        postponed(terminal, house)
        print("the till put it off, and then wanted it")
        busy(terminal, house)
        print("a sale was not interrupted")
        lasted = given_up(terminal, house, "1.4", DEAD, "fell-back-never-ready")
        print(f"a version that crashes: the one before sells again after {lasted:.1f} s")
        folder = terminal.configure(
            "wrong", lambda text: text.replace("boards/demo.yaml", "boards/wrong.yaml"))
        board = os.path.join(folder, "boards")
        with open(f"{board}/demo.yaml", encoding="utf-8") as file:
            text = file.read()
        with open(f"{board}/wrong.yaml", "w", encoding="utf-8") as file:
            file.write(text.replace("/printer", "/no-printer"))
        given_up(terminal, house, "1.5", WRONG.replace("CONFIG", folder),
                 "fell-back-organ-printer")
        print("a version that cannot print: the one before sells again")
        host_is_down(terminal, house)
        print("a good version while the acquirer was down stays")
        forged(terminal, house)
        print("a forged bundle and a forged list are refused, the honest ones taken")
        code, answer = terminal.posctl("update", "history")
        told = [(one["version"], one["code"]) for one in answer["update"]["history"]]
        assert told == [
            ("1.1.0", "committed"), ("1.2.0", "committed"), ("1.3.0", "committed"),
            ("1.4.0", "fell-back-never-ready"), ("1.5.0", "fell-back-organ-printer"),
            ("1.6.0", "committed"), ("1.7.0", "committed")], told
        print("7 versions, each told in the history")
        terminal.close()
        terminal = None
        older(house)
        print("an older version is not offered, and not taken as a file")
    finally:
        if terminal:
            terminal.close()
        house.close()


if __name__ == "__main__":
    main()
