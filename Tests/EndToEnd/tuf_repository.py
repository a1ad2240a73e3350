# SPDX-License-Identifier: Apache-2.0
"""A TUF repository made with python-tuf, the server it lies on, and the two clients that are
compared: tuf-client of this project and python-tuf's own."""

import copy
import datetime
import glob
import http.server
import json
import os
import shutil
import socketserver
import subprocess
import tempfile
import threading
from urllib import parse

from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole, Delegations, Metadata, MetaFile, Root, Snapshot, SuccinctRoles, TargetFile,
    Targets, Timestamp)
from tuf.ngclient import Updater

BUILD = os.environ.get("POSD_BUILD", ".build/release")
TOP = ("root", "timestamp", "snapshot", "targets")


def collection():
    """The scenarios of a module, and what puts one of them there."""
    scenarios = []

    def scenario(name, make=None):
        def add(function):
            scenarios.append((name, make, function))
            return function
        return add

    return scenarios, scenario


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def signer(kind="ed25519"):
    return getattr(CryptoSigner, f"generate_{kind}")()


def dump(document):
    return json.dumps(document, separators=(",", ":")).encode()


def sign(signed, signers):
    """A document of this content, whatever python-tuf would think of it."""
    message = encode_canonical(signed).encode()
    return {"signatures": [one.sign(message).to_dict() for one in signers], "signed": signed}


class Repository:
    """The documents of an honest publisher; a scenario changes what it attacks."""

    def __init__(self, kind="ed25519", consistent=True, hashes=False):
        self.kind = kind
        self.hashes = hashes
        self.files = {}
        expires = utc_now() + datetime.timedelta(days=30)
        self.signed = {
            "root": Root(consistent_snapshot=consistent, expires=expires),
            "timestamp": Timestamp(expires=expires),
            "snapshot": Snapshot(expires=expires),
            "targets": Targets(expires=expires),
        }
        self.signers = {}
        self.released = {}
        self.parent = {}
        for role in TOP:
            self.add_key(role)
        self.signed["snapshot"].meta.clear()
        for role in ("root", "targets", "snapshot", "timestamp"):
            self.put(role)

    @property
    def root(self):
        return self.signed["root"]

    @property
    def consistent(self):
        return self.root.consistent_snapshot

    def delegator(self, role):
        return self.root if role in TOP else self.signed[self.parent[role]]

    def add_key(self, role, one=None):
        one = one or signer(self.kind)
        self.delegator(role).add_key(one.public_key, role)
        self.signers.setdefault(role, []).append(one)
        return one

    def rotate(self, role):
        """Other keys for a role; the old ones are given back."""
        old = self.signers[role]
        for one in old:
            self.delegator(role).revoke_key(one.public_key.keyid, role)
        self.signers[role] = []
        for _ in old:
            self.add_key(role)
        return old

    def name(self, role, version=None):
        version = version or self.signed[role].version
        quoted = parse.quote(role, safe="")
        prefixed = role == "root" or (self.consistent and role != "timestamp")
        return f"metadata/{version}.{quoted}.json" if prefixed else f"metadata/{quoted}.json"

    def put(self, role, signers=None, edit=None):
        """Signs a role as it is and serves it; `edit` changes the signed content first."""
        if role == "timestamp":
            self.signed[role].snapshot_meta = self.listing("snapshot")
        signed = copy.deepcopy(self.signed[role].to_dict())
        if edit:
            edit(signed)
        return self.serve(role, dump(sign(signed, signers or self.signers[role])))

    def serve(self, role, data):
        self.files[self.name(role)] = data
        self.released[role] = (self.signed[role].version, data)
        if role not in ("root", "timestamp", "snapshot"):
            self.signed["snapshot"].meta[f"{role}.json"] = self.listing(role)
        return data

    def listing(self, role):
        version, data = self.released[role]
        return MetaFile.from_data(version, data, ["sha256"]) if self.hashes else MetaFile(version)

    def publish(self, *roles, **how):
        """The next version of each role."""
        for role in roles:
            self.signed[role].version += 1
            self.put(role, **how)

    def release(self):
        self.publish("targets", "snapshot", "timestamp")

    def add_root(self, *before):
        """The next root, signed by those who were asked for before as well."""
        self.root.version += 1
        self.put("root", signers=list(before) + self.signers["root"])

    def add_target(self, path, data, role="targets", hashes=("sha256",)):
        """Lists a file; the caller publishes the role."""
        self.signed[role].targets[path] = TargetFile.from_data(path, data, list(hashes))
        folder, _, name = path.rpartition("/")
        names = [path]
        if self.consistent:
            names = [
                f"{folder}/{digest}.{name}" if folder else f"{digest}.{name}"
                for digest in self.signed[role].targets[path].hashes.values()]
        for one in names:
            self.files[f"targets/{one}"] = data

    def delegate(self, role, paths=None, parent="targets", terminating=False, prefixes=None,
                 share=None):
        """A role below another one, with a key of its own or somebody's."""
        one = share or signer(self.kind)
        signed = self.signed[parent]
        if signed.delegations is None:
            signed.delegations = Delegations({}, roles={})
        signed.delegations.roles[role] = DelegatedRole(
            role, [], 1, terminating, paths=paths, path_hash_prefixes=prefixes)
        signed.add_key(one.public_key, role)
        if role in self.signed:
            return one
        self.signers[role] = [one]
        self.parent[role] = parent
        self.signed[role] = Targets(expires=signed.expires)
        return one

    def delegate_bins(self, bits, prefix="bin"):
        one = signer(self.kind)
        bins = SuccinctRoles([], 1, bits, prefix)
        targets = self.signed["targets"]
        targets.delegations = Delegations({}, succinct_roles=bins)
        targets.add_key(one.public_key)
        return bins, one

    def add_bin_target(self, bins, one, path, data):
        role = bins.get_role_for_target(path)
        if role not in self.signed:
            self.signed[role] = Targets(expires=self.signed["targets"].expires)
            self.signers[role] = [one]
        self.add_target(path, data, role)
        return role


