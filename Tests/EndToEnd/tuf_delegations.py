# SPDX-License-Identifier: Apache-2.0
"""Who else may say which files there are."""

import datetime

from tuf_repository import Repository, collection, signer, utc_now

SCENARIOS, scenario = collection()


def release(lab, *roles):
    for role in roles:
        lab.repository.put(role)
    lab.repository.release()


def asked(lab):
    """The delegated roles that were asked for, in order."""
    names = [name.split("/")[1] for name in lab.requests if name.startswith("metadata/")]
    roles = [".".join(name.split(".")[1:-1]) for name in names]
    return [role for role in roles if role not in ("root", "snapshot", "targets", "")]


@scenario("a delegated role lists the file; later it is not fetched again")
def _(lab):
    lab.repository.delegate("a", ["x/*"])
    lab.repository.add_target("x/file", b"content", "a")
    release(lab, "a")
    lab.start().download(True, "x/file")
    assert asked(lab) == ["a"], lab.requests
    lab.download(True, "x/file")
    assert asked(lab) == [], lab.requests


for pattern, path, wanted in (
        ("*.md", "README.md", True), ("*.md", "releases/README.md", False),
        ("releases/*/*", "releases/x/v1", True), ("releases/*", "releases/x/v1", False),
        ("foo-?.tgz", "foo-1.tgz", True), ("foo-?.tgz", "foo-alpha.tgz", False),
        ("?", "é", True), ("[a-c]x", "bx", True), ("[a-c]x", "dx", False), ("[!a-c]x", "dx", True),
        ("[]x]y", "]y", True), ("[a", "[a", True), ("[z-a]", "y", False), ("*", ".hidden", True),
        ("A*", "abc", False), ("a*b*c", "a-b-b-c", True), ("a*b*c", "a-b-b-d", False),
        ("[-a]", "-", True), ("**", "x", True), ("x", "x", True)):
    @scenario(f"the pattern {pattern} and the path {path}")
    def _(lab, pattern=pattern, path=path, wanted=wanted):
        lab.repository.delegate("a", [pattern])
        lab.repository.add_target(path, b"content", "a")
        release(lab, "a")
        lab.start().download(wanted, path)
        assert asked(lab) == (["a"] if wanted else []), lab.requests


@scenario("roles are asked depth first, in their order")
def _(lab):
    repository = lab.repository
    repository.delegate("a", ["*"])
    repository.delegate("b", ["*"])
    repository.delegate("a1", ["*"], "a")
    repository.delegate("a2", ["*"], "a")
    repository.delegate("other", ["y*"], "a")
    repository.add_target("x", b"content", "b")
    release(lab, "a", "b", "a1", "a2", "other")
    lab.start().download(True, "x")
    assert asked(lab) == ["a", "a1", "a2", "b"], asked(lab)


@scenario("nothing is asked behind a terminating role, at any level")
def _(lab):
    repository = lab.repository
    repository.delegate("a", ["*"])
    repository.delegate("b", ["*"])
    repository.delegate("a1", ["*"], "a", terminating=True)
    repository.delegate("a2", ["*"], "a")
    repository.delegate("deep", ["*"], "a1")
    repository.add_target("x", b"content", "b")
    release(lab, "a", "b", "a1", "a2", "deep")
    lab.start().download(False, "x")
    assert asked(lab) == ["a", "a1", "deep"], asked(lab)


@scenario("a terminating role whose paths do not match ends nothing")
def _(lab):
    lab.repository.delegate("a", ["y"], terminating=True)
    lab.repository.delegate("b", ["*"])
    lab.repository.add_target("x", b"content", "b")
    release(lab, "a", "b")
    lab.start().download(True, "x")


@scenario("roles that delegate to each other are asked once")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.delegate("b", ["*"], "a")
    lab.repository.delegate("a", ["*"], "b", share=lab.repository.signers["a"][0])
    release(lab, "a", "b")
    lab.start().download(False, "x")
    assert asked(lab) == ["a", "b"], asked(lab)


for length, wanted in ((32, True), (33, False)):
    @scenario(f"a chain of {length} roles")
    def _(lab, length=length, wanted=wanted):
        names = [f"r{number}" for number in range(length)]
        for parent, name in zip(["targets", *names], names):
            lab.repository.delegate(name, ["*"], parent)
        lab.repository.add_target("x", b"content", names[-1])
        release(lab, *names)
        lab.start().download(wanted, "x")


@scenario("every role on the way must match the path")
def _(lab):
    lab.repository.delegate("a", ["x/*"])
    lab.repository.delegate("b", ["*", "y/*"], "a")
    lab.repository.add_target("y/file", b"content", "b")
    release(lab, "a", "b")
    lab.start().download(False, "y/file")
    assert asked(lab) == [], lab.requests


@scenario("what a more trusted role lists counts")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.delegate("b", ["*"])
    lab.repository.add_target("x", b"of b", "b")
    lab.repository.add_target("x", b"of a", "a")
    release(lab, "a", "b")
    lab.start().download(True, "x")


