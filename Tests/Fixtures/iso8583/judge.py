#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of the ISO 8583 codec: pyiso8583 (PyPI).

    judge.py          encodes the messages of messages.txt again and compares; reads what posd's codec
                      writes in both shipped dialects, and has it read what pyiso8583 writes; exit
                      code 1 if anything differs
    judge.py --write  writes messages.txt

A line of messages.txt is a message: the table (ascii or packed), the bytes in hexadecimal, the
message type, and the elements, each NUMBER=CONTENT, content in hexadecimal where the element is
binary. Fields are separated by a tab.
"""

import json
import os
import pathlib
import random
import subprocess
import sys

import iso8583

FIXTURE = pathlib.Path(__file__).with_name("messages.txt")
ROOT = pathlib.Path(__file__).resolve().parents[3]
POSSIM = [str(ROOT / os.environ.get("POSD_BUILD", ".build/release") / "possim"), "iso8583"]
EACH = 500
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


def entry(kind, count, digits=0, pad="right"):
    """A row for pyiso8583: kind is text, digits, nibbles or raw; digits are those of the length."""
    row = {"data_enc": {"text": "latin-1", "digits": "latin-1"}.get(kind, "b"), "len_enc": "ascii",
           "len_type": digits, "max_len": count, "desc": kind}
    if kind == "nibbles":
        row.update({"len_count": "nibbles", pad + "_pad": "0"})
    return row


def packed_length(row):
    """LL in one packed byte, LLL in two."""
    row["len_enc"] = "bcd"
    row["len_type"] = {2: 1, 3: 2}[row["len_type"]]
    return row


def unionpay():
    """The UnionPay dialect's table, from its description: packed digits, one bitmap."""
    table = {}
    for count, numbers in {6: (3, 11, 12), 12: (4,), 4: (13, 14, 15), 2: (25, 26), 16: (53,)}.items():
        table.update({n: entry("nibbles", count) for n in numbers})
    table[22] = entry("nibbles", 3, pad="right")
    table[23] = entry("nibbles", 3, pad="left")
    for number, count in {37: 12, 38: 6, 39: 2, 41: 8, 42: 15, 43: 40, 49: 3}.items():
        table[number] = entry("text", count)
    table[52] = table[64] = entry("raw", 8)
    for number, count, digits in ((2, 19, 2), (32, 11, 2), (35, 37, 2), (36, 104, 3), (48, 322, 3),
                                  (60, 17, 3), (61, 29, 3)):
        table[number] = packed_length(entry("nibbles", count, digits))
    for number, count, digits in ((44, 25, 2), (46, 999, 3), (54, 20, 3), (56, 999, 3), (57, 999, 3),
                                  (59, 999, 3), (63, 163, 3)):
        table[number] = packed_length(entry("text", count, digits))
    for number, count in ((55, 255), (58, 100), (62, 999)):
        table[number] = packed_length(entry("raw", count, 3))
    return entry("nibbles", 4), table


def standard():
    """ISO 8583:1987 in ASCII, from the standard's table."""
    table = {n: entry("text", 999, 3) for n in (46, 47, 48, *range(56, 64), *range(105, 128))}
    fixed = {1: (27, 66), 2: (25, 26, 67), 3: (19, 20, 21, 22, 23, 24, 40, 49, 50, 51, 68, 69, 70),
             4: (13, 14, 15, 16, 17, 18, 71, 72), 6: (3, 11, 12, 73), 8: (8, 9, 10),
             10: (7, 74, 75, 76, 77, 78, 79, 80, 81), 12: (4, 5, 6, 82, 83, 84, 85),
             16: (53, 86, 87, 88, 89), 42: (90,)}
    for count, numbers in fixed.items():
        table.update({n: entry("digits", count) for n in numbers})
    texts = {1: (91,), 2: (39, 92), 5: (93,), 6: (38,), 7: (94,), 8: (41,), 9: (28, 29, 30, 31),
             12: (37,), 15: (42,), 17: (97,), 25: (98,), 40: (43,), 42: (95,)}
    for count, numbers in texts.items():
        table.update({n: entry("text", count) for n in numbers})
    for number, count in {2: 19, 32: 11, 33: 11, 99: 11, 100: 11}.items():
        table[number] = entry("digits", count, 2)
    for number, count in {34: 28, 35: 37, 44: 25, 45: 76, 101: 17, 102: 28, 103: 28}.items():
        table[number] = entry("text", count, 2)
    for number, count in {36: 104, 54: 120, 104: 100}.items():
        table[number] = entry("text", count, 3)
    table[55] = entry("raw", 255, 3)
    table.update({n: entry("raw", 8) for n in (52, 64, 96, 128)})
    return entry("text", 4), table


