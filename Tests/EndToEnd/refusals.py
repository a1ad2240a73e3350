# SPDX-License-Identifier: Apache-2.0
"""What posd does not start with, does not take from others and does not begin; as root, which a file
system of its own needs."""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys

from shop import BUILD, Shop, until


def start(state, run):
    """The exit code of a posd that does not start, and what it says."""
    child = subprocess.run(
        [f"{BUILD}/posd", "--config", "Config/posd.yaml", "--state", state, "--run", run],
        capture_output=True, text=True, timeout=10)
    return child.returncode, child.stderr


def posctl(*words):
    child = subprocess.run([f"{BUILD}/posctl", *words], capture_output=True, text=True, timeout=20)
    return child.returncode, child.stdout, child.stderr


def sockets(shop):
    path = os.path.join(shop.folder, "control.sock")
    code, said = start(os.path.join(shop.folder, "other-state"), shop.folder)
    assert code == 71 and "CTL-003" in said and path in said, (code, said)
    assert shop.try_status()["state"] == "ready", "the first posd has lost its socket"
    # A kill leaves the socket, and the next posd takes its place; an end removes it.
    shop.kill()
    assert os.path.exists(path)
    shop.start()
    shop.settle("ready")
    assert shop.kill(signal.SIGTERM) == 0
    assert not os.path.exists(path), "the socket is still there"


def words_of_posctl(shop):
    path = os.path.join(shop.folder, "control.sock")
    code, said, complaint = posctl("status", "--json", "--socket", path)
    problem = json.loads(said)["parameters"]["problem"]
    assert code == 3 and problem["code"] == "CTL-001" and problem["who"] == "technician", said
    assert complaint == "", complaint
    code, said, complaint = posctl("status", "--socket", path)
    assert code == 3 and said == "" and "CTL-001" in complaint and path in complaint, complaint
    shop.start()
    shop.settle("ready")
    shop.strings("eager off")
    sale = shop.begin("sale", "cancelled/1", "12.00")
    sale.stdout.readline()
    code, said, _ = posctl("cancel", "--socket", path)
    assert (code, said) == (0, "cancelled\n"), (code, said)
    sale.communicate(timeout=20)
    assert sale.returncode == 1, sale.returncode
    shop.strings("eager on")


def codes_of_transactions(shop):
    """What posctl ends with for each state a transaction can be answered with, by a posd that is
    none."""
    path = os.path.join(shop.folder, "answers.sock")

    def ends(words, parameters, expected):
        child = subprocess.Popen(
            [f"{BUILD}/posctl", *words, "--socket", path], stdout=subprocess.DEVNULL)
        with listener.accept()[0] as caller:
            while b"\0" not in caller.recv(65_536):
                pass
            caller.sendall(json.dumps({"parameters": parameters}).encode() + b"\0")
        assert child.wait(timeout=10) == expected, (words, parameters, child.returncode)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        for state, expected in [("approved", 0), ("queued", 0), ("declined", 2), ("not sent", 2),
                                ("reversed", 2), ("reversal owed", 2), ("voided", 2),
                                ("parked", 2), ("closed", 2), ("sent", 4)]:
            row = {"reference": "till/1", "amount": 1200, "stan": 1, "state": state}
            for words in [["sale", "till/1", "12.00"], ["void", "till/1", "till/0"],
                          ["refund", "till/1", "12.00", "--original", "till/0"],
                          ["complete", "till/1", "12.00", "till/0", "--advice"]]:
                ends(words, {"transaction": row}, expected)
            ends(["status", "--reference", "till/1"],
                 {"transaction": row, "running": state == "sent"}, expected)
        ends(["status", "--reference", "till/1"], {"transaction": None, "running": True}, 4)
    os.remove(path)
    for words in [["refund", "till/1", "12.00", "--retrieval", "123456789012"],
                  ["refund", "till/1", "12.00", "--original", "till/0", "--date", "0101"],
                  ["sale", "till/1", "12.345"], ["transactions", "--today", "--batch", "1"]]:
        assert posctl(*words)[0] == 64, words
    code, answer = shop.posctl("status", "--reference", "nobody/1")
    assert code == 1 and answer["parameters"]["problem"]["code"] == "TRM-007", answer


