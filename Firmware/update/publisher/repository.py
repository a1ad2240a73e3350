# SPDX-License-Identifier: Apache-2.0
"""A repository in a folder: what is public, and what waits for signatures.

    publisher.json       names of keys, lifetimes, versions that were withdrawn
    recovery-keys.json   the recovery role, for the terminal's read-only image
    staged/              root.json, targets.json, recovery.json and bundles, not public yet
    public/              what is served: metadata/ and targets/

Root and targets are signed by people, one after the other, in `staged`; snapshot and timestamp by
the machine that publishes. Public names never change their content, but timestamp.json and
recovery.json, which are replaced in one step.
"""

import datetime
import glob
import os

from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.api.serialization import DeserializationError
from tuf.api.serialization.json import JSONSerializer

from files import dump_json, place, read, remove
from mistake import Mistake
from sound import (
    RESTORE, TOP, WITHDRAWN, check_apart, check_document, posd_of, read_recovery, read_settings)

ROLES = (*TOP, "recovery")
# What people sign, one after the other.
STAGED = ("root", "targets", "recovery")
DAYS = {"root": 365, "targets": 180, "snapshot": 7, "timestamp": 1}
# A recovery document counts whatever the time is; TUF's format wants a date.
NEVER = datetime.datetime(2099, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)
MARK = "x-posd-keys"


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def data_of(document):
    return document.to_bytes(JSONSerializer(compact=True))


