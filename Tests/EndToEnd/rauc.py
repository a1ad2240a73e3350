# SPDX-License-Identifier: Apache-2.0
"""Debian's RAUC as a slot engine, for real, asked with the terminal's words; and a double of it for
what that version does not do."""

import os
import re
import sys
import time

from rauc_engine import SIZE, Engine, digest, finish, refused, wait_for, write


def words(engine):
    """What is where, what starts next, and the marks."""
    code, text = engine.ask("status")
    lines = sorted(text.splitlines())
    assert code == 0 and len(lines) == 2, text
    assert lines[0].startswith("slot rootfs.0 A booted good version= "), lines
    assert lines[1].startswith("slot rootfs.1 B inactive good version= "), lines
    assert engine.ask("primary") == (0, "primary rootfs.0")
    assert engine.ask("mark", "bad", "other") == (0, "marked rootfs.1")
    assert engine.chooser("state.B") == "bad"
    assert "slot rootfs.1 B inactive bad" in engine.ask("status")[1]
    assert engine.ask("mark", "active", "rootfs.1") == (0, "marked rootfs.1")
    assert engine.ask("primary") == (0, "primary rootfs.1")
    assert engine.ask("mark", "active", "booted") == (0, "marked rootfs.0")
    assert engine.ask("mark", "good", "booted") == (0, "marked rootfs.0")
    refused(engine.ask("mark", "good", "rootfs.7"), "^refused refused .")
    engine.calls()


def strangers(engine):
    """Under the policy that is shipped, nobody but root and posd's user gives orders."""
    for user, wanted in (("65534", "^refused refused .*[Rr]ejected send message"), ("0", "")):
        code, text = engine.ask("primary", before=(
            "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"))
        assert code == (1 if wanted else 0) and re.search(wanted, text), (user, text)


