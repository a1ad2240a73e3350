#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of the ISO 8583 codec: pyiso8583 (PyPI).

    judge.py          encodes the messages of messages.txt again and compares; exit code 1 if they differ
    judge.py --write  writes messages.txt

A line of messages.txt is a message: the table (ascii or packed), the bytes in hexadecimal, the
message type, and the elements, each NUMBER=CONTENT, content in hexadecimal where the element is
binary. Fields are separated by a tab.
"""

import pathlib
import random
import sys

import iso8583

FIXTURE = pathlib.Path(__file__).with_name("messages.txt")
BINARY = {52, 64, 128}


def spec(packed):
    """The tables of the tests: ISO 8583:1987 in ASCII, and one with packed digits."""
    def fixed(count, digits):
        if packed and digits:
            return {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": count,
                    "len_count": "nibbles", "left_pad": "0", "desc": ""}
        return {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": count, "desc": ""}

    def variable(digits, limit, track=False):
        if packed:
            entry = {"len_enc": "bcd", "len_type": 1 if digits == 2 else 2, "max_len": limit, "desc": "",
                     "data_enc": "b" if track else "ascii"}
            if track:
                entry.update({"len_count": "nibbles", "right_pad": "0"})
            return entry
        return {"data_enc": "ascii", "len_enc": "ascii", "len_type": digits, "max_len": limit, "desc": ""}

    table = {"h": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 0, "desc": ""},
             "t": fixed(4, True),
             "p": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8, "desc": ""},
             "1": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8, "desc": ""}}
    for number in range(2, 129):
        table[str(number)] = variable(3, 999)
    for number, count in {3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 14: 4, 22: 3, 25: 2, 49: 3,
                          70: 3, 90: 42}.items():
        table[str(number)] = fixed(count, True)
    for number, count in {37: 12, 38: 6, 39: 2, 41: 8, 42: 15}.items():
        table[str(number)] = fixed(count, False)
    for number in BINARY:
        table[str(number)] = {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8, "desc": ""}
    table["2"] = variable(2, 19, track=True)
    table["32"] = variable(2, 11, track=True)
    table["35"] = variable(2, 37, track=True)
    return table


SPECS = {"ascii": spec(False), "packed": spec(True)}


def encode(table, mti, elements):
    message = {"t": mti}
    for number, content in elements.items():
        # Where tracks are packed, the nibble D is their separator.
        message[str(number)] = content.replace("=", "D") if table == "packed" else content
    raw, _ = iso8583.encode(message, SPECS[table])
    return raw.hex().upper()


def spoiled(digits):
    """The same digits with another last one when their check digit happens to be right."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    if sum(d - 9 if d > 9 else d for d in doubled) % 10:
        return digits
    return digits[:-1] + str((int(digits[-1]) + 1) % 10)


def made():
    dice = random.Random(8583)
    lines = []
    shapes = {"0200": [2, 3, 4, 7, 11, 12, 13, 14, 22, 25, 35, 41, 42, 49, 52, 62, 64],
              "0210": [2, 3, 4, 7, 11, 12, 13, 32, 37, 38, 39, 41, 42, 49, 64],
              "0400": [2, 3, 4, 7, 11, 12, 13, 14, 22, 25, 39, 41, 42, 49, 64],
              "0410": [3, 4, 11, 12, 13, 37, 39, 41, 42, 64],
              "0420": [3, 4, 11, 41, 90, 128], "0800": [7, 11, 41, 70], "0810": [7, 11, 39, 41, 70]}
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -"
    for mti, numbers in shapes.items():
        for table in SPECS:
            for _ in range(8):
                elements = {}
                for number in numbers:
                    if number > 2 and dice.random() < 0.2:
                        continue
                    entry = SPECS[table][str(number)]
                    count = entry["max_len"]
                    if number in BINARY:
                        elements[number] = dice.randbytes(8).hex().upper()
                        continue
                    if entry["len_type"]:
                        count = dice.randint(1, min(count, 60))
                    if number == 35:
                        digits = "".join(dice.choices("0123456789", k=max(count, 8)))
                        elements[number] = digits[:4] + "=" + digits[5:]
                    elif number in (37, 38, 39, 41, 42, 62):
                        elements[number] = "".join(dice.choices(letters, k=count))
                    else:
                        # An account number beginning with 0 and ending wrongly is nobody's.
                        digits = "0" + "".join(dice.choices("0123456789", k=count - 1))
                        elements[number] = spoiled(digits)
                parts = [f"{n}={c}" for n, c in elements.items()]
                lines.append("\t".join([table, encode(table, mti, elements), mti, *parts]))
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:] == ["--write"]:
        FIXTURE.write_text(made(), encoding="ascii")
        return 0
    judged = 0
    for line in FIXTURE.read_text(encoding="ascii").splitlines():
        table, raw, mti, *parts = line.split("\t")
        elements = {int(p.split("=", 1)[0]): p.split("=", 1)[1] for p in parts}
        if encode(table, mti, elements) != raw:
            print("pyiso8583 has it otherwise:", line)
            return 1
        judged += 1
    print(f"{judged} messages as pyiso8583 encodes them")
    return 0 if judged >= 100 else 1


if __name__ == "__main__":
    sys.exit(main())