class Server:
    """HTTP/1.0, one answer a connection, as static servers of test suites are."""

    def __init__(self):
        self.repository = None
        self.status = {}
        self.endless = set()
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *_):
                pass

        class Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

        self.server = Threads(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def answer(self, handler):
        path = handler.path.lstrip("/")
        if path.startswith("targets/"):
            path = parse.unquote(path)
        self.requests.append(path)
        data = self.repository.files.get(path)
        status = self.status.get(path, 200 if data is not None else 404)
        handler.send_response(status)
        if path in self.endless:
            handler.end_headers()
            try:
                for _ in range(1000):
                    handler.wfile.write(b" " * 65536)
            except OSError:
                pass
            return
        body = data if status == 200 else b"no"
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


class Ours:
    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        for name in ("metadata", "targets"):
            os.makedirs(f"{folder}/{name}")

    def run(self, now, *words):
        command = [f"{BUILD}/tuf-client", "--metadata-dir", f"{self.folder}/metadata", *words]
        if now:
            command = ["faketime", now.strftime("%Y-%m-%d %H:%M:%S"), *command]
        child = subprocess.run(
            command, capture_output=True, text=True, timeout=60, env={**os.environ, "TZ": "UTC"})
        assert child.returncode in (0, 1), (child.returncode, child.stderr)
        self.said = child.stderr
        return child.returncode == 0

    def start(self, root):
        path = f"{self.folder}/first.json"
        with open(path, "wb") as file:
            file.write(root)
        return self.run(None, "init", path)

    def refresh(self, now):
        return self.run(now, "--metadata-url", f"{self.url}metadata/", "refresh")

    def download(self, now, *paths):
        names = [word for path in paths for word in ("--target-name", path)]
        return self.run(
            now, "--metadata-url", f"{self.url}metadata", *names, "--target-base-url",
            f"{self.url}targets/", "--target-dir", f"{self.folder}/targets", "download")


class Theirs:
    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        for name in ("metadata", "targets"):
            os.makedirs(f"{folder}/{name}")

    def start(self, root):
        with open(f"{self.folder}/metadata/root.json", "wb") as file:
            file.write(root)

    def run(self, now, work):
        try:
            updater = Updater(
                f"{self.folder}/metadata", f"{self.url}metadata/", f"{self.folder}/targets",
                f"{self.url}targets/", bootstrap=None)
            if now:
                updater._trusted_set.reference_time = now
            work(updater)
            self.said = "done"
            return True
        except Exception as error:  # any end but a good one is a refusal
            self.said = f"{type(error).__name__}: {error}"
            return False

    def refresh(self, now):
        return self.run(now, lambda updater: updater.refresh())

    def download(self, now, *paths):
        def work(updater):
            updater.refresh()
            for path in paths:
                target = updater.get_targetinfo(path)
                if target is None:
                    raise LookupError(path)
                if not updater.find_cached_target(target):
                    updater.download_target(target)

        return self.run(now, work)


def versions(client):
    """What a client trusts, by role."""
    found = {}
    for path in glob.glob(f"{client.folder}/metadata/*.json"):
        with open(path, "rb") as file:
            name = os.path.basename(path).removesuffix(".json")
            try:
                found[name] = json.loads(file.read())["signed"]["version"]
            except (ValueError, KeyError):
                found[name] = None
    return found


def downloads(client):
    found = []
    for path in glob.glob(f"{client.folder}/targets/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                found.append(file.read())
    return sorted(found)


class Lab:
    """One scenario: a repository, a server, and both clients side by side."""

    def __init__(self, server, repository):
        self.server = server
        self.server.repository = self.repository = repository
        self.server.status, self.server.endless = {}, set()
        self.folder = tempfile.mkdtemp(prefix="posd-tuf-")
        self.ours = Ours(f"{self.folder}/ours", server.url)
        self.theirs = Theirs(f"{self.folder}/theirs", server.url)
        self.now = None
        self.steps = 0

    def start(self, root=None):
        root = root or self.repository.files["metadata/1.root.json"]
        assert self.ours.start(root)
        self.theirs.start(root)
        return self

    def both(self, wanted, work, theirs=None, same=True):
        """Both come to the wanted verdict, and trust the same afterwards. Where the reference is
        known to judge otherwise, `theirs` is its verdict."""
        self.server.requests.clear()
        got = work(self.ours)
        self.requests = list(self.server.requests)
        their_verdict = work(self.theirs)
        said = (self.ours.said, self.theirs.said)
        assert got == wanted, ("ours", got, *said)
        expected = wanted if theirs is None else theirs
        assert their_verdict == expected, ("theirs", their_verdict, *said)
        if same and theirs is None:
            assert versions(self.ours) == versions(self.theirs), (
                versions(self.ours), versions(self.theirs), *said)
            assert downloads(self.ours) == downloads(self.theirs), said
        self.steps += 1

    def refresh(self, wanted, **how):
        self.both(wanted, lambda client: client.refresh(self.now), **how)

    def download(self, wanted, *paths, **how):
        self.both(wanted, lambda client: client.download(self.now, *paths), **how)

    def trusts(self, **wanted):
        found = versions(self.ours)
        for role, version in wanted.items():
            assert found.get(role) == version, (role, found, self.ours.said)

    def end(self):
        shutil.rmtree(self.folder)
