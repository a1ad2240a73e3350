# SPDX-License-Identifier: Apache-2.0
"""What a person can put right."""


def printable(text):
    """Text that does to a terminal's screen nothing but stand on it."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in str(text))


class Mistake(Exception):
    """What is wrong, in one line, and what to do about it."""

    def __init__(self, what, remedy=""):
        super().__init__(what)
        self.remedy = remedy
