# SPDX-License-Identifier: Apache-2.0
"""What documents may say, and how: each is signed as it stands."""

import hashlib
import json

from securesystemslib.formats import encode_canonical
from tuf_repository import collection, dump, sign, signer

SCENARIOS, scenario = collection()


def edited(name, role, edit, wanted, theirs=None):
    @scenario(f"{role}: {name}")
    def _(lab):
        lab.start()
        if role == "root":
            lab.repository.root.version += 1
        lab.repository.put(role, edit=edit)
        if role != "root":
            for other in ("snapshot", "timestamp"):
                if other != role and role != "timestamp":
                    lab.repository.put(other)
        lab.refresh(wanted, theirs=theirs)


FIELDS = {
    "root": ("_type", "spec_version", "version", "expires", "keys", "roles"),
    "timestamp": ("_type", "spec_version", "version", "expires", "meta"),
    "snapshot": ("_type", "spec_version", "version", "expires", "meta"),
    "targets": ("_type", "spec_version", "version", "expires", "targets"),
}
for role, fields in FIELDS.items():
    for field in fields:
        def remove(signed, field=field):
            del signed[field]

        def spoil(signed, field=field):
            signed[field] = [signed[field]]
        edited(f"{field} is missing", role, remove, False)
        edited(f"{field} has another type", role, spoil, False)

    def put(field, value):
        return lambda signed: signed.update({field: value})
    edited("version is zero", role, put("version", 0), False)
    edited("version is a text", role, put("version", "2"), False)
    edited("expires has a fraction", role, put("expires", "2040-01-01T00:00:00.5Z"), False)
    edited("expires has an offset", role, put("expires", "2040-01-01T00:00:00+00:00"), False)
    edited("expires is no date", role, put("expires", "2040-13-01T00:00:00Z"), False)
    edited("spec_version is that of another format", role, put("spec_version", "2.0.0"), False)
    edited("spec_version has two numbers", role, put("spec_version", "1.0"), True)
    edited("spec_version is newer", role, put("spec_version", "1.99.3"), True)
    edited("unknown fields are signed with the others", role,
           put("x-new", {"a": [1, None, "é\n\""]}), True)


def change(path, value):
    def edit(signed):
        node = signed
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value
    return edit


edited("a threshold of zero", "root", change(["roles", "timestamp", "threshold"], 0), False)
edited("a threshold that is a text", "root", change(["roles", "timestamp", "threshold"], "1"),
       False)
edited("a role is missing", "root", lambda signed: signed["roles"].pop("targets"), False)
edited("keyids is a number", "root", change(["roles", "timestamp", "keyids"], 5), False)
edited("a key stands twice in a role", "root",
       lambda signed: signed["roles"]["timestamp"]["keyids"].append(
           signed["roles"]["timestamp"]["keyids"][0]), False)
edited("consistent_snapshot is a text", "root", change(["consistent_snapshot"], "yes"), False,
       theirs=True)
edited("the snapshot's entry is missing", "timestamp", change(["meta"], {}), False)
edited("the snapshot's version is zero", "timestamp",
       change(["meta", "snapshot.json", "version"], 0), False)
edited("the snapshot's version is a text", "timestamp",
       change(["meta", "snapshot.json", "version"], "1"), False)
edited("the snapshot's hashes are empty", "timestamp",
       change(["meta", "snapshot.json", "hashes"], {}), False)
edited("the snapshot's hashes are of no function that is known", "timestamp",
       change(["meta", "snapshot.json", "hashes"], {"x": "00"}), False)
edited("the snapshot's length is negative", "timestamp",
       change(["meta", "snapshot.json", "length"], -1), False)
edited("an entry is no object", "snapshot", change(["meta", "targets.json"], 1), False)
edited("targets is a list", "targets", change(["targets"], []), False)
edited("a file has no hashes", "targets", change(["targets", "x"], {"length": 1}), False)
edited("a file has no length", "targets", change(["targets", "x"], {"hashes": {"sha256": "00"}}),
       False)
edited("a file's length is negative", "targets",
       change(["targets", "x"], {"length": -1, "hashes": {"sha256": "00"}}), False)

KEYS = {"keys": {}}
GOOD = {"name": "a", "keyids": [], "threshold": 1, "terminating": False, "paths": ["*"]}
for name, delegations in (
        ("both forms", {**KEYS, "roles": [], "succinct_roles": {
            "keyids": [], "threshold": 1, "bit_length": 1, "name_prefix": "b"}}),
        ("neither form", KEYS),
        ("a role called like one of the four", {**KEYS, "roles": [{**GOOD, "name": "snapshot"}]}),
        ("a role without a name", {**KEYS, "roles": [{**GOOD, "name": ""}]}),
        ("paths and digests", {**KEYS, "roles": [{**GOOD, "path_hash_prefixes": ["0"]}]}),
        ("neither paths nor digests", {**KEYS, "roles": [
            {key: GOOD[key] for key in GOOD if key != "paths"}]}),
        ("terminating missing", {**KEYS, "roles": [
            {key: GOOD[key] for key in GOOD if key != "terminating"}]}),
        ("no bits", {**KEYS, "succinct_roles": {
            "keyids": [], "threshold": 1, "bit_length": 0, "name_prefix": "b"}}),
        ("33 bits", {**KEYS, "succinct_roles": {
            "keyids": [], "threshold": 1, "bit_length": 33, "name_prefix": "b"}})):
    edited(f"delegations with {name}", "targets", change(["delegations"], delegations), False)
