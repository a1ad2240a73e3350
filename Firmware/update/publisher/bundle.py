# SPDX-License-Identifier: Apache-2.0
"""Bundles for folder slots: a POSIX ustar archive that has the same bytes wherever it is made.

    manifest          format: posd-bundle 1, version:, compatible:, contents:
    slot/             folders 0755 and plain files 0644 or 0755, each behind its folder, by name
"""

import hashlib
import io
import os
import stat
import tarfile

from custom import check_compatible, check_version
from mistake import Mistake

# What the terminal takes at most.
MEMBERS = 4096
SIZE = 1 << 31
PATH = 200
DEPTH = 12
MANIFEST = 16384
RESERVED = "MANIFEST"


def manifest(version, compatible, contents):
    # A terminal remembers a bundle by the digest of this: other contents, another manifest.
    text = (f"format: posd-bundle 1\nversion: {version}\ncompatible: {compatible}\n"
            f"contents: {contents}\n")
    return text.encode("ascii")


def digest_of(members):
    """SHA-256 over name, mode and SHA-256 of each member."""
    whole = hashlib.sha256()
    for name, is_folder, path in members:
        digest = "-"
        if not is_folder:
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{name} {mode_of(is_folder, path):o} {digest}\n".encode("ascii"))
    return whole.hexdigest()


def mode_of(is_folder, path):
    return 0o755 if is_folder or os.stat(path).st_mode & stat.S_IXUSR else 0o644


def build(folder, out, version, compatible):
    """Makes a bundle of everything in a folder."""
    check_version(version)
    check_compatible(compatible)
    members = sorted(listing(folder))
    if not any(not is_folder for _, is_folder, _ in members):
        raise Mistake(f"{folder} has no file in it", "name the folder whose content is the slot")
    total = sum(os.path.getsize(path) for _, is_folder, path in members if not is_folder)
    if len(members) + 2 > MEMBERS or total > SIZE:
        raise Mistake(
            f"{folder} has {len(members)} members and {total} bytes",
            f"a bundle has at most {MEMBERS} members and {SIZE} bytes")
    try:
        with tarfile.open(out, "x", format=tarfile.USTAR_FORMAT) as archive:
            add(archive, "manifest", 0o644, manifest(version, compatible, digest_of(members)))
            add(archive, "slot", 0o755, None)
            for name, is_folder, path in members:
                add_file(archive, name, is_folder, path)
    except FileExistsError:
        raise Mistake(f"{out} is there already", "remove it, or take another name") from None
    except BaseException:
        os.unlink(out)
        raise
    return total


def listing(folder):
    """Name in the bundle, whether it is a folder, and path of each member."""
    if not os.path.isdir(folder):
        raise Mistake(f"{folder} is no folder", "name the folder whose content is the slot")

    def refuse(error):
        raise error

    for top, folders, files in os.walk(folder, onerror=refuse):
        for one in folders + files:
            path = os.path.join(top, one)
            inside = os.path.relpath(path, folder)
            mode = os.lstat(path).st_mode
            if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                raise Mistake(
                    f"{path} is neither a plain file nor a folder",
                    "a slot holds no links and no devices: put the file itself there")
            name = f"slot/{inside}"
            if not all("!" <= character <= "~" for character in name) or "\\" in name:
                raise Mistake(f"{path!r} is no name for a slot", "printable ASCII without blanks")
            if len(name) > PATH or inside.count("/") >= DEPTH:
                raise Mistake(f"{path} lies too deep", f"{PATH} characters, {DEPTH} folders")
            if inside == RESERVED:
                raise Mistake(f"{path} has the name of the slot's own list", "rename it")
            yield name, stat.S_ISDIR(mode), path


def add(archive, name, mode, data):
    """A member without owner and time: nothing of who makes it is in it."""
    member = tarfile.TarInfo(name)
    member.mode = mode
    if data is None:
        member.type = tarfile.DIRTYPE
        archive.addfile(member)
    else:
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))


def add_file(archive, name, is_folder, path):
    if is_folder:
        add(archive, name, 0o755, None)
        return
    member = tarfile.TarInfo(name)
    with open(path, "rb") as file:
        member.mode = mode_of(is_folder, path)
        member.size = os.fstat(file.fileno()).st_size
        try:
            archive.addfile(member, file)
        except (ValueError, OSError):
            raise Mistake(
                f"{path} cannot be put into an archive of this kind, or changes meanwhile",
                "shorten its last name to 100 characters; build from a folder at rest") from None


def read_manifest(path):
    """What a bundle says of itself, and the digest of that; nothing where it is no such bundle."""
    try:
        with tarfile.open(path, "r:") as archive:
            member = archive.next()
            if member is None or member.name != "manifest" or not member.isreg():
                return None
            if not 0 < member.size <= MANIFEST:
                return None
            data = archive.extractfile(member).read()
    except tarfile.TarError:
        return None
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return None
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    if fields.get("format") != "posd-bundle 1":
        return None
    return fields, hashlib.sha256(data).hexdigest()
