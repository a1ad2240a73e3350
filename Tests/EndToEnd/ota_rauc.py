# SPDX-License-Identifier: Apache-2.0
"""Updates of the real posd where Debian's RAUC keeps the slots: fetched from the maker's repository,
installed by RAUC, tried, kept or given up. The reboot is this script's; what a boot chooser starts is
what its own file says."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rauc_engine import MAY_MOUNT, Engine, own_mounts
from shop import BUILD
from updated_shop import House, Terminal

NOTE = "switch-ordered"
STANZA = """
  slots: rauc
  format: plain
  bus: "{address}"
  os-release: "{release}"
"""


class Rauc(Terminal):
    """A terminal whose slots are RAUC's: the program is the same, RAUC says what it is."""

    def __init__(self, house, engine):
        self.engine = engine
        super().__init__(house, None, probation=2)

    def provision(self, first):
        """RAUC has its slots already."""

    def configure(self, name, change=lambda text: text):
        if "slots:" not in self.stanza:
            self.stanza = self.stanza.rstrip() + STANZA.format(
                address=self.engine.address, release=self.engine.path("boot", "os-release"))
        return super().configure(name, change)

    def command(self):
        return [f"{BUILD}/posd", "--config", f"{self.config}/posd.yaml", "--state", self.state,
                "--run", self.folder]

    def reboot(self, slot=None):
        """Starts what the boot chooser has for the next start, or what it falls back to."""
        if self.terminal and self.terminal.poll() is None:
            code = self.terminal.wait(timeout=40)
            assert code == 76, (code, self.logs())
        # A start of the machine forgets it.
        Path(self.folder, NOTE).unlink(missing_ok=True)
        self.engine.reboot(slot or self.engine.chooser("primary"))
        self.start()


def publish(house, engine, name, version):
    path, image = engine.bundle(name, version)
    house.maker.do(
        "add", "repo", path, "--epoch", "1", "--ring", "99", "--note-en", "Faster.", "--note-zh",
        "更快。", "--format", "plain", "--version", version, "--compatible", "pos-x1",
        "--manifest-hash", hashlib.sha256(name.encode()).hexdigest())
    house.maker.release()
    return image


def runs(terminal, slot, cause):
    return terminal.follow(f"{slot} runs, {cause}", lambda now: now["slot"] == slot
                           and now["cause"] == cause and now["stage"] in ("idle", "gate"), 40)


def kept(terminal, house, engine):
    terminal.sell("rauc/1")
    image = publish(house, engine, "first", "1.1")
    terminal.check()
    terminal.apply()
    # What is installed is not what starts until the terminal says so.
    terminal.reboot()
    assert engine.slot_holds("slot-b", image), "RAUC has written something else"
    update = runs(terminal, "B", "committed")
    assert update["version"] == "1.1.0" and update["history"][-1]["code"] == "committed", update
    calls = engine.calls()
    marks = [line for line in calls if line.startswith("set-primary")]
    assert marks == ["set-primary B", "set-primary A", "set-primary B"], calls
    assert calls[-1] == "set-state B good", calls
    terminal.sell("rauc/2")


def given_up(terminal, house, engine):
    """Its printer is gone in the new version: the version before is back, and says why."""
    publish(house, engine, "second", "1.2")
    terminal.check()
    terminal.apply()
    good = terminal.config
    terminal.terminal.wait(timeout=40)
    terminal.config = terminal.wrong
    terminal.reboot()
    terminal.config = good
    terminal.reboot()
    update = runs(terminal, "B", "fell-back-organ-printer")
    assert update["version"] == "1.1.0" and update["problem"]["code"] == "UPD-010", update
    assert engine.chooser("state.A") == "bad" and engine.chooser("primary") == "B"
    terminal.sell("rauc/3")
    terminal.posctl("update", "cancel")


def fell_back(terminal, house, engine):
    """The boot chooser gives the new version up by itself: that is noticed, and counts."""
    publish(house, engine, "third", "1.3")
    terminal.check()
    terminal.apply()
    terminal.terminal.wait(timeout=40)
    assert engine.chooser("primary") == "A"
    terminal.reboot("B")
    update = runs(terminal, "B", "fell-back-never-ready")
    assert update["version"] == "1.1.0" and update["history"][-1]["version"] == "1.3.0", update
    terminal.sell("rauc/4")


