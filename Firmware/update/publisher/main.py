# SPDX-License-Identifier: Apache-2.0
"""publish: what each command does."""

import contextlib
import os
import sys

try:
    import bundle
    import keys
    import report
    import words
    from creation import check_kind, create
    from custom import check_range, check_succession, make, ring_of
    from files import alone, remove
    from mistake import Mistake, printable
    from release import Release
    from repository import ROLES, STAGED, Repository
    from sound import LIMITS, TOP, check_apart, is_path, posd_of
except ModuleNotFoundError as missing:
    sys.exit(f"publish: {sys.executable} has no module {missing.name}\n  do: Firmware/setup "
             "--checks, or pip install tuf securesystemslib and set POSD_PYTHON")


def key(asked):
    for name in asked.name:
        public = keys.make_key(asked.folder, name, asked.development)
        print(f"{asked.folder}/{name}.public.json: give this one away, {public.key.keyid[:12]}")
        print(f"{asked.folder}/{name}.key.pem: keep this one, and a copy in another place")


DEVELOPMENT = {"root": 3, "targets": 3, "snapshot": 1, "timestamp": 1, "recovery": 3}


def init(asked):
    days = {role: getattr(asked, f"{role}_days") for role in TOP}
    for role, value in days.items():
        check_range(f"the days of {role}", value, *LIMITS[role])
    thresholds = {role: getattr(asked, f"{role}_threshold") for role in ROLES}
    if asked.development:
        if not asked.keys:
            raise Mistake("no place for the development keys", "--keys FOLDER")
        roles = {role: [keys.make_key(asked.keys, f"development-{role}-{number}", True)
                        for number in range(1, count + 1)]
                 for role, count in DEVELOPMENT.items()}
    else:
        roles = {role: [keys.PublicKey.load(path) for path in getattr(asked, role)]
                 for role in ROLES}
    repository = create(asked.repository, roles, thresholds, days, asked.development)
    if not asked.development:
        print(f"{asked.repository}: root 1 and targets 1 wait for signatures: publish sign")
        return
    with alone(asked.repository):
        at_hand = keys.signers([asked.keys])
        for role in ("root", "targets"):
            repository.sign(role, repository.may_sign(role, at_hand))
        Release(repository, at_hand).run()
    print(f"{asked.repository}: public, under DEVELOPMENT KEYS in {asked.keys}")
    print(f"  first root for terminals: {asked.repository}/public/metadata/1.root.json")
    print(f"  recovery keys for terminals: {asked.repository}/recovery-keys.json")


def make_bundle(asked):
    total = bundle.build(asked.folder, asked.out, asked.version, asked.compatible)
    print(f"{asked.out}: {asked.version} for {asked.compatible}, {total} bytes of files")


def described(asked):
    """Path of the target and custom data of a bundle."""
    version, compatible, digest = asked.version, asked.compatible, asked.manifest_hash
    if asked.format == "directory":
        found = bundle.read_manifest(asked.bundle)
        if found is None:
            raise Mistake(
                f"{asked.bundle} is not of `publish bundle`", "for a RAUC bundle: --format verity")
        said, digest = found
        for name, given in (("version", version), ("compatible", compatible)):
            if given not in (None, said.get(name)):
                raise Mistake(f"the bundle says {name} {said.get(name)}", f"leave --{name} away")
        version, compatible = said.get("version", ""), said.get("compatible", "")
    elif None in (version, compatible, digest):
        raise Mistake(
            "of a RAUC bundle nothing is known",
            "--version, --compatible and --manifest-hash, as `rauc info` shows them")
    value = make(asked, version, compatible, digest)
    name = asked.name or f"{compatible}/{os.path.basename(asked.bundle)}"
    if not is_path(name):
        raise Mistake(f"{name!r} is no path of a target", "names with / between them, none empty")
    return name, value


