#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the GBK tables from CPython's gbk codec.

    python3 Drivers/PrinterESCPOS/make_gbk.py

The driver encodes, so its tables run by code point: U+4E00...U+9FA5 as three base-64 digits a
character, and everything else as a sorted list of code point and code. The simulated printer
decodes, so its table runs by GBK code and holds the characters themselves.
"""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
FIRST, LAST, MIDDLE = 0x4E00, 0x9FA5, 0x76D3
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n\n"
NOTE = "// Written by make_gbk.py; do not edit.\n\n"


def code(point):
    """The two-byte GBK code of a code point, or 0."""
    try:
        data = chr(point).encode("gbk")
    except UnicodeEncodeError:
        return 0
    return data[0] << 8 | data[1] if len(data) == 2 else 0


def digits(number):
    return DIGITS[number >> 12 & 63] + DIGITS[number >> 6 & 63] + DIGITS[number & 63]


def literal(text):
    rows = [text[start : start + 96] for start in range(0, len(text), 96)]
    return '"""\n' + "\\\n".join("  " + row for row in rows) + '\n  """\n'


def table(name, comment, text):
    path = ROOT / "Sources/Devices/GBK" / (name[0].upper() + name[1:] + ".swift")
    path = path.with_name(path.name.replace("Gbk", "GBK"))
    body = LICENCE + NOTE + f"/// {comment}\nlet {name}: StaticString = " + literal(text)
    path.write_text(body)


def hanzi(first, last):
    return "".join(digits(code(point)) for point in range(first, last + 1))


def symbols():
    pairs = [(p, code(p)) for p in range(0x80, 0x10000) if not 0xD800 <= p < 0xE000]
    pairs = [(p, c) for p, c in pairs if c and not FIRST <= p <= LAST]
    return "".join(digits(p) + digits(c) for p, c in pairs)


def paper_table():
    rows = []
    for lead in range(0x81, 0xFF):
        for half in (0, 1):
            cells = range(half * 95, half * 95 + 95)
            trails = [c + 0x40 + (1 if c >= 0x3F else 0) for c in cells]
            row = "".join(bytes([lead, t]).decode("gbk", "replace")[0] for t in trails)
            rows.append(f'  "{row}",\n')
    comment = (
        "/// The GBK characters by code: two rows of 95 for each lead byte 81...FE;\n"
        "/// U+FFFD where there is none.\n"
    )
    path = ROOT / "Sources/Simulator/Printer/PaperGlyphs.swift"
    head = "let paperGlyphs: [StaticString] = [\n"
    path.write_text(LICENCE + NOTE + comment + head + "".join(rows) + "]\n")


table(
    "gbkHanziLow",
    "GBK codes of U+4E00...U+76D2 in order, three base-64 digits each.",
    hanzi(FIRST, MIDDLE - 1),
)
table(
    "gbkHanziHigh",
    "GBK codes of U+76D3...U+9FA5 in order, three base-64 digits each.",
    hanzi(MIDDLE, LAST),
)
table(
    "gbkSymbols",
    "Code points outside U+4E00...U+9FA5 in order and their GBK codes, six base-64 digits a pair.",
    symbols(),
)
paper_table()