def refusals(engine):
    """What is not what was signed, or not of this maker, changes nothing."""
    before = digest(engine.path("slot-b"))
    path, _ = engine.bundle("older", "2026.10.1")
    refused(engine.install(path, "2026.11.3"), "^not-installed other-content 2026.10.1 for pos-x1")
    refused(engine.install(path, "2026.10.1", "pos-x2"), "^not-installed other-content")
    strange, _ = engine.bundle("strange", "2026.11.3", key="stranger")
    refused(engine.install(strange, "2026.11.3"), "^not-installed refused .")
    assert engine.said("signature verification failed.* self-signed certificate")
    with open(path, "r+b") as file:
        file.seek(SIZE // 2)
        file.write(b"X")
    refused(engine.install(path, "2026.10.1"), "^not-installed refused .")
    assert engine.said("signature verification failed.*CMS routines::verification failure")
    other, _ = engine.bundle("other", "2026.11.3", compatible="pos-x2")
    if MAY_MOUNT:
        refused(engine.install(other, "2026.11.3", "pos-x2"), "^not-installed failed 1 .*ompatible")
    refused(engine.install(engine.path("none"), "1"), "^not-installed refused")
    refused(engine.install(engine.path("bus.conf"), "1"), "^not-installed refused")
    assert engine.calls() == [] and engine.chooser("primary") == "A"
    assert digest(engine.path("slot-b")) == before


def installs(engine):
    """A bundle goes where nothing runs, and only then the next start is another."""
    path, image = engine.bundle("new", "2026.11.3")
    code, text = engine.install(path, "2026.11.3")
    lines = text.splitlines()
    assert code == 0, text
    percents = [int(line.split()[1]) for line in lines if line.startswith("progress ")]
    assert percents[0] == 0 and percents[-1] == 100 and percents == sorted(percents), percents
    assert lines[-1].startswith(
        f"installed slot rootfs.1 B inactive good version=2026.11.3 image={image} "), lines[-1]
    assert engine.slot_holds("slot-b", image)
    assert engine.calls() == ["set-state B bad", "set-primary B"]
    assert engine.chooser("primary") == "B" and engine.chooser("state.B") == "good"
    # What this version of RAUC cannot demand was demanded of the file; newer ones demand it.
    # And a version may be spelt in more than one way.
    code, text = engine.install(path, "2026.011.3.0", demand=digest(path))
    assert code == 0 and text.splitlines()[-1].startswith("installed slot rootfs.1"), text
    engine.calls()
    return path


def busy(engine, path):
    """The second of two is refused, and the first comes to its end."""
    engine.set_chooser("slow")
    first = engine.install(path, "2026.11.3", wait=False)
    wait_for(lambda: "set-state" in engine.chooser("calls"))
    refused(engine.install(path, "2026.11.3"), "^not-installed refused ")
    # Anybody may say to anybody that it is done; the service alone is believed.
    send = ["dbus-send", f"--bus={engine.address}"]
    names = engine.run(*send, "--print-reply", "--dest=org.freedesktop.DBus", "/",
                       "org.freedesktop.DBus.ListNames")
    for name in re.findall(r'"(:[0-9.]+)"', names):
        engine.run(*send, f"--dest={name}", "--type=signal", "/",
                   "de.pengutronix.rauc.Installer.Completed", "int32:0")
    code, text = finish(first)
    assert code == 0 and "installed slot rootfs.1" in text, text
    os.unlink(engine.path("boot", "slow"))
    engine.calls()


def killed(engine, path):
    """The service dies in the middle: the slot is bad and nothing else changed; then it is well."""
    engine.ask("mark", "active", "booted")
    engine.calls()
    engine.set_chooser("kill")
    refused(engine.install(path, "2026.11.3"), "^not-installed lost")
    engine.service.wait(timeout=10)
    assert engine.chooser("primary") == "A", "a part of a bundle is started next"
    # The chooser outlives the service that asked it.
    wait_for(lambda: engine.chooser("state.B") == "bad")
    assert engine.calls() == ["set-state B bad"]
    refused(engine.ask("status"), "^refused absent")
    refused(engine.install(path, "2026.11.3"), "^not-installed absent")
    refused(engine.ask("status", address=f"unix:path={engine.path('nothing')}"), "^refused absent")
    engine.serve()
    code, text = engine.install(path, "2026.11.3")
    assert code == 0 and "installed slot rootfs.1" in text, text


def double(engine):
    """What Debian's RAUC does not do: to demand the manifest, to do something else than it says."""
    engine.service.kill()
    engine.service.wait(timeout=10)
    ours = "a" * 64

    def answers(mode, wanted, demand=ours):
        child = engine.start("/usr/bin/python3", "-B", DOUBLE, engine.address, mode,
                             engine.path("options"), ready=engine.is_served)
        code, text = engine.install("/x.raucb", "2026.11.3", demand=demand)
        child.kill()
        child.wait(timeout=10)
        last = text.splitlines()[-1]
        assert re.search(wanted, last) and code == (0 if last.startswith("installed") else 1), text
        with open(engine.path("options"), encoding="ascii") as file:
            return file.read().splitlines()

    taken = answers("newer", f"^installed slot rootfs.1 B inactive good .* bundle={ours} ")
    assert taken == [f"require-manifest-hash={ours}"], taken
    assert answers("newer", "^installed", demand="") == [""]
    # One that does not know the word is asked again without, once; one that objects is not.
    assert answers("older", "^installed") == [f"require-manifest-hash={ours}", ""]
    assert answers("plain", "^not-installed failed 1 .*plain bundle") == taken
    assert answers("busy", "^not-installed refused Already processing") == taken
    # What was not signed is not started next.
    back = [*taken, "active booted", "bad other"]
    assert answers("another", "^not-installed other-content 2026.11.2 for$") == back
    assert answers("not-switched", "^not-installed other-content") == back
    answers("vanishes", "^not-installed lost")
    answers("strange-info", "^not-installed malformed")
    answers("strange-slots", "^not-installed malformed")
    # The bus starts it when it is asked for the first time, as it does on a terminal.
    write(engine.path("services", "rauc.service"),
          "[D-BUS Service]\nName=de.pengutronix.rauc\nExec=/usr/bin/python3 -B "
          f"{DOUBLE} {engine.address} newer {engine.path('options')}\n")
    engine.run("dbus-send", f"--bus={engine.address}", "--print-reply",
               "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.ReloadConfig")
    code, text = engine.install("/x.raucb", "2026.11.3")
    assert code == 0 and "installed slot rootfs.1" in text, text


DOUBLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rauc_double.py")


def is_root():
    """Not only of a namespace of its own, which mounts no bundles."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return os.geteuid() == 0 and file.read().split()[:2] == ["0", "0"]


# RAUC mounts a bundle before it installs it.
MAY_MOUNT = is_root()


def main():
    if MAY_MOUNT and "POSD_OWN_MOUNTS" not in os.environ:
        # What a killed service leaves mounted goes with this process.
        os.environ["POSD_OWN_MOUNTS"] = "yes"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              *sys.argv])
    began = time.monotonic()
    engine = Engine()
    try:
        words(engine)
        refusals(engine)
        if MAY_MOUNT:
            strangers(engine)
            path = installs(engine)
            busy(engine, path)
            killed(engine, path)
        else:
            print("left out: installing, as RAUC mounts the bundle, which needs root")
        double(engine)
    except BaseException:
        with open(engine.path("rauc.log"), encoding="utf-8", errors="replace") as file:
            print(file.read()[-4000:])
        raise
    finally:
        engine.end()
    print(f"RAUC is asked, refuses, installs, and is killed, {time.monotonic() - began:.0f} s")


main()
