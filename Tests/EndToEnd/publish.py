# SPDX-License-Identifier: Apache-2.0
"""The maker's side of updates: what Firmware/update/publish makes, Debian's nginx serves from plain
files, and the terminal's client takes it, or refuses it; the rotation drill; the bundle."""

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile
from tuf.api.serialization.json import JSONSerializer

from maker import BUILD, UPDATE, URL, Maker, Terminal, Web

CUSTOM = ["--epoch", "1", "--note-en", "Faster.", "--note-zh", "更快。"]
PEOPLE = {
    "anna": ("root-1", "targets-1", "recovery-1"), "bo": ("root-2", "targets-2", "recovery-2"),
    "chen": ("root-3", "targets-3", "recovery-3"), "machine": ("snapshot-1", "timestamp-1")}


def make_slot(folder, content="#!/bin/sh\nexec sleep 1\n"):
    os.makedirs(f"{folder}/share/empty")
    for name, data, mode in (
            ("posd", content, 0o755), ("share/words.yaml", "a: 1\n" * 200, 0o600)):
        with open(f"{folder}/{name}", "w", encoding="ascii") as file:
            file.write(data)
        os.chmod(f"{folder}/{name}", mode)


def bundles(maker):
    """The same input gives the same bytes, and Python's tarfile reads them."""
    make_slot(maker.path("slot"))
    words = ("--version", "2026.11.3", "--compatible", "pos-x1")
    maker.do("bundle", "slot", "posd-2026.11.3.tar", *words)
    shutil.copytree(maker.path("slot"), maker.path("again"))
    os.utime(maker.path("again/posd"), (1, 1))
    maker.do("bundle", "again", "again.tar", *words)
    with open(maker.path("posd-2026.11.3.tar"), "rb") as file:
        data = file.read()
    with open(maker.path("again.tar"), "rb") as file:
        assert file.read() == data, "the same input makes other bytes"
    with tarfile.open(maker.path("posd-2026.11.3.tar"), "r:") as archive:
        members = archive.getmembers()
        found = [(one.name, one.mode, one.isdir(), one.mtime, one.uid, one.uname)
                 for one in members]
        assert found == [
            ("manifest", 0o644, False, 0, 0, ""), ("slot", 0o755, True, 0, 0, ""),
            ("slot/posd", 0o755, False, 0, 0, ""), ("slot/share", 0o755, True, 0, 0, ""),
            ("slot/share/empty", 0o755, True, 0, 0, ""),
            ("slot/share/words.yaml", 0o644, False, 0, 0, "")], found
        lines = archive.extractfile("manifest").read().decode().splitlines()
        assert lines[:3] == [
            "format: posd-bundle 1", "version: 2026.11.3", "compatible: pos-x1"], lines
        assert archive.extractfile("slot/share/words.yaml").read() == b"a: 1\n" * 200
        last = members[-1]
        end = last.offset_data + -(-last.size // 512) * 512
    assert len(data) - end >= 1024 and not any(data[end:]), "the end is not two blocks of zeroes"
    # Other contents are another manifest, or a terminal would take one for the other.
    with open(maker.path("again/posd"), "a", encoding="ascii") as file:
        file.write("#")
    maker.do("bundle", "again", "other.tar", *words)
    with tarfile.open(maker.path("other.tar")) as archive:
        assert archive.extractfile("manifest").read().decode().splitlines() != lines
    os.symlink("/etc/passwd", maker.path("again/link"))
    maker.refused("neither a plain file nor a folder", "bundle", "again", "x.tar", *words)
    assert not os.path.exists(maker.path("x.tar")), "a part of a bundle stays"


def mistakes(maker):
    """Each is told in a line, with what to do."""
    add = ("add", "repo", "posd-2026.11.3.tar", *CUSTOM)
    maker.refused("no repository", "status", "nowhere")
    maker.refused("is not empty", "init", "repo", "--keys", "k", "--development")
    maker.refused("ring 100 is out of range", *add, "--ring", "100")
    maker.refused("is no moment", *add, "--deadline", "tomorrow")
    maker.refused("not of `publish bundle`", "add", "repo", "slot/posd", *CUSTOM)
    maker.refused("the bundle says version 2026.11.3", *add, "--version", "9")
    maker.refused("needs a higher epoch", *add[:3], *CUSTOM[2:], "--epoch", "0",
                  "--migration", "forward-only")
    maker.refused("no note in 'zh'", *add[:-1], " ")
    maker.refused("required", "add", "repo")
    maker.refused("nothing is staged", "release", "repo", "--keys", "keys")
    maker.refused("no folder of keys", "refresh", "repo", "--keys", "none")
    maker.refused("No such file", "add", "repo", "none.tar", *CUSTOM)
    maker.refused("one key alone", "rotate", "repo", "targets", "--threshold", "1")
    maker.refused("it has development-root-1", "rotate", "repo", "root", "--remove", "nobody")
    for name in ("publisher.json", "recovery-keys.json", "public/metadata/1.targets.json",
                 "public/metadata/timestamp.json"):
        path = maker.path("repo", name)
        with open(path, "rb") as file:
            whole = file.read()
        for broken in (b"", b"{}", whole[:len(whole) // 2], b"[]"):
            with open(path, "wb") as file:
                file.write(broken)
            code, said = maker.run(*add)
            assert code == 2 or name.startswith("recovery"), (name, broken, said)
        with open(path, "wb") as file:
            file.write(whole)
    maker.do("discard", "repo")
    assert not maker.status()["staged"], "a mistake has staged something"


def rollout(maker, web):
    """A version comes in steps, costs a poll next to nothing, and goes again."""
    terminal = Terminal(maker, "terminal")
    name = "pos-x1/posd-2026.11.3.tar"
    maker.do("add", "repo", "posd-2026.11.3.tar", *CUSTOM, "--ring", "4", "--deadline",
             "2027-01-01T00:00:00Z", "--min-source", "2026.05.0")
    maker.refused("targets: 0 of 2", "release", "repo", "--keys", "keys")
    maker.release()
    assert terminal.download(name), terminal.said
    with open(maker.path("posd-2026.11.3.tar"), "rb") as file, \
            open(f"{terminal.folder}/targets/{os.listdir(terminal.folder + '/targets')[0]}",
                 "rb") as got:
        assert got.read() == file.read()
    custom = terminal.trusted("targets")["targets"][name]["custom"]["posd"]
    assert custom["ring"] == 4 and custom["notes"]["zh"] == "更快。", custom
    assert custom["min-source"] == "2026.05.0" and custom["format"] == "directory", custom
    # Nothing new.
    before = len(web.lines())
    assert terminal.refresh(), terminal.said
    answers = web.since(before, 2)
    total = sum(count for _, _, count in answers)
    assert len(answers) <= 2 and total <= 2048, answers
    print(f"a refresh with nothing new: {len(answers)} requests, {total} bytes of answers")
    maker.do("ring", "repo", name, "40")
    maker.do("sign", "repo", "--yes", "--keys", "keys")
    maker.do("ring", "repo", name, "49")
    with open(maker.path("repo/staged/targets.json"), encoding="utf-8") as file:
        assert json.load(file)["signatures"] == [], "signed by people who never saw it"
    maker.refused("only rises", "ring", "repo", name, "10")
    maker.release()
    assert terminal.refresh(), terminal.said
    posd = terminal.trusted("targets")["targets"][name]["custom"]["posd"]
    assert posd == {**custom, "ring": 49}, posd
    renewals(maker)
    assert terminal.refresh(), terminal.said
    maker.do("withdraw", "repo", name)
    maker.do("renew", "repo", "targets")
    maker.release()
    assert not terminal.download(name), "a withdrawn target was found"
    maker.refused("is not older", "add", "repo", "posd-2026.11.3.tar", *CUSTOM)
    return terminal


def renewals(maker):
    """The hourly job renews what is half over, and says when people must act."""
    def versions():
        return [maker.status()["public"][role]["version"]
                for role in ("targets", "snapshot", "timestamp")]

    targets, snapshot, timestamp = versions()
    job = ("refresh", "repo", "--keys", "keys")
    assert maker.do(*job, ahead="+11h") == ""
    assert maker.do(*job, ahead="+13h") == f"public: timestamp {timestamp + 1}\n"
    said = maker.do(*job, ahead="+4d")
    assert said == f"public: snapshot {snapshot + 1}, timestamp {timestamp + 2}\n", said
    said = maker.do("status", "repo", ahead="+160d")
    assert f"targets {targets} expires in 20 days" in said and "EXPIRED" in said, said
    assert maker.status()["warnings"] == []
    # Back in the present, what was renewed too early is replaced.
    maker.do(*job, "--force")
    assert versions() == [targets, snapshot + 2, timestamp + 3], versions()


def half_a_rotation(maker):
    """A root whose new keys have not signed what is public would lock everybody out."""
    maker.do("key", "new", "targets-4", "targets-5", "--development")
    maker.do("rotate", "repo", "targets", "--remove", "development-targets-1", "--remove",
             "development-targets-2", "--add", "new/targets-4.public.json", "--add",
             "new/targets-5.public.json")
    os.unlink(maker.path("repo/staged/targets.json"))
    maker.do("sign", "repo", "--yes", "--keys", "keys")
    maker.refused("not signed by the keys of the new root", "release", "repo", "--keys", "keys")
    maker.do("discard", "repo")


def brought_back(maker):
    """What owners bring back is not what is public undone, nor what nobody was shown."""
    staged = maker.path("repo/staged/targets.json")
    release = ("release", "repo", "--keys", "keys")
    versions = maker.status()["public"]
    shutil.copy(maker.path("repo/public/metadata/1.targets.json"), staged)
    maker.refused("is older than what is public", *release)
    # The same that is public is a release that was cut, and is run once more.
    number = versions["targets"]["version"]
    shutil.copy(maker.path(f"repo/public/metadata/{number}.targets.json"), staged)
    maker.do(*release)
    assert maker.status()["public"]["targets"]["version"] == number

    maker.do("renew", "repo", "targets")
    maker.do("sign", "repo", "--yes", "--keys", "keys")
    code, said = maker.run(*release, ahead="+200d")
    assert code == 2 and f"targets {number + 1} has expired" in said, said
    with open(staged, encoding="utf-8") as file:
        document = json.load(file)
    key = maker.document("1.root.json")["signed"]["keys"]
    keyid = sorted(key)[0]
    document["signed"]["delegations"] = {"keys": {keyid: key[keyid]}, "roles": [{
        "name": "all", "keyids": [keyid], "threshold": 1, "terminating": False, "paths": ["*"]}]}
    with open(staged, "w", encoding="utf-8") as file:
        json.dump(document, file)
    maker.refused("hands targets over", "sign", "repo", "--yes", "--keys", "keys")
    maker.do("discard", "repo")

    maker.do("key", "odd", "root-9", "--development")
    path = maker.path("odd/root-9.public.json")
    with open(path, encoding="utf-8") as file:
        public = json.load(file)
    public["keyid"] = "ab" * 32
    with open(path, "w", encoding="utf-8") as file:
        json.dump(public, file)
    maker.refused("bears an identifier", "rotate", "repo", "root", "--add", path)


def for_terminals(maker):
    """Keys of people, made by each of them; a development key is none."""
    words = []
    for person, names in PEOPLE.items():
        maker.do("key", f"people/{person}", *names)
        for name in names:
            words += [f"--{name.split('-')[0]}", f"people/{person}/{name}.public.json"]
    maker.refused("is there already", "key", "people/anna", "root-1")
    maker.refused("is a development key", "init", "shop", *words, "--root",
                  "keys/development-root-1.public.json")
    maker.refused("one key alone", "init", "shop", *words, "--targets-threshold", "1")
    maker.refused("has another role too", "init", "shop", *words, "--snapshot",
                  "people/anna/recovery-1.public.json")
    assert not os.path.exists(maker.path("shop")), "a mistake has made a repository"
    maker.do("init", "shop", *words)
    online = ("--keys", "people/machine")
    maker.refused("no key at hand", "sign", "shop", *online)
    maker.do("sign", "shop", "--yes", "--keys", "people/anna")
    maker.refused("root: 1 of 2 signatures, lacks 1 of root-2, root-3", "release", "shop", *online)
    maker.do("sign", "shop", "--yes", "--keys", "people/bo")
    maker.do("release", "shop", *online)
    root = maker.document("1.root.json", repository="shop")["signed"]
    assert root["x-posd-keys"] == "production" and root["roles"]["root"]["threshold"] == 2, root
    with open(maker.path("people/anna/root-1.key.pem"), encoding="ascii") as file:
        assert "DEVELOPMENT" not in file.read()
    with open(maker.path("keys/development-root-1.key.pem"), encoding="ascii") as file:
        assert "DEVELOPMENT KEY" in file.read()


def serving(maker):
    """What caches and clients that resume are told."""
    def ask(path, **headers):
        try:
            with urllib.request.urlopen(
                    urllib.request.Request(URL + path, headers=headers), timeout=5) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    _, headers, _ = ask("metadata/timestamp.json")
    assert headers["Cache-Control"] == "no-cache", headers
    _, headers, _ = ask("metadata/1.root.json")
    assert "immutable" in headers["Cache-Control"], headers
    code, headers, body = ask("metadata/2.root.json")
    assert code == 404 and body == b"absent\n" and headers["Cache-Control"] == "no-cache", headers
    for path in ("publisher.json", "../publisher.json", "metadata/.1.root.json.1.part",
                 "metadata/"):
        assert ask(path)[0] in (400, 403, 404), path
    (name,) = os.listdir(maker.path("repo/public/targets/pos-x1"))
    _, headers, whole = ask(f"targets/pos-x1/{name}")
    again = {"Range": "bytes=1000-", "If-Range": headers["ETag"]}
    code, part_headers, part = ask(f"targets/pos-x1/{name}", **again)
    assert code == 206 and part == whole[1000:], code
    assert part_headers["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    again["If-Range"] = '"another"'
    assert ask(f"targets/pos-x1/{name}", **again)[0] == 200


def recovery(maker):
    """A document of the recovery role: its own keys, its own versions, one bundle."""
    # What was withdrawn does not come back this way.
    maker.refused("is not older", "recovery", "repo", "posd-2026.11.3.tar", *CUSTOM)
    maker.do("bundle", "slot", "cure.tar", "--version", "2026.11.4", "--compatible", "pos-x1")
    maker.do("recovery", "repo", "cure.tar", *CUSTOM)
    maker.refused("recovery: 0 of 2", "release", "repo", "--keys", "keys")
    maker.release()
    maker.do("recovery", "repo", "cure.tar", *CUSTOM)
    maker.do("sign", "repo", "--yes", "--keys", "keys")
    # Nobody's key but its own.
    assert maker.do("release", "repo") == "public: recovery 2\n"
    document = Metadata.from_dict(maker.document("recovery.json"))
    with open(maker.path("repo/recovery-keys.json"), "rb") as file:
        role = json.load(file)
    assert document.signed.version == 2 and len(document.signed.targets) == 1
    assert len(role["keyids"]) == 3 and role["threshold"] == 2, role
    assert set(document.signatures) == set(role["keyids"])
    root = maker.document("1.root.json")["signed"]
    assert not set(role["keyids"]) & set(root["keys"]), "root knows a recovery key"
    assert root["x-posd-keys"] == "development", root
    return document


def attack(maker, terminal):
    """Whoever has one key of targets, and both online keys, gets nothing in."""
    folder = maker.path("repo/public/metadata")
    versions = {role: terminal.trusted(role)["version"] for role in ("targets", "snapshot")}

    def signed_by(document, *names):
        document.signatures.clear()
        for name in names:
            with open(maker.path(f"keys/development-{name}.key.pem"), "rb") as file:
                text = file.read()
            document.sign(CryptoSigner(load_pem_private_key(text, None)), append=True)
        return document.to_bytes(JSONSerializer(compact=True))

    def forge(*names):
        number = versions["targets"] + 1
        for role, by, edit in (
                ("targets", names, lambda one: None),
                ("snapshot", ("snapshot-1",),
                 lambda one: one.meta.update({"targets.json": MetaFile(number)})),
                ("timestamp", ("timestamp-1",),
                 lambda one: setattr(one, "snapshot_meta", MetaFile(versions["snapshot"] + 1)))):
            source = f"{versions[role]}.{role}" if role in versions else role
            document = Metadata.from_file(f"{folder}/{source}.json")
            document.signed.version += 1
            edit(document.signed)
            target = f"{versions[role] + 1}.{role}" if role in versions else role
            with open(f"{folder}/{target}.json", "wb") as file:
                file.write(signed_by(document, *by))

    forge("targets-1")
    assert not terminal.refresh(), "one signature of two was enough"
    assert re.search(r"[Ss]ignature|threshold", terminal.said), terminal.said
    assert terminal.trusted("targets")["version"] == versions["targets"]
    # The same with both signatures is what a maker does.
    forge("targets-1", "targets-2")
    assert terminal.refresh(), terminal.said


def main():
    folder = tempfile.mkdtemp(prefix="posd-publish-")
    # What the web server reads, whoever it is.
    os.chmod(folder, 0o755)
    maker = Maker(folder)
    began = time.monotonic()
    web = None
    try:
        maker.do("--help")
        maker.do("init", "repo", "--keys", "keys", "--development")
        assert os.stat(maker.path("keys/development-root-1.key.pem")).st_mode & 0o077 == 0
        web = Web(maker)
        bundles(maker)
        mistakes(maker)
        for_terminals(maker)
        half_a_rotation(maker)
        terminal = rollout(maker, web)
        serving(maker)
        brought_back(maker)
        recovery(maker)
        assert terminal.refresh(), terminal.said
        attack(maker, terminal)
        drill = subprocess.run(
            [f"{UPDATE}/rotation-drill", maker.path("drill")], env={**maker.environment,
            "POSD_BUILD": BUILD}, capture_output=True, text=True, timeout=60)
        assert drill.returncode == 0, drill.stdout + drill.stderr
        assert drill.stdout.endswith("the drill is done\n"), drill.stdout
    finally:
        if web:
            web.end()
        shutil.rmtree(folder)
    print(f"published, served, taken, refused and rotated, {time.monotonic() - began:.0f} s")


main()