class Repository:
    def __init__(self, folder):
        self.folder = folder
        if not os.path.exists(self.path("publisher.json")):
            raise Mistake(f"{folder} is no repository", "publish init makes one")
        self.settings = read_settings(self.path("publisher.json"))

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def save_settings(self):
        place(self.path("publisher.json"), dump_json(self.settings))

    # What is there.

    def load(self, path, role):
        try:
            document = Metadata.from_bytes(read(path))
        except DeserializationError:
            raise Mistake(f"{path} is no metadata", RESTORE) from None
        if document.signed.type != ("targets" if role == "recovery" else role):
            raise Mistake(f"{path} is of another role", RESTORE)
        check_document(path, document)
        return document

    def public_versions(self, role):
        found = []
        folder = glob.escape(self.path("public", "metadata"))
        for path in glob.glob(os.path.join(folder, f"*.{role}.json")):
            number = os.path.basename(path).split(".")[0]
            if number.isascii() and number.isdigit():
                found.append(int(number))
        return sorted(found)

    def public(self, role):
        """The document that clients get now; nothing before the first release."""
        if role in ("timestamp", "recovery"):
            path = self.path("public", "metadata", f"{role}.json")
            return self.load(path, role) if os.path.exists(path) else None
        if role == "root":
            versions = self.public_versions("root")
            return self.version("root", versions[-1]) if versions else None
        timestamp = self.public("timestamp")
        if timestamp is None:
            return None
        snapshot = self.version("snapshot", timestamp.signed.snapshot_meta.version)
        if role == "snapshot":
            return snapshot
        meta = snapshot.signed.meta.get("targets.json")
        if meta is None:
            raise Mistake(
                f"snapshot {snapshot.signed.version} lists no targets.json",
                "restore public/metadata from its copy")
        return self.version("targets", meta.version)

    def version(self, role, number):
        path = self.path("public", "metadata", f"{number}.{role}.json")
        document = self.load(path, role)
        if document.signed.version != number:
            raise Mistake(f"{path} says that it is {role} {document.signed.version}", RESTORE)
        return document

    def staged(self, role):
        path = self.path("staged", f"{role}.json")
        if not os.path.exists(path):
            return None
        document = self.load(path, role)
        # Nothing here makes them: whoever signs is shown the targets, and would give them away.
        if role != "root" and document.signed.delegations:
            raise Mistake(
                f"{path} hands targets over to other keys", "discard it: sign no such file")
        return document

    def root(self):
        """The root under which the next release stands."""
        root = self.staged("root") or self.public("root")
        if root is None:
            raise Mistake(
                f"{self.folder} has no root", "restore every N.root.json: terminals ask for each")
        return root

    def recovery_role(self):
        """Keys and threshold of the recovery role."""
        return read_recovery(self.path("recovery-keys.json"))

    def name_of(self, keyid):
        return self.settings["names"].get(keyid, keyid[:12])

    def key_called(self, name, keyids):
        """The one of these keys that has this name or identifier."""
        found = [one for one in keyids if name in (one, self.name_of(one))]
        if len(found) != 1:
            names = ", ".join(sorted(f"{self.name_of(one)} ({one[:12]})" for one in keyids))
            raise Mistake(f"there {'is no key' if not found else 'are two keys'} {name}",
                          f"it has {names}; a name, or the whole identifier")
        return found[0]

    def keys_in_use(self, root):
        """Role, name and identifier of every key of a root and of the recovery role."""
        found = [(role, keyid) for role in TOP for keyid in root.roles[role].keyids]
        found += [("recovery", keyid) for keyid in self.recovery_role()[0]]
        return [(role, self.name_of(keyid), keyid) for role, keyid in found]

    def check_apart(self):
        """Nobody signs under a root that somebody has brought, and that counts a key twice."""
        check_apart(self.keys_in_use(self.root().signed))

    def check_name(self, name, keyid):
        """No key that was there before this change, or is there after it, is called so too."""
        for root in (self.public("root"), self.staged("root")):
            for other in root.signed.keys if root else ():
                if other != keyid and self.name_of(other) == name:
                    raise Mistake(
                        f"two keys are called {name}", "people must know which one is meant")

    # What is changed, before anybody signs it.

    def expiry(self, role):
        return now() + datetime.timedelta(days=self.settings["days"][role])

    def stage(self, role, document):
        """Keeps a changed document; signatures over what it was before are gone."""
        document.signatures.clear()
        place(self.path("staged", f"{role}.json"), data_of(document))

    def draft(self, role):
        """The next version of root or targets, with what is staged of it already."""
        public = self.public(role)
        document = self.staged(role) or public
        # After a cut a version may be public that nothing lists: it is not made again, nor is what
        # waits changed under its number.
        document.signed.version = max(
            document.signed.version,
            1 + max(self.public_versions(role) + [public.signed.version]))
        document.signed.expires = self.expiry(role)
        return document

    def targets(self):
        """What the next release lists."""
        document = self.staged("targets") or self.public("targets")
        return document.signed.targets

    def releases(self):
        """What was ever said of releases: those that are listed or wait to be, and those that were
        withdrawn."""
        listed = {**posd_of(self.public("targets")), **posd_of(self.staged("targets"))}
        return [*listed.values(), *self.settings["withdrawn"]]

    def recoveries(self):
        """What is said of the recovery bundle that is public, or waits to be."""
        return [one for document in (self.public("recovery"), self.staged("recovery"))
                for one in posd_of(document).values()]

    def note_withdrawn(self, targets):
        """Remembers what is listed now and will not be: its version may not come again."""
        after = posd_of(targets)
        gone = [{name: one[name] for name in WITHDRAWN}
                for path, one in posd_of(self.public("targets")).items() if path not in after]
        gone = [one for one in gone if one not in self.settings["withdrawn"]]
        if gone:
            self.settings["withdrawn"] += gone
            self.save_settings()

    def bundle_path(self, top, name, entry):
        """Where the bundle of a target is, or comes."""
        folder, _, last = name.rpartition("/")
        return self.path(top, "targets", folder, f"{entry.hashes['sha256']}.{last}")

    def drop_bundles(self):
        """Takes away the bundles that nothing that waits lists."""
        try:
            kept = {self.bundle_path("staged", name, entry)
                    for role in ("targets", "recovery") if (document := self.staged(role))
                    for name, entry in document.signed.targets.items()}
        except Mistake:
            # What cannot be read may list any of them.
            return
        for folder, _, files in os.walk(self.path("staged", "targets")):
            for one in files:
                if os.path.join(folder, one) not in kept:
                    remove(os.path.join(folder, one))

    def stage_bundle(self, name, source, custom):
        """The bundle beside what is public, and its entry."""
        data = read(source)
        entry = TargetFile.from_data(name, data, ["sha256"])
        entry.unrecognized_fields["custom"] = custom
        place(self.bundle_path("staged", name, entry), data)
        return entry

    def stage_recovery(self, name, entry):
        before = self.public("recovery")
        signed = Targets(
            version=before.signed.version + 1 if before else 1, expires=NEVER,
            targets={name: entry})
        self.stage("recovery", Metadata(signed))

    # Who may sign.

    def signers_wanted(self, role):
        """Each list of keys whose threshold a staged document must meet: identifiers, threshold."""
        if role == "recovery":
            return [("recovery", *self.recovery_role())]
        roots = [("", self.root())]
        if role == "root" and self.public("root"):
            roots = [(" before", self.public("root")), (" from now on", self.staged("root"))]
        wanted = []
        for words, root in roots:
            entry = root.signed.roles[role]
            keys = {keyid: root.signed.keys[keyid] for keyid in entry.keyids}
            wanted.append((role + words, keys, entry.threshold))
        return wanted

    def lacking(self, role, document):
        """In words, what a document still lacks; nothing when it may be released."""
        payload = document.signed_bytes
        lines = []
        for words, keys, threshold in self.signers_wanted(role):
            valid = {keyid for keyid, key in keys.items()
                     if verifies(key, document.signatures.get(keyid), payload)}
            if len(valid) < threshold:
                names = sorted(self.name_of(keyid) for keyid in keys if keyid not in valid)
                lines.append(
                    f"{words}: {len(valid)} of {threshold} signatures, lacks "
                    f"{threshold - len(valid)} of {', '.join(names)}")
        return lines

    def may_sign(self, role, signers):
        """Those of the keys at hand that may sign a staged document, by their identifiers."""
        allowed = {keyid for _, keys, _ in self.signers_wanted(role) for keyid in keys}
        return {keyid: signer for keyid, signer in signers.items() if keyid in allowed}

    def refuse_changed(self, role, shown):
        """What lies there now must be what was shown."""
        document = self.staged(role)
        if document is None or document.signed_bytes != shown.signed_bytes:
            raise Mistake(f"{role} was changed while it was read", "publish sign, and read it anew")

    def sign(self, role, signers):
        document = self.staged(role)
        for signer in signers.values():
            document.sign(signer, append=True)
        place(self.path("staged", f"{role}.json"), data_of(document))


def verifies(key, signature, payload):
    if signature is None:
        return False
    try:
        key.verify_signature(signature, payload)
    except Exception:  # of any kind: it does not count
        return False
    return True