@scenario("the first digits of the path's digest choose the role")
def _(lab):
    import hashlib
    digest = hashlib.sha256(b"x").hexdigest()
    wrong = format((int(digest[0], 16) + 1) % 16, "x")
    lab.repository.delegate("a", prefixes=[wrong])
    lab.repository.delegate("b", prefixes=["ffff", digest[:3]])
    lab.repository.add_target("x", b"content", "b")
    release(lab, "a", "b")
    lab.start().download(True, "x")
    assert asked(lab) == ["b"], asked(lab)


for bits in (1, 3, 8, 14, 32):
    @scenario(f"hash bins of {bits} bits")
    def _(lab, bits=bits):
        bins, one = lab.repository.delegate_bins(bits)
        roles = {lab.repository.add_bin_target(bins, one, f"f{number}", b"%d" % number)
                 for number in range(5)}
        release(lab, *roles)
        lab.start().download(True, *[f"f{number}" for number in range(5)])
        lab.download(False, "nothing")


@scenario("a hash bin that a stranger has signed")
def _(lab):
    bins, one = lab.repository.delegate_bins(4)
    role = lab.repository.add_bin_target(bins, one, "x", b"content")
    lab.repository.put(role, signers=[signer()])
    lab.repository.release()
    lab.start().download(False, "x")


@scenario("a delegated role that a stranger has signed")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.add_target("x", b"content", "a")
    lab.repository.put("a", signers=[signer()])
    lab.repository.release()
    lab.start().download(False, "x")


@scenario("a delegated role that the snapshot does not list is not asked for")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.add_target("x", b"content", "a")
    lab.repository.put("a")
    del lab.repository.signed["snapshot"].meta["a.json"]
    lab.repository.release()
    lab.start().download(False, "x")
    assert asked(lab) == [], lab.requests


@scenario("a delegated role that does not come ends the search")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.delegate("b", ["*"])
    lab.repository.add_target("x", b"content", "b")
    release(lab, "a", "b")
    lab.server.status["metadata/1.a.json"] = 404
    lab.start().download(False, "x")


@scenario("a delegated role expires, and a newer one comes")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.add_target("x", b"content", "a")
    lab.repository.signed["a"].expires = utc_now() - datetime.timedelta(days=1)
    release(lab, "a")
    lab.start().download(False, "x")
    lab.repository.signed["a"].expires = utc_now() + datetime.timedelta(days=1)
    lab.repository.publish("a")
    lab.repository.release()
    lab.download(True, "x")


@scenario("a newer snapshot lists an older delegated role")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.add_target("x", b"content", "a")
    release(lab, "a")
    lab.repository.publish("a")
    lab.repository.release()
    lab.start().download(True, "x")
    lab.repository.signed["snapshot"].meta["a.json"].version = 1
    lab.repository.publish("snapshot", "timestamp")
    lab.download(False, "x")


@scenario("a newer snapshot no longer lists a delegated role")
def _(lab):
    lab.repository.delegate("a", ["*"])
    release(lab, "a")
    lab.start().refresh(True)
    del lab.repository.signed["snapshot"].meta["a.json"]
    lab.repository.publish("snapshot", "timestamp")
    lab.refresh(False)


@scenario("a delegated role's key changes, and the stored document counts no more")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.add_target("x", b"content", "a")
    release(lab, "a")
    lab.start().download(True, "x")
    lab.repository.rotate("a")
    lab.repository.release()
    lab.download(False, "x")
    lab.repository.publish("a")
    lab.repository.release()
    lab.download(True, "x")


@scenario("two roles delegate to a third with different keys: it counts for one of them alone")
def _(lab):
    repository = lab.repository
    repository.delegate("a", ["a/*"])
    repository.delegate("b", ["b/*"])
    repository.delegate("shared", ["a/*"], "a")
    repository.delegate("shared", ["b/*"], "b", share=signer())
    repository.add_target("a/x", b"content of a", "shared")
    repository.add_target("b/x", b"content of b", "shared")
    release(lab, "shared", "a", "b")
    lab.start().download(True, "a/x")
    lab.download(False, "a/x", "b/x")
    lab.download(False, "b/x")


for role in ("?", "#", "/delegatedrole", "../delegatedrole", "a b", "ä", "with.dots", "x%2Fy"):
    @scenario(f"a role called {role}")
    def _(lab, role=role):
        lab.repository.delegate(role, ["*"])
        lab.repository.add_target("x", b"content", role)
        release(lab, role)
        lab.start().download(True, "x")
        lab.download(True, "x")


@scenario("two of three must sign a delegated role")
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.add_key("a")
    lab.repository.add_key("a")
    lab.repository.signed["targets"].delegations.roles["a"].threshold = 2
    lab.repository.add_target("x", b"content", "a")
    lab.repository.put("a", signers=lab.repository.signers["a"][:1])
    lab.repository.release()
    lab.start().download(False, "x")
    lab.repository.signed["a"].version += 1
    lab.repository.put("a", signers=lab.repository.signers["a"][1:])
    lab.repository.release()
    lab.download(True, "x")


@scenario("delegated roles with digests in the snapshot", lambda: Repository(hashes=True))
def _(lab):
    lab.repository.delegate("a", ["*"])
    lab.repository.add_target("x", b"content", "a")
    release(lab, "a")
    lab.start().download(True, "x")
    lab.repository.publish("a")
    lab.repository.release()
    lab.repository.files["metadata/2.a.json"] += b" "
    lab.download(False, "x")
