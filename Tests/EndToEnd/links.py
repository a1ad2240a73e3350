# SPDX-License-Identifier: Apache-2.0
"""Where the real posd reaches its acquirer, and which hosts it does not believe.

Two hosts of which one is dead; certificates, keys and greetings that are wrong in one respect each: the
layer and the cause are named by `posctl network set`, and nothing changes.
"""

import base64
import hashlib
import json
import os
import shutil
import ssl
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from shop import BUILD, Shop

DEAD, WELL = "localhost:1", "localhost:17500"


def set_network(shop, acquirer, backup=None):
    words = ["--backup", backup] if backup else []
    code, answer = shop.posctl("network", "set", "--acquirer", acquirer, *words)
    return code, answer if code == 0 else answer["parameters"]["problem"]


def probe(shop):
    """Both hosts are tried, and the dead one is named."""
    code, problem = set_network(shop, WELL, DEAD)
    assert code != 0 and problem["code"] == "NET-004", problem
    assert problem["evidence"].startswith("first host is well; back-up host: NET-004"), problem
    code, problem = set_network(shop, DEAD, "127.0.0.1:17500")
    assert code != 0 and "back-up host is well" in problem["evidence"], problem
    assert shop.try_status()["backup"] is None


def backup(shop):
    """Both are shown, kept over a restart, and a sale goes to the one that lives."""
    code, answer = set_network(shop, WELL, "127.0.0.1:17500")
    assert code == 0, answer
    assert shop.posctl("network", "commit")[0] == 0
    shop.kill()
    shop.start()
    shop.settle("ready")
    status = shop.try_status()
    assert status["backup"] == {"host": "127.0.0.1", "port": 17500, "tls": True}, status
    path = os.path.join(shop.folder, "control.sock")
    for words in [["status"], ["network", "show"]]:
        said = subprocess.run([f"{BUILD}/posctl", *words, "--socket", path],
                              capture_output=True, text=True, timeout=20).stdout
        assert "back-up     127.0.0.1:17500 (TLS)" in said, said
    code, answer = shop.posctl("sale", "backup/1", "12.00")
    assert code == 0, answer


def folder(shop, name, link="", frame=""):
    """A configuration like the repository's, with more in two of its stanzas."""
    path = os.path.join(shop.folder, name)
    shutil.copytree("Config", path)
    for file, mark, more in [("posd.yaml", "  connect-seconds: 10\n", link),
                             ("acquirers/generic.yaml", "  length: binary2\n", frame)]:
        file = os.path.join(path, file)
        with open(file, encoding="utf-8") as text:
            words = text.read()
        assert words.count(mark) == 1, file
        with open(file, "w", encoding="utf-8") as text:
            text.write(words.replace(mark, mark + more))
    return path


def restart(shop, path):
    if shop.terminal:
        shop.kill()
    shop.config = path
    shop.start()
    shop.settle("unregistered")


def refused(shop, code, *evidence):
    """The probe fails at this layer and for this cause, and the settings stay as they were."""
    before = shop.try_status()["acquirer"]
    failed, problem = set_network(shop, WELL)
    assert failed and problem["code"] == code, problem
    assert all(words in problem["evidence"] for words in evidence), problem
    assert shop.try_status()["acquirer"] == before


def accepted(shop):
    code, answer = set_network(shop, WELL)
    assert code == 0, answer


def doctor(shop):
    """What is wrong by the doctor's own look, with what it saw."""
    child = subprocess.run(
        [f"{BUILD}/posctl", "doctor", "--json", "--config", f"{shop.config}/posd.yaml", "--state",
         shop.state, "--run", shop.folder, "--socket", os.path.join(shop.folder, "control.sock")],
        capture_output=True, text=True)
    return {problem["code"]: problem["evidence"]
            for problem in json.loads(child.stdout)["problems"]}


