# SPDX-License-Identifier: Apache-2.0
"""Updates of the real posd, from the maker's repository over Debian's nginx to a terminal that keeps
the new version or goes back: the whole way, with a shop in which it must be able to sell before and
after.

ota.py [KILLS [SEED]]
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from maker import Maker, Web
from shop import BUILD, Shop, until

BOARD = "pos-x1"
URL = "http://127.0.0.1:17600/"
STANZA = f"""
updates:
  mirrors: [{URL}]
  root-file: 1.root.json
  recovery-keys-file: recovery-keys.json
  board: {BOARD}
  window: "00:00-00:00"
  notice-seconds: 1
  own-half-seconds: 15
  host-pause-seconds: 1
  probation-minutes: 1
  bytes-per-second: 0
"""
DEAD = "#!/bin/sh\nexit 3\n"


class House:
    """A maker with a repository and a web server, and slots to make bundles from."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="posd-ota.")
        self.maker = Maker(self.folder)
        self.maker.do("init", "repo", "--keys", "keys", "--development")
        self.web = Web(self.maker)
        self.program = os.path.join(self.folder, "posd")
        subprocess.run(["strip", "-s", "-o", self.program, f"{BUILD}/posd"], check=True)
        self.serial = 0

    def bundle(self, version, script=None):
        """A bundle of this version: posd itself, or a script that may start it as `real`."""
        self.serial += 1
        slot = os.path.join(self.folder, f"slot-{self.serial}")
        os.mkdir(slot)
        name = "real" if script else "posd"
        shutil.copy(self.program, os.path.join(slot, name))
        if script:
            with open(os.path.join(slot, "posd"), "w", encoding="ascii") as file:
                file.write(script)
            os.chmod(os.path.join(slot, "posd"), 0o755)
        path = os.path.join(self.folder, f"posd-{version}-{self.serial}.tar")
        self.maker.do("bundle", slot, path, "--version", version, "--compatible", BOARD)
        shutil.rmtree(slot)
        return path

    def publish(self, version, script=None, *more):
        path = self.bundle(version, script)
        self.maker.do(
            "add", "repo", path, "--epoch", "1", "--ring", "99", "--note-en", "Faster.",
            "--note-zh", "更快。", *more)
        self.maker.release()
        return path

    def close(self):
        self.web.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Terminal(Shop):
    """A shop whose posd is started by posd-boot out of slots."""

    def __init__(self, house, first, *options):
        super().__init__(*options)
        self.house = house
        self.slots = os.path.join(self.folder, "slots")
        os.mkdir(self.slots)
        subprocess.run(
            [f"{BUILD}/posd-boot", "--slots", self.slots, "--provision", first], check=True)
        self.config = self.configure("config")

    def configure(self, name, change=lambda text: text):
        folder = os.path.join(self.folder, name)
        shutil.copytree("Config", folder)
        public = self.house.maker.path("repo", "public", "metadata", "1.root.json")
        shutil.copy(public, folder)
        shutil.copy(self.house.maker.path("repo", "recovery-keys.json"), folder)
        path = os.path.join(folder, "posd.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(change(text) + STANZA)
        return folder

    def command(self):
        return [f"{BUILD}/posd-boot", "--slots", self.slots, "--run", self.folder, "--ready", "10",
                "--", "--config", f"{self.config}/posd.yaml", "--state", self.state,
                "--run", self.folder]

    def start(self):
        self.strings("eager off")
        time.sleep(0.4)
        self.terminal = subprocess.Popen(
            self.command(), stdout=self.log, stderr=self.log, env=self.environment)
        until("posd answers", self.try_status, 20, self)
        if self.try_status()["state"] == "safe mode":
            return
        until("the reader is there", lambda: not any(
            problem["code"].startswith("RDR")
            for problem in (self.try_status() or {"problems": [{"code": "RDR"}]})["problems"]),
            20, self)
        self.strings("eager on")

    def update(self):
        """How the update is, or None while posd does not answer."""
        answer = self.ask("GetUpdate")
        return answer and answer["update"]

    def follow(self, what, test, limit=40):
        """Waits for an update that is so; the till lets nothing be owed."""
        def seen():
            update = self.update()
            return update if update and test(update) else None
        return until(what, seen, limit, self)

    def past(self, version):
        """What has become of a version so far, the oldest first."""
        update = self.update() or {"history": []}
        return [one["code"] for one in update["history"] if one["version"].startswith(version)]

    def sell(self, reference):
        """A sale that works, whatever has happened before."""
        self.settle("ready")
        code, answer = self.posctl("sale", reference, "7.00")
        assert code == 0 and answer["transaction"]["state"] == "approved", (code, answer)

    def check(self):
        code, answer = self.posctl("update", "check")
        return code, answer["update"]

    def apply(self):
        self.posctl("update", "apply")

    def close(self):
        if self.terminal and self.terminal.poll() is None:
            self.kill(signal.SIGTERM)
        super().close()


def kept(terminal, house):
    """Publish, update, trial, commit: and it sells before and after."""
    terminal.sell("ota/1")
    house.publish("1.1")
    code, update = terminal.check()
    assert code == 0 and update["offered"].startswith("1.1"), update
    update = terminal.follow("1.1 is announced or further", lambda now: now["stage"] in (
        "gate", "install", "switch", "restart", "trial", "commit") or now["version"] == "1.1.0")
    update = terminal.follow("1.1 stays", lambda now: now["version"] == "1.1.0"
                             and now["cause"] == "committed" and now["stage"] == "idle")
    assert update["slot"] == "B" and update["history"][-1]["code"] == "committed", update
    terminal.sell("ota/2")


def unkept(terminal, house, version, script, wanted):
    """A version that cannot stay: the one before is back, says why, and sells."""
    house.publish(version, script)
    before = terminal.update()["version"]
    code, update = terminal.check()
    assert update["offered"].startswith(version), update
    terminal.apply()
    update = terminal.follow(f"{version} is given up", lambda now: wanted in [
        one["code"] for one in now["history"] if one["version"].startswith(version)])
    assert update["version"] == before, update
    assert update["problem"]["code"] == "UPD-010" and update["problem"]["remedy"], update
    terminal.sell(f"ota/{version}")
    # It is not looked at again the next minute, and what was bad is withdrawn by its maker.
    house.maker.do("withdraw", "repo", f"{BOARD}/" + os.path.basename(
        house.maker.path(newest(house))))
    house.maker.release()
    terminal.posctl("update", "cancel")


def newest(house):
    names = [name for name in os.listdir(house.folder) if name.endswith(".tar")]
    return max(names, key=lambda name: int(name[:-4].rsplit("-", 1)[1]))


def main():
    house = House()
    terminal = None
    try:
        terminal = Terminal(house, house.bundle("1.0"))
        terminal.into_service()
        kept(terminal, house)
        print("published, fetched, tried and kept: 1.1 runs and sells")
    finally:
        if terminal:
            terminal.close()
        house.close()


if __name__ == "__main__":
    main()
