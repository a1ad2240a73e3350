# SPDX-License-Identifier: Apache-2.0
"""Keys that change, and the files that the four roles lead to."""

import os

from tuf_repository import collection

SCENARIOS, scenario = collection()


# Keys change, and what was stored under the old ones

@scenario("a timestamp pushed far ahead is forgotten when its key changes")
def _(lab):
    lab.start()
    lab.repository.signed["timestamp"].version = 99_999
    lab.repository.put("timestamp")
    lab.refresh(True)
    lab.repository.signed["timestamp"].version = 1
    lab.repository.publish("timestamp")
    lab.refresh(False)
    lab.repository.rotate("timestamp")
    lab.repository.add_root()
    lab.repository.put("timestamp")
    lab.refresh(True)
    lab.trusts(timestamp=2)


@scenario("a snapshot pushed far ahead is forgotten when both keys change")
def _(lab):
    lab.start()
    lab.repository.signed["snapshot"].version = 99_999
    lab.repository.publish("timestamp", "timestamp")
    lab.repository.put("snapshot")
    lab.repository.put("timestamp")
    lab.refresh(True)
    lab.repository.rotate("timestamp")
    lab.repository.rotate("snapshot")
    lab.repository.add_root()
    lab.repository.signed["snapshot"].version = 5
    lab.repository.put("snapshot")
    lab.repository.put("timestamp")
    lab.refresh(True)
    lab.trusts(snapshot=5)


@scenario("a snapshot pushed far ahead is forgotten when its own key changes (5.3.11)")
def _(lab):
    lab.start()
    lab.repository.signed["snapshot"].version = 99_999
    lab.repository.put("snapshot")
    lab.repository.publish("timestamp")
    lab.refresh(True)
    lab.repository.rotate("snapshot")
    lab.repository.add_root()
    lab.repository.signed["snapshot"].version = 5
    lab.repository.put("snapshot")
    lab.repository.publish("timestamp")
    # The reference keeps a timestamp whose own key did not change, and so refuses for ever.
    lab.refresh(True, theirs=False)
    lab.trusts(snapshot=5, timestamp=3)


@scenario("targets pushed far ahead comes back when the snapshot's key changes")
def _(lab):
    lab.start()
    lab.repository.signed["targets"].version = 99_999
    lab.repository.put("targets")
    lab.repository.publish("snapshot", "timestamp")
    lab.refresh(True)
    lab.repository.rotate("snapshot")
    lab.repository.add_root()
    lab.repository.signed["targets"].version = 2
    lab.repository.put("targets")
    lab.repository.publish("snapshot", "timestamp")
    lab.refresh(True)
    lab.trusts(targets=2)


@scenario("a key that was only added forgets nothing")
def _(lab):
    old = lab.repository.files["metadata/timestamp.json"]
    lab.start()
    lab.repository.publish("timestamp")
    lab.refresh(True)
    lab.repository.add_key("timestamp")
    lab.repository.add_root()
    lab.repository.files["metadata/timestamp.json"] = old
    lab.refresh(False)
    lab.trusts(timestamp=2, root=2)


for role in ("timestamp", "snapshot", "targets"):
    @scenario(f"the key of {role} changes, and its document is the old one")
    def _(lab, role=role):
        lab.start().refresh(True)
        lab.repository.rotate(role)
        lab.repository.add_root()
        lab.both(False, lambda client: client.refresh(None), same=False)
        lab.trusts(root=2)
        lab.repository.release()
        lab.refresh(True)


# Files

@scenario("a file is fetched once, and again when it changes")
def _(lab):
    repository = lab.repository
    repository.add_target("path/to/file", b"one")
    repository.release()
    lab.start().download(True, "path/to/file")
    path = f"{lab.ours.folder}/targets/path%2Fto%2Ffile"
    before = os.stat(path).st_mtime_ns
    lab.download(True, "path/to/file")
    assert not any(name.startswith("targets/") for name in lab.requests), lab.requests
    assert os.stat(path).st_mtime_ns == before
    repository.add_target("path/to/file", b"another")
    repository.release()
    lab.download(True, "path/to/file")
    with open(path, "rb") as file:
        assert file.read() == b"another"


for title, change in (
        ("has other bytes", lambda data: data[:-1] + b"!"), ("is longer", lambda data: data + b"!"),
        ("is shorter", lambda data: data[:-1]), ("is empty", lambda data: b"")):
    @scenario(f"the file that comes {title}, and nothing of it stays")
    def _(lab, change=change):
        lab.repository.add_target("file", b"content")
        lab.repository.release()
        lab.start().download(True, "file")
        lab.repository.add_target("file", b"new content")
        lab.repository.release()
        for name in lab.repository.files:
            if name.startswith("targets/") and lab.repository.files[name] == b"new content":
                lab.repository.files[name] = change(b"new content")
        lab.download(False, "file")
        assert os.listdir(f"{lab.ours.folder}/targets") == ["file"]


for hashes in (("sha256",), ("sha512",), ("sha256", "sha512")):
    @scenario(f"a file with {' and '.join(hashes)}: one request")
    def _(lab, hashes=hashes):
        lab.repository.add_target("a/b", b"content", hashes=hashes)
        lab.repository.release()
        lab.start().download(True, "a/b")
        assert len([name for name in lab.requests if name.startswith("targets/")]) == 1


@scenario("of two digests one is wrong")
def _(lab):
    lab.repository.add_target("file", b"content", hashes=("sha256", "sha512"))
    lab.repository.signed["targets"].targets["file"].hashes["sha512"] = "00" * 64
    lab.repository.release()
    lab.start().download(False, "file")


@scenario("a file that nobody lists, on a device that knows nothing yet: it refreshes first")
def _(lab):
    lab.start().download(False, "nothing")
    lab.trusts(timestamp=1, snapshot=1, targets=1)


@scenario("the server does not have a listed file")
def _(lab):
    lab.repository.add_target("file", b"content")
    lab.repository.release()
    for name in list(lab.repository.files):
        if name.startswith("targets/"):
            del lab.repository.files[name]
    lab.start().download(False, "file")


@scenario("the file is endless")
def _(lab):
    lab.repository.add_target("file", b"content")
    lab.repository.release()
    lab.server.endless.update(name for name in lab.repository.files if name.startswith("targets/"))
    lab.start().download(False, "file")


@scenario("several files in one run, the second of which nobody lists")
def _(lab):
    for name in ("one", "three"):
        lab.repository.add_target(name, name.encode())
    lab.repository.release()
    lab.start().download(False, "one", "two", "three")
    assert os.listdir(f"{lab.ours.folder}/targets") == ["one"]


@scenario("odd letters in a file's path")
def _(lab):
    path = "ü ber/a#b?c%20d&e;f=+.txt"
    lab.repository.add_target(path, b"content")
    lab.repository.release()
    # The reference does not encode the path for the address, so it is its server that fails.
    lab.start().both(True, lambda client: client.download(None, path), same=False,
                     theirs=False)
