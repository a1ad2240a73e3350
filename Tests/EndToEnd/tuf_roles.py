# SPDX-License-Identifier: Apache-2.0
"""The four top-level roles: what is fetched and stored, whose signatures count, and for how long."""

import datetime

from tuf_repository import Repository, collection, dump, sign, signer, utc_now

SCENARIOS, scenario = collection()
PAST = utc_now() - datetime.timedelta(days=1)


@scenario("a new device asks for four documents, later for two")
def _(lab):
    lab.start().refresh(True)
    assert lab.requests == [
        f"metadata/{name}" for name in (
            "2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json")], lab.requests
    lab.refresh(True)
    assert lab.requests == ["metadata/2.root.json", "metadata/timestamp.json"], lab.requests


@scenario("documents are stored as they were served")
def _(lab):
    lab.repository.files["metadata/1.targets.json"] += b"\n  \n"
    lab.start().refresh(True)
    with open(f"{lab.ours.folder}/metadata/targets.json", "rb") as file:
        assert file.read() == lab.repository.files["metadata/1.targets.json"]


for kind in ("ed25519", "ecdsa", "rsa"):
    @scenario(f"every role signs with {kind}", lambda kind=kind: Repository(kind, hashes=True))
    def _(lab):
        lab.start().refresh(True)
        lab.repository.add_root()
        lab.repository.release()
        lab.refresh(True)
        lab.repository.publish("timestamp", signers=[signer(lab.repository.kind)])
        lab.refresh(False)


@scenario("names without versions", lambda: Repository(consistent=False))
def _(lab):
    lab.start().refresh(True)
    assert "metadata/snapshot.json" in lab.requests, lab.requests
    lab.repository.release()
    lab.refresh(True)
    lab.repository.add_target("a/file", b"content")
    lab.repository.release()
    lab.download(True, "a/file")
    assert "targets/a/file" in lab.requests, lab.requests


@scenario("root says from now on that names hold versions", lambda: Repository(consistent=False))
def _(lab):
    lab.start().refresh(True)
    lab.repository.root.consistent_snapshot = True
    lab.repository.add_root()
    lab.repository.release()
    lab.refresh(True)
    assert "metadata/2.snapshot.json" in lab.requests, lab.requests


# Roots

@scenario("root keys change three times, and a device that slept follows")
def _(lab):
    lab.start()
    for _ in range(3):
        old = lab.repository.rotate("root")
        lab.repository.add_root(*old)
    lab.refresh(True)
    lab.trusts(root=4)


@scenario("a root that only its own new key has signed")
def _(lab):
    lab.start().refresh(True)
    lab.repository.rotate("root")
    lab.repository.add_root()
    lab.refresh(False)
    lab.trusts(root=1)


@scenario("a root that only the old key has signed")
def _(lab):
    lab.start().refresh(True)
    old = lab.repository.rotate("root")
    lab.repository.root.version += 1
    lab.repository.put("root", signers=old)
    lab.refresh(False)
    lab.trusts(root=1)


for step in (0, 1, 2, -1):
    @scenario(f"in the next root's place lies version N+{step}")
    def _(lab, step=step):
        lab.start().refresh(True)
        lab.repository.add_root()
        lab.refresh(True)
        lab.repository.root.version += step
        data = lab.repository.put("root")
        lab.repository.files["metadata/3.root.json"] = data
        lab.refresh(step == 1)
        lab.trusts(root=3 if step == 1 else 2)


@scenario("a root in between is expired")
def _(lab):
    lab.start()
    good = lab.repository.root.expires
    lab.repository.root.expires = PAST
    lab.repository.add_root()
    lab.repository.root.expires = good
    lab.repository.add_root()
    lab.refresh(True)
    lab.trusts(root=3)


@scenario("the last root is expired: it stays, and nothing behind it is taken")
def _(lab):
    lab.start()
    lab.repository.root.expires = PAST
    lab.repository.add_root()
    # The reference asks for the timestamp before it looks at the root's time, with the same end.
    lab.refresh(False)
    lab.trusts(root=2, timestamp=None)
    lab.repository.root.expires = utc_now() + datetime.timedelta(days=1)
    lab.repository.add_root()
    lab.refresh(True)


