# SPDX-License-Identifier: Apache-2.0
"""Ten thousand random cases, computed by posd's cryptography and by psec, pycryptodome and gmssl.

differential.py [CASES [SEED]]

A case is a line that `possim crypto` reads, and what the other library has for it. Key blocks go both
ways: theirs are opened by us, ours by theirs.
"""

import os
import random
import subprocess
import sys

from Crypto.Cipher import AES, DES, DES3
from Crypto.Hash import CMAC, HMAC, SHA1, SHA224, SHA256, SHA384, SHA512
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import DSS, eddsa, pkcs1_15, pss
from gmssl import sm3, sm4
import psec

BUILD = os.environ.get("POSD_BUILD", ".build/release")
HASHES = {"sha1": SHA1, "sha224": SHA224, "sha256": SHA256, "sha384": SHA384, "sha512": SHA512}
KEYS = {"des": 8, "tdes2": 16, "tdes3": 24, "aes128": 16, "aes192": 24, "aes256": 32}
STRENGTH = {"des": 56, "tdes2": 80, "tdes3": 112, "aes128": 128, "aes192": 192, "aes256": 256}


class Maker:
    """Draws the cases of one seed."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.rsa = [RSA.generate(bits, randfunc=self.dice.randbytes) for bits in (1024, 1536, 2048)]
        self.p256 = ECC.generate(curve="P-256", randfunc=self.dice.randbytes)

    def bytes(self, low, high=None):
        return self.dice.randbytes(low if high is None else self.dice.randint(low, high))

    def digits(self, low, high):
        return "".join(self.dice.choices("0123456789", k=self.dice.randint(low, high)))

    def key(self, *algorithms):
        algorithm = self.dice.choice(algorithms)
        return algorithm, self.bytes(KEYS[algorithm])

    def cipher(self, algorithm, key, mode, **rest):
        if algorithm == "des":
            return DES.new(key, getattr(DES, mode), **rest)
        if algorithm.startswith("tdes"):
            # The library refuses keys whose parity makes them weak; parity is none of ours.
            return DES3.new(DES3.adjust_key_parity(key), getattr(DES3, mode), **rest)
        return AES.new(key, getattr(AES, mode), **rest)

    def case(self):
        return getattr(self, self.dice.choice(KINDS))()

    def ecb(self):
        algorithm, key = self.key(*KEYS)
        plain = self.bytes(16 * self.dice.randint(0, 6))
        yield ("ecb", algorithm, key, plain), self.cipher(algorithm, key, "MODE_ECB").encrypt(plain)

    def cbc(self):
        algorithm, key = self.key(*KEYS)
        vector = self.bytes(8 if "des" in algorithm else 16)
        plain = self.bytes(16 * self.dice.randint(0, 6))
        made = self.cipher(algorithm, key, "MODE_CBC", iv=vector).encrypt(plain)
        yield ("cbc", algorithm, key, vector, plain), made

    def ctr(self):
        algorithm, key = self.key("aes128", "aes192", "aes256")
        counter = self.bytes(16)
        plain = self.bytes(0, 90)
        made = AES.new(key, AES.MODE_CTR, nonce=b"", initial_value=counter).encrypt(plain)
        yield ("ctr", algorithm, key, counter, plain), made

    def gcm(self):
        algorithm, key = self.key("aes128", "aes192", "aes256")
        nonce, associated, plain = self.bytes(12), self.bytes(0, 30), self.bytes(0, 90)
        cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
        cipher.update(associated)
        sealed = b"".join(cipher.encrypt_and_digest(plain))
        yield ("gcm", algorithm, key, nonce, associated, plain), sealed

    def sm(self):
        key, plain = self.bytes(16), self.bytes(16 * self.dice.randint(1, 4))
        cipher = sm4.CryptSM4()
        cipher.set_key(key, sm4.SM4_ENCRYPT)
        # The library adds a block of padding, which is cut off.
        yield ("ecb", "sm4", key, plain), cipher.crypt_ecb(plain)[:len(plain)]
        vector = self.bytes(16)
        yield ("cbc", "sm4", key, vector, plain), cipher.crypt_cbc(vector, plain)[:len(plain)]
        message = self.bytes(1, 90)
        yield ("hash", "sm3", message), bytes.fromhex(sm3.sm3_hash(list(message)))

    def check_values(self):
        algorithm, key = self.key("tdes2", "tdes3")
        yield ("kcv", algorithm, key), psec.des.generate_kcv(key, 3)
        algorithm, key = self.key("aes128", "aes192", "aes256")
        made = CMAC.new(key, bytes(16), ciphermod=AES).digest()[:5]
        yield ("kcvcmac", algorithm, key), made

    def macs(self):
        padding = self.dice.randint(1, 3)
        message = self.bytes(1, 120)
        key = self.bytes(16)
        made = psec.mac.generate_retail_mac(key[:8], key[8:], message, padding, 8)
        yield ("mac", "tdes2", key, f"retail{padding}", message), made
        algorithm, key = self.key("tdes2", "tdes3")
        made = psec.mac.generate_cbc_mac(key, message, padding, 8, psec.mac.Algorithm.DES)
        yield ("mac", algorithm, key, f"chained{padding}", message), made
        algorithm, key = self.key("aes128", "aes192", "aes256")
        made = psec.mac.generate_cbc_mac(key, message, padding, 16, psec.mac.Algorithm.AES)
        yield ("mac", algorithm, key, f"chained{padding}", message), made

    def cmacs(self):
        algorithm, key = self.key("tdes2", "tdes3", "aes128", "aes192", "aes256")
        message = self.bytes(0, 90)
        module = AES if algorithm.startswith("aes") else DES3
        proper = key if module is AES else DES3.adjust_key_parity(key)
        yield ("mac", algorithm, key, "cmac", message), CMAC.new(
            proper, message, ciphermod=module).digest()

    def hashes(self):
        name = self.dice.choice(list(HASHES))
        message = self.bytes(0, 300)
        yield ("hash", name, message), HASHES[name].new(message).digest()
        key = self.bytes(1, 100)
        yield ("hmac", key, message), HMAC.new(key, message, SHA256).digest()

    def pins(self):
        pin, pan = self.digits(4, 12), self.digits(13, 19)
        plain = bytes(int(digit) for digit in pin)
        yield ("pin0", pin, pan), psec.pinblock.encode_pinblock_iso_0(pin, pan)
        yield ("pin2", pin), psec.pinblock.encode_pinblock_iso_2(pin)
        yield ("pin3", psec.pinblock.encode_pinblock_iso_3(pin, pan), pan), plain
        algorithm, key = self.key("aes128", "aes192", "aes256")
        block = psec.pinblock.encipher_pinblock_iso_4(key, pin, pan)
        yield ("pin4", algorithm, key, block, pan), plain

    def protection(self):
        version = self.dice.choice("ABCD")
        kinds = ("aes128", "aes192", "aes256") if version == "D" else ("tdes2", "tdes3")
        algorithm, key = self.key(*kinds)
        inner = [name for name in KEYS if STRENGTH[name] <= STRENGTH[algorithm]]
        return version, algorithm, key, self.key(*inner)

    def key_block(self, version, inner):
        letter = "A" if inner.startswith("aes") else "T"
        header = psec.tr31.Header(version, "D0", letter, "B", "00", "E")
        data = "".join(self.dice.choices("0123456789ABCDEF", k=self.dice.randint(0, 260)))
        has_block = self.dice.random() < 0.5
        if has_block:
            header.blocks["X1"] = data
        return header, f"X1{data}" if has_block else "-"

    def theirs(self):
        version, algorithm, protection, (inner, key) = self.protection()
        header, _ = self.key_block(version, inner)
        block = psec.tr31.wrap(protection, header, key)
        yield ("unwrap", algorithm, protection, block), key
        at = self.dice.randrange(len(block))
        other = self.dice.choice([c for c in "0123456789ABCDEF" if c != block[at]])
        yield ("unwrap", algorithm, protection, block[:at] + other + block[at + 1:]), None

    def ours(self):
        version, algorithm, protection, (inner, key) = self.protection()
        _, optional = self.key_block(version, inner)
        words = ("wrap", algorithm, protection, version, optional, inner, key, self.bytes(16, 60))

        def opens(answer):
            header, found = psec.tr31.unwrap(protection, bytes.fromhex(answer).decode("ascii"))
            blocks = {name: data for name, data in header.blocks.items() if name != "PB"}
            assert blocks == ({} if optional == "-" else {"X1": optional[2:]}), blocks
            return found == key

        yield words, opens

    def sm4_blocks(self, key, plain):
        cipher = sm4.CryptSM4()
        cipher.set_key(key, sm4.SM4_ENCRYPT)
        return cipher.crypt_ecb(plain)[:len(plain)]

    def blocks(self, algorithm, key, plain):
        if algorithm == "sm4":
            return self.sm4_blocks(key, plain)
        return self.cipher(algorithm, key, "MODE_ECB").encrypt(plain)

    def tracks(self):
        """The window rule over nibbles: one block that ends before the last byte of the track."""
        algorithm = self.dice.choice(["des", "tdes2", "tdes3", "sm4"])
        key = self.bytes(KEYS.get(algorithm, 16))
        width = 32 if algorithm == "sm4" else 16
        track = list(self.digits(1, 104))
        track[self.dice.randrange(len(track))] = "="
        track = "".join(track)
        nibbles = track.replace("=", "D")
        end = 2 * ((len(track) + 1) // 2 - 1)
        start = end - width
        words = ("track", algorithm, key, track)
        if start < 0:
            yield words, None
            return
        window = self.blocks(algorithm, key, bytes.fromhex(nibbles[start:end])).hex().upper()
        yield words, (track[:start] + window + track[end:]).encode("ascii")

    def cup(self):
        """UnionPay's MAC: exclusive-or of the blocks, as digits, twice encrypted."""
        algorithm = self.dice.choice(["des", "tdes2", "sm4"])
        key = self.bytes(KEYS.get(algorithm, 16))
        size = 16 if algorithm == "sm4" else 8
        message = self.bytes(1, 300)
        padded = message + bytes(-len(message) % size)
        mixed = bytes(size)
        for at in range(0, len(padded), size):
            mixed = bytes(a ^ b for a, b in zip(mixed, padded[at:at + size]))
        digits = mixed.hex().upper().encode("ascii")
        half = self.blocks(algorithm, key, digits[:size])
        end = self.blocks(algorithm, key, bytes(a ^ b for a, b in zip(half, digits[size:])))
        yield ("mac", algorithm, key, "cup", message), end.hex().upper()[:8].encode("ascii")
        yield ("mac", algorithm, key, "cupbytes", message), end[:8]

    def signatures(self):
        key = self.dice.choice(self.rsa)
        name = self.dice.choice([name for name in HASHES if name != "sha1"])
        message = self.bytes(0, 100)
        scheme = self.dice.choice(["pss", "pkcs1"])
        digest = HASHES[name].new(message)
        signer = pss.new(key, rand_func=self.dice.randbytes) if scheme == "pss" else pkcs1_15.new(key)
        if scheme == "pss" and name == "sha512" and key.size_in_bits() < 1100:
            return
        signature = signer.sign(digest)
        modulus = key.n.to_bytes(key.size_in_bytes(), "big")
        words = ("rsa", modulus, key.e.to_bytes(3, "big"))
        yield (*words, signature, message, name, scheme), b"\x01"
        yield (*words, signature, message + b"!", name, scheme), b"\x00"
        if scheme == "pss":
            # A salt of another length than the hash's is not what we take.
            other = pss.new(key, salt_bytes=8, rand_func=self.dice.randbytes).sign(digest)
            yield (*words, other, message, name, scheme), b"\x00"
        block = self.dice.randrange(key.n).to_bytes(key.size_in_bytes(), "big")
        made = pow(int.from_bytes(block, "big"), 3, key.n).to_bytes(key.size_in_bytes(), "big")
        yield ("recover", modulus, b"\x03", block), made

    def curves(self):
        message = self.bytes(0, 100)
        point = self.p256.public_key().export_key(format="SEC1")
        signature = DSS.new(
            self.p256, "fips-186-3", encoding="der", randfunc=self.dice.randbytes
        ).sign(SHA256.new(message))
        yield ("p256", point, signature, message), b"\x01"
        yield ("p256", point, signature, message + b"!"), b"\x00"
        seed = self.bytes(32)
        signer = eddsa.new(eddsa.import_private_key(seed), "rfc8032")
        yield ("ed25519", seed, message), signer.sign(message)


