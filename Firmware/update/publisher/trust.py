# SPDX-License-Identifier: Apache-2.0
"""What of a repository's public part is signed as it must be. The copy that the owner of a key is
brought may be anybody's: nothing is compared with what nobody has signed."""

from mistake import Mistake
from repository import verifies


def signed_by(document, keys, threshold):
    """Whether so many of these keys have signed a document."""
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
        versions = self.repository.public_versions("root")
        root = None
        for number in versions:
            following = self.repository.version("root", number)
            is_first = root is None and number == 1
            if following.signed.version != number or not is_first and (
                    root is None or number != root.signed.version + 1):
                self.lacking = f"root {number} of this copy follows no other"
                return None
            for by in (root or following, following):
                if not self.vouches(by, "root", following):
                    self.lacking = f"root {number} of this copy is not signed as it must be"
                    return None
            root = following
        return root

    @staticmethod
    def vouches(root, role, document):
        entry = root.signed.roles[role]
        return signed_by(
            document, {one: root.signed.keys[one] for one in entry.keyids}, entry.threshold)

    def document(self, role):
        """What is public of a role, if it is signed; whoever asks is told otherwise why not."""
        if role == "root" or self.root is None:
            return self.root
        try:
            document = self.repository.public(role)
        except (Mistake, OSError) as error:
            self.lacking = f"{role} of this copy cannot be read ({error})"
            return None
        if document is None:
            self.lacking = f"no {role} is public yet"
            return None
        if role == "recovery":
            ((_, keys, threshold),) = self.repository.signers_wanted(role)
            is_signed = signed_by(document, keys, threshold)
        else:
            is_signed = self.vouches(self.root, role, document)
        if is_signed:
            return document
        self.lacking = f"{role} {document.signed.version} of this copy is not signed as it must be"
        return None
