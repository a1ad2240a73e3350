# SPDX-License-Identifier: Apache-2.0
"""A maker's repository, a web server, and a shop whose posd is started by posd-boot out of slots: for
the scripts about updates."""

import os
import shutil
import signal
import subprocess
import tempfile
import time

from maker import Maker, Web
from shop import BUILD, Shop, until

BOARD = "pos-x1"
URL = "http://127.0.0.1:17600/"
STANZA = """
updates:
  mirrors: [{mirror}]
  root-file: 1.root.json
  recovery-keys-file: recovery-keys.json
  board: pos-x1
  window: "00:00-00:00"
  notice-seconds: {notice}
  own-half-seconds: 15
  host-pause-seconds: 1
  probation-seconds: {probation}
  bytes-per-second: {rate}
"""
DEAD = "#!/bin/sh\nexit 3\n"


def children(parent):
    """The processes that this one has started."""
    try:
        with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


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

    def __init__(self, house, first, mirror=URL, probation=60, rate=0, notice=1):
        super().__init__()
        self.house = house
        # What the supervisor is started by, as for another time of day.
        self.wrapper = []
        self.stanza = STANZA.format(
            mirror=mirror, probation=probation, rate=rate, notice=notice)
        self.slots = os.path.join(self.folder, "slots")
        self.provision(first)
        self.config = self.configure("config")

    def provision(self, first):
        os.mkdir(self.slots)
        subprocess.run(
            [f"{BUILD}/posd-boot", "--slots", self.slots, "--provision", first], check=True)

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
            file.write(change(text) + self.stanza)
        return folder

    def command(self):
        return [*self.wrapper, f"{BUILD}/posd-boot", "--slots", self.slots, "--run", self.folder, "--ready", "10",
                "--", "--config", f"{self.config}/posd.yaml", "--state", self.state,
                "--run", self.folder]

    def kill(self, number=signal.SIGKILL):
        """The supervisor itself, whatever started it."""
        if self.wrapper:
            for process in children(self.terminal.pid):
                os.kill(process, number)
            return self.terminal.wait(timeout=10)
        return super().kill(number)

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
        """Waits until an update is so; how it is then."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            update = self.update()
            if update and test(update):
                return update
            time.sleep(0.05)
        raise AssertionError(f"{limit} s have passed and still not: {what}\n{self.update()}\n"
                             + self.logs())

    def sell(self, reference):
        """A sale that works, whatever has happened before. Where posd has started by itself its reader
        may have been opened in the midst of a swipe, which only a pause between swipes ends."""
        self.settle("ready")
        self.strings("eager off")
        time.sleep(0.4)
        self.strings("eager on")
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