@scenario("the root a device was made with is expired, and there is a newer one")
def _(lab):
    good = lab.repository.root.expires
    lab.repository.root.expires = PAST
    lab.repository.put("root")
    lab.start()
    lab.repository.root.expires = good
    lab.repository.add_root()
    lab.refresh(True)


@scenario("two of three root keys sign, then one alone")
def _(lab):
    repository = lab.repository
    repository.add_key("root")
    repository.add_key("root")
    repository.root.roles["root"].threshold = 2
    repository.put("root")
    lab.start()
    repository.root.version += 1
    repository.put("root", signers=repository.signers["root"][1:])
    lab.refresh(True)
    repository.root.version += 1
    repository.put("root", signers=repository.signers["root"][:1])
    lab.refresh(False)
    lab.trusts(root=2)


@scenario("root asks for more signatures than it has keys")
def _(lab):
    lab.start().refresh(True)
    lab.repository.root.roles["root"].threshold = 3
    lab.repository.add_root()
    lab.refresh(False)
    lab.trusts(root=1)


for status, wanted in ((403, True), (404, True), (500, False), (503, False), (429, False)):
    @scenario(f"the server answers {status} for the next root")
    def _(lab, status=status, wanted=wanted):
        lab.start()
        lab.server.status["metadata/2.root.json"] = status
        lab.refresh(wanted)


for name in ("2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"):
    @scenario(f"the server never stops sending {name}")
    def _(lab, name=name):
        lab.start()
        lab.repository.files.setdefault(f"metadata/{name}", b"")
        lab.server.endless.add(f"metadata/{name}")
        lab.refresh(False)


@scenario("the trusted root is not signed: nothing is asked for")
def _(lab):
    lab.start(dump({"signatures": [], "signed": lab.repository.root.to_dict()}))
    lab.refresh(False, same=False)
    assert lab.requests == [], lab.requests


@scenario("the trusted root is no document: nothing is asked for")
def _(lab):
    lab.start(lab.repository.files["metadata/1.root.json"][:-9])
    lab.refresh(False, same=False)
    assert lab.requests == [], lab.requests


# Time

for role, trusted in (
        ("timestamp", {"root": 1}), ("snapshot", {"timestamp": 1}),
        ("targets", {"timestamp": 1, "snapshot": 1})):
    @scenario(f"{role} is expired as it comes")
    def _(lab, role=role, trusted=trusted):
        lab.repository.signed[role].expires = PAST
        for name in ("targets", "snapshot", "timestamp"):
            lab.repository.put(name)
        lab.start().refresh(False)
        lab.trusts(**{**{"timestamp": None, "snapshot": None, "targets": None}, **trusted})

    @scenario(f"a stored {role} expires, and a newer one is there")
    def _(lab, role=role):
        lab.start().refresh(True)
        lab.now = utc_now() + datetime.timedelta(days=40)
        lab.refresh(False)
        for name in ("targets", "snapshot", "timestamp"):
            lab.repository.signed[name].expires = lab.now + datetime.timedelta(days=9)
        lab.repository.root.expires = lab.now + datetime.timedelta(days=9)
        lab.repository.add_root()
        lab.refresh(False)
        lab.repository.release()
        lab.refresh(True)

    @scenario(f"a frozen {role} ends with the day it says, and not a second earlier")
    def _(lab, role=role):
        for name in ("targets", "snapshot", "timestamp", "root"):
            days = 9 if name == role else 99
            lab.repository.signed[name].expires = utc_now() + datetime.timedelta(days=days)
            if name != "root":
                lab.repository.put(name)
        lab.repository.add_root()
        for name in ("targets", "snapshot", "timestamp"):
            lab.repository.put(name)
        lab.start()
        lab.now = lab.repository.signed[role].expires - datetime.timedelta(seconds=30)
        lab.refresh(True)
        lab.now = lab.repository.signed[role].expires + datetime.timedelta(seconds=1)
        lab.refresh(False)


@scenario("a clock of 1970 refuses nothing")
def _(lab):
    lab.now = datetime.datetime(1970, 1, 2, tzinfo=datetime.timezone.utc)
    lab.start().refresh(True)