edited("an empty list of delegations", "targets", change(["delegations"], {**KEYS, "roles": []}),
       True)
# The reference keeps the last of two roles of one name, and we refuse what is ambiguous.
edited("delegations to two roles of one name", "targets",
       change(["delegations"], {**KEYS, "roles": [GOOD, GOOD]}), False)


# The text itself

def text(name, role, change_text, wanted, theirs=None):
    @scenario(f"{role} as text: {name}")
    def _(lab):
        lab.start()
        data = lab.repository.put(role)
        lab.repository.serve(role, change_text(data))
        for other in ("snapshot", "timestamp"):
            if other != role:
                lab.repository.put(other)
        lab.refresh(wanted, theirs=theirs)


text("blanks between and behind", "targets",
     lambda data: json.dumps(json.loads(data), indent=3).encode() + b"\r\n\t ", True)
text("something behind it", "targets", lambda data: data + b"{}", False)
text("bytes that are not UTF-8", "targets",
     lambda data: data.replace(b'"_type"', b'"\xff":1,"_type"'), False)
text("cut off", "targets", lambda data: data[:-1], False)
text("empty", "targets", lambda data: b"", False)
text("a list", "targets", lambda data: b"[" + data + b"]", False)
text("names in another order", "targets",
     lambda data: json.dumps(
         {key: json.loads(data)[key] for key in ("signed", "signatures")}).encode(), True)
# The reference takes the last of two members of one name, and whoever reads it otherwise reads
# another document: ours refuses.
text("a name twice", "targets",
     lambda data: data.replace(b'"signed":', b'"signed":{},"signed":', 1), False, theirs=True)
text("nested too deep", "targets",
     lambda data: data[:-1] + b',"x":' + b"[" * 5000 + b"]" * 5000 + b"}", False)
text("no signatures", "targets",
     lambda data: dump({"signed": json.loads(data)["signed"]}), False)
text("signatures is an object", "targets",
     lambda data: dump({"signed": json.loads(data)["signed"], "signatures": {}}), False)
text("a number with a fraction that nobody signed", "targets",
     lambda data: data.replace(b'"signed":', b'"x":1.5,"signed":', 1), False, theirs=True)
text("escaped letters", "targets", lambda data: data.replace(b'"_type"', b'"\\u005ftype"'), True)


@scenario("a key of a kind that nobody knows stands in root: it signs nothing and hurts nothing")
def _(lab):
    lab.start()
    key = {"keytype": "new", "scheme": "new", "keyval": {"public": "x"}}
    keyid = hashlib.sha256(encode_canonical(key).encode()).hexdigest()

    def edit(signed):
        signed["keys"][keyid] = key
        signed["roles"]["timestamp"]["keyids"].append(keyid)
    lab.repository.root.version += 1
    lab.repository.put("root", edit=edit)
    # The reference cannot read such a root at all, and so could never follow to new kinds of keys.
    lab.refresh(True, theirs=False)


@scenario("a key's identifier is not its digest")
def _(lab):
    lab.start()

    def edit(signed):
        keyid = signed["roles"]["timestamp"]["keyids"][0]
        signed["keys"][keyid]["x-owner"] = "somebody"
    lab.repository.root.version += 1
    lab.repository.put("root", edit=edit)
    # TUF 4.3 demands the check; the reference leaves it out.
    lab.refresh(False, theirs=True)


@scenario("a key with a field that nobody knows has the digest of all of it")
def _(lab):
    lab.start()
    one = signer()
    one.public_key.unrecognized_fields["x-owner"] = {"a": 1}
    key = one.public_key.to_dict()
    one.public_key.keyid = hashlib.sha256(encode_canonical(key).encode()).hexdigest()
    lab.repository.add_key("timestamp", one)
    lab.repository.add_root()
    lab.repository.publish("timestamp", signers=[one])
    lab.refresh(True)


@scenario("a signature that is no hexadecimal text beside a good one")
def _(lab):
    lab.start()
    repository = lab.repository
    repository.add_key("timestamp")
    repository.add_root()
    data = sign(repository.signed["timestamp"].to_dict(), repository.signers["timestamp"])
    data["signatures"][0]["sig"] = "zz"
    repository.files["metadata/timestamp.json"] = dump(data)
    lab.refresh(True)


@scenario("digits of a signature in capital letters")
def _(lab):
    lab.start()
    data = json.loads(lab.repository.files["metadata/timestamp.json"])
    data["signatures"][0]["sig"] = data["signatures"][0]["sig"].upper()
    lab.repository.files["metadata/timestamp.json"] = dump(data)
    lab.refresh(True)
