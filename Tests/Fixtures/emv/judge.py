#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of test cards and their issuer: pyemv (PyPI).

    judge.py    lets a thousand drawn cards pay on line, and computes again from the issuer's master keys
                what came over the wire: the cards' keys by either option, ARQC and TC, the issuer's proof
                by either method, the chain of MACs of each script, and the new PIN in it; exit code 1
                if anything differs
"""

import json
import os
import pathlib
import subprocess
import sys

import pyemv

ROOT = pathlib.Path(__file__).resolve().parents[3]
POSSIM = [str(ROOT / os.environ.get("POSD_BUILD", ".build/release") / "possim"), "card", "sales"]
SALES = 1000
COVERED = ["9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37", "82", "9F36"]


def objects(text):
    """Tags and values, in order; of a script the commands too."""
    data = bytes.fromhex(text)
    found = []
    at = 0
    while at < len(data):
        count = 2 if data[at] & 0x1F == 0x1F else 1
        tag = data[at:at + count].hex().upper()
        at += count
        length = data[at]
        at += 1
        if length > 0x80:
            more = length & 0x7F
            length = int.from_bytes(data[at:at + more], "big")
            at += more
        found.append((tag, data[at:at + length]))
        at += length
    return found


def cryptogram(master, sale, name):
    """The session key and the cryptogram of field 55, and what it says."""
    field = dict(objects(sale[name]))
    session = pyemv.kd.derive_common_sk(master, field["9F36"] + bytes(6))
    data = b"".join(field[tag] for tag in COVERED) + field.get("9F10", b"")
    padding = pyemv.ac.PaddingType(int(sale["filling"]))
    return session, pyemv.ac.generate_ac(session, data, padding), field


def judge(sale, seen):
    """What differs in a sale; nothing is right."""
    derive = pyemv.kd.derive_icc_mk_a if sale["derivation"] == "A" else pyemv.kd.derive_icc_mk_b
    keys = [derive(bytes.fromhex(key), sale["pan"], sale["sequence"]) for key in sale["masters"].split()]
    session, expected, field = cryptogram(keys[0], sale, "request")
    request = field["9F26"]
    if expected != request or field["9F27"] != b"\x80":
        return "ARQC"
    _, expected, field = cryptogram(keys[0], sale, "completion")
    if expected != field["9F26"] or field["9F27"] != b"\x40":
        return "TC"
    answer = objects(sale["answer"])
    proof = dict(answer)["91"]
    seen["proof " + sale["proof"]] += 1
    if sale["proof"] == "1":
        code = bytes.fromhex(sale["code"])
        if proof != pyemv.ac.generate_arpc_1(session, request, code) + code:
            return "proof by method 1"
    elif proof != pyemv.ac.generate_arpc_2(session, request, proof[4:8]) + proof[4:]:
        return "proof by method 2"
    mac_key, cipher_key = (pyemv.kd.derive_common_sk(key, request) for key in keys[1:])
    chain = request
    pins = []
    for tag, value in answer:
        if tag != "72":
            continue
        for inner, command in objects(value.hex()):
            if inner != "86":
                continue
            parts = objects(command[5:].hex())
            data = chain + command[:4]
            if len(parts) == 2:
                # Method 2 fills up behind the header; the library fills up behind the end.
                data += bytes.fromhex("80000000") + command[5:5 + 2 + len(parts[0][1])]
                pins.append(parts[0])
            chain = pyemv.sm.generate_command_mac(mac_key, data)
            seen["commands"] += 1
            if parts[-1] != ("8E", chain[:4]):
                return "MAC of a command"
    if len(pins) != (1 if sale["pin"] else 0):
        return "number of PIN changes"
    if pins:
        block = pyemv.sm.format_iso9564_2_pin_block(sale["pin"])
        cipher = pyemv.sm.encrypt_command_data(cipher_key, block, pyemv.sm.EncryptionType.EMV)
        seen["PINs"] += 1
        if pins[0] != ("87", b"\x01" + cipher):
            return "new PIN"
    seen["option " + sale["derivation"]] += 1
    seen["filling " + sale["filling"]] += 1
    return None


def main():
    kinds = ["proof 1", "proof 2", "option A", "option B", "filling 1", "filling 2", "commands", "PINs"]
    seen = dict.fromkeys(kinds, 0)
    run = subprocess.run([*POSSIM, "--count", str(SALES)], check=True, capture_output=True, text=True)
    sales = [json.loads(line) for line in run.stdout.splitlines()]
    for number, sale in enumerate(sales, 1):
        wrong = judge(sale, seen)
        if wrong:
            print(f"sale {number}: {wrong} is another one")
            return 1
    print(f"{len(sales)} sales as pyemv computes them: " + ", ".join(f"{seen[k]} {k}" for k in kinds))
    # Every kind has to have come up often, or nothing was judged.
    return 0 if len(sales) == SALES and all(seen[kind] >= 50 for kind in kinds) else 1


if __name__ == "__main__":
    sys.exit(main())
