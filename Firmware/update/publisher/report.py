# SPDX-License-Identifier: Apache-2.0
"""What people and programs are told of a repository."""

import json

from mistake import printable
from repository import TOP, now
from sound import posd_of
from trust import Trusted, vouches

# Days before the end at which people are warned; online roles renew themselves.
WARNING = {"root": 90, "targets": 30}


def days_left(document):
    return (document.signed.expires - now()).total_seconds() / 86400


def warnings(repository):
    """What a person must do soon."""
    lines = []
    for role in TOP:
        document = repository.public(role)
        if document is None:
            return ["nothing is public yet"]
        left = days_left(document)
        if left <= 0:
            lines.append(f"{role} {document.signed.version} has EXPIRED: terminals take no update")
        elif left < WARNING.get(role, 0):
            lines.append(f"{role} {document.signed.version} expires in {left:.0f} days: "
                         f"publish renew, and have it signed")
    root = repository.public("root")
    for role in TOP[1:]:
        document = repository.public(role)
        if not vouches(root, role, document):
            again = "renew" if role == "targets" else "refresh"
            lines.append(f"{role} {document.signed.version} is not signed by the keys of root "
                         f"{root.signed.version}: terminals take no update; a release was cut: "
                         f"publish release, or publish {again}")
    return lines


def as_value(repository):
    value = {"development": repository.settings["development"], "public": {}, "staged": {},
             "targets": {}, "warnings": warnings(repository)}
    for role in (*TOP, "recovery"):
        document = repository.public(role)
        if document:
            value["public"][role] = {
                "version": document.signed.version,
                "expires": document.signed.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "days-left": round(days_left(document), 1)}
        waiting = repository.staged(role)
        if waiting:
            value["staged"][role] = {
                "version": waiting.signed.version, "lacks": repository.lacking(role, waiting)}
    listed = repository.public("targets")
    for name, target in sorted(listed.signed.targets.items()) if listed else []:
        value["targets"][name] = {"length": target.length, **posd_of(listed).get(name, {})}
    return value


def as_json(repository):
    print(json.dumps(as_value(repository), ensure_ascii=False))


def as_text(repository):
    value = as_value(repository)
    if value["development"]:
        print("DEVELOPMENT KEYS: no terminal that sells may trust this repository")
    for role, one in value["public"].items():
        life = "never expires" if role == "recovery" else f"{one['days-left']} days left"
        print(f"public   {role} {one['version']}, {life}")
    for name, one in value["targets"].items():
        print(printable(
            f"target   {name}: {one.get('version')} for {one.get('compatible')}, "
            f"epoch {one.get('epoch')}, ring {one.get('ring')}"))
    for role, one in value["staged"].items():
        print(f"staged   {role} {one['version']}: {'; '.join(one['lacks']) or 'signed'}")
    for line in value["warnings"]:
        print(f"warning  {line}")


def staged(repository, documents):
    """What somebody who signs puts a name to: every difference to what is public and signed."""
    trusted = Trusted(repository)
    for line in trusted.grounds():
        print(printable(line))
    for role, document in documents.items():
        before = trusted.document(role)
        print(f"{role} {document.signed.version}, expires {moment(document)}")
        if before:
            print(f"  was {role} {before.signed.version}, expires {moment(before)}")
        else:
            print(printable(f"  ! all of it, since {trusted.lacking}"))
        (keys_of if role == "root" else targets_of)(
            repository, document.signed, before.signed if before else None)
        members_of(document.signed, before.signed if before else None)


def moment(document):
    return document.signed.expires.strftime("%Y-%m-%dT%H:%M:%SZ")


def keys_of(repository, root, before):
    for role in TOP:
        new, old = root.roles[role], before.roles[role] if before else None
        old_keys = old.keyids if old else []
        for words, one, keyids in (
                ("added to", root, set(new.keyids).difference(old_keys)),
                ("removed from", before, set(old_keys).difference(new.keyids))):
            for keyid in sorted(keyids):
                name, scheme = repository.name_of(keyid), one.keys[keyid].scheme
                print(printable(f"  {words} {role}: {name}, {scheme} {keyid}"))
        counts = [f"{one.threshold} of {len(one.keyids)}" for one in (new, old) if one]
        print(f"    {role}: {', was '.join(dict.fromkeys(counts))}")


def targets_of(_, signed, before):
    targets, old_targets = signed.targets, before.targets if before else {}
    for name in sorted(set(targets) | set(old_targets)):
        new, old = (said(one[name]) if name in one else {} for one in (targets, old_targets))
        if new == old:
            continue
        words = "removed" if not new else "changed" if old else "added"
        print(f"  {words}: {printable(name)}")
        for member in sorted(set(new) | set(old)):
            if new.get(member) != old.get(member):
                was = f", was {old.get(member, 'not there')}" if new and old else ""
                value = new.get(member, "not there") if new else old[member]
                print(printable(f"      {member} {value}{was}"))


def said(target):
    """All that is said of a target, as lines: whoever signs it says it."""
    found = {"length": str(target.length)}
    found.update({name: value for name, value in sorted(target.hashes.items())})
    for name, value in sorted(target.unrecognized_fields.items()):
        flatten(name, value, found)
    return found


def flatten(name, value, found):
    if isinstance(value, dict) and value:
        for part, inner in sorted(value.items()):
            flatten(f"{name}.{part}", inner, found)
    else:
        found[name] = json.dumps(value, ensure_ascii=False)


def members_of(signed, before):
    """What stands beside keys and targets."""
    new, old = ({name: json.dumps(value, ensure_ascii=False)
                 for name, value in (one.to_dict() if one else {}).items()
                 if name not in ("version", "expires", "keys", "roles", "targets", "_type")}
                for one in (signed, before))
    for name in sorted(set(new) | set(old)):
        if new.get(name) != old.get(name):
            was = f", was {old.get(name, 'not there')}" if before else ""
            print(printable(f"  {name}: {new.get(name, 'not there')}{was}"))