def certificates(shop):
    """Each way in which the host's certificate is wrong is told apart from the others."""
    restart(shop, "Config")
    accepted(shop)
    assert shop.posctl("network", "commit")[0] == 0
    wrong = [("expired", "it has expired"), ("other-name", "it is for another host name"),
             ("other-authority", "another authority made it")]
    # Nobody has tried to connect yet: what is found is the doctor's own.
    for word, cause in wrong:
        shop.strings(f"certificate {word}")
        seen = doctor(shop)["NET-005"]
        assert seen.startswith(f"network: {WELL}: libcurl code 60") and cause in seen, seen
    shop.strings("certificate right clients")
    seen = doctor(shop)["NET-005"]
    assert "the host refused the client certificate, or wants one" in seen, seen
    shop.strings("certificate right")
    assert not doctor(shop).keys() & {"NET-004", "NET-005", "NET-008"}, doctor(shop)
    for word, cause in wrong:
        shop.strings(f"certificate {word}")
        refused(shop, "NET-005", "the certificate was refused", cause)
    shop.strings("certificate right")
    accepted(shop)


def pinned(shop):
    """A host of the right authority with another key is not the acquirer's."""
    seen = x509.load_pem_x509_certificate(
        ssl.get_server_certificate(("localhost", 17500)).encode())
    key = seen.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    other = base64.b64encode(hashlib.sha256(b"another key").digest()).decode()
    line = '  pinned-public-key: "sha256//{}"\n'
    restart(shop, folder(shop, "pinned", line.format(pin)))
    accepted(shop)
    restart(shop, folder(shop, "next-pin", line.format(other + ";sha256//" + pin)))
    accepted(shop)
    restart(shop, folder(shop, "mispinned", line.format(other)))
    refused(shop, "NET-005", "the host has not the pinned key")


def clients(shop):
    """A host that wants to know who calls tells nobody else anything."""
    shop.strings("certificate right clients")
    restart(shop, "Config")
    cause = "the host refused the client certificate, or wants one"
    refused(shop, "NET-005", cause)
    lines = "  client-certificate-file: ${{RUN}}/{0}.pem\n  client-key-file: ${{RUN}}/{1}.key\n"
    restart(shop, folder(shop, "other-client", lines.format("other-client", "other-client")))
    refused(shop, "NET-005", cause)
    restart(shop, folder(shop, "client", lines.format("client", "client")))
    accepted(shop)
    restart(shop, folder(shop, "mixed", lines.format("client", "other-client")))
    refused(shop, "NET-005", "the client certificate or its key cannot be used")
    shop.strings("certificate right")


def greeting(shop):
    """What is wrong with the answer to a greeting is said, and a host that wants none is named."""
    request = (b" " * 82 + b"0123456789ABCDEF" + b"S").hex()
    stanza = '  greeting: {{ request: "{}", answer-prefix: "00223030", answer-bytes: {} }}\n'
    shop.strings("greeting right")
    path = folder(shop, "greeting", frame=stanza.format(request, 36))
    with open(f"{path}/posd.yaml", encoding="utf-8") as text:
        words = text.read().replace("connect-seconds: 10", "connect-seconds: 3")
    with open(f"{path}/posd.yaml", "w", encoding="utf-8") as text:
        text.write(words)
    restart(shop, path)
    accepted(shop)
    for word, cause in [("other", "is not the one of the acquirer's file"),
                        ("silent", "no answer to the greeting"),
                        ("surplus", "went on speaking"),
                        ("none", "closed the connection after the greeting")]:
        shop.strings(f"greeting {word}")
        refused(shop, "NET-009", cause)
    shop.strings("greeting right")
    accepted(shop)
    restart(shop, "Config")
    failed, problem = set_network(shop, WELL)
    assert failed and problem["code"] == "NET-007", problem


def main():
    for parts, prepare in [([probe, backup], Shop.into_service),
                           ([certificates, pinned, clients, greeting], lambda shop: None)]:
        shop = Shop()
        try:
            prepare(shop)
            for part in parts:
                part(shop)
                print("well: " + part.__name__)
        finally:
            shop.close()


if __name__ == "__main__":
    main()