def add(asked, repository):
    name, custom = described(asked)
    if name in public(repository).targets():
        raise Mistake(f"{name} is there already", "another name, or withdraw it first")
    check_succession(custom, repository.releases(), repository.recoveries())
    document = repository.draft("targets")
    document.signed.targets[name] = repository.stage_bundle(name, asked.bundle, custom)
    repository.stage("targets", document)
    print(f"staged: {name}, {custom['posd']['version']}, ring {custom['posd']['ring']}")


def recovery(asked, repository):
    name, custom = described(asked)
    listed, withdrawn = public(repository).releases(), repository.settings["withdrawn"]
    check_succession(custom, withdrawn, [*listed, *repository.recoveries()])
    entry = repository.stage_bundle(name, asked.bundle, custom)
    repository.stage_recovery(name, entry)
    print(f"staged: recovery {repository.staged('recovery').signed.version} with {name}")


def public(repository):
    if repository.public("timestamp") is None:
        raise Mistake("nothing is public yet", "publish sign, then publish release")
    return repository


def listed(repository, name):
    document = public(repository).draft("targets")
    if name not in document.signed.targets:
        known = ", ".join(sorted(document.signed.targets)) or "none"
        raise Mistake(f"there is no target {name}", f"targets: {known}")
    return document


def ring(asked, repository):
    check_range("ring", asked.ring, 0, 99)
    document = listed(repository, asked.name)
    release = posd_of(document).get(asked.name)
    if release is None:
        raise Mistake(f"{asked.name} has no ring", "publish withdraw drops it")
    if asked.ring <= release["ring"]:
        raise Mistake(
            f"{asked.name} has ring {release['ring']} already",
            "a ring only rises: terminals that have it keep it; to stop it, publish withdraw")
    print(f"staged: {asked.name}, ring {release['ring']} to {asked.ring}")
    release["ring"] = asked.ring
    repository.stage("targets", document)


def withdraw(asked, repository):
    document = listed(repository, asked.name)
    entry = document.signed.targets.pop(asked.name)
    repository.stage("targets", document)
    repository.drop_bundles()
    path = repository.bundle_path("public", asked.name, entry)
    print(f"staged: {asked.name} goes; terminals that have it keep it until a higher version comes")
    if os.path.exists(path):
        print(f"  {path} may be deleted a week after the release")


def renew(asked, repository):
    repository.stage(asked.role, public(repository).draft(asked.role))
    print(f"staged: {asked.role} {repository.staged(asked.role).signed.version}, to be signed")


def rotate(asked, repository):
    document = public(repository).draft("root")
    root = document.signed
    for name in asked.remove:
        root.revoke_key(repository.key_called(name, root.roles[asked.role].keyids), asked.role)
    for path in asked.add:
        one = keys.PublicKey.load(path)
        check_kind(one, repository.settings["development"])
        check_apart([*repository.keys_in_use(root), (asked.role, one.name, one.key.keyid)])
        repository.check_name(one.name, one.key.keyid)
        root.add_key(one.key, asked.role)
        repository.settings["names"][one.key.keyid] = one.name
    entry = root.roles[asked.role]
    count = len(entry.keyids)
    if asked.threshold is not None:
        entry.threshold = check_range("threshold", asked.threshold, 1, count)
    if entry.threshold > count or (asked.role == "root" and entry.threshold == count):
        raise Mistake(
            f"{asked.role}: {count} keys are too few for a threshold of {entry.threshold}",
            "--add FILE, so that after this change one may still be lost")
    if asked.role in ("root", "targets") and entry.threshold < 2:
        raise Mistake(f"{asked.role}: one key alone would be enough", "--threshold 2 or more")
    repository.save_settings()
    repository.stage("root", document)
    # The new keys sign what is public as well.
    repository.stage("targets", repository.draft("targets"))
    print(f"staged: root {root.version}; it needs the keys before and the keys from now on")


def discard(asked, repository):
    for role in asked.role:
        if role not in STAGED:
            raise Mistake(f"{role!r} is nothing that waits", "root, targets or recovery")
    # A file that cannot be read can be dropped all the same.
    for role in asked.role or STAGED:
        path = public(repository).path("staged", f"{role}.json")
        if os.path.exists(path):
            remove(path)
            print(f"dropped: {role}")
    repository.drop_bundles()