KINDS = ["ecb", "cbc", "ctr", "gcm", "sm", "check_values", "macs", "cmacs", "hashes", "pins",
         "theirs", "ours", "signatures", "curves", "tracks", "cup"]


def line(words):
    def text(word):
        return word if isinstance(word, str) else word.hex().upper() or "-"
    return " ".join(text(word) for word in words)


def main():
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1_000_000)
    print(f"{wanted} cases, seed {seed}")
    maker = Maker(seed)
    cases = []
    while len(cases) < wanted:
        cases += maker.case()
    text = "".join(line(words) + "\n" for words, _ in cases)
    run = subprocess.run([f"{BUILD}/possim", "crypto"], input=text, text=True,
                         capture_output=True, check=False)
    answers = run.stdout.split("\n")[:-1]
    wrong = 0
    counts = {}
    for (words, expected), answer in zip(cases, answers):
        counts[words[0]] = counts.get(words[0], 0) + 1
        if expected is None:
            right = answer == "fault"
        elif callable(expected):
            right = answer != "fault" and expected(answer)
        else:
            right = answer == expected.hex().upper()
        if not right:
            wrong += 1
            print("differs:", line(words)[:300], "->", answer[:200])
    print(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    print(f"{len(answers)} of {len(cases)} cases computed, {wrong} differ {run.stderr[:300]}")
    # Every kind has been met, or the comparison says nothing of it.
    assert len(counts) >= 20 and min(counts.values()) >= wanted // 200, counts
    sys.exit(0 if wrong == 0 and len(answers) == len(cases) >= wanted else 1)


if __name__ == "__main__":
    main()
