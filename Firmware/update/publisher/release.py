# SPDX-License-Identifier: Apache-2.0
"""A release: what is staged and signed becomes public, timestamp last.

Only between a root that changes the timestamp's key and that timestamp do clients find the two at
odds: they refuse, and come again.
"""

import datetime
import os

from tuf.api.metadata import Metadata, MetaFile, Snapshot, Timestamp

from files import place, place_for_ever, read, remove
from mistake import Mistake
from repository import STAGED, data_of, now


class Release:
    """What becomes public, in order, each name in one step."""

    def __init__(self, repository, signers):
        self.repository, self.signers = repository, signers
        self.root = repository.root()
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

    def run(self, only=()):
        """Targets files, targets, snapshot; then root and timestamp at once, timestamp last."""
        staged = {role: self.repository.staged(role) if role in (only or STAGED) else None
                  for role in STAGED}
        for role, document in staged.items():
            lines = self.repository.lacking(role, document) if document else []
            if lines:
                raise Mistake(
                    f"{role} {document.signed.version} may not be released: {'; '.join(lines)}",
                    "publish sign, with the folders of the keys that are lacking")
            if document:
                self.refuse_untimely(role, document)
        targets = staged["targets"] or self.repository.public("targets")
        if staged["root"] and self.repository.lacking("targets", targets):
            raise Mistake(
                "the targets that are public are not signed by the keys of the new root",
                "publish renew REPOSITORY targets, and have it signed")
        if not any(staged.values()):
            raise Mistake(f"nothing is staged{' of ' + ' and '.join(only) if only else ''}",
                          "publish refresh renews what expires soon")
        # A recovery document stands alone: it may come because nobody has the other keys.
        online = None
        if staged["root"] or staged["targets"]:
            # Both are signed before the first byte is public.
            snapshot = self.online("snapshot", self.snapshot_of(targets))
            online = (snapshot, self.online("timestamp", self.timestamp_of(snapshot)))
        for role in ("targets", "recovery"):
            if staged[role]:
                self.publish_bundles(staged[role])
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

    def publish_bundles(self, document):
        """Bundles that this document lists and that are not public yet."""
        for name, entry in document.signed.targets.items():
            source = self.repository.bundle_path("staged", name, entry)
            if os.path.exists(source):
                place_for_ever(self.repository.bundle_path("public", name, entry), read(source))

    def refresh(self, is_forced):
        """Renews snapshot and timestamp when half of their life is over."""
        snapshot = self.repository.public("snapshot")
        timestamp = self.repository.public("timestamp")
        if timestamp is None:
            raise Mistake("nothing is public yet", "publish sign, then publish release")
        self.root = self.repository.public("root")
        if is_forced or self.is_old("snapshot", snapshot):
            snapshot = self.online("snapshot", self.snapshot_of(self.repository.public("targets")))
            new = self.online("timestamp", self.timestamp_of(snapshot))
            self.put("snapshot", snapshot)
            self.put("timestamp", new)
        elif self.is_old("timestamp", timestamp):
            self.put("timestamp", self.online("timestamp", self.timestamp_of(snapshot)))
        return self.written

    def is_old(self, role, document):
        life = datetime.timedelta(days=self.repository.settings["days"][role])
        return document.signed.expires - now() < life / 2
