# SPDX-License-Identifier: Apache-2.0
"""A release: what is staged and signed becomes public, timestamp last.

Only between a root that changes the timestamp's key and that timestamp do clients find the two at
odds: they refuse, and come again.
"""

import datetime
import os

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Timestamp

from files import place, place_for_ever, read, remove
from mistake import Mistake
from repository import STAGED, data_of, now
from trust import vouches


class Release:
    """What becomes public, in order, each name in one step."""

    def __init__(self, repository, signers):
        self.repository, self.signers = repository, signers
        self.root = None
        self.written = []

    def online(self, role, signed):
        document = Metadata(signed)
        wanted = self.root.signed.roles[role]
        for keyid in wanted.keyids:
            if keyid in self.signers:
                document.sign(self.signers[keyid], append=True)
        if len(document.signatures) < wanted.threshold:
            names = ", ".join(self.repository.name_of(one) for one in wanted.keyids)
            raise Mistake(
                f"{role} needs {wanted.threshold} of {names}, which is not in the folders of keys",
                "--keys FOLDER, on the machine that publishes")
        return document

    def put(self, role, document):
        version = document.signed.version
        path = self.repository.path("public", "metadata", f"{version}.{role}.json")
        if role == "timestamp":
            place(self.repository.path("public", "metadata", "timestamp.json"), data_of(document))
        else:
            place_for_ever(path, data_of(document))
        self.written.append(f"{role} {version}")

    def snapshot_of(self, targets):
        versions = self.repository.public_versions("snapshot")
        return Snapshot(
            version=1 + (versions[-1] if versions else 0),
            expires=self.repository.expiry("snapshot"),
            meta={"targets.json": MetaFile(targets.signed.version)})

    def timestamp_of(self, snapshot):
        before = self.repository.public("timestamp")
        return Timestamp(
            version=before.signed.version + 1 if before else 1,
            expires=self.repository.expiry("timestamp"),
            snapshot_meta=MetaFile(snapshot.signed.version))

    def run(self, only=""):
        """Targets files, targets, snapshot; then root and timestamp at once, timestamp last."""
        # A recovery document stands alone: it may come because nobody has the other keys.
        staged = {role: self.repository.staged(role) if only in ("", role) else None
                  for role in STAGED}
        if not any(staged.values()):
            raise Mistake(f"nothing is staged{' of ' * bool(only)}{only}",
                          "publish refresh renews what expires soon")
        if staged["root"] or staged["targets"]:
            self.repository.check_apart()
        for role, document in staged.items():
            lines = self.repository.lacking(role, document) if document else []
            if lines:
                raise Mistake(
                    f"{role} {document.signed.version} may not be released: {'; '.join(lines)}",
                    "publish sign, with the folders of the keys that are lacking")
            if document:
                self.refuse_untimely(role, document)
        # All is signed and looked at before the first byte is public.
        online = self.both_online(staged) if staged["root"] or staged["targets"] else None
        bundles = [found for role in ("targets", "recovery") if staged[role]
                   for found in self.bundles_of(staged[role])]
        for name, entry in bundles:
            self.publish_bundle(name, entry)
        if staged["targets"]:
            self.repository.note_withdrawn(staged["targets"])
        if online:
            self.list_all(staged, *online)
        if staged["recovery"]:
            path = self.repository.path("public", "metadata", "recovery.json")
            place(path, data_of(staged["recovery"]))
            self.written.append(f"recovery {staged['recovery'].signed.version}")
        for role, document in staged.items():
            if document:
                remove(self.repository.path("staged", f"{role}.json"))
        self.repository.drop_bundles()
        return self.written

    def both_online(self, staged):
        """A new snapshot and a new timestamp."""
        self.root = staged["root"] or self.repository.root()
        targets = staged["targets"] or self.repository.public("targets")
        if targets is None or (staged["root"] and self.repository.lacking("targets", targets)):
            raise Mistake(
                "the targets that are public are not signed by the keys of the new root",
                "publish renew REPOSITORY targets, and have it signed")
        snapshot = self.online("snapshot", self.snapshot_of(targets))
        return snapshot, self.online("timestamp", self.timestamp_of(snapshot))

    def refuse_untimely(self, role, document):
        """A file that is brought back late must not undo what terminals have."""
        number = document.signed.version
        if document.signed.expires <= now():
            raise Mistake(
                f"{role} {number} has expired",
                f"publish renew REPOSITORY {role}, and have it signed")
        public = self.repository.public(role)
        if public is None or number > public.signed.version:
            if role == "root" and public and number != public.signed.version + 1:
                raise Mistake(
                    f"root {number} does not follow root {public.signed.version}",
                    "terminals ask for each: publish discard, and change it anew")
            return
        # The same again: a release that was cut is run once more.
        if data_of(public) != data_of(document):
            raise Mistake(
                f"{role} {number} is older than what is public, {role} {public.signed.version}",
                "publish discard, and change it anew")

    def list_all(self, staged, snapshot, timestamp):
        if staged["targets"]:
            self.put("targets", staged["targets"])
        self.put("snapshot", snapshot)
        if staged["root"]:
            self.put("root", staged["root"])
        self.put("timestamp", timestamp)

    def bundles_of(self, document):
        """The targets whose bundles are still to be made public; they must be what was signed."""
        for name, entry in document.signed.targets.items():
            source = self.repository.bundle_path("staged", name, entry)
            if os.path.exists(source):
                self.check_bundle(source, entry)
                yield name, entry
            elif not os.path.exists(self.repository.bundle_path("public", name, entry)):
                raise Mistake(f"the bundle of {name} is neither staged nor public",
                              f"bring it to {source}")

    @staticmethod
    def check_bundle(path, entry):
        try:
            entry.verify_length_and_hashes(read(path))
        except LengthOrHashMismatchError:
            raise Mistake(f"{path} is not what was signed", "put the same file there") from None

    def publish_bundle(self, name, entry):
        data = read(self.repository.bundle_path("staged", name, entry))
        place_for_ever(self.repository.bundle_path("public", name, entry), data)

    def refresh(self, is_forced):
        """Renews snapshot and timestamp when half of their life is over."""
        snapshot = self.repository.public("snapshot")
        timestamp = self.repository.public("timestamp")
        if timestamp is None:
            raise Mistake("nothing is public yet", "publish sign, then publish release")
        self.root = self.repository.public("root")
        if is_forced or self.is_due("snapshot", snapshot):
            snapshot = self.online("snapshot", self.snapshot_of(self.repository.public("targets")))
            new = self.online("timestamp", self.timestamp_of(snapshot))
            self.put("snapshot", snapshot)
            self.put("timestamp", new)
        elif self.is_due("timestamp", timestamp):
            self.put("timestamp", self.online("timestamp", self.timestamp_of(snapshot)))
        return self.written

    def is_due(self, role, document):
        """Half of its life is over, or a release was cut behind a root with other keys for it."""
        life = datetime.timedelta(days=self.repository.settings["days"][role])
        return document.signed.expires - now() < life / 2 or not vouches(self.root, role, document)
