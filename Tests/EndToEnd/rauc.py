# SPDX-License-Identifier: Apache-2.0
"""Debian's RAUC as a slot engine, for real, asked with the terminal's words; and a double of it for
what that version does not do."""

import os
import re
import signal
import time

from rauc_engine import (
    MAY_MOUNT, SIZE, Engine, digest, finish, own_mounts, refused, wait_for, write)


def words(engine):
    """What is where, what starts next, and the marks."""
    code, text = engine.ask("status")
    lines = sorted(text.splitlines())
    assert code == 0 and len(lines) == 2, text
    assert lines[0] == "slot rootfs.0 A booted good version= bundle=", lines
    assert lines[1] == "slot rootfs.1 B inactive good version= bundle=", lines
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
    refused(engine.install(strange, "2026.11.3"), "^not-installed engine refused .")
    assert engine.said("signature verification failed.* self-signed certificate")
    with open(path, "r+b") as file:
        file.seek(SIZE // 2)
        file.write(b"X")
    refused(engine.install(path, "2026.10.1"), "^not-installed engine refused .")
    assert engine.said("signature verification failed.*CMS routines::verification failure")
    other, _ = engine.bundle("other", "2026.11.3", compatible="pos-x2")
    if MAY_MOUNT:
        refused(engine.install(other, "2026.11.3", "pos-x2"),
                "^not-installed engine failed 1 .*ompatible")
    refused(engine.install(engine.path("none"), "1"), "^not-installed engine refused")
    refused(engine.install(engine.path("bus.conf"), "1"), "^not-installed engine refused")
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
    assert lines[-1] == "installed slot rootfs.1 B inactive good version=2026.11.3 bundle=", lines
    assert engine.slot_holds("slot-b", image)
    assert engine.calls() == ["set-state B bad", "set-primary B"]
    assert engine.chooser("primary") == "B" and engine.chooser("state.B") == "good"
    # What this version of RAUC cannot demand was demanded of the file; newer ones demand it. What
    # waits to be started is not, as soon as something else is ordered; it is so again in the end.
    # And a version may be spelt in more than one way.
    code, text = engine.install(path, "2026.011.3.0", form="verity")
    assert code == 0 and text.splitlines()[-1].startswith("installed slot rootfs.1"), text
    assert engine.calls() == [
        "set-primary A", "set-state B bad", "set-state B bad", "set-primary B"]
    # Who has not compared the file has nothing else, and what waits is not started either.
    refused(engine.install(path, "2026.11.3", form="verity", verified=False),
            "^not-installed engine refused Unsupported key: require-manifest-hash$")
    assert engine.calls() == ["set-primary A", "set-state B bad"]
    assert engine.chooser("primary") == "A"
    return path


def fails_behind(engine, path):
    """What fails behind RAUC's switch is not started next."""
    engine.set_chooser("fail-behind")
    refused(engine.install(path, "2026.11.3"), "^not-installed engine failed 1 Post-install")
    os.unlink(engine.path("boot", "fail-behind"))
    assert engine.calls() == [
        "set-state B bad", "set-primary B", "set-primary A", "set-state B bad"]
    assert engine.chooser("primary") == "A" and engine.chooser("state.B") == "bad"


def busy(engine, path):
    """What RAUC is busy with is found, and not begun again."""
    engine.set_chooser("slow")
    first = engine.install(path, "2026.11.3", wait=False)
    wait_for(lambda: "set-state" in engine.chooser("calls"))
    second = engine.install(path, "2026.11.3", wait=False)
    # Anybody may say to anybody that it is done; the service alone is believed.
    send = ["dbus-send", f"--bus={engine.address}"]
    names = engine.run(*send, "--print-reply", "--dest=org.freedesktop.DBus", "/",
                       "org.freedesktop.DBus.ListNames")
    for name in re.findall(r'"(:[0-9.]+)"', names):
        engine.run(*send, f"--dest={name}", "--type=signal", "/",
                   "de.pengutronix.rauc.Installer.Completed", "int32:0")
    # This version says that it is idle once it has refused somebody.
    engine.run(*send, "--dest=de.pengutronix.rauc", "/", "de.pengutronix.rauc.Installer.Install",
               f"string:{path}")
    other = engine.install(path, "2026.11.4", wait=False)
    for child in (first, second):
        code, text = finish(child)
        assert code == 0 and "installed slot rootfs.1" in text, text
    # Who has ordered something else has not got it, and the others have not either.
    refused(finish(other), "^not-installed other-content 2026.11.3 is in rootfs.1$")
    os.unlink(engine.path("boot", "slow"))
    assert engine.calls() == [
        "set-state B bad", "set-primary B", "set-primary A", "set-state B bad"]


def killed(engine, path):
    """The service dies in the middle: the slot is bad and nothing else changed; then it is well."""
    engine.set_chooser("kill")
    refused(engine.install(path, "2026.11.3"), "^not-installed engine lost .nobody knows")
    engine.service.wait(timeout=10)
    assert engine.chooser("primary") == "A", "a part of a bundle is started next"
    # The chooser outlives the service that asked it.
    wait_for(lambda: engine.chooser("state.B") == "bad")
    assert engine.calls() == ["set-state B bad"]
    refused(engine.ask("status"), "^refused absent")
    refused(engine.install(path, "2026.11.3"), "^not-installed engine absent .nobody knows")
    refused(engine.ask("status", address=f"unix:path={engine.path('nothing')}"), "^refused absent")
    engine.serve()
    code, text = engine.install(path, "2026.11.3")
    assert code == 0 and "installed slot rootfs.1" in text, text


def start_double(engine, mode):
    for name in ("options", "options.primary"):
        if os.path.exists(engine.path(name)):
            os.unlink(engine.path(name))
    write(engine.path("options"), "")
    return engine.start("/usr/bin/python3", "-B", DOUBLE, engine.address, mode,
                        engine.path("options"), ready=engine.is_owned)


def double(engine):
    """What Debian's RAUC does not do: to demand the manifest, to do something else than it says."""
    engine.service.kill()
    engine.service.wait(timeout=10)

    def answers(mode, wanted, form="verity", **how):
        child = start_double(engine, mode)
        code, text = engine.install("/x.raucb", "2026.11.3", form=form, **how)
        child.kill()
        child.wait(timeout=10)
        last = text.splitlines()[-1]
        assert re.search(wanted, last), (mode, text)
        assert code == (0 if last.startswith("installed") else 1), (mode, text)
        return lines_of(engine, "options"), lines_of(engine, "options.primary")[0]

    ours = "a" * 64
    installed = f"^installed slot rootfs.1 B inactive good version=2026.11.3 bundle={ours}$"
    demanded = f"install require-manifest-hash={ours}"
    back = ["active booted", "bad other"]
    assert answers("newer", installed) == ([demanded], "rootfs.1")
    assert answers("newer", installed, verified=False) == ([demanded], "rootfs.1")
    # A plain bundle has no demand, and where nobody has compared it, it has no chance.
    assert answers("newer", installed, form="plain")[0] == ["install "]
    assert answers("plain", "^not-installed engine failed 1 .*plain bundle", form="plain",
                   verified=False) == ([demanded], "rootfs.0")
    # One that does not know the word is asked again without, once, if the file was compared; one
    # that objects is not.
    assert answers("older", "^installed")[0] == [demanded, "install "]
    assert answers("older", "^not-installed engine refused Unsupported key", verified=False)[0] == [
        demanded]
    assert answers("objects", "^not-installed engine refused Unsupported key")[0] == [demanded]
    assert answers("busy", "^not-installed engine refused Already processing[a-z ]*$") == (
        [demanded], "rootfs.0")
    # What was not ordered is not started next.
    for mode, found in [("another", "2026.11.2"), ("other-hash", "2026.11.3"),
                        ("no-digits", "2026.11.3")]:
        assert answers(mode, f"^not-installed other-content {found} is in rootfs.1$") == (
            [demanded, *back], "rootfs.0"), mode
    assert answers("no-hash", "^installed", verified=True)[1] == "rootfs.1"
    assert answers("no-hash", "^not-installed other-content", verified=False) == (
        [demanded, *back], "rootfs.0")
    assert answers("not-switched", "^not-installed other-content") == ([demanded], "rootfs.0")
    # Nor what failed behind the switch; and where the engine does not obey, that is said.
    failed = "^not-installed engine failed 1 Post-install handler error$"
    assert answers("fails-switched", failed) == ([demanded, *back], "rootfs.0")
    lost = "^not-installed engine failed 1 Handler error .nobody knows what starts next.$"
    assert answers("mark-refused", lost) == ([demanded, "active booted"], "rootfs.1")
    assert answers("mark-lies", lost) == ([demanded, *back], "rootfs.1")
    answers("vanishes", "^not-installed engine lost .nobody knows")
    answers("strange-info", "^not-installed engine malformed$")
    answers("strange-slots", "^not-installed engine malformed .nobody knows")
    # One that goes on is found, however little is heard of it, and never begun a second time.
    assert answers("deaf", installed, patience=("--answer", "500")) == ([demanded], "rootfs.1")
    assert answers("silent", installed, patience=("--silence", "400")) == ([demanded], "rootfs.1")
    slow = "^not-installed engine too-slow$"
    assert answers("gives-up", slow, patience=("--silence", "400")) == ([demanded], "rootfs.0")
    for mode in ("found", "found-early", "quirk"):
        assert answers(mode, installed) == ([], "rootfs.1"), mode
    started_by_bus(engine)
    without_bus(engine)


def lines_of(engine, name):
    with open(engine.path(name), encoding="ascii") as file:
        return file.read().splitlines()


def started_by_bus(engine):
    """The bus starts the service when it is asked for, as it does on a terminal."""
    write(engine.path("services", "rauc.service"),
          "[D-BUS Service]\nName=de.pengutronix.rauc\nExec=/usr/bin/python3 -B "
          f"{DOUBLE} {engine.address} newer {engine.path('options')}\n")
    engine.run("dbus-send", f"--bus={engine.address}", "--print-reply",
               "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.ReloadConfig")
    # One that goes away behind its switch is started anew, and takes it back.
    child = start_double(engine, "vanishes-switched")
    refused(engine.install("/x.raucb", "2026.11.3"), "^not-installed engine lost$")
    child.wait(timeout=10)
    assert lines_of(engine, "options") == ["install ", "active booted", "bad other"]
    assert lines_of(engine, "options.primary") == ["rootfs.0"]
    code, text = engine.install("/x.raucb", "2026.11.3")
    assert code == 0 and "installed slot rootfs.1" in text, text


def without_bus(engine):
    """Where the bus itself goes away, nobody is left to ask."""
    os.unlink(engine.path("services", "rauc.service"))
    found = engine.run("dbus-send", f"--bus={engine.address}", "--print-reply",
                       "--dest=org.freedesktop.DBus", "/",
                       "org.freedesktop.DBus.GetConnectionUnixProcessID",
                       "string:de.pengutronix.rauc")
    os.kill(int(found.split()[-1]), signal.SIGKILL)
    wait_for(lambda: not engine.is_owned())
    start_double(engine, "silent")
    child = engine.install("/x.raucb", "2026.11.3", wait=False)
    wait_for(lambda: lines_of(engine, "options"))
    time.sleep(0.3)
    engine.bus.kill()
    refused(finish(child), "^not-installed engine lost .nobody knows")


DOUBLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rauc_double.py")


def main():
    own_mounts()
    began = time.monotonic()
    engine = Engine()
    try:
        words(engine)
        refusals(engine)
        if MAY_MOUNT:
            strangers(engine)
            path = installs(engine)
            fails_behind(engine, path)
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
