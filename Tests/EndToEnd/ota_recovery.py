# SPDX-License-Identifier: Apache-2.0
"""The way out: everything has expired, the clock stands in 1970, the mirror's certificate too is over, or
the program does not start at all; and still the maker's recovery role heals the terminal, and nobody
else does."""

import datetime
import functools
import http.server
import os
import ssl
import subprocess
import threading
import time

from updated_shop import DEAD, House, Terminal

# Starts in safe mode alone.
ONLY_SAFE = ('#!/bin/sh\ncase " $* " in *" --safe "*) exec "${0%/posd}/real" "$@";; esac\n'
             "exit 3\n")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def expired_mirror(house, port):
    """The maker's public folder behind TLS whose certificate ended long ago."""
    key, certificate = house.maker.path("tls.key"), house.maker.path("tls.pem")
    subprocess.run(
        ["faketime", "-f", "-900d", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate, "-days", "1",
         "-subj", "/CN=localhost"], check=True, capture_output=True)
    handler = functools.partial(Quiet, directory=house.maker.path("repo", "public"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def terminal_at(house, moment):
    """A terminal whose clock has this moment, and a mirror whose certificate is not valid then."""
    terminal = Terminal(house, house.bundle("1.0"), "https://localhost:17601/", probation=2)
    terminal.environment = {**os.environ, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    terminal.wrapper = ["faketime", "-f", moment]
    terminal.start()
    return terminal


def stays(terminal, version):
    update = terminal.follow(
        f"{version} stays", lambda now: now["version"] == version
        and now["cause"] == "committed" and now["stage"] == "idle", 60)
    assert update["history"][-1]["code"] == "committed", update


def expired(house, moment):
    """The list does not count any more; what the recovery role has signed does, once."""
    terminal = terminal_at(house, moment)
    try:
        code, update = terminal.check()
        assert code == 1 and update["problem"]["code"] == "UPD-002", update
        house.maker.do("recovery", "repo", house.bundle("1.8"), "--epoch", "1", "--note-en",
                       "Cure.", "--note-zh", "修复。")
        house.maker.release()
        terminal.check()
        stays(terminal, "1.8.0")
        code, update = terminal.check()
        assert update["offered"] == "" and update["version"] == "1.8.0", update
        assert update["problem"]["code"] == "UPD-002", update
    finally:
        terminal.close()


def before_time(house, moment):
    """A clock that was never set is no reason to stay as it is; whoever has signed still counts."""
    terminal = terminal_at(house, moment)
    try:
        house.publish("1.9")
        code, update = terminal.check()
        assert code == 0 and update["offered"] == "1.9.0", update
        stays(terminal, "1.9.0")
        assert terminal.update()["history"][-1]["seconds"] == 0, "a clock of 1970 was believed"
    finally:
        terminal.close()


def safe_mode(house):
    """A terminal whose program does not start at all, without a network: a file heals it."""
    terminal = Terminal(house, house.bundle("1.0", ONLY_SAFE), "http://127.0.0.1:9/", probation=2)
    try:
        terminal.start()
        status = terminal.try_status()
        assert status["state"] == "safe mode", status
        assert status["problems"][0]["code"] == "UPD-030", status
        code, answer = terminal.posctl("sale", "safe/1", "1.00")
        assert code == 1 and answer["parameters"]["problem"]["code"] == "UPD-030", answer
        code, answer = terminal.posctl("log")
        assert code == 0 and any("safe mode" in line for line in answer["lines"]), answer
        # A file that nobody has signed, and one that is not there.
        path = house.bundle("3.1")
        code, answer = terminal.posctl("update", "install", path)
        assert code == 1 and answer["update"]["problem"]["code"] == "UPD-005", answer
        code, answer = terminal.posctl("update", "install", "/nowhere/at/all.tar")
        assert code == 1 and answer["parameters"]["problem"]["code"] == "UPD-023", answer
        house.maker.do("recovery", "repo", path, "--epoch", "3", "--note-en", "Cure.",
                       "--note-zh", "修复。")
        house.maker.release()
        document = house.maker.path("repo", "public", "metadata", "recovery.json")
        # Not this file but another one of the same length.
        other = house.bundle("3.1", DEAD)
        code, answer = terminal.posctl("update", "install", other, "--recovery", document)
        assert code == 1 and answer["update"]["problem"]["code"] == "UPD-005", answer
        code, answer = terminal.posctl("update", "install", path, "--recovery", document)
        assert code == 0, answer
        terminal.follow("the cure runs", lambda now: now["version"] == "3.1.0", 40)
        terminal.follow("the cure stays", lambda now: now["cause"] == "committed", 60)
        status = terminal.try_status()
        assert status["state"] == "unregistered", status
    finally:
        terminal.close()


def main():
    house = House()
    try:
        expired_mirror(house, 17601)
        year = datetime.datetime.now(datetime.timezone.utc).year
        expired(house, f"@{year + 30}-01-01 00:00:00")
        print("thirty years later, with everything expired: healed")
        before_time(house, "@1970-01-02 00:00:00")
        print("in 1970: updated")
        began = time.monotonic()
        safe_mode(house)
        print(f"a program that does not start, healed from a file in {time.monotonic() - began:.0f} s")
    finally:
        house.close()


if __name__ == "__main__":
    main()