DIALECTS = {"unionpay": unionpay(), "generic": standard()}


def whole(dialect):
    kind, table = DIALECTS[dialect]
    rest = {"h": entry("text", 0), "t": kind, "p": entry("raw", 8), "1": entry("raw", 8)}
    return {**rest, **{str(number): row for number, row in table.items()}}


def content(row, text):
    """What posd has for a value of pyiso8583's."""
    if row["desc"] == "raw":
        return text.upper()
    return text.upper().replace("D", "=").encode().hex().upper() if row["desc"] == "nibbles" \
        else text.encode("latin-1").hex().upper()


def drawn(dialect, dice):
    """A message for pyiso8583 to build: a type and elements of any length."""
    message, room = {"t": dice.choice(("0100", "0200", "0210", "0400", "0800"))}, 1900
    share = dice.uniform(0.2, 0.9)
    for number, row in sorted(DIALECTS[dialect][1].items()):
        count = row["max_len"]
        if row["len_type"]:
            count = dice.choice((1, count, dice.randint(1, min(count, 60))))
        if dice.random() > share or count + 3 > room:
            continue
        room -= count + 3
        if row["desc"] == "raw":
            message[str(number)] = dice.randbytes(count).hex().upper()
        elif row["desc"] == "text":
            message[str(number)] = dice.randbytes(count).decode("latin-1")
        else:
            track = row["desc"] == "nibbles" and number in (35, 36)
            message[str(number)] = "".join(dice.choices("0123456789" + "ABCDEF" * track, k=count))
    return message


def possim(words, dialect, lines=()):
    acquirer = ROOT / "Config" / "acquirers" / (dialect + ".yaml")
    result = subprocess.run([*POSSIM, *words, "--acquirer", str(acquirer)], check=True, text=True,
                            input="".join(line + "\n" for line in lines), stdout=subprocess.PIPE)
    return [json.loads(line) for line in result.stdout.splitlines()]


def theirs(dialect):
    """pyiso8583 reads what posd writes."""
    table = whole(dialect)
    for line in possim(["make", "--count", str(EACH), "--seed", "8583"], dialect):
        message, _ = iso8583.decode(bytes.fromhex(line["hex"]), table)
        found = {n: content(table[n], text) for n, text in message.items() if n not in "htp1"}
        yield line["mti"] == message["t"] and found == line["elements"], line["hex"]


def ours(dialect):
    """posd reads what pyiso8583 writes."""
    table, dice = whole(dialect), random.Random(8583)
    messages = [drawn(dialect, dice) for _ in range(EACH)]
    raw = [iso8583.encode(dict(message), table)[0].hex().upper() for message in messages]
    for message, line, bytes_ in zip(messages, possim(["read"], dialect, raw), raw, strict=True):
        expected = {n: content(table[n], text) for n, text in message.items() if n != "t"}
        yield line.get("mti") == message["t"] and line["elements"] == expected, bytes_


def compared():
    """How many messages agree; None after one that does not."""
    judged = 0
    for dialect in DIALECTS:
        for direction in (theirs, ours):
            for agrees, raw in direction(dialect):
                if not agrees:
                    print(f"{dialect}, {direction.__doc__} It differs in", raw)
                    return None
                judged += 1
    return judged


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
    if judged < 100:
        return 1
    judged = compared()
    if judged is None:
        return 1
    print(f"{judged} messages read by either as the other wrote them")
    return 0 if judged == 4 * EACH else 1


if __name__ == "__main__":
    sys.exit(main())
