# SPDX-License-Identifier: Apache-2.0
"""The supervisor with small programs in its slots: kills, dead versions, full and read-only disks.

updates.py [KILLS [SEED]]

What posd itself does to the slots is tried elsewhere; here the programs are shell scripts, so that the
supervisor alone is on trial. The slots are made by its own --provision and, for the second version, by
hand as its documentation says, which is a judge of the formats that we have not written in Swift.
"""

import hashlib
import io
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time

BUILD = os.environ.get("POSD_BUILD", ".build/release")
# Says that it is ready, tells which slot it is, and gives signs of life.
GOOD = r"""#!/bin/sh
say() { printf '%s' "$1" | python3 -c '
import os, socket, sys
name = os.environ["NOTIFY_SOCKET"]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(sys.stdin.buffer.read(), name.replace("@", "\0", 1))'; }
say 'READY=1
STATUS=here'
echo "$POSD_SLOT $$ $*" >>"$POSD_SLOTS/../runs"
trap 'exit 0' TERM
while :; do sleep 0.2; done
"""
DEAD = '#!/bin/sh\necho "$POSD_SLOT dead" >>"$POSD_SLOTS/../runs"\nexit 3\n'
SILENT = '#!/bin/sh\necho "$POSD_SLOT silent" >>"$POSD_SLOTS/../runs"\nexec sleep 1000\n'


