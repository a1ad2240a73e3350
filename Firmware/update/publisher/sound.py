# SPDX-License-Identifier: Apache-2.0
"""What the repository's files must be before anything is done with them: they come from people, on
media, and from copies."""

import re

from securesystemslib.signer import Key
from tuf.api.serialization import SerializationError

from custom import VERSION
from files import read_json
from keys import is_name, keyid_of
from mistake import Mistake

TOP = ("root", "targets", "snapshot", "timestamp")
LIMITS = {"root": (30, 730), "targets": (7, 365), "snapshot": (1, 30), "timestamp": (1, 7)}
SETTINGS = {"days": dict, "development": bool, "names": dict, "withdrawn": list}
WITHDRAWN = {"version": str, "compatible": str, "epoch": int}
RECOVERY = {"keys": dict, "keyids": list, "threshold": int}
RESTORE = "restore it from its copy"


def read_members(path, wanted):
    """A file of ours with these members."""
    value = read_json(path)
    for name, kind in wanted.items():
        if not isinstance(value, dict) or type(value.get(name)) is not kind:
            raise Mistake(f"{path} has no good {name!r}", RESTORE)
    return value


def read_settings(path):
    """What is in publisher.json."""
    settings = read_members(path, SETTINGS)
    for role, (low, high) in LIMITS.items():
        days = settings["days"].get(role)
        if type(days) is not int or not low <= days <= high:
            raise Mistake(f"{path}: the days of {role} are not {low} to {high}", RESTORE)
    if not all(is_name(one) for one in settings["names"].values()):
        raise Mistake(f"{path}: a key has no good name", RESTORE)
    for one in settings["withdrawn"]:
        if not is_release(one):
            raise Mistake(f"{path}: 'withdrawn' has {one!r}", RESTORE)
    return settings


def is_release(value, wanted=WITHDRAWN):
    """Whether it says of a release what decides on those that follow it."""
    return isinstance(value, dict) and all(
        type(value.get(name)) is kind for name, kind in wanted.items()) and bool(
        VERSION.fullmatch(value["version"]))


def read_recovery(path):
    """Keys and threshold of the recovery role."""
    value = read_members(path, RECOVERY)
    keyids, threshold = value["keyids"], value["threshold"]
    try:
        keys = {one: Key.from_dict(one, dict(value["keys"][one])) for one in keyids}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Mistake(f"{path} has no good keys", RESTORE) from None
    check_keys(path, keys)
    if len(keys) != len(keyids):
        raise Mistake(f"{path} has a key twice", "a key counts once: " + RESTORE)
    if not 2 <= threshold <= len(keys):
        raise Mistake(f"{path}: {len(keys)} keys cannot have a threshold of {threshold}", RESTORE)
    return keys, threshold


def check_keys(path, keys):
    """Two identifiers of one key would count twice: a terminal takes a key's own alone."""
    for keyid, key in keys.items():
        try:
            is_own = keyid_of(key) == keyid
        except (KeyError, TypeError, ValueError, AttributeError):
            is_own = False
        if not is_own or key.unrecognized_fields:
            raise Mistake(f"{path}: key {keyid[:12]} bears an identifier that is not its own",
                          "sign no such file: " + RESTORE)


def check_document(path, document):
    """What is in a root or a list of targets, beyond what TUF's format says."""
    try:
        document.signed_bytes
    except SerializationError:
        raise Mistake(f"{path} has a value that cannot be signed", RESTORE) from None
    if document.signed.type == "root":
        check_root(path, document.signed)
    elif document.signed.type == "targets":
        check_targets(path, document.signed.targets)


def check_root(path, root):
    check_keys(path, root.keys)
    for role in TOP:
        entry = root.roles[role]
        # Nothing here says more of a role, and nobody would be shown it.
        if not set(entry.keyids) <= set(root.keys) or entry.unrecognized_fields:
            raise Mistake(f"{path} has no good keys for {role}", RESTORE)


def check_targets(path, targets):
    for name, entry in targets.items():
        if not is_path(name) or not re.fullmatch(
                "[0-9a-f]{64}", str(entry.hashes.get("sha256"))):
            raise Mistake(f"{path}: {name!r} is no path with a SHA-256", RESTORE)
        custom = entry.custom or {}
        posd = custom.get("posd") if isinstance(custom, dict) else 0
        if posd is not None and not is_release(posd, {**WITHDRAWN, "ring": int}):
            raise Mistake(f"{path}: {name} does not say what it is", RESTORE)


def is_path(name):
    """Names with / between them, none empty, none that leads out of its folder."""
    return "\\" not in name and "\0" not in name and all(
        part not in ("", ".", "..") for part in name.split("/"))


def posd_of(document):
    """What a document's targets say of themselves, by their paths; nothing of no document."""
    said = {name: (one.custom or {}).get("posd")
            for name, one in (document.signed.targets if document else {}).items()}
    return {name: one for name, one in said.items() if one}


def check_apart(given):
    """Each key has one role and one name of its own: who holds one must not count twice. Given are
    role, name and identifier of each."""
    roles, names = {}, {}
    for role, name, keyid in given:
        if keyid in roles:
            raise Mistake(
                f"{name} is given for {role} twice" if roles[keyid] == role
                else f"{name} has another role too, {roles[keyid]}",
                "a key of its own for each person and role")
        roles[keyid] = role
        if names.setdefault(name, keyid) != keyid:
            raise Mistake(f"two keys are called {name}", "people must know which one is meant")
