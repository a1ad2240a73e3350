# SPDX-License-Identifier: Apache-2.0
"""The management server is told how the program is and says which version it wants: it chooses among
what is signed, and nothing waits for it."""

import json
import os
import time

from updated_shop import House, Terminal


def heard(terminal):
    return [json.loads(line) for line in terminal.strings("wish heard")]


def runs(terminal, version):
    return terminal.follow(f"{version} stays", lambda now: now["version"] == version
                           and now["cause"] == "committed" and now["stage"] == "idle")


def left_over(terminal):
    """A file that is refused leaves nothing, and one that never ends keeps nobody waiting."""
    stranger = os.path.join(terminal.folder, "stranger")
    with open(stranger, "wb") as file:
        file.write(os.urandom(1 << 20))
    code, answer = terminal.posctl("update", "install", stranger)
    assert code == 1 and "UPD-005" in str(answer), answer
    assert not os.path.exists(os.path.join(terminal.state, "updates", "offer"))
    pipe = os.path.join(terminal.folder, "pipe")
    os.mkfifo(pipe)
    began = time.monotonic()
    for words in ([stranger, "--recovery", pipe], [pipe]):
        code, answer = terminal.posctl("update", "install", *words)
        assert code == 1 and "UPD-023" in str(answer), answer
    assert time.monotonic() - began < 5 and terminal.try_status()


def main():
    house = House()
    terminal = None
    try:
        terminal = Terminal(house, house.bundle("1.0"))
        # Where a management server knows nothing of updates, everything is as without one.
        terminal.stanza += "  ask-management: true\n"
        terminal.config = terminal.configure("asking")
        terminal.into_service()
        terminal.check()
        assert heard(terminal) == []
        terminal.follow("nothing is new", lambda now: now["stage"] == "idle")

        # Not the newest: the one that is wanted.
        terminal.strings("wish 1.1")
        house.publish("1.1")
        newest = house.publish("1.2")
        terminal.check()
        runs(terminal, "1.1.0")
        terminal.sell("wish/1")
        told = heard(terminal)[0]
        assert (told["version"], told["slot"], told["history"]) == ("1.0.0", "A", []), told
        terminal.check()
        told = terminal.follow("the look is over", lambda now: now["stage"] == "idle") and heard(
            terminal)[-1]
        assert (told["version"], told["slot"], told["cause"]) == ("1.1.0", "B", "committed"), told
        assert [(one["version"], one["code"]) for one in told["history"]] == [
            ("1.1.0", "committed")], told

        # What nobody has signed is not to be had, whoever wants it, and a person is told.
        terminal.strings("wish 9.9")
        terminal.check()
        update = terminal.follow("9.9 is not there", lambda now: now["problem"] is not None)
        assert update["problem"]["code"] == "UPD-004", update
        assert "management server wants a version that is not listed" in update["problem"][
            "evidence"], update
        terminal.strings("wish nonsense")
        terminal.check()
        assert terminal.update()["version"] == "1.1.0"

        left_over(terminal)

        # Who stands before the terminal may have another; here a bundle from a file.
        terminal.strings("wish 1.1")
        terminal.check()
        terminal.follow("the look is over", lambda now: now["stage"] == "idle")
        code, answer = terminal.posctl("update", "install", newest)
        assert code == 0, answer
        runs(terminal, "1.2.0")

        # A server that is not there keeps no version out.
        terminal.strings("unplug server")
        house.publish("1.3")
        terminal.check()
        runs(terminal, "1.3.0")
        terminal.sell("wish/2")
        print("the management server's wish was met, where it was signed; it kept nothing else out")
    finally:
        if terminal:
            terminal.close()
        house.close()


if __name__ == "__main__":
    main()