def bundle(version, program):
    """A bundle as Python's own tarfile writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        def add(name, data, mode):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), mode
            archive.addfile(member, io.BytesIO(data))
        text = f"format: posd-bundle 1\nversion: {version}\ncompatible: pos-x1\n"
        add("manifest", text.encode(), 0o644)
        folder = tarfile.TarInfo("slot")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(folder)
        add("slot/posd", program.encode(), 0o755)
    return out.getvalue()


class Terminal:
    """A folder with slots, and a supervisor when it runs."""

    def __init__(self, program=GOOD):
        self.folder = tempfile.mkdtemp(prefix="posd-boot.")
        self.slots = os.path.join(self.folder, "slots")
        os.mkdir(self.slots)
        path = os.path.join(self.folder, "first")
        with open(path, "wb") as file:
            file.write(bundle("1.1", program))
        subprocess.run(
            [f"{BUILD}/posd-boot", "--slots", self.slots, "--provision", path], check=True)
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.child = None

    def put(self, version, program):
        """A second version in slot B, with its list of files, on trial from A."""
        slot = os.path.join(self.slots, "B")
        shutil.rmtree(slot, ignore_errors=True)
        os.mkdir(slot)
        path = os.path.join(slot, "posd")
        with open(path, "w", encoding="utf-8") as file:
            file.write(program)
        os.chmod(path, 0o755)
        digest = hashlib.sha256(program.encode()).hexdigest()
        body = (f"posd-slot 1\nversion {version}\ncompatible pos-x1\nepoch 0\nbundle {'ab' * 32}\n"
                f"file {len(program.encode())} {digest} posd\n")
        with open(os.path.join(slot, "MANIFEST"), "w", encoding="utf-8") as file:
            file.write(body + f"sum {hashlib.sha256(body.encode()).hexdigest()}\n")
        self.state(f"trial {'ab' * 32} {version} 0 0 A 3 0 switching never-ready")
        self.link("B")

    def link(self, slot):
        os.symlink(slot, os.path.join(self.slots, "next"))
        os.rename(os.path.join(self.slots, "next"), os.path.join(self.slots, "current"))

    def state(self, *more):
        body = "\n".join(["posd-boot 1", "generation 1000", "chosen A", "cause trial-started",
                          "floors 0 1.1", *more]) + "\n"
        text = body + f"sum {hashlib.sha256(body.encode()).hexdigest()}\n"
        for name in ["boot.state", "boot.copy"]:
            with open(os.path.join(self.slots, name), "w", encoding="utf-8") as file:
                file.write(text)

    def read(self, word):
        with open(os.path.join(self.slots, "boot.state"), encoding="utf-8") as file:
            for line in file:
                if line.startswith(word + " "):
                    return line.split(" ", 1)[1].strip()
        return None

    def start(self, *options, wrapper=()):
        self.child = subprocess.Popen(
            [*wrapper, f"{BUILD}/posd-boot", "--slots", self.slots, "--run", self.folder,
             *options, "--", "--config", "x"], stdout=self.log, stderr=self.log)

    def runs(self):
        try:
            with open(os.path.join(self.folder, "runs"), encoding="utf-8") as file:
                return [line.split() for line in file]
        except FileNotFoundError:
            return []

    def logs(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return file.read()[-3000:]

    def kill(self, number=signal.SIGKILL):
        self.child.send_signal(number)
        return self.child.wait(timeout=10)

    def close(self):
        if self.child and self.child.poll() is None:
            self.kill(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)


def until(what, test, terminal, limit=15):
    due = time.monotonic() + limit
    while time.monotonic() < due:
        found = test()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {limit} s: {what}\n{terminal.runs()}\n{terminal.logs()}")


def alive(number):
    # A process may end between any two of these steps.
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def dead_version():
    """Three starts, then the version before, within ten seconds."""
    terminal = Terminal()
    try:
        terminal.put("1.2", DEAD)
        began = time.monotonic()
        terminal.start()
        until("the version before is back",
              lambda: any(run[0] == "A" for run in terminal.runs()), terminal, 10)
        took = time.monotonic() - began
        assert [run[0] for run in terminal.runs()] == ["B", "B", "B", "A"], terminal.runs()
        until("the cause is kept", lambda: terminal.read("cause") == "fell-back-never-ready",
              terminal)
        assert terminal.read("failed") == f"{'ab' * 32} 1"
        assert os.readlink(os.path.join(terminal.slots, "current")) == "A"
        # An orderly end is one, and what was started is gone.
        number = terminal.runs()[-1][1]
        assert terminal.kill(signal.SIGTERM) == 0
        assert not os.path.exists(f"/proc/{number}")
        print(f"a dead version: the one before runs after {took:.1f} s")
    finally:
        terminal.close()


def silent_version():
    terminal = Terminal()
    try:
        terminal.put("1.2", SILENT)
        terminal.start("--ready", "2")
        until("silence is not waited for three times",
              lambda: [run[0] for run in terminal.runs()] == ["B", "A"], terminal, 10)
        print("a silent version: one start, then the version before")
    finally:
        terminal.close()


def safe_mode():
    """Nothing starts: safe mode, and no fourth start as every day; but for one behind each start of the
    supervisor, since somebody may have put right what was wrong."""
    program = GOOD.replace('say()', 'case "$*" in *--safe*) ;; *) [ -e "$POSD_SLOTS/../cured" ] || { '
                           'echo "$POSD_SLOT dead" >>"$POSD_SLOTS/../runs"; exit 3; };; esac\nsay()', 1)
    terminal = Terminal(program)
    try:
        terminal.start()
        until("safe mode", lambda: any("--safe" in run for run in terminal.runs()), terminal)
        assert [run[1] for run in terminal.runs()[:3]] == ["dead"] * 3, terminal.runs()
        assert len(terminal.runs()) == 4 and terminal.read("cause") == "nothing-starts"
        terminal.kill()
        terminal.start()
        until("safe mode again", lambda: len(terminal.runs()) == 6, terminal)
        assert terminal.runs()[4][1] == "dead" and "--safe" in terminal.runs()[5], terminal.runs()
        terminal.kill()
        with open(os.path.join(terminal.folder, "cured"), "w", encoding="ascii"):
            pass
        terminal.start()
        until("it starts as every day", lambda: len(terminal.runs()) == 7, terminal)
        assert "--safe" not in terminal.runs()[6], terminal.runs()
        print("nothing starts: safe mode, and out of it when what was wrong is put right")
    finally:
        terminal.close()


def unwritable():
    """A read-only disk: counted in memory, no lock, and something runs."""
    terminal = Terminal()
    try:
        terminal.put("1.2", DEAD)
        lock = os.path.join(terminal.slots, "lock")
        if os.path.exists(lock):
            os.unlink(lock)
        # Bound over itself and read-only, in a space of its own; runs lies beside it.
        script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
        flags = ["-m"] if os.geteuid() == 0 else ["-m", "--map-root-user"]
        terminal.start(wrapper=["unshare", *flags, "sh", "-c", script, terminal.slots])
        until("the version before runs",
              lambda: any(run[0] == "A" for run in terminal.runs()), terminal)
        assert [run[0] for run in terminal.runs()] == ["B", "B", "B", "A"], terminal.runs()
        assert terminal.read("cause") == "trial-started" and not os.path.exists(lock)
        print("a read-only disk: the version before runs, nothing was written")
    finally:
        terminal.close()


def newer_on_disk():
    """A disk that did not take what the supervisor knew does not lose what the program wrote since."""
    terminal = Terminal()
    try:
        terminal.put("1.2", GOOD)
        # Read-only for the supervisor alone: the script writes what the program would.
        script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
        flags = ["-m"] if os.geteuid() == 0 else ["-m", "--map-root-user"]
        terminal.start(wrapper=["unshare", *flags, "sh", "-c", script, terminal.slots])
        until("the trial runs", terminal.runs, terminal)
        assert "start B trial" in terminal.logs(), terminal.logs()
        body = ("posd-boot 1\ngeneration 2000\nchosen B\ncause committed\nfloors 0 1.2\n")
        for name in ["boot.copy", "boot.state"]:
            with open(os.path.join(terminal.slots, name), "w", encoding="utf-8") as file:
                file.write(body + f"sum {hashlib.sha256(body.encode()).hexdigest()}\n")
        os.kill(int(terminal.runs()[0][1]), signal.SIGKILL)
        until("what was committed runs as every day",
              lambda: "start B full" in terminal.logs(), terminal)
        print("what the program wrote counts, where the disk had not taken what the supervisor knew")
    finally:
        terminal.close()


def ending():
    """That the program ends is not told as the supervisor's own end, nor is what nobody expects."""
    terminal = Terminal(GOOD.replace("trap 'exit 0' TERM", "[ -e \"$POSD_SLOTS/../again\" ] || {\n"
                                     "touch \"$POSD_SLOTS/../again\"; say STOPPING=1; "
                                     "say MAINPID=1; exit 76; }\ntrap 'exit 0' TERM"))
    path = os.path.join(terminal.folder, "outer")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as outer:
        try:
            outer.bind(path)
            outer.settimeout(0.2)
            os.environ["NOTIFY_SOCKET"] = path
            terminal.start()
            until("it runs again", lambda: len(terminal.runs()) == 2, terminal)
            time.sleep(0.5)
            terminal.kill(signal.SIGTERM)
            heard = []
            while True:
                try:
                    heard += outer.recv(4096).decode().split("\n")
                except TimeoutError:
                    break
            assert heard.count("READY=1") == 2 and "STATUS=here" in heard, heard
            assert "MAINPID=1" not in heard and heard.count("STOPPING=1") == 1, heard
            assert heard.index("STOPPING=1") > len(heard) - 1 - heard[::-1].index("READY=1"), heard
            print("the program's end is told as the supervisor's only when it is")
        finally:
            del os.environ["NOTIFY_SOCKET"]
            terminal.close()


