# SPDX-License-Identifier: Apache-2.0
"""RAUC's service on a private bus with two slots that are files, a boot chooser that is a script,
and bundles under throw-away keys."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(os.environ.get("POSD_BUILD", ".build/release"))
POLICY = os.path.abspath("Firmware/dbus/posd-rauc.conf")
SIZE = 4 << 20

# As the system's, but that it starts services itself, without a helper of root's.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="false"/>
    <allow receive_sender="*"/>
    <allow user="*"/>
    <allow own="*"/>
  </policy>
  <include>{policy}</include>
</busconfig>
"""

SYSTEM = """[system]
compatible=pos-x1
bootloader=custom
data-directory={folder}/data
mountprefix={folder}/mnt
bundle-formats=plain verity
[keyring]
path={folder}/authority.pem
use-bundle-signing-time=true
[handlers]
bootloader-custom-backend={folder}/chooser
post-install={folder}/after
[slot.rootfs.0]
device={folder}/slot-a
type=raw
bootname=A
[slot.rootfs.1]
device={folder}/slot-b
type=raw
bootname=B
"""

# Runs behind the switch, and fails where a test asks.
AFTER = """#!/bin/sh
[ ! -e {folder}/boot/fail-behind ]
"""

# Its files are replaced in one step. After an installation RAUC calls set-primary alone, so what
# was bad is good again there. Before a slot is marked it waits, or ends the service, where a test
# asks.
CHOOSER = """#!/bin/sh
set -eu
cd {folder}/boot
put() {{ printf '%s\\n' "$2" >"$1.new" && mv "$1.new" "$1"; }}
echo "$*" >>calls
if [ "$1" = set-state ] && [ -e kill ]; then
  rm kill
  kill -9 "$(cat pid)"
fi
if [ "$1" = set-state ] && [ -e slow ]; then sleep 2; fi
case $1 in
  get-primary) cat primary ;;
  set-primary) put "state.$2" good && put primary "$2" ;;
  get-state) cat "state.$2" ;;
  set-state) put "state.$2" "$3" ;;
  get-current) cat current ;;
  *) exit 1 ;;
esac
"""


