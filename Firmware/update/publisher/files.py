# SPDX-License-Identifier: Apache-2.0
"""Files that are whole or not there, whenever the power is cut or a client reads."""

import contextlib
import fcntl
import glob
import json
import os

from mistake import Mistake


def sync_folder(path):
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def make_folder(path, mode=0o755):
    """A folder and those above it, each of which the disk has before anything is in it."""
    if os.path.isdir(path):
        return
    above = os.path.dirname(os.path.abspath(path))
    make_folder(above, mode)
    os.mkdir(path, 0o700)
    # The umask of whoever runs this is not the web server's.
    os.chmod(path, mode)
    sync_folder(above)


def place(path, data, mode=0o644):
    """Puts bytes in the place of a file: beside it, to the disk, by its name."""
    folder = os.path.dirname(os.path.abspath(path))
    make_folder(folder)
    # A name that no client asks for and that two runs do not share.
    part = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}.part")
    try:
        number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(number, "wb") as file:
            # As with folders; and a secret has nobody else's mode while it is written.
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
    sync_folder(folder)


def place_for_ever(path, data):
    """As `place`, for a name whose content never changes: caches keep it for ever."""
    if os.path.exists(path):
        if read(path) != data:
            raise Mistake(
                f"{path} is there with another content, and caches may have it",
                "a version that was released is never made again: publish status")
        # The run that put it there may have been cut before the disk had its name.
        sync_folder(os.path.dirname(path))
        return
    place(path, data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def read_json(path):
    try:
        return json.loads(read(path))
    except (ValueError, RecursionError):
        raise Mistake(f"{path} is not JSON", "restore it from its copy") from None


def dump_json(value):
    return (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def remove(path):
    """Takes a file away, for good."""
    os.unlink(path)
    sync_folder(os.path.dirname(os.path.abspath(path)))


def sweep(folder):
    """Takes away what runs that were cut have left half written."""
    for top, _, files in os.walk(folder):
        for one in files:
            if one.startswith(".") and one.endswith(".part"):
                remove(os.path.join(top, one))


def sweep_beside(path):
    """The same for one file, in a folder that may hold anything."""
    folder, name = os.path.split(os.path.abspath(path))
    for part in glob.glob(os.path.join(glob.escape(folder), f".{glob.escape(name)}.*.part")):
        remove(part)


@contextlib.contextmanager
def alone(folder):
    """Nobody else changes the repository meanwhile: a person and the hourly job may meet."""
    with open(os.path.join(folder, ".lock"), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        sweep(folder)
        yield
