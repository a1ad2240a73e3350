# SPDX-License-Identifier: Apache-2.0
"""A new repository, and which keys it may have."""

import os

from tuf.api.metadata import Metadata, Root, Targets

from files import dump_json, make_folder, place
from mistake import Mistake
from repository import MARK, ROLES, Repository, now
from sound import check_apart


def create(folder, roles, thresholds, days, is_development):
    """A repository whose first root and targets wait for signatures."""
    if os.path.exists(folder) and os.listdir(folder):
        raise Mistake(f"{folder} is not empty", "name a folder that is not there yet")
    root = Root(expires=now(), consistent_snapshot=True, unrecognized_fields={
        MARK: "development" if is_development else "production"})
    names = {}
    for role, keys in roles.items():
        check_role(role, keys, thresholds[role], is_development)
        names.update({one.key.keyid: one.name for one in keys})
        if role != "recovery":
            for one in keys:
                root.add_key(one.key, role)
            root.roles[role].threshold = thresholds[role]
    check_apart([(role, one.name, one.key.keyid) for role in ROLES for one in roles[role]])
    recovery = roles["recovery"]
    make_folder(os.path.join(folder, "staged"))
    for part in ("metadata", "targets"):
        make_folder(os.path.join(folder, "public", part))
    place(os.path.join(folder, "recovery-keys.json"), dump_json({
        "keys": {one.key.keyid: one.key.to_dict() for one in recovery},
        "keyids": [one.key.keyid for one in recovery], "threshold": thresholds["recovery"]}))
    place(os.path.join(folder, "publisher.json"), dump_json({
        "days": days, "development": is_development, "names": names, "withdrawn": []}))
    repository = Repository(folder)
    root.expires = repository.expiry("root")
    repository.stage("root", Metadata(root))
    repository.stage("targets", Metadata(Targets(expires=repository.expiry("targets"))))
    return repository


def check_role(role, keys, threshold, is_development):
    if not 1 <= threshold <= len(keys):
        raise Mistake(
            f"{role}: {len(keys)} keys cannot meet a threshold of {threshold}",
            "more keys, or a lower threshold")
    if role in ("root", "targets", "recovery") and threshold < 2:
        raise Mistake(
            f"{role}: one key alone would be enough", "a threshold of 2 or more, and a key to lose")
    if role == "root" and len(keys) == threshold:
        raise Mistake(
            "root: no key may be lost", "one key more than the threshold, in another place")
    for one in keys:
        check_kind(one, is_development)


def check_kind(key, is_development):
    if key.is_development and not is_development:
        raise Mistake(
            f"{key.name} is a development key", "make keys without --development for terminals")
