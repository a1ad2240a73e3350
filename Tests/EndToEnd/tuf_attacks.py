# SPDX-License-Identifier: Apache-2.0
"""Rollback, freeze, mix and match, and answers without end."""

from tuf_repository import Repository, collection, dump, sign, signer

SCENARIOS, scenario = collection()


# Rollback, freeze, mix and match

@scenario("an older timestamp")
def _(lab):
    old = lab.repository.files["metadata/timestamp.json"]
    lab.start()
    lab.repository.publish("timestamp")
    lab.refresh(True)
    lab.repository.files["metadata/timestamp.json"] = old
    lab.refresh(False)
    lab.trusts(timestamp=2)


@scenario("the same timestamp version with another content is not taken and not followed")
def _(lab):
    lab.start().refresh(True)
    lab.repository.publish("snapshot")
    lab.repository.put("timestamp")
    lab.refresh(True)
    lab.trusts(timestamp=1, snapshot=1)
    assert len(lab.requests) == 2, lab.requests


@scenario("a newer timestamp that lists an older snapshot")
def _(lab):
    old = lab.repository.released["snapshot"]
    lab.start()
    lab.repository.publish("snapshot", "timestamp")
    lab.refresh(True)
    lab.repository.released["snapshot"] = old
    lab.repository.publish("timestamp")
    lab.refresh(False)
    lab.trusts(timestamp=2, snapshot=2)


@scenario("the run after one that ended behind the timestamp goes on there")
def _(lab):
    lab.start()
    lab.server.status["metadata/1.snapshot.json"] = 404
    lab.refresh(False)
    lab.trusts(timestamp=1, snapshot=None)
    lab.server.status.clear()
    lab.refresh(True)


@scenario("targets answers 404: timestamp and snapshot stay")
def _(lab):
    lab.start()
    lab.server.status["metadata/1.targets.json"] = 404
    lab.refresh(False)
    lab.trusts(timestamp=1, snapshot=1, targets=None)


@scenario("the snapshot has another version than the timestamp lists")
def _(lab):
    lab.start().refresh(True)
    lab.repository.publish("snapshot", "timestamp")
    lab.repository.signed["snapshot"].version = 3
    data = lab.repository.put("snapshot")
    lab.repository.files["metadata/2.snapshot.json"] = data
    lab.refresh(False)
    lab.trusts(timestamp=2, snapshot=1)


@scenario("a newer snapshot lists an older targets")
def _(lab):
    lab.start()
    lab.repository.release()
    lab.refresh(True)
    lab.repository.signed["snapshot"].meta["targets.json"].version = 1
    lab.repository.publish("snapshot", "timestamp")
    lab.refresh(False)
    lab.trusts(snapshot=2, targets=2)


@scenario("a newer snapshot no longer lists targets")
def _(lab):
    lab.start().refresh(True)
    del lab.repository.signed["snapshot"].meta["targets.json"]
    lab.repository.publish("snapshot", "timestamp")
    lab.refresh(False)
    lab.trusts(snapshot=1)


@scenario("a first snapshot that does not list targets")
def _(lab):
    del lab.repository.signed["snapshot"].meta["targets.json"]
    lab.repository.put("snapshot")
    lab.repository.put("timestamp")
    lab.start().refresh(False)


@scenario("targets has another version than the snapshot lists")
def _(lab):
    lab.start()
    lab.repository.release()
    files = lab.repository.files
    files["metadata/2.targets.json"] = files["metadata/1.targets.json"]
    lab.refresh(False)
    lab.trusts(snapshot=2, targets=None)


for role, name in (("snapshot", "timestamp"), ("targets", "snapshot")):
    @scenario(f"{role} has other bytes than {name} lists", lambda: Repository(hashes=True))
    def _(lab, role=role):
        lab.start().refresh(True)
        lab.repository.release()
        lab.repository.files[f"metadata/2.{role}.json"] += b" "
        lab.refresh(False)

    @scenario(f"{role} is shorter than {name} lists", lambda: Repository(hashes=True))
    def _(lab, role=role):
        lab.start()
        lab.repository.files[f"metadata/1.{role}.json"] = lab.repository.files[
            f"metadata/1.{role}.json"][:-1]
        lab.refresh(False)


for role in ("timestamp", "snapshot", "targets"):
    @scenario(f"{role} is signed by a stranger")
    def _(lab, role=role):
        lab.start().refresh(True)
        lab.repository.release()
        lab.repository.put(role, signers=[signer()])
        lab.repository.put("timestamp", signers=[signer()] if role == "timestamp" else None)
        lab.refresh(False)

    @scenario(f"one key signs {role} twice where two must")
    def _(lab, role=role):
        repository = lab.repository
        repository.add_key(role)
        repository.root.roles[role].threshold = 2
        repository.put("root")
        one = repository.signers[role][0]
        data = sign(repository.signed[role].to_dict(), [one, one])
        repository.serve(role, dump(data))
        lab.start().refresh(False)

    @scenario(f"an empty signature stands beside enough good ones of {role}")
    def _(lab, role=role):
        repository = lab.repository
        repository.add_key(role)
        repository.put("root")
        data = sign(repository.signed[role].to_dict(), repository.signers[role])
        data["signatures"][0]["sig"] = ""
        repository.serve(role, dump(data))
        lab.start().refresh(True)

    @scenario(f"{role} is another role's document")
    def _(lab, role=role):
        other = "snapshot" if role == "timestamp" else "timestamp"
        lab.repository.root.add_key(lab.repository.signers[other][0].public_key, role)
        lab.repository.put("root")
        lab.repository.files[lab.repository.name(role)] = lab.repository.released[other][1]
        lab.start().refresh(False)
