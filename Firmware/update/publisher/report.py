# SPDX-License-Identifier: Apache-2.0
"""What people and programs are told of a repository."""

import json

from repository import TOP, now

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
        value["targets"][name] = {"length": target.length, **(target.custom or {}).get("posd", {})}
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
        print(f"target   {name}: {one.get('version')} for {one.get('compatible')}, "
              f"epoch {one.get('epoch')}, ring {one.get('ring')}")
    for role, one in value["staged"].items():
        print(f"staged   {role} {one['version']}: {'; '.join(one['lacks']) or 'signed'}")
    for line in value["warnings"]:
        print(f"warning  {line}")


def staged(repository, role):
    """What somebody who signs puts a name to: every difference to what is public."""
    document = repository.staged(role)
    before = repository.public(role)
    expires = document.signed.expires.strftime("%Y-%m-%d")
    print(f"{role} {document.signed.version}, expires {expires}")
    if role == "root":
        keys_of(repository, document.signed, before.signed if before else None)
    else:
        targets_of(document.signed.targets, before.signed.targets if before else {})


def keys_of(repository, root, before):
    for role in TOP:
        new = set(root.roles[role].keyids)
        old = set(before.roles[role].keyids) if before else set()
        for keyid in sorted(new - old):
            print(f"  + {role}: {repository.name_of(keyid)} {keyid}")
        for keyid in sorted(old - new):
            print(f"  - {role}: {repository.name_of(keyid)} {keyid}")
        print(f"    {role}: {root.roles[role].threshold} of {len(new)}")


def targets_of(targets, before):
    for name in sorted(set(targets) | set(before)):
        new, old = targets.get(name), before.get(name)
        if new == old:
            continue
        if old:
            print(f"  - {name}: {said(old)}")
        if new:
            print(f"  + {name}: {said(new)}")


def said(target):
    custom = (target.custom or {}).get("posd", {})
    words = ", ".join(
        f"{name} {value}" for name, value in sorted(custom.items()) if not isinstance(value, dict))
    return f"{target.length} bytes, sha256 {target.hashes['sha256']}, {words}"
