# SPDX-License-Identifier: Apache-2.0
"""Keys in folders: NAME.key.pem is the secret half, NAME.public.json what others are given."""

import glob
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.exceptions import StorageError
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from files import dump_json, make_folder, place, read, read_json, sweep_beside
from mistake import Mistake

DEVELOPMENT = b"posd DEVELOPMENT KEY: throw-away, for tests, never for a terminal that sells\n"
NOTE = """DEVELOPMENT KEYS

These keys were made for tests. Whoever reads this folder can sign for terminals that trust them,
so no terminal that sells may. Never commit this folder, never put such a key into an image.
"""


def is_name(text):
    """What people call a key is printed, and becomes the name of a file."""
    return (isinstance(text, str) and text.isascii() and text.replace("-", "").isalnum()
            and len(text) <= 64)


def keyid_of(key):
    """The identifier that a terminal computes: it refuses a root in which a key has another."""
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
    return SSlibKey.from_crypto(public).keyid


class PublicKey:
    """A key as others are given it, with the name by which people call it."""

    def __init__(self, name, key, is_development):
        self.name, self.key, self.is_development = name, key, is_development

    @classmethod
    def load(cls, path):
        value = read_json(path)
        try:
            key = Key.from_dict(value["keyid"], dict(value["key"]))
            if key.keyid != keyid_of(key):
                raise Mistake(
                    f"{path} bears an identifier that is not its key's",
                    "terminals would refuse it for ever: ask its owner for the file as it was made")
            if not is_name(value["name"]) or type(value["development"]) is not bool:
                raise ValueError("no name, or no word on what it is for")
            return cls(value["name"], key, value["development"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Mistake(
                f"{path} is not the public half of a key",
                "publish key FOLDER NAME makes both halves") from None

    def data(self):
        return dump_json({
            "name": self.name, "development": self.is_development, "keyid": self.key.keyid,
            "key": self.key.to_dict()})


def make_key(folder, name, is_development):
    """Both halves of a new Ed25519 key; the secret one is for its owner's eyes."""
    if not is_name(name):
        raise Mistake(f"{name!r} is no name for a key", "letters, digits and - alone, at most 64")
    make_folder(folder, 0o700)
    secret, given = (os.path.join(folder, f"{name}{end}") for end in (".key.pem", ".public.json"))
    for path in (secret, given):
        # A public half alone is somebody else's.
        if os.path.lexists(path):
            raise Mistake(f"{path} is there already", "a key is never replaced: take another name")
        sweep_beside(path)
    signer = CryptoSigner.generate_ed25519()
    public = PublicKey(name, signer.public_key, is_development)
    if is_development:
        place(os.path.join(folder, "DEVELOPMENT-KEYS.txt"), NOTE.encode())
    hide_from_git(folder)
    mark = DEVELOPMENT if is_development else b""
    # Nobody is given a public half whose secret one was never kept.
    place(secret, mark + signer.private_bytes, mode=0o600)
    place(given, public.data())
    return public


def hide_from_git(folder):
    """What git must never see, whoever made it; what somebody wrote there stays."""
    path = os.path.join(folder, ".gitignore")
    lines = read(path) if os.path.exists(path) else b""
    if lines.split(b"\n")[-2:-1] == [b"*"]:
        return
    if lines and not lines.endswith(b"\n"):
        lines += b"\n"
    # The last line counts.
    place(path, lines + b"*\n")


def signers(folders):
    """What can sign: every secret half of some folders, by the identifier of its key."""
    found = {}
    for folder in folders:
        if not os.path.isdir(folder):
            raise Mistake(f"{folder} is no folder of keys", "publish key FOLDER NAME makes a key")
        for path in sorted(glob.glob(f"{glob.escape(folder)}/*.key.pem")):
            public_path = path.removesuffix(".key.pem") + ".public.json"
            if not os.path.exists(public_path):
                raise Mistake(f"{path} has no public half beside it",
                              f"restore {public_path}, or remove what a cut has left")
            public = PublicKey.load(public_path)
            found[public.key.keyid] = load_signer(path, public.key)
    return found


def load_signer(path, key):
    try:
        signer = CryptoSigner(load_pem_private_key(read(path), None), key)
        # A secret half of another key would sign what nobody takes.
        key.verify_signature(signer.sign(b"posd"), b"posd")
    except PermissionError:
        raise Mistake(f"{path} may not be read by you", "sign as the owner of the key") from None
    except (ValueError, TypeError, StorageError):
        raise Mistake(f"{path} holds no key that can be read", "restore it from its copy") from None
    except Exception:
        raise Mistake(
            f"{path} does not belong to the public half beside it",
            "restore both from their copies") from None
    return signer