def silent(terminal, house, engine):
    """A version with which RAUC does not work has nobody who could give it up but the boot chooser:
    the terminal has the machine started until it does, and sells meanwhile."""
    publish(house, engine, "fourth", "1.3.5")
    terminal.check()
    terminal.apply()
    assert terminal.terminal.wait(timeout=40) == 76
    Path(terminal.folder, NOTE).unlink(missing_ok=True)
    engine.stop()
    terminal.start()
    terminal.sell("rauc/5")
    update = terminal.update()
    problem = update["problem"]
    assert not update["available"] and problem["code"] == "UPD-024", update
    assert problem["evidence"] == "absent", update
    shown = subprocess.run([f"{BUILD}/posctl", "update", "status", "--socket",
                            f"{terminal.folder}/control.sock"], capture_output=True, text=True)
    assert shown.stdout.startswith("UPD-024") and "RAUC" in shown.stdout, shown
    code, answer = terminal.posctl("update", "check")
    assert code == 1 and answer["parameters"]["problem"]["code"] == "UPD-024", answer
    assert terminal.terminal.wait(timeout=40) == 76
    terminal.reboot("B")
    update = runs(terminal, "B", "fell-back-never-ready")
    assert update["version"] == "1.1.0" and update["history"][-1]["version"] == "1.3.5", update
    terminal.sell("rauc/6")
    terminal.posctl("update", "cancel")


def not_tried(terminal, house, engine):
    """posd is started anew before the machine is: nobody has fallen back, and nothing counts."""
    image = publish(house, engine, "fifth", "1.4")
    terminal.check()
    terminal.apply()
    assert terminal.terminal.wait(timeout=40) == 76 and engine.chooser("primary") == "A"
    terminal.start()
    update = terminal.follow("the switch is told as cut",
                             lambda now: now["cause"] == "switch-interrupted", 40)
    assert update["slot"] == "B" and update["history"][-1]["version"] != "1.4.0", update
    assert engine.chooser("primary") == "B" and not Path(terminal.folder, NOTE).exists()
    terminal.sell("rauc/7")
    terminal.apply()
    terminal.reboot()
    assert engine.slot_holds("slot-a", image), "RAUC has written something else"
    update = runs(terminal, "A", "committed")
    assert update["version"] == "1.4.0", update
    terminal.sell("rauc/8")


def image_of_the_maker(terminal, engine):
    """An image that RAUC has not installed says itself of which version it is."""
    terminal.terminal.terminate()
    terminal.terminal.wait(timeout=20)
    shutil.rmtree(engine.path("data"))
    os.mkdir(engine.path("data"))
    engine.set_chooser("os-release", 'ID=shop\nIMAGE_VERSION="1.4.7"')
    terminal.reboot("A")
    update = runs(terminal, "A", "committed")
    assert update["version"] == "1.4.7", update


def main():
    if not MAY_MOUNT:
        print("RAUC may not mount a bundle here: this wants root")
        sys.exit(1)
    own_mounts()
    engine = Engine()
    house = House()
    terminal = None
    try:
        terminal = Rauc(house, engine)
        terminal.wrong = terminal.configure(
            "wrong", lambda text: text.replace("boards/demo.yaml", "boards/wrong.yaml"))
        board = os.path.join(terminal.wrong, "boards")
        with open(f"{board}/demo.yaml", encoding="utf-8") as file:
            text = file.read()
        with open(f"{board}/wrong.yaml", "w", encoding="utf-8") as file:
            file.write(text.replace("/printer", "/no-printer"))
        terminal.into_service()
        kept(terminal, house, engine)
        print("RAUC: fetched, installed, not applied before its time, tried and kept")
        given_up(terminal, house, engine)
        print("RAUC: a version that cannot print is given up, and the one before sells")
        fell_back(terminal, house, engine)
        print("RAUC: a boot chooser that fell back by itself is noticed")
        silent(terminal, house, engine)
        print("RAUC: a version with which it does not work is started until the chooser falls back")
        not_tried(terminal, house, engine)
        print("RAUC: posd started anew before the machine was: tried later, with nothing counted")
        image_of_the_maker(terminal, engine)
        print("RAUC: an image that it has not installed says its version itself")
    finally:
        if terminal:
            terminal.close()
        house.close()
        engine.end()


if __name__ == "__main__":
    main()