def shown(repository):
    """Says what is staged; returns it."""
    staged = {role: document for role in STAGED if (document := repository.staged(role))}
    if not staged:
        raise Mistake("nothing is staged", "publish add, ring, withdraw, renew, rotate or recovery")
    repository.check_apart()
    report.staged(repository, staged)
    return staged


def show(_, repository):
    shown(repository)


def sign(asked, repository):
    at_hand = keys.signers(asked.keys)
    staged = shown(repository)
    mine = {role: repository.may_sign(role, at_hand) for role in staged}
    if not any(mine.values()):
        raise Mistake("no key at hand may sign this", "publish status names those that may")
    for role, signers in mine.items():
        names = ", ".join(sorted(repository.name_of(one) for one in signers))
        print(f"{role} is signed by: {names or 'no key at hand'}")
    if not asked.yes:
        ask()
    # Nobody has to wait while somebody reads; what was shown is what is signed.
    with alone(asked.repository):
        for role, document in staged.items():
            repository.refuse_changed(role, document)
        for role, signers in mine.items():
            if signers:
                repository.sign(role, signers)
    print("signed")


def ask():
    """Nothing is signed that nobody has read."""
    if not sys.stdin.isatty():
        raise Mistake("nobody is there to read this", "--yes, where somebody has: publish show")
    try:
        is_wanted = input("Sign this? Type yes: ").strip() == "yes"
    except EOFError:
        is_wanted = False
    if not is_wanted:
        raise Mistake("not signed", "publish discard drops what should not be there")


def release(asked, repository):
    written = Release(repository, keys.signers(asked.keys)).run(asked.only)
    print(f"public: {', '.join(written)}")


def refresh(asked, repository):
    written = Release(repository, keys.signers(asked.keys)).refresh(asked.force)
    if written:
        print(f"public: {', '.join(written)}")
    for line in report.warnings(repository):
        print(f"publish: {line}", file=sys.stderr)


def status(asked, repository):
    (report.as_json if asked.json else report.as_text)(repository)


ON_REPOSITORY = {
    "add": add, "recovery": recovery, "ring": ring, "withdraw": withdraw, "renew": renew,
    "rotate": rotate, "discard": discard, "show": show, "sign": sign, "release": release,
    "refresh": refresh, "status": status,
}
READING = ("status", "show", "sign")


def perform(asked):
    if asked.command == "key":
        key(asked)
    elif asked.command == "init":
        init(asked)
    elif asked.command == "bundle":
        make_bundle(asked)
    elif asked.command == "ring-of":
        for serial in asked.serial:
            print(f"{serial} {ring_of(serial)}")
    else:
        Repository(asked.repository)
        # Reading needs no lock, and to sign is to read first. Whoever waited for the lock reads
        # what is there now.
        with contextlib.nullcontext() if asked.command in READING else alone(asked.repository):
            ON_REPOSITORY[asked.command](asked, Repository(asked.repository))


def main(arguments=None):
    asked = words.parser().parse_args(arguments)
    try:
        check_words(sys.argv[1:] if arguments is None else arguments)
        perform(asked)
    except Mistake as mistake:
        end(str(mistake), mistake.remedy)
    except OSError as error:
        end(f"{error.filename or 'the disk'}: {error.strerror}", "put this right and say it again")
    except KeyboardInterrupt:
        end("interrupted", "say it again: what is public is whole")


def check_words(arguments):
    """What is said must be text: it becomes part of what is signed."""
    for word in arguments:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise Mistake(f"{word!r} is not UTF-8", "say it in UTF-8") from None


def end(what, remedy):
    """Says what a person can put right; 1 is left to what only a programmer can."""
    print(printable(f"publish: {what}"), file=sys.stderr)
    if remedy:
        print(printable(f"  do: {remedy}"), file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # What a terminal of another alphabet cannot show is shown in figures.
        stream.reconfigure(errors="backslashreplace")
    main()
