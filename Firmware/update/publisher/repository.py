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

from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root, TargetFile, Targets
from tuf.api.serialization import DeserializationError
from tuf.api.serialization.json import JSONSerializer

from files import dump_json, place, read, read_json
from mistake import Mistake

TOP = ("root", "targets", "snapshot", "timestamp")
ROLES = (*TOP, "recovery")
DAYS = {"root": 365, "targets": 180, "snapshot": 7, "timestamp": 1}
LIMITS = {"root": (30, 730), "targets": (7, 365), "snapshot": (1, 30), "timestamp": (1, 7)}
# A recovery document counts whatever the time is; TUF's format wants a date.
NEVER = datetime.datetime(2099, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)
MARK = "x-posd-keys"
SETTINGS = {"days": dict, "development": bool, "names": dict, "withdrawn": list}
RECOVERY = {"keys": dict, "keyids": list, "threshold": int}


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def data_of(document):
    return document.to_bytes(JSONSerializer(compact=True))


def read_members(path, wanted):
    """A file of ours with these members."""
    value = read_json(path)
    for name, kind in wanted.items():
        if not isinstance(value, dict) or not isinstance(value.get(name), kind):
            raise Mistake(f"{path} has no good {name!r}", "restore it from its copy")
    return value


class Repository:
    def __init__(self, folder):
        self.folder = folder
        if not os.path.exists(self.path("publisher.json")):
            raise Mistake(f"{folder} is no repository", "publish init makes one")
        self.settings = read_members(self.path("publisher.json"), SETTINGS)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def save_settings(self):
        place(self.path("publisher.json"), dump_json(self.settings))

    # What is there.

    def load(self, path, role):
        try:
            document = Metadata.from_bytes(read(path))
        except DeserializationError:
            raise Mistake(f"{path} is no metadata", "restore it from its copy") from None
        if document.signed.type != ("targets" if role == "recovery" else role):
            raise Mistake(f"{path} is of another role", "restore it from its copy")
        return document

    def public_versions(self, role):
        found = []
        for path in glob.glob(self.path("public", "metadata", f"*.{role}.json")):
            number = os.path.basename(path).split(".")[0]
            if number.isdigit():
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
        return self.version("targets", snapshot.signed.meta["targets.json"].version)

    def version(self, role, number):
        return self.load(self.path("public", "metadata", f"{number}.{role}.json"), role)

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
        return read_members(self.path("recovery-keys.json"), RECOVERY)

    def name_of(self, keyid):
        return self.settings["names"].get(keyid, keyid[:12])

    # What is changed, before anybody signs it.

    def expiry(self, role):
        return now() + datetime.timedelta(days=self.settings["days"][role])

    def stage(self, role, document):
        """Keeps a changed document; signatures over what it was before are gone."""
        document.signatures.clear()
        place(self.path("staged", f"{role}.json"), data_of(document))

    def draft(self, role):
        """The next version of root or targets, with what is staged of it already."""
        document = self.staged(role)
        if document is None:
            document = self.public(role)
            # After a cut a version may be public that nothing lists: it is not made again.
            document.signed.version = 1 + max(
                self.public_versions(role) + [document.signed.version])
        document.signed.expires = self.expiry(role)
        return document

    def targets(self):
        """What the next release lists."""
        document = self.staged("targets") or self.public("targets")
        return document.signed.targets

    def releases(self):
        """What was ever said of releases: those that are listed, and those that were withdrawn."""
        listed = [one.custom["posd"] for one in self.targets().values()
                  if one.custom and "posd" in one.custom]
        return listed + self.settings["withdrawn"]

    def stage_bundle(self, name, source, custom):
        """The bundle beside what is public, and its entry."""
        entry = TargetFile.from_file(name, source, ["sha256"])
        entry.unrecognized_fields["custom"] = custom
        folder, _, last = name.rpartition("/")
        path = self.path("staged", "targets", folder, f"{entry.hashes['sha256']}.{last}")
        place(path, read(source))
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
            value = self.recovery_role()
            keys = {keyid: Key.from_dict(keyid, dict(key)) for keyid, key in value["keys"].items()}
            return [("recovery", {one: keys[one] for one in value["keyids"]}, value["threshold"])]
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

    def sign(self, role, signers):
        """Adds what the keys at hand may add; the names of those that signed."""
        document = self.staged(role)
        if document is None:
            return None
        named = []
        allowed = {keyid for _, keys, _ in self.signers_wanted(role) for keyid in keys}
        for keyid, signer in signers.items():
            if keyid in allowed:
                document.sign(signer, append=True)
                named.append(self.name_of(keyid))
        place(self.path("staged", f"{role}.json"), data_of(document))
        return sorted(named)


def verifies(key, signature, payload):
    if signature is None:
        return False
    try:
        key.verify_signature(signature, payload)
    except Exception:  # of any kind: it does not count
        return False
    return True


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
    recovery = roles["recovery"]
    used = {one.key.keyid for role in TOP for one in roles[role]}
    if used & {one.key.keyid for one in recovery}:
        raise Mistake("a recovery key has another role too", "give the recovery role its own keys")
    os.makedirs(os.path.join(folder, "staged"), exist_ok=True)
    for part in ("metadata", "targets"):
        os.makedirs(os.path.join(folder, "public", part), exist_ok=True)
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
