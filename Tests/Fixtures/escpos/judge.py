#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of the GBK tables: CPython's own gbk codec.

    judge.py          compares gbk.txt with CPython; exit code 1 if they differ
    judge.py --write  writes gbk.txt

gbk.txt has one line for each lead byte 81...FE: the byte, a blank and the 190 characters of the
trail bytes 40...7E and 80...FE, U+FFFD where there is none. The tests read it and compare the
driver's and the simulated printer's tables with it, in both directions.
"""

import pathlib
import sys

FIXTURE = pathlib.Path(__file__).with_name("gbk.txt")
TRAILS = [trail for trail in range(0x40, 0xFF) if trail != 0x7F]


def expected():
    lines = []
    for lead in range(0x81, 0xFF):
        row = ""
        for trail in TRAILS:
            try:
                row += bytes([lead, trail]).decode("gbk")
            except UnicodeDecodeError:
                row += "\ufffd"
        assert len(row) == 190
        lines.append(f"{lead:02X} {row}\n")
    return "".join(lines)


if sys.argv[1:] == ["--write"]:
    FIXTURE.write_text(expected(), encoding="utf-8", newline="\n")
elif FIXTURE.read_text(encoding="utf-8") != expected():
    sys.exit("gbk.txt differs from CPython's gbk codec")