def damaged():
    """A program that was changed is not started; lost files do not stop anything."""
    terminal = Terminal()
    try:
        terminal.put("1.2", GOOD)
        with open(os.path.join(terminal.slots, "B", "posd"), "a", encoding="utf-8") as file:
            file.write("# changed\n")
        terminal.start()
        until("the whole slot runs", lambda: terminal.runs(), terminal)
        assert terminal.runs()[0][0] == "A", terminal.runs()
        terminal.kill()
        for name in ["boot.state", "boot.copy", "current", "lock"]:
            os.unlink(os.path.join(terminal.slots, name))
        terminal.start()
        until("it starts without its files", lambda: len(terminal.runs()) == 2, terminal)
        assert terminal.runs()[1][0] == "A" and "--safe" not in terminal.runs()[1]
        print("a changed slot is not started, lost files stop nothing")
    finally:
        terminal.close()


def kills(count, seed):
    """Supervisor or program killed at any moment of a trial: always one program, never two."""
    dice = random.Random(seed)
    terminal = Terminal()
    seen = set()
    try:
        for number in range(count):
            if number % 4 == 0:
                if terminal.child:
                    terminal.kill()
                terminal.put("1.2", dice.choice([GOOD, GOOD, DEAD]))
                terminal.start()
            time.sleep(dice.uniform(0, 0.25))
            runs = [run for run in terminal.runs() if len(run) > 1 and run[1].isdigit()]
            if dice.random() < 0.5 or not runs:
                terminal.kill()
                terminal.start()
                # At a moment of its start as well.
                time.sleep(dice.uniform(0, 0.2))
                terminal.kill()
                terminal.start()
            else:
                try:
                    os.kill(int(runs[-1][1]), signal.SIGKILL)
                except ProcessLookupError:
                    pass
                # What was killed is there for a moment longer, and is not what runs again.
                until("the killed one is gone", lambda: not alive(runs[-1][1]), terminal)
            running = []

            def one_runs():
                running[:] = [
                    run for run in terminal.runs() if run[1].isdigit() and alive(run[1])]
                return len(running) == 1

            until("one runs again, and no other", one_runs, terminal)
            seen.add(running[0][0])
            assert "--safe" not in running[0], terminal.logs()
        assert seen == {"A", "B"}, seen
        print(f"{count} kills of supervisor or program, seed {seed}: one slot ran behind each")
    finally:
        terminal.close()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1_000_000)
    dead_version()
    silent_version()
    safe_mode()
    unwritable()
    newer_on_disk()
    ending()
    damaged()
    kills(count, seed)
    print("well")


if __name__ == "__main__":
    main()
