# SPDX-License-Identifier: Apache-2.0
"""The maker's side of updates where people bring copies and files: what is compared is signed all
the way, what somebody has changed is not signed, and what is kept is kept from others."""

import contextlib
import hashlib
import json
import os
import pty
import shutil
import subprocess
import tempfile
import time

from maker import UPDATE, Maker, Terminal, Web
from publish_hands import CUSTOM, RELEASE, SIGN, cut_at, edited, make_bundle

YES = (*SIGN, "--yes")
FIRST = "pos-x1/1.1.tar"


@contextlib.contextmanager
def restored(*paths):
    """Whatever becomes of these files meanwhile."""
    kept = {}
    for path in paths:
        with open(path, "rb") as file:
            kept[path] = file.read()
    yield
    for path, data in kept.items():
        with open(path, "wb") as file:
            file.write(data)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def plain_words(maker):
    """A root is told as who may do what from now on, beside how it was."""
    maker.do("key", "new", "targets-4", "targets-5", "timestamp-2", "--development")
    maker.do("rotate", "repo", "targets", "--remove", "development-targets-1", "--add",
             "new/targets-4.public.json", "--add", "new/targets-5.public.json", "--threshold", "3")
    maker.do("recovery", "repo", "1.2.tar", *CUSTOM)
    with open(maker.path("repo/public/metadata/1.root.json"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    said = maker.do("show", "repo")
    for words in ("compared from root 1 to root 1;", f"sha256 {digest}\n", "\nroot 2, expires ",
                  "  was root 1, expires ", "  added to targets: targets-4, ed25519 ",
                  "  removed from targets: development-targets-1, ed25519 ",
                  "    targets: 3 of 4, was 2 of 3\n", "    root: 2 of 3\n",
                  "\ntargets 3, expires ", "  was targets 2, ", "\nrecovery 1, ",
                  "! all of it, since no recovery is public", "  added: pos-x1/1.2.tar\n"):
        assert words in said, (words, said)
    code, said = maker.run("show", "repo", ahead="+2d")
    assert code == 0 and "of this copy has expired: more may be public" in said, said
    maker.do("discard", "repo")


def copies(maker):
    """What is compared is what a signed timestamp leads to, and not any list ever signed."""
    public = maker.path("repo/public/metadata")
    maker.do("ring", "repo", FIRST, "49")
    maker.do(*YES)
    maker.do(*RELEASE)
    maker.do("ring", "repo", FIRST, "99")
    versions = {role: one["version"] for role, one in maker.status()["public"].items()}
    timestamp = f"{public}/timestamp.json"
    snapshot = f"{public}/{versions['snapshot']}.snapshot.json"
    targets = f"{public}/{versions['targets']}.targets.json"
    assert f"changed: {FIRST}\n      custom.posd.ring 99, was 49" in maker.do("show", "repo")
    for path, change, words in (
            (timestamp, lambda one: one["signed"]["meta"]["snapshot.json"].update(
                version=versions["snapshot"] - 1), f"timestamp {versions['timestamp']} of this"),
            (snapshot, lambda one: one["signed"]["meta"]["targets.json"].update(
                version=versions["targets"] - 1), f"snapshot {versions['snapshot']} of this")):
        with restored(path):
            edited(path, change)
            said = maker.do("show", "repo")
            assert f"! all of it, since {words} copy is not signed" in said, said
    with restored(targets):
        shutil.copy(f"{public}/{versions['targets'] - 1}.targets.json", targets)
        assert "of this copy cannot be read" in maker.do("show", "repo")
    maker.do("discard", "repo")


def roots_brought(maker):
    """A root in which a key counts twice is neither signed nor released."""
    maker.do("renew", "repo", "root")
    staged, recovery = maker.path("repo/staged/root.json"), maker.path("repo/recovery-keys.json")

    def role(one, name):
        return one["signed"]["roles"][name]

    def another_name(one):
        first = role(one, "targets")["keyids"][0]
        one["signed"]["keys"]["ab" * 32] = one["signed"]["keys"][first]
        role(one, "targets")["keyids"].append("ab" * 32)

    def taken(path, name):
        with open(path, encoding="utf-8") as file:
            return json.load(file)["signed"]["roles"][name]["keyids"][0]

    key = taken(staged, "targets")
    with open(staged, encoding="utf-8") as file:
        of_targets = json.load(file)["signed"]["keys"][key]
    for path, change, words in (
            (staged, another_name, "bears an identifier that is not its own"),
            (staged, lambda one: role(one, "root")["keyids"].append(key), "has another role too"),
            (staged, lambda one: role(one, "targets")["keyids"].append("cd" * 32), "no good keys"),
            (staged, lambda one: role(one, "targets").update(more=1), "no good keys"),
            (recovery, lambda one: one["keyids"].append(one["keyids"][0]), "has a key twice"),
            (recovery, lambda one: one.update(threshold=1), "cannot have a threshold of 1"),
            (recovery, lambda one: one.update(threshold=True), "no good 'threshold'"),
            (recovery, lambda one: one.update(keyids=[[]]), "no good keys"),
            (recovery, lambda one: one["keyids"].append(key) or one["keys"].update(
                {key: of_targets}), "has another role too")):
        with restored(path):
            edited(path, change)
            for command in (("show", "repo"), YES, RELEASE):
                maker.refused(words, *command)
    with open(staged, encoding="utf-8") as file:
        assert json.load(file)["signatures"] == []
    maker.do("discard", "repo")
    # Who is lost and who comes must not be told by the same name.
    maker.do("key", "same", "development-targets-1", "--development")
    maker.refused("two keys are called development-targets-1", "rotate", "repo", "targets",
                  "--remove", "development-targets-1", "--add",
                  "same/development-targets-1.public.json")


def changed_while_read(maker):
    """Whoever reads keeps nobody waiting, and signs what he was shown or nothing."""
    maker.do("ring", "repo", FIRST, "60")
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [f"{UPDATE}/publish", *SIGN], cwd=maker.folder, env=maker.environment, stdin=theirs,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.close(theirs)
    said = b""
    while b"Type yes: " not in said:
        more = os.read(child.stdout.fileno(), 4096)
        assert more, said
        said += more
    assert b"custom.posd.ring 60, was 49" in said, said
    subprocess.run([f"{UPDATE}/publish", "ring", "repo", FIRST, "61"], cwd=maker.folder, timeout=20,
                   env=maker.environment, check=True, stdout=subprocess.DEVNULL)
    os.write(ours, b"yes\n")
    more, _ = child.communicate(timeout=20)
    os.close(ours)
    assert child.returncode == 2 and b"targets was changed while it was read" in more, more
    with open(maker.path("repo/staged/targets.json"), encoding="utf-8") as file:
        assert json.load(file)["signatures"] == []
    maker.do("discard", "repo")


def bundles(maker):
    """A list is not public before the bundles that its signatures stand for."""
    maker.do("add", "repo", "1.2.tar", *CUSTOM)
    maker.do(*YES)
    folder = maker.path("repo/staged/targets/pos-x1")
    (name,) = os.listdir(folder)
    before = maker.status()["public"]
    with restored(f"{folder}/{name}"):
        with open(f"{folder}/{name}", "ab") as file:
            file.write(b"#")
        maker.refused("is not what was signed", *RELEASE)
        os.unlink(f"{folder}/{name}")
        maker.refused("is neither staged nor public", *RELEASE)
    after = maker.status()["public"]
    assert {role: one["version"] for role, one in after.items()} == {
        role: one["version"] for role, one in before.items()}
    maker.do(*RELEASE)


def alone(maker):
    """A cure comes out past what nobody can read; that is dropped by its name."""
    maker.do("recovery", "repo", "1.3.tar", *CUSTOM)
    maker.do(*YES)
    for role in ("root", "targets"):
        write(maker.path(f"repo/staged/{role}.json"), b"{")
    assert maker.do("release", "repo", "--only", "recovery") == "public: recovery 1\n"
    maker.refused("is no metadata", "status", "repo")
    maker.refused("is nothing that waits", "discard", "repo", "snapshot")
    assert maker.do("discard", "repo", "targets") == "dropped: targets\n"
    assert maker.do("discard", "repo") == "dropped: root\n"
    maker.refused("invalid choice", "release", "repo", "--only", "targets")


def cut_behind_a_root(maker):
    """A root is public and its timestamp is not: people are told, and the hourly job heals it."""
    def remembered():
        with open(maker.path("repo/publisher.json"), encoding="utf-8") as file:
            return [one["version"] for one in json.load(file)["withdrawn"]]

    maker.do("rotate", "repo", "timestamp", "--remove", "development-timestamp-1", "--add",
             "new/timestamp-2.public.json")
    maker.do("withdraw", "repo", FIRST)
    maker.do(*YES)
    shutil.copytree(maker.path("repo"), maker.path("before"))
    release, healed, count, is_over = (*RELEASE, "--keys", "new"), 0, 0, False
    while not is_over:
        count += 1
        shutil.rmtree(maker.path("repo"))
        shutil.copytree(maker.path("before"), maker.path("repo"))
        terminal = Terminal(maker, f"behind-{count}")
        is_over = cut_at(maker, count, release)
        if any("not signed by the keys of root 2" in one for one in maker.status()["warnings"]):
            healed += 1
            assert not terminal.refresh()
            said = maker.do("refresh", "repo", "--keys", "keys", "--keys", "new")
            assert said.startswith("public: timestamp "), said
            assert terminal.refresh() and maker.status()["warnings"] == [], terminal.said
        if maker.status()["staged"]:
            maker.do(*release)
        assert terminal.refresh() and not maker.status()["staged"], terminal.said
        assert remembered() == ["1.1"] and FIRST not in maker.status()["targets"]
    assert healed, count


def files(maker):
    """Secrets are nobody else's, what is served is everybody's, and names are on the disk."""
    before = os.umask(0)
    try:
        maker.do("key", "vault/dana", "targets-9")
        os.umask(0o077)
        maker.do("init", "dark[1]", "--keys", "dark-keys", "--development")
    finally:
        os.umask(before)
    for path, mode in (("vault", 0o700), ("vault/dana", 0o700), ("dark-keys", 0o700),
                       ("vault/dana/targets-9.key.pem", 0o600), ("dark[1]/public", 0o755),
                       ("dark[1]/public/metadata", 0o755), ("dark[1]/public/targets", 0o755),
                       ("dark[1]/public/metadata/1.root.json", 0o644)):
        found = os.stat(maker.path(path)).st_mode & 0o777
        assert found == mode, (path, oct(found))
    assert maker.do("status", "dark[1]").startswith("DEVELOPMENT KEYS")
    maker.do("renew", "dark[1]", "targets")
    maker.do("sign", "dark[1]", "--keys", "dark-keys", "--yes")
    maker.do("release", "dark[1]", "--keys", "dark-keys")

    # Somebody's public half is not written over, and half of a secret does not stay.
    shutil.copy(maker.path("vault/dana/targets-9.public.json"), maker.path("targets-9.public.json"))
    maker.refused("targets-9.public.json is there already", "key", ".", "targets-9")
    write(maker.path("vault/dana/.targets-8.key.pem.1.part"), b"half of it")
    maker.do("key", "vault/dana", "targets-8")
    assert not [one for one in os.listdir(maker.path("vault/dana")) if one.endswith(".part")]

    events = synced(maker, "renew", "repo", "targets") + synced(maker, *YES)
    events += synced(maker, *RELEASE, "--keys", "new")
    names = [path for what, path in events if what == "name"]
    assert len(names) >= 5 and names[-1].endswith("timestamp.json"), names
    for number, (what, path) in enumerate(events):
        if what == "name":
            assert events[number + 1] == ("synced", os.path.dirname(path)), (path, events)
            assert events[number - 1][1].endswith(".part"), (path, events)
    # What a run that was cut has put there is on the disk as well before anything leads to it.
    version = maker.status()["public"]["targets"]["version"]
    public = maker.path("repo/public/metadata")
    shutil.copy(f"{public}/{version}.targets.json", maker.path("repo/staged/targets.json"))
    events = synced(maker, *RELEASE, "--keys", "new")
    assert events[0] == ("synced", public), events


def synced(maker, *words):
    """What is given its name, and what the disk is waited for, in order."""
    events, fsync, rename = [], os.fsync, os.rename

    def on_sync(number):
        fsync(number)
        events.append(("synced", os.readlink(f"/proc/self/fd/{number}")))

    def on_rename(source, target):
        rename(source, target)
        events.append(("name", os.path.abspath(target)))

    os.fsync, os.rename = on_sync, on_rename
    try:
        maker.do(*words)
    finally:
        os.fsync, os.rename = fsync, rename
    return events


def told(maker):
    """Bytes that are no text and screens of another alphabet are no reason for a traceback."""
    add = ["add", "repo", "1.3.tar", "--epoch", "1", "--note-zh", "更快。", "--note-en"]
    child = subprocess.run([f"{UPDATE}/publish", *add, b"\xff\xfe"], cwd=maker.folder,
                           env=maker.environment, capture_output=True, text=True, timeout=20)
    assert child.returncode == 2 and "is not UTF-8\n  do: " in child.stderr, child.stderr
    maker.do(*add, "Faster.")
    child = subprocess.run(
        [f"{UPDATE}/publish", "show", "repo"], cwd=maker.folder, capture_output=True, timeout=20,
        env={**maker.environment, "PYTHONIOENCODING": "ascii"})
    assert child.returncode == 0 and b"\\u66f4\\u5feb" in child.stdout, child.stderr
    for name, data, words in (
            ("publisher.json", b"[" * 100_000, "is not JSON"),
            ("staged/targets.json", b"[" * 100_000, "is no metadata"),
            ("publisher.json", lambda one: one["names"].update(a="\x1b[2J"), "no good name"),
            ("staged/targets.json", lambda one: one["signed"].update(version=1.5), "cannot be sig"),
            ("staged/targets.json", lambda one: one["signed"]["targets"].update(
                {"../x": one["signed"]["targets"]["pos-x1/1.3.tar"]}), "is no path"),
            ("staged/targets.json", lambda one: one["signed"]["targets"]["pos-x1/1.3.tar"][
                "custom"]["posd"].update(version="x"), "does not say what it is")):
        with restored(maker.path("repo", name)):
            if callable(data):
                edited(maker.path("repo", name), data)
            else:
                write(maker.path("repo", name), data)
            for command in (("status", "repo"), ("show", "repo"), YES):
                maker.refused(words, *command)


def main():
    folder = tempfile.mkdtemp(prefix="posd-publish-")
    os.chmod(folder, 0o755)
    maker = Maker(folder)
    began = time.monotonic()
    web = None
    try:
        maker.do("init", "repo", "--keys", "keys", "--development")
        for version in ("1.1", "1.2", "1.3"):
            make_bundle(maker, version)
        maker.do("add", "repo", "1.1.tar", *CUSTOM, "--ring", "4")
        maker.do(*YES)
        maker.do(*RELEASE)
        web = Web(maker)
        for part in (plain_words, copies, roots_brought, changed_while_read, bundles, alone,
                     cut_behind_a_root, files, told):
            part(maker)
    finally:
        if web:
            web.end()
        shutil.rmtree(folder)
    print(f"copies, roots, bundles and files that somebody has changed are not signed, "
          f"{time.monotonic() - began:.0f} s")


main()
