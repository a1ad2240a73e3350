# SPDX-License-Identifier: Apache-2.0
"""What of a repository's public part is signed as it must be. The copy that the owner of a key is
brought may be anybody's: nothing is compared with what nobody has signed."""

import hashlib

from files import read
from mistake import Mistake
from repository import now, verifies


def vouches(root, role, document):
    """Whether so many keys of a role have signed a document as a root demands."""
    entry = root.signed.roles[role]
    keys = {one: root.signed.keys[one] for one in entry.keyids}
    return signed_by(document, keys, entry.threshold)


def signed_by(document, keys, threshold):
    payload = document.signed_bytes
    valid = [keyid for keyid, key in keys.items()
             if verifies(key, document.signatures.get(keyid), payload)]
    return len(valid) >= threshold


class Trusted:
    """The newest root that a chain of roots leads to, and what it vouches for."""

    def __init__(self, repository):
        self.repository = repository
        # Why a document is not there, in words.
        self.lacking = "nothing is public yet"
        self.root = self.last_root()

    def last_root(self):
        root = None
        for number in self.repository.public_versions("root"):
            before = root.signed.version if root else 0
            if number != before + 1:
                self.lacking = f"root {number} of this copy follows no other"
                return None
            following = self.read("root", lambda: self.repository.version("root", number))
            if following is None:
                return None
            if not all(vouches(by, "root", following) for by in (root or following, following)):
                self.lacking = f"root {number} of this copy is not signed as it must be"
                return None
            root = following
        return root

    def read(self, role, load):
        try:
            document = load()
        except (Mistake, OSError) as error:
            self.lacking = f"{role} of this copy cannot be read ({error})"
            return None
        if document is None:
            self.lacking = f"no {role} is public yet"
        return document

    def document(self, role):
        """What is public of a role, if it is signed; whoever asks is told otherwise why not."""
        if role == "root" or self.root is None:
            return self.root
        # The list is the one that a signed timestamp leads to, and not any that was ever signed.
        for one in (role,) if role == "recovery" else ("timestamp", "snapshot", "targets"):
            document = self.read(one, lambda: self.repository.public(one))
            if document is None:
                return None
            if not self.is_signed(one, document):
                self.lacking = (
                    f"{one} {document.signed.version} of this copy is not signed as it must be")
                return None
            if one == role:
                return document
        raise AssertionError(role)

    def is_signed(self, role, document):
        if role == "recovery":
            return signed_by(document, *self.repository.recovery_role())
        return vouches(self.root, role, document)

    def grounds(self):
        """What a comparison stands on, for those who know what terminals have."""
        if self.root is None:
            return []
        path = self.repository.path("public", "metadata", "1.root.json")
        lines = [f"compared from root 1 to root {self.root.signed.version}; terminals must have "
                 f"this 1.root.json: sha256 {hashlib.sha256(read(path)).hexdigest()}"]
        timestamp = self.document("timestamp")
        if timestamp is None:
            lines.append(f"! {self.lacking}")
        elif timestamp.signed.expires <= now():
            lines.append(f"! timestamp {timestamp.signed.version} of this copy has expired: "
                         "more may be public by now")
        return lines