def lost_log(shop):
    """The log that a kill leaves is lost or damaged: no factory state."""
    code, answer = shop.posctl("sale", "lost/1", "12.00")
    assert code == 0, answer
    shop.kill()
    log = os.path.join(shop.state, "ledger.db-wal")
    assert os.path.getsize(log) > 4_096, "the log is empty: this proves nothing"
    kept = log + ".kept"
    os.rename(log, kept)
    code, said = start(shop.state, shop.folder)
    assert code == 74 and "LED-006" in said and "ledger.anchor" in said, (code, said)
    with open(kept, "rb") as file:
        data = bytearray(file.read())
    data[5_000] ^= 4
    with open(log, "wb") as file:
        file.write(data)
    code, said = start(shop.state, shop.folder)
    assert code == 74 and ("LED-005" in said or "LED-006" in said), (code, said)
    with open(log, "rb") as file:
        assert file.read() == data, "what was refused has been changed"
    os.rename(kept, log)
    shop.start()
    shop.settle("ready")
    code, answer = shop.posctl("transactions", "--reference", "lost/1")
    assert code == 0 and answer["transaction"]["state"] == "approved", answer
    assert shop.kill(signal.SIGTERM) == 0
    assert not os.path.exists(log) or os.path.getsize(log) == 0, "the end has left a log"


def without_log(state, reference):
    """What the one file knows of a sale by itself, whatever lies in the log beside it."""
    ledger = os.path.join(state, "ledger.db")
    with contextlib.closing(sqlite3.connect(f"file:{ledger}?immutable=1", uri=True)) as database:
        try:
            return database.execute(
                "SELECT state, receipt FROM transactions WHERE reference=?",
                (reference,)).fetchone()
        except sqlite3.DatabaseError:
            return None  # read between two pages that were being written


def quiet(shop):
    """The log is brought into the file, and begun anew, when nobody sells for a while."""
    shop.start()
    shop.settle("ready")
    code, answer = shop.posctl("sale", "quiet/1", "12.00")
    assert code == 0, answer
    assert without_log(shop.state, "quiet/1") is None, "the sale should be in the log alone"
    printed = ("approved", "printed")
    until("the file has the sale",
          lambda: without_log(shop.state, "quiet/1") == printed, 60, shop)
    log = os.path.join(shop.state, "ledger.db-wal")
    until("the log has begun with a page", lambda: 0 < os.path.getsize(log) < 5_000, 5, shop)
    assert shop.kill() == -signal.SIGKILL


def open_folder(shop):
    os.chmod(shop.state, 0o755)
    code, said = start(shop.state, shop.folder)
    assert code == 74 and "LED-007" in said and "chmod 700 " + shop.state in said, (code, said)
    os.chmod(shop.state, 0o700)


def full_disk(shop):
    """The state folder on a file system of its own, which is filled and emptied again."""
    kept = shop.state + ".kept"
    os.rename(shop.state, kept)
    os.mkdir(shop.state, 0o700)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "tmpfs", shop.state], check=True)
    try:
        shutil.copytree(kept, shop.state, dirs_exist_ok=True)
        os.chmod(shop.state, 0o700)
        shop.start()
        shop.settle("ready")
        filler = os.path.join(shop.state, "filler")
        with open(filler, "wb") as file:
            file.write(bytes(9 * 1024 * 1024))
        sale = shop.begin("sale", "full/1", "12.00")
        said, _ = sale.communicate(timeout=20)
        lines = said.strip().split("\n")
        assert sale.returncode == 1 and "LED-001" in lines[0], (sale.returncode, said)
        assert len(lines) == 1 and "swipe card" not in said, said
        codes = [problem["code"] for problem in shop.try_status()["problems"]]
        assert codes == ["LED-001"], codes
        os.remove(filler)
        code, answer = shop.posctl("sale", "full/1", "12.00")
        assert code == 0, answer
        shop.settle("ready")
        # Full from the start on: said before anybody sells.
        with open(filler, "wb") as file:
            file.write(bytes(9 * 1024 * 1024))
        assert shop.kill(signal.SIGTERM) == 0
        shop.start()
        codes = [problem["code"] for problem in shop.try_status()["problems"]]
        assert "LED-001" in codes, codes
        shop.kill(signal.SIGTERM)
    finally:
        if shop.terminal.poll() is None:
            shop.kill()
        subprocess.run(["umount", shop.state], check=True)


def main():
    if os.geteuid() != 0:
        sys.exit("refusals.py mounts a small file system: run it as root")
    shop = Shop()
    try:
        shop.into_service()
        for part in [sockets, words_of_posctl, codes_of_transactions, lost_log, quiet, open_folder,
                     full_disk]:
            part(shop)
            print("well: " + part.__name__.replace("_", " "))
    finally:
        shop.close()


if __name__ == "__main__":
    main()
