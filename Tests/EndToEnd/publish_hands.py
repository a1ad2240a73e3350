# SPDX-License-Identifier: Apache-2.0
"""The maker's side of updates in people's hands: who signs is shown all of it, a run that is cut is
run again, a key counts once, and what is wrong is told in a line."""

import contextlib
import io
import json
import os
import pty
import shutil
import subprocess
import tempfile
import time

from maker import UPDATE, Maker, Terminal, Web, publisher

CUSTOM = ["--epoch", "1", "--note-en", "Faster.", "--note-zh", "更快。"]
SIGN = ("sign", "repo", "--keys", "keys")
RELEASE = ("release", "repo", "--keys", "keys")


class Cut(BaseException):
    """The power goes: nothing that would tidy up runs."""


def make_bundle(maker, version):
    folder = maker.path(f"slot-{version}")
    os.makedirs(folder)
    with open(f"{folder}/posd", "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\n# {version}\n")
    maker.do("bundle", f"slot-{version}", f"{version}.tar", "--version", version, "--compatible",
             "pos-x1")


def edited(path, change):
    with open(path, encoding="utf-8") as file:
        value = json.load(file)
    change(value)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def asked(maker, answer):
    """Signs at a terminal, and answers what it asks."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [f"{UPDATE}/publish", *SIGN], cwd=maker.folder, env=maker.environment, stdin=theirs,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    os.close(theirs)
    os.write(ours, answer)
    said, _ = child.communicate(timeout=30)
    os.close(ours)
    return child.returncode, said


def signatures(maker, role):
    with open(maker.path(f"repo/staged/{role}.json"), encoding="utf-8") as file:
        return len(json.load(file)["signatures"])


def shown(maker):
    """Everything that a signature stands under, beside what is public and signed."""
    name = "pos-x1/2026.1.tar"
    said = maker.do("show", "repo")
    for words in [f"added: {name}", 'custom.posd.notes.zh "更快。"', "custom.posd.ring 99",
                  "sha256 ", "length ", "was targets 1, expires "]:
        assert words in said, said
    staged = maker.path("repo/staged/targets.json")
    edited(staged, lambda one: one["signed"].update({"x-more": "\x1b[2J"}) or one["signed"][
        "targets"][name]["custom"].update({"other": {"shop": 7}}))
    said = maker.do("show", "repo")
    assert "custom.other.shop 7" in said and "x-more" in said and "\x1b" not in said, said
    maker.do("discard", "repo")
    maker.do("add", "repo", "2026.1.tar", *CUSTOM, "--ring", "4")

    maker.refused("nobody is there to read this", *SIGN)
    for answer in (b"no\n", b"\n", b"y\n", b"\x04"):
        code, said = asked(maker, answer)
        assert code == 2 and "not signed" in said and "custom.posd.ring 4" in said, said
    assert signatures(maker, "targets") == 0
    code, said = asked(maker, b"yes\n")
    assert code == 0 and said.endswith("signed\n") and signatures(maker, "targets") == 3, said
    maker.do(*RELEASE)

    maker.do("ring", "repo", name, "49")
    said = maker.do("show", "repo")
    # What stays the same is not in the way.
    assert f"changed: {name}\n      custom.posd.ring 49, was 4\n" in said, said
    assert "notes" not in said and "sha256 " not in said.split("changed: ")[1], said
    number = maker.status()["public"]["targets"]["version"]
    public = maker.path(f"repo/public/metadata/{number}.targets.json")
    with open(public, "rb") as file:
        whole = file.read()
    # A copy whose public part somebody has made like what is staged.
    edited(public, lambda one: one["signed"]["targets"][name]["custom"]["posd"].update(ring=49))
    said = maker.do("show", "repo")
    assert f"! all of it, since targets {number} of this copy is not signed" in said, said
    assert "custom.posd.notes.zh" in said, said
    with open(public, "wb") as file:
        file.write(whole)
    root = maker.path("repo/public/metadata/1.root.json")
    shutil.copy(root, maker.path("root.json"))
    edited(root, lambda one: one["signed"]["roles"]["targets"].update(threshold=1))
    assert "root 1 of this copy is not signed" in maker.do("show", "repo")
    shutil.copy(maker.path("root.json"), root)
    maker.do("discard", "repo")


def cut_at(maker, count, words):
    """Runs a command whose power goes at the n-th file that it puts in its place or takes away;
    whether it came to its end."""
    left = [count]
    rename, unlink = os.rename, os.unlink

    def counting(real):
        def step(*names):
            left[0] -= 1
            if left[0] == 0:
                raise Cut()
            return real(*names)
        return step

    os.rename, os.unlink = counting(rename), counting(unlink)
    before = os.getcwd()
    os.chdir(maker.folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            publisher.main(words)
        return True
    except Cut:
        return False
    finally:
        os.chdir(before)
        os.rename, os.unlink = rename, unlink


def cuts(maker):
    """A release that is cut anywhere is run again, or changed once more, and terminals follow."""
    maker.do("key", "new", "timestamp-2", "targets-9", "--development")
    maker.do("rotate", "repo", "timestamp", "--remove", "development-timestamp-1", "--add",
             "new/timestamp-2.public.json")
    make_bundle(maker, "2026.2")
    maker.do("add", "repo", "2026.2.tar", *CUSTOM, "--ring", "4")
    maker.do("recovery", "repo", "2026.2.tar", *CUSTOM)
    maker.do("sign", "repo", "--yes", "--keys", "keys")
    shutil.copytree(maker.path("repo"), maker.path("before"))
    release = (*RELEASE, "--keys", "new")
    count = 0
    is_over = False
    while not is_over:
        count += 1
        for changes in (False, True):
            shutil.rmtree(maker.path("repo"))
            shutil.copytree(maker.path("before"), maker.path("repo"))
            terminal = Terminal(maker, f"cut-{count}-{changes}")
            is_over = cut_at(maker, count, release)
            # In between it has the old or the new, or waits for a timestamp of the new key.
            terminal.refresh()
            # At the very end nothing waits any more.
            staged = maker.status()["staged"]
            if changes and "targets" in staged:
                maker.do("ring", "repo", "pos-x1/2026.2.tar", "49")
                if "root" in staged:
                    maker.do("rotate", "repo", "targets", "--add", "new/targets-9.public.json")
                maker.do("sign", "repo", "--yes", "--keys", "keys", "--keys", "new")
                maker.do(*release)
            elif staged:
                maker.do(*release)
            assert terminal.refresh() and terminal.download("pos-x1/2026.2.tar"), (
                count, changes, terminal.said)
            assert not maker.status()["staged"]
            # Bundles that nothing lists any more go with the next change.
            maker.do("discard", "repo")
            parts = [one for _, _, files in os.walk(maker.path("repo")) for one in files
                     if one.endswith(".part")]
            assert not parts, parts
            assert not [one for _, _, files in os.walk(maker.path("repo/staged")) for one in files]
    assert count > 10, count
    shutil.rmtree(maker.path("repo"))
    shutil.copytree(maker.path("before"), maker.path("repo"))
    maker.do(*release)
    return count


def recovery_alone(maker):
    """A recovery document does not wait for anybody else's signatures."""
    release = (*RELEASE, "--keys", "new")
    make_bundle(maker, "2026.3")
    make_bundle(maker, "2026.4")
    maker.do("add", "repo", "2026.3.tar", *CUSTOM)
    maker.refused("is not older", "recovery", "repo", "2026.1.tar", *CUSTOM)
    maker.refused("epoch 0 is below 1", "recovery", "repo", "2026.4.tar", "--epoch", "0",
                  *CUSTOM[2:])
    maker.do("recovery", "repo", "2026.4.tar", *CUSTOM)
    maker.do("sign", "repo", "--yes", "--keys", "keys")
    maker.do("ring", "repo", "pos-x1/2026.2.tar", "60")
    maker.refused("targets: 0 of 2", *release)
    said = maker.do("release", "repo", "--only", "recovery")
    assert said == "public: recovery 2\n", said
    assert list(maker.status()["staged"]) == ["targets"]
    maker.refused("nothing is staged of recovery", "release", "repo", "--only", "recovery")
    folder = maker.path("repo/staged/targets/pos-x1")
    assert [one.endswith("2026.3.tar") for one in os.listdir(folder)] == [True]
    maker.do("discard", "repo", "targets")
    assert not maker.status()["staged"] and not os.listdir(folder)
    # The bundle of the recovery may come the usual way too; a lower one may not.
    maker.refused("is not older", "add", "repo", "2026.3.tar", *CUSTOM)
    maker.do("add", "repo", "2026.4.tar", *CUSTOM)
    maker.do("discard", "repo", "targets", "recovery")


