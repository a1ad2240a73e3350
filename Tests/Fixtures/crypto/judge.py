#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of the payment cryptography: psec (PyPI) and, for AES-GCM, cryptography (PyPI).

    judge.py          computes the cases of cases.txt again and compares; exit code 1 if they differ
    judge.py --write  writes cases.txt

A line is a case: its kind, its arguments and the result, in hexadecimal, separated by blanks; `-` is
the empty string.

    ecb KEY PLAIN CIPHER          TDES, two keys
    cbc KEY PLAIN CIPHER          the same, chained from zeros
    kcv KEY VALUE                 key check value, three bytes
    mac KEY MESSAGE MAC           ISO/IEC 9797-1 algorithm 3, padding 1
    pin PIN PAN BLOCK             ISO 9564-1 format 0; PIN and PAN are digits
    gcm KEY NONCE AAD PLAIN SEALED
"""

import pathlib
import random
import sys

import psec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FIXTURE = pathlib.Path(__file__).with_name("cases.txt")
ZERO = bytes(8)


def result(kind, words):
    data = [b"" if word == "-" else bytes.fromhex(word) if kind != "pin" else word for word in words]
    if kind == "ecb":
        return psec.des.encrypt_tdes_ecb(*data)
    if kind == "cbc":
        return psec.des.encrypt_tdes_cbc(data[0], ZERO, data[1])
    if kind == "kcv":
        return psec.des.generate_kcv(data[0], 3)
    if kind == "mac":
        return psec.mac.generate_retail_mac(data[0][:8], data[0][8:], data[1], 1, 8)
    if kind == "pin":
        return psec.pinblock.encode_pinblock_iso_0(*data)
    if kind == "gcm":
        return AESGCM(data[0]).encrypt(data[1], data[3], data[2] or None)
    raise ValueError(kind)


def spoiled(digits):
    """The same digits with another last one when their check digit happens to be right."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    if sum(d - 9 if d > 9 else d for d in doubled) % 10:
        return digits
    return digits[:-1] + str((int(digits[-1]) + 1) % 10)


def made():
    dice = random.Random(9797)

    def text(count):
        return dice.randbytes(count).hex().upper() if count else "-"

    lines = []

    def add(kind, *words):
        lines.append(" ".join([kind, *words, result(kind, words).hex().upper()]))

    for _ in range(12):
        add("ecb", text(16), text(8 * dice.randint(1, 5)))
        add("cbc", text(16), text(8 * dice.randint(1, 5)))
        add("kcv", text(16))
        digits = "0" + "".join(dice.choices("0123456789", k=dice.randint(12, 18)))
        add("pin", "".join(dice.choices("0123456789", k=dice.randint(4, 12))), spoiled(digits))
        add("gcm", text(32), text(12), text(dice.randint(0, 20)), text(dice.randint(0, 70)))
    for count in [1, 7, 8, 9, 15, 16, 17, 64, 200, 333]:
        add("mac", text(16), text(count))
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:] == ["--write"]:
        FIXTURE.write_text(made(), encoding="ascii")
        return 0
    judged = 0
    for line in FIXTURE.read_text(encoding="ascii").splitlines():
        kind, *words, expected = line.split(" ")
        if result(kind, words).hex().upper() != expected:
            print("another result:", line)
            return 1
        judged += 1
    print(f"{judged} cases as psec and cryptography compute them")
    return 0 if judged >= 50 else 1


if __name__ == "__main__":
    sys.exit(main())
