# SPDX-License-Identifier: Apache-2.0
"""The real posd in a simulated shop, for the scripts beside this one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BUILD = os.environ.get("POSD_BUILD", ".build/release")


class Shop:
    """A folder, a shop and, when it is started, a terminal."""

    def __init__(self, *serve_options):
        self.folder = tempfile.mkdtemp(prefix="posd-e2e.")
        # Another folder of configuration than the repository's, for who wants one.
        self.config = "Config"
        # What posd finds in its environment; nothing is what this script has.
        self.environment = None
        self.state = os.path.join(self.folder, "state")
        self.log = open(os.path.join(self.folder, "posd.log"), "ab")
        self.terminal = None
        shop_log = open(os.path.join(self.folder, "shop.log"), "ab")
        self.shop = subprocess.Popen(
            [f"{BUILD}/possim", "serve", "--run", self.folder, "--quiet", "--hurry",
             "--review-seconds", "0", "--answer-seconds", "2", *serve_options],
            stdout=shop_log, stderr=shop_log)
        until("the shop opens", lambda: self.strings("eager on") == [])

    def strings(self, command):
        """Pulls one of the shop's strings; returns the lines it answers."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(os.path.join(self.folder, "shop.sock"))
            except OSError:
                return None
            connection.sendall(command.encode() + b"\n")
            text = ""
            while not text.endswith("ok\n"):
                part = connection.recv(65536).decode()
                assert part and "no: " not in part, f"{command}: {part}"
                text += part
        return text.split("\n")[:-2]

    def start(self):
        # A reader that is opened in the midst of a swipe stays out of step as long as swipes follow
        # each other without a pause.
        self.strings("eager off")
        time.sleep(0.4)
        self.terminal = subprocess.Popen(
            [f"{BUILD}/posd", "--config", f"{self.config}/posd.yaml", "--state", self.state,
             "--run", self.folder], stdout=self.log, stderr=self.log, env=self.environment)
        until("posd answers", lambda: self.terminal.poll() is not None or self.try_status())
        assert self.terminal.poll() is None, (self.terminal.poll(), self.logs())
        until("the reader is there", lambda: not any(
            problem["code"].startswith("RDR") for problem in self.try_status()["problems"]))
        self.strings("eager on")

    def kill(self, number=signal.SIGKILL):
        self.terminal.send_signal(number)
        return self.terminal.wait(timeout=10)

    def begin(self, *words):
        return subprocess.Popen(
            [f"{BUILD}/posctl", *words, "--socket", os.path.join(self.folder, "control.sock"),
             "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def posctl(self, *words):
        """The exit code and the last answer of a command."""
        child = self.begin(*words)
        output, _ = child.communicate(timeout=60)
        lines = output.strip().split("\n")
        return child.returncode, json.loads(lines[-1]) if lines[-1] else None

    def try_status(self):
        """The status, or None while posd does not answer."""
        answer = self.ask("GetStatus")
        return answer and answer["status"]

    def ask(self, method):
        """A question over the socket itself, since waiting asks it again and again."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(os.path.join(self.folder, "control.sock"))
                connection.sendall(b'{"method":"org.posd.terminal.%s"}\0' % method.encode())
                text = b""
                while not text.endswith(b"\0"):
                    part = connection.recv(65536)
                    if not part:
                        return None
                    text += part
            except OSError:
                return None
        return json.loads(text[:-1])["parameters"]

    def settle(self, state, limit=30):
        """Waits for a state in which nothing is owed and every device is there."""
        def settled():
            status = self.try_status()
            if not status or status["state"] != state:
                return False
            # Somebody looks at the paper and has the copy printed.
            for row in status["receiptsDoubtful"]:
                self.posctl("reprint", row["reference"])
            for batch in status["slipsDoubtful"]:
                self.posctl("settle", "--print", "--batch", str(batch))
            return not (
                status["problems"] or status["reversals"] or status["receiptsOwed"]
                or status["slipsOwed"])
        until(f"the terminal is {state} and owes nothing", settled, limit, self)

    def into_service(self):
        """From the first start to the first real sale."""
        self.start()
        self.settle("unregistered")
        for words in [
            ["network", "set", "--acquirer", "localhost:17500"],
            ["network", "commit"],
            ["register", "--acquirer", "Example Acquirer", "--merchant", "Example Shop",
             "--settlement-account", "test-account-1", "--place", "Shop 1"],
        ]:
            code, answer = self.posctl(*words)
            assert code == 0, answer
        self.settle("commissioning")
        code, answer = self.posctl("sale", "test/1", "1.00")
        assert code == 0, answer
        code, answer = self.posctl("commission")
        assert code == 0, answer
        self.settle("ready")

    def ledgers(self):
        """Every trace number with what the terminal and the acquirer say of it."""
        _, answer = self.posctl("transactions", "--limit", "1000")
        holds = [line.split() for line in self.strings("ledger")]
        pairs = []
        for row in answer["transactions"]:
            found = [h for h in holds
                     if int(h[0]) == row["stan"] and int(h[2]) == row["amount"]]
            for hold in found:
                holds.remove(hold)
            pairs.append((row["stan"], row["amount"], row["state"], [h[3] for h in found]))
        for hold in holds:
            pairs.append((int(hold[0]), int(hold[2]), "nothing", [hold[3]]))
        return pairs

    def logs(self):
        with open(os.path.join(self.folder, "posd.log"), encoding="utf-8") as log:
            return log.read()[-4000:]

    def close(self):
        for process in [self.terminal, self.shop]:
            if process and process.poll() is None:
                process.terminate()
                process.wait(timeout=10)
        shutil.rmtree(self.folder)


def agree(state, holds):
    """Whether money is held by both or by neither, and at most once."""
    if len(holds) > 1:
        return False
    hold = holds[0] if holds else "nothing"
    return {
        "approved": hold == "approved",
        "declined": hold in ("declined", "nothing"),
        "reversed": hold in ("reversed", "reversedBeforehand", "declined", "nothing"),
        "not sent": hold == "nothing",
        "nothing": hold != "approved",
    }.get(state, False)


def until(what, is_so, limit=20, shop=None):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError(f"{limit} s have passed and still not: {what}"
                         + ("\n" + shop.logs() + str(shop.try_status()) if shop else ""))
