# SPDX-License-Identifier: Apache-2.0
"""An independent varlink client (PyPI: varlink) against the real posd, and what varlink says about
bad calls, asked over a bare socket."""

import datetime
import json
import os
import re
import socket
import subprocess
import sys

import varlink
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from shop import BUILD, Shop

INTERFACE = "org.posd.terminal"


def raw(path, *chunks, ends=False, patience=0.5):
    """The messages posd answers to these bytes; None behind them when it hangs up."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.settimeout(patience)
        data = b""
        try:
            for chunk in chunks:
                connection.sendall(chunk)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            while True:
                part = connection.recv(65536)
                if not part:
                    return [json.loads(m) for m in data.split(b"\0")[:-1]] + [None]
                data += part
        except (socket.timeout, TimeoutError):
            return [json.loads(m) for m in data.split(b"\0")[:-1]]
        except (BrokenPipeError, ConnectionResetError):
            return [json.loads(m) for m in data.split(b"\0")[:-1]] + [None]


def call(method, parameters=None, **more):
    return json.dumps({"method": method, "parameters": parameters or {}, **more}).encode() + b"\0"


def judge(shop, path):
    judged = 0

    def check(condition, what):
        nonlocal judged
        assert condition, what
        judged += 1

    # The interface file is one that the client can parse, and all its methods are there.
    with varlink.Client(address="unix:" + path) as client:
        interfaces = client.get_interfaces()
        check(INTERFACE in interfaces, interfaces)
        description = client.get_interface(INTERFACE)
        methods = [m for m in description.members if "method " + m + "(" in description.description]
        check(len(methods) == 48, methods)
        with client.open(INTERFACE) as terminal:
            status = terminal.GetStatus()["status"]
            check(status["state"] == "ready" and status["problems"] == [], status)
            steps = list(terminal.Sale(reference="varlink/1", amount=1200, _more=True))
            check(steps[-1]["transaction"]["state"] == "approved", steps)
            check([s["progress"] for s in steps[:-1]][0] == "swipe card", steps)
            found = terminal.GetTransaction(reference="varlink/1")
            check(found["transaction"]["amount"] == 1200 and not found["running"], found)
            today = terminal.ListTransactions(limit=10, day="today")
            check("varlink/1" in [row["reference"] for row in today["transactions"]], today)
            check(terminal.ListTransactions(limit=10, batch=4294967295)["transactions"] == [],
                  "a batch that is none")
            queue = terminal.ListQueue(limit=10)
            check(queue["items"] == [] and queue["total"] == 0 and queue.get("next") is None, queue)
            check(terminal.SendQueue() == {}, "nothing waits")
            try:
                terminal.GetTransaction(reference="varlink/none")
                check(False, "an unknown reference is no error")
            except varlink.VarlinkError as error:
                check(error.error() == INTERFACE + ".Refused", error)
                check(error.parameters()["problem"]["remedy"], error)
            try:
                terminal.Sale(reference="varlink/2")
                check(False, "a missing amount is no error")
            except varlink.VarlinkError as error:
                check(error.error() == "org.varlink.service.InvalidParameter", error)
                check(error.parameters()["parameter"] == "amount", error)
            check(len(terminal.GetStates()["states"]) >= 12, "the states")
            watch = terminal.Watch(_more=True)
            check(next(watch)["status"]["state"] == "ready", "the watch")

    def error_of(answers):
        return answers[0] and answers[0].get("error")

    check(error_of(raw(path, call(INTERFACE + ".Fly")))
          == "org.varlink.service.MethodNotFound", "an unknown method")
    check(error_of(raw(path, call("org.example.Fly")))
          == "org.varlink.service.InterfaceNotFound", "an unknown interface")
    check(error_of(raw(path, call(INTERFACE + ".ListTransactions", {"limit": "ten"})))
          == "org.varlink.service.InvalidParameter", "a wrong type")
    check(error_of(raw(path, call(INTERFACE + ".ListTransactions", {"limit": 1001})))
          == "org.varlink.service.InvalidParameter", "a limit beyond the limit")
    for nonsense in [b"nonsense\0", b"[]\0", b"{}\0", b"\0", b'{"method":7}\0', b"\xff\xfe\0"]:
        check(raw(path, nonsense) == [None], nonsense)
    # A message that is too long is refused and thrown away, and the caller may go on.
    long = raw(path, b"x" * 70_000)
    check(len(long) == 1 and error_of(long) == "org.varlink.service.InvalidParameter", long)
    long = raw(path, call(INTERFACE + ".GetTransaction", {"reference": "x" * 70_000})
               + call(INTERFACE + ".GetStatus"))
    check(len(long) == 2 and error_of(long) == "org.varlink.service.InvalidParameter"
          and "status" in long[1]["parameters"], long)
    for parameters, wrong in [
            ({"reference": "varlink/3", "amount": 1.0}, "amount"),
            ({"reference": "varlink/3", "amount": 12345678901234567890}, "amount"),
            ({"reference": "varlink/3", "amount": 1200, "tip": 1}, "tip"),
            ([1], "parameters")]:
        answers = raw(path, call(INTERFACE + ".Sale", parameters))
        check(error_of(answers) == "org.varlink.service.InvalidParameter"
              and answers[0]["parameters"]["parameter"] == wrong, answers)
    for method, parameters, wrong in [
            ("Transact", {"reference": "varlink/3", "amount": 1200}, "kind"),
            ("Transact", {"kind": "gift", "reference": "varlink/3", "amount": 1200}, "kind"),
            ("Transact", {"kind": "void", "reference": "varlink/3", "amount": 1200,
                          "original": "varlink/1"}, "amount"),
            ("Transact", {"kind": "void", "reference": "varlink/3"}, "original"),
            ("Transact", {"kind": "refund", "reference": "varlink/3", "amount": 1200,
                          "originalRetrieval": "1", "originalDate": "0101"},
             "originalRetrieval"),
            ("Transact", {"kind": "refund", "reference": "varlink/3", "amount": 1200,
                          "originalRetrieval": "123456789012", "originalDate": "0230"},
             "originalDate"),
            ("Transact", {"kind": "sale", "reference": "varlink/3", "amount": 1200,
                          "code": "62x"}, "code"),
            ("ListTransactions", {"limit": 5, "day": "yesterday"}, "day"),
            ("ListTransactions", {"limit": 5, "batch": -1}, "batch"),
            ("ListQueue", {"limit": 0}, "limit"), ("ListQueue", {"limit": 5, "after": "x"}, "after"),
            ("Park", {}, "reference"), ("Unpark", {"reference": 7}, "reference"),
            ("Close", {"reference": "varlink/3", "reason": "agreed"}, "by"),
            ("Settle", {"batch": 1}, "batch"), ("SignIn", {"key": 1}, "key")]:
        answers = raw(path, call(f"{INTERFACE}.{method}", parameters))
        check(error_of(answers) == "org.varlink.service.InvalidParameter"
              and answers[0]["parameters"]["parameter"] == wrong, (method, answers))
    # Who has shut its own direction is answered, and then let go.
    half = raw(path, call(INTERFACE + ".Sale", {"reference": "varlink/half", "amount": 1200}),
               ends=True, patience=20)
    check(len(half) == 2 and half[1] is None
          and half[0]["parameters"]["transaction"]["state"] == "approved", half)
    # Two calls in one write, and one call in many, are answered in order.
    two = raw(path, call(INTERFACE + ".GetStatus") + call(INTERFACE + ".GetNetwork"))
    check(len(two) == 2 and "status" in two[0]["parameters"]
          and "committed" in two[1]["parameters"], two)
    whole = call(INTERFACE + ".GetStatus")
    check(raw(path, *[whole[i:i + 1] for i in range(len(whole))])[0]["parameters"]["status"],
          "a call in pieces")
    check(raw(path, call(INTERFACE + ".GetStatus", oneway=True) + whole)[0]["parameters"]["status"],
          "a call without reply")
    # And after all that the terminal still sells.
    code, answer = shop.posctl("sale", "varlink/last", "12.00")
    check(code == 0 and answer["transaction"]["state"] == "approved", answer)
    return judged


def certificate(days):
    """One that ends in so many days, of a name that would make a line of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"old\n{days}")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1).not_valid_before(
        now - datetime.timedelta(days=9)).not_valid_after(now + datetime.timedelta(days=days))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def ends(shop, path):
    """What has a last day is told, by one screen and in the status, and stops nothing."""
    authority = os.path.join(shop.folder, "authority.pem")
    with open(authority, "rb") as file:
        good = file.read()
    code, answer = shop.posctl("expiry")
    assert code == 0 and answer["unread"] == [] and answer["clock"] is None, answer
    found = [(item["name"], item["state"], item["source"]) for item in answer["items"]]
    assert found == [(f'{use} "Throw-away test authority"', "ok", authority)
                     for use in ("acquirer authority", "management authority")], found
    assert shop.try_status()["problems"] == []
    for days, state, wanted in [(60, "soon", []), (20, "soon", ["CER-001"]),
                                (3, "very soon", ["CER-001"]), (-1, "over", ["CER-002"])]:
        with open(authority, "wb") as file:
            file.write(certificate(days) + good)
        code, answer = shop.posctl("expiry")
        assert code == (1 if days < 0 else 0), (days, answer)
        first = answer["items"][0]
        assert first["state"] == state and "old%0A" in first["name"], first
        assert first["daysLeft"] in (days - 1, days) and len(answer["items"]) == 4, answer
        problems = shop.try_status()["problems"]
        assert [problem["code"] for problem in problems] == wanted, (days, problems)
        assert all(authority in problem["evidence"] for problem in problems), problems
    # What is over is no reason not to sell: the acquirer's host has another one.
    code, answer = shop.posctl("sale", "varlink/over", "12.00")
    assert code == 0 and answer["transaction"]["state"] == "approved", answer
    said = subprocess.run([f"{BUILD}/posctl", "expiry", "--socket", path], capture_output=True,
                          text=True, timeout=20)
    lines = said.stdout.splitlines()
    assert said.returncode == 1 and len(lines) == 4, said
    assert re.match(r"\d{4}-\d\d-\d\d  -[12] d +over +acquirer authority \"old%0A-1\" .*pem$",
                    lines[0]), lines
    # A file that says nothing is told, and the other lines are there.
    with open(authority, "wb") as file:
        file.write(b"nothing\n")
    code, answer = shop.posctl("expiry")
    assert code == 1 and answer["items"] == [], answer
    reasons = [row["reason"] for row in answer["unread"]]
    assert reasons == ["holds no certificate in PEM"] * 2, answer
    with open(authority, "wb") as file:
        file.write(good)
    assert shop.posctl("expiry")[0] == 0 and shop.try_status()["problems"] == []


def main():
    shop = Shop()
    try:
        shop.into_service()
        judged = judge(shop, os.path.join(shop.folder, "control.sock"))
        ends(shop, os.path.join(shop.folder, "control.sock"))
        print(f"{judged} answers as varlink has them")
    finally:
        shop.close()


if __name__ == "__main__":
    sys.exit(main())