def withdrawn(maker):
    """What is withdrawn is remembered once it is released, and not before."""
    def remembered():
        with open(maker.path("repo/publisher.json"), encoding="utf-8") as file:
            return [one["version"] for one in json.load(file)["withdrawn"]]

    name = "pos-x1/2026.2.tar"
    maker.do("withdraw", "repo", name)
    assert remembered() == []
    maker.refused("is not older", "add", "repo", "2026.2.tar", *CUSTOM)
    maker.do("discard", "repo")
    assert remembered() == [] and name in maker.status()["targets"]
    maker.do("withdraw", "repo", name)
    maker.do("sign", "repo", "--yes", "--keys", "keys")
    maker.do(*RELEASE, "--keys", "new")
    assert remembered() == ["2026.2"] and name not in maker.status()["targets"]
    maker.refused("is not older", "add", "repo", "2026.2.tar", *CUSTOM)


def keys_apart(maker):
    """A key counts once, under a name of its own."""
    maker.do("key", "other", "root-1", "root-2", "root-3", "snapshot-1")
    maker.do("key", "third", "root-1")
    others = [f"other/root-{number}.public.json" for number in (1, 2, 3)]
    roots = [word for one in others for word in ("--root", one)]
    given = ("init", "shop", *roots)
    twice = ("--root", others[0])
    maker.refused("root-1 is given for root twice", *given, *twice, *on(maker, "targets"),
                  *on(maker, "recovery"), "--snapshot", "other/snapshot-1.public.json",
                  "--timestamp", "third/root-1.public.json")
    maker.refused("has another role too, snapshot", *given, *on(maker, "targets"),
                  *on(maker, "recovery"), "--snapshot", "other/snapshot-1.public.json",
                  "--timestamp", "other/snapshot-1.public.json")
    maker.refused("two keys are called root-1", *given, *on(maker, "targets"),
                  *on(maker, "recovery"), "--snapshot", "other/snapshot-1.public.json",
                  "--timestamp", "third/root-1.public.json")
    assert not os.path.exists(maker.path("shop"))
    for role, path, words in [
            ("root", "keys/development-targets-1.public.json", "has another role too, targets"),
            ("root", "keys/development-root-2.public.json", "is given for root twice"),
            ("timestamp", "keys/development-recovery-1.public.json",
             "has another role too, recovery")]:
        maker.refused(words, "rotate", "repo", role, "--add", path)
    assert not maker.status()["staged"]
    with open(maker.path("other/.gitignore"), "w", encoding="ascii") as file:
        file.write("!mine\n# mine")
    maker.do("key", "other", "more-1")
    with open(maker.path("other/.gitignore"), encoding="ascii") as file:
        assert file.read() == "!mine\n# mine\n*\n"