def is_root():
    """Not only of a namespace of its own, which mounts no bundles."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return os.geteuid() == 0 and file.read().split()[:2] == ["0", "0"]


# RAUC mounts a bundle before it installs it.
MAY_MOUNT = is_root()


def own_mounts():
    """What a killed service leaves mounted goes with this process."""
    if MAY_MOUNT and "POSD_OWN_MOUNTS" not in os.environ:
        os.environ["POSD_OWN_MOUNTS"] = "yes"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              *sys.argv])


def write(path, text, mode=0o644):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def wait_for(condition):
    for _ in range(250):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it does not come")


def finish(child):
    text, _ = child.communicate(timeout=30)
    assert child.returncode in (0, 1), child.returncode
    return child.returncode, text.strip()


def refused(answer, wanted):
    code, text = answer
    assert code == 1 and re.search(wanted, text.splitlines()[-1]), (wanted, answer)


class Engine:
    """The service, its bus and its slots in a folder."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="posd-rauc-")
        # Other users come as far as the bus.
        os.chmod(self.folder, 0o755)
        self.address = f"unix:path={self.folder}/bus"
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.address}
        self.children = []
        write(self.path("bus.conf"), BUS.format(folder=self.folder, policy=POLICY))
        write(self.path("system.conf"), SYSTEM.format(folder=self.folder))
        write(self.path("chooser"), CHOOSER.format(folder=self.folder), 0o755)
        write(self.path("after"), AFTER.format(folder=self.folder), 0o755)
        for name in ("data", "boot", "services"):
            os.mkdir(self.path(name))
        for name, text in (("primary", "A"), ("current", "A"), ("state.A", "good"),
                           ("state.B", "good"), ("calls", "")):
            write(self.path("boot", name), text + "\n" if text else "")
        for name, seed in (("slot-a", b"a"), ("slot-b", b"b")):
            with open(self.path(name), "wb") as file:
                file.write(seed * (SIZE + 512))
        for name in ("authority", "stranger"):
            self.make_key(name)
        self.bus = self.start(
            "dbus-daemon", f"--config-file={self.path('bus.conf')}", "--nofork",
            ready=lambda: os.path.exists(self.path("bus")))
        self.serve()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def run(self, *words):
        child = subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True,
                               text=True, timeout=30)
        assert child.returncode == 0, (words, child.stdout, child.stderr)
        return child.stdout

    def make_key(self, name):
        self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", "7", "-subj",
                 f"/CN=throw-away {name}", "-addext", "keyUsage=critical,digitalSignature",
                 "-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.pem"))

    def start(self, *words, ready):
        child = subprocess.Popen(words, env=self.environment, stdout=subprocess.DEVNULL,
                                 stderr=open(self.path(f"{os.path.basename(words[0])}.log"), "ab"))
        self.children.append(child)
        wait_for(ready)
        return child

    def is_served(self):
        return subprocess.run(
            ["dbus-send", f"--bus={self.address}", "--print-reply", "--dest=de.pengutronix.rauc",
             "/", "de.pengutronix.rauc.Installer.GetPrimary"],
            capture_output=True, check=False).returncode == 0

    def is_owned(self):
        found = self.run("dbus-send", f"--bus={self.address}", "--print-reply",
                         "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner",
                         "string:de.pengutronix.rauc")
        return "boolean true" in found

    def reboot(self, slot):
        """The service ends, and is started anew in a system that was started from this slot."""
        self.stop()
        write(self.path("boot", "current"), slot + "\n")
        self.serve(slot)

    def stop(self):
        """The service ends; there is none in what runs now."""
        self.service.terminate()
        self.service.wait(timeout=10)

    def serve(self, slot="A"):
        self.service = self.start("rauc", f"--conf={self.path('system.conf')}",
                                  f"--override-boot-slot={slot}", "service", ready=self.is_served)
        write(self.path("boot", "pid"), f"{self.service.pid}\n")

    def bundle(self, name, version, key="authority", compatible="pos-x1", form="plain", size=SIZE):
        """A bundle with an image of random bytes; its path, and the image's digest."""
        folder = self.path(f"{name}.d")
        os.mkdir(folder)
        image = os.path.join(folder, "rootfs.img")
        with open(image, "wb") as file:
            file.write(os.urandom(size))
        write(os.path.join(folder, "manifest.raucm"),
              f"[update]\ncompatible={compatible}\nversion={version}\n[bundle]\nformat={form}\n"
              "[image.rootfs]\nfilename=rootfs.img\n")
        path = self.path(f"{name}.raucb")
        self.run("rauc", f"--cert={key}.pem", f"--key={key}.key", "bundle", folder, path)
        return path, digest(image)

    def chooser(self, name):
        with open(self.path("boot", name), encoding="ascii") as file:
            return file.read().strip()

    def said(self, pattern):
        """Whether the service's log has such a line; what it answers on the bus is shorter."""
        with open(self.path("rauc.log"), encoding="utf-8", errors="replace") as file:
            return re.search(pattern, file.read())

    def set_chooser(self, name, text=""):
        write(self.path("boot", name), text + "\n")

    def calls(self):
        """What the chooser was asked to change since it was looked at last."""
        lines = self.chooser("calls").splitlines()
        write(self.path("boot", "calls"), "")
        return [line for line in lines if line.startswith("set-")]

    def slot_holds(self, name, wanted):
        with open(self.path(name), "rb") as file:
            return hashlib.sha256(file.read(SIZE)).hexdigest() == wanted

    # The terminal's words.

    def ask(self, *words, wait=True, address=None, before=()):
        child = subprocess.Popen(
            [*before, f"{BUILD}/possim", "updates", "rauc", *words, "--bus", address or self.address,
             "--seconds", "20"], stdout=subprocess.PIPE, text=True)
        return finish(child) if wait else child

    def install(self, path, version, compatible="pos-x1", demand="a" * 64, form="plain",
                verified=True, patience=(), **how):
        words = ["install", path, "--version", version, "--compatible", compatible,
                 "--manifest-hash", demand, "--format", form, *patience]
        if verified:
            words.append("--file-verified")
        return self.ask(*words, **how)

    def end(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
            child.wait(timeout=10)
        # What the killed service left mounted.
        while os.path.ismount(self.path("mnt", "bundle")):
            self.run("umount", self.path("mnt", "bundle"))
        shutil.rmtree(self.folder)
