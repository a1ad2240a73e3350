# SPDX-License-Identifier: Apache-2.0
"""A maker's folder with a repository that Firmware/update/publish keeps, Debian's nginx in front of
it, and terminals that take updates from it with the project's client."""

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
import time

BUILD = os.path.abspath(os.environ.get("POSD_BUILD", ".build/release"))
UPDATE = os.path.abspath("Firmware/update")
URL = "http://127.0.0.1:17600/"
sys.path.insert(0, f"{UPDATE}/publisher")
publisher = importlib.import_module("main")


class Maker:
    """A folder with a repository in it, and the commands on it."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {**os.environ, "POSD_PYTHON": sys.executable}

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def run(self, *words, ahead=""):
        """The command, as its own program where the clock is another; else in this one, as Python
        takes longer to begin than it has to do."""
        if ahead or words[0] in ("--help", "init"):
            child = subprocess.run(
                [*(["faketime", "-f", ahead] if ahead else []), f"{UPDATE}/publish", *words],
                cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60)
            code, said = child.returncode, child.stdout + child.stderr
        else:
            code, said = self.run_here(words)
        assert "Traceback" not in said, said
        return code, said

    def run_here(self, words):
        said = io.StringIO()
        before, keyboard = os.getcwd(), sys.stdin
        os.chdir(self.folder)
        # Nobody is there to answer, whoever has started this.
        sys.stdin = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                publisher.main(words)
            return 0, said.getvalue()
        except SystemExit as end:
            return end.code, said.getvalue()
        finally:
            os.chdir(before)
            sys.stdin = keyboard

    def do(self, *words, ahead=""):
        code, said = self.run(*words, ahead=ahead)
        assert code == 0, (words, said)
        return said

    def refused(self, wanted, *words):
        """Told in a line, with what to do about it; or how the command is said."""
        found, said = self.run(*words)
        assert found == 2 and wanted in said, (words, found, said)
        assert said.startswith("usage: ") or said.count("\n  do: ") == 1, said

    def release(self, *keys):
        words = [word for one in keys or ("keys",) for word in ("--keys", one)]
        self.do("sign", "repo", "--yes", *words)
        return self.do("release", "repo", "--keys", "keys")

    def status(self):
        return json.loads(self.do("status", "repo", "--json"))

    def document(self, *parts, repository="repo"):
        with open(self.path(repository, "public", "metadata", *parts), "rb") as file:
            return json.load(file)


class Web:
    """Debian's nginx with the example's own configuration."""

    def __init__(self, maker):
        self.log = maker.path("repo", "access.log")
        # One process, as whoever starts it: nothing needs root.
        self.child = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", maker.path("repo"), "-c", f"{UPDATE}/nginx.conf",
             "-g", "daemon off; master_process off;"], stderr=subprocess.DEVNULL)
        for _ in range(100):
            if os.path.exists(maker.path("repo", "nginx.pid")):
                return
            time.sleep(0.05)
        raise AssertionError("nginx does not start")

    def lines(self):
        with open(self.log, encoding="utf-8") as file:
            return [line.split() for line in file]

    def since(self, count, wanted):
        """The answers after the first `count`: path, status, bytes. The log may come late."""
        for _ in range(40):
            found = self.lines()[count:]
            if len(found) >= wanted:
                break
            time.sleep(0.05)
        time.sleep(0.1)
        return [(line[2], int(line[3]), int(line[4])) for line in self.lines()[count:]]

    def end(self):
        self.child.terminate()
        self.child.wait(timeout=10)


class Terminal:
    def __init__(self, maker, name):
        self.folder = maker.path(name)
        os.makedirs(f"{self.folder}/targets")
        os.makedirs(f"{self.folder}/metadata")
        self.run("init", maker.path("repo/public/metadata/1.root.json"))

    def run(self, *words):
        child = subprocess.run(
            [f"{BUILD}/tuf-client", "--metadata-dir", f"{self.folder}/metadata", *words],
            capture_output=True, text=True, timeout=30)
        self.said = child.stderr
        return child.returncode == 0

    def refresh(self):
        return self.run("--metadata-url", f"{URL}metadata/", "refresh")

    def download(self, name):
        return self.run(
            "--metadata-url", f"{URL}metadata/", "--target-name", name, "--target-base-url",
            f"{URL}targets/", "--target-dir", f"{self.folder}/targets", "download")

    def trusted(self, role):
        with open(f"{self.folder}/metadata/{role}.json", "rb") as file:
            return json.load(file)["signed"]