def on(maker, role):
    names = [f"{role}-{number}" for number in (1, 2)]
    if not os.path.exists(maker.path(role)):
        maker.do("key", role, *names)
    return [word for one in names for word in (f"--{role}", f"{role}/{one}.public.json")]


def told(maker):
    """Files that somebody has broken, and words that are none, are told in a line."""
    add = ("add", "repo", "2026.4.tar", *CUSTOM)
    maker.refused("is not UTF-8", *add[:-1], "\udcff")
    maker.refused("that can be printed", *add[:-1], "a\x1b[2Jb")
    manifest = maker.path("odd.tar")
    shutil.copy(maker.path("2026.4.tar"), manifest)
    with open(manifest, "r+b") as file:
        file.seek(512)
        file.write(b"\xff\xfe")
    maker.refused("not of `publish bundle`", "add", "repo", "odd.tar", *CUSTOM)
    snapshot = maker.status()["public"]["snapshot"]["version"]
    number = maker.status()["public"]["targets"]["version"]
    breaks = [
        ("publisher.json", lambda one: one.update(days={}), "the days of root"),
        ("publisher.json", lambda one: one["days"].update(root=True), "the days of root"),
        ("publisher.json", lambda one: one.update(withdrawn=["x"]), "'withdrawn' has 'x'"),
        ("publisher.json", lambda one: one.update(names={"a": 1}), "no good name"),
        ("recovery-keys.json", lambda one: one.update(keys={}), "no good keys"),
        ("recovery-keys.json", lambda one: one["keys"].update({one["keyids"][0]: 7}),
         "no good keys"),
        (f"public/metadata/{snapshot}.snapshot.json",
         lambda one: one["signed"]["meta"].clear() or one["signed"]["meta"].update(
             {"other.json": {"version": 1}}), "lists no targets.json"),
        (f"public/metadata/{number}.targets.json",
         lambda one: one["signed"]["targets"]["pos-x1/2026.1.tar"].update(custom={"posd": 7}),
         "does not say what it is"),
    ]
    maker.do("recovery", "repo", "2026.4.tar", *CUSTOM)
    for name, change, words in breaks:
        path = maker.path("repo", name)
        with open(path, "rb") as file:
            whole = file.read()
        edited(path, change)
        words_of = SIGN if name.startswith("recovery") else add
        maker.refused(words, *words_of)
        with open(path, "wb") as file:
            file.write(whole)
    maker.do("discard", "repo")
    # Before the first release nothing can be dropped: it would be the repository.
    for role in ("snapshot", "timestamp"):
        maker.do("key", "online", f"{role}-1")
    maker.do("init", "young", *[word for number in (1, 2, 3) for word in (
        "--root", f"other/root-{number}.public.json")], *on(maker, "targets"),
        *on(maker, "recovery"), "--snapshot", "online/snapshot-1.public.json", "--timestamp",
        "online/timestamp-1.public.json")
    for words in (("discard", "young"), ("add", "young", "2026.4.tar", *CUSTOM),
                  ("renew", "young", "targets"), ("recovery", "young", "2026.4.tar", *CUSTOM)):
        maker.refused("nothing is public yet", *words)


def main():
    folder = tempfile.mkdtemp(prefix="posd-publish-")
    os.chmod(folder, 0o755)
    maker = Maker(folder)
    began = time.monotonic()
    web = None
    try:
        maker.do("init", "repo", "--keys", "keys", "--development")
        make_bundle(maker, "2026.1")
        maker.do("add", "repo", "2026.1.tar", *CUSTOM)
        shown(maker)
        web = Web(maker)
        count = cuts(maker)
        recovery_alone(maker)
        withdrawn(maker)
        keys_apart(maker)
        told(maker)
    finally:
        if web:
            web.end()
        shutil.rmtree(folder)
    print(f"shown, asked, cut at {count} places, kept apart and told, "
          f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
