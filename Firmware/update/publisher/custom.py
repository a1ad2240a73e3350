# SPDX-License-Identifier: Apache-2.0
"""What a release says of itself beyond TUF: the member `posd` of a target's `custom`. What a
terminal would find unusable is refused here."""

import datetime
import hashlib
import re

from mistake import Mistake

VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}")
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
MINUTES = 240
NOTE = 1000
# Terminals take any whole number that fits; nobody comes near it by raising it by one.
EPOCH = 1_000_000


def check_version(text):
    """One to four numbers with dots; as a value that can be compared."""
    if not VERSION.fullmatch(text) or not any(numbers(text)):
        raise Mistake(f"{text!r} is no version", "one to four numbers with dots, as 2026.11.3")
    return numbers(text)


def numbers(text):
    """2026.5 and 2026.05.0 are the same."""
    found = [int(part) for part in text.split(".")]
    return tuple(found + [0] * (4 - len(found)))


def check_compatible(text):
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", text):
        raise Mistake(
            f"{text!r} is no name of a board",
            "small letters, digits, '.', '_' and '-', at most 64, as the board file has it")


def check_range(name, value, low, high):
    if not low <= value <= high:
        raise Mistake(f"{name} {value} is out of range", f"{low} to {high}")
    return value


def moment(name, text):
    try:
        return datetime.datetime.strptime(text, MOMENT).strftime(MOMENT)
    except ValueError:
        raise Mistake(f"{name} {text!r} is no moment", "UTC, as 2026-12-01T03:00:00Z") from None


def make(words, version, compatible, digest):
    """The custom data of a bundle, of the words of a command line."""
    check_version(version)
    check_compatible(compatible)
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise Mistake(f"{digest!r} is no SHA-256", "64 hexadecimal digits of small letters")
    value = {
        "version": version, "compatible": compatible, "manifest-hash": digest,
        "epoch": check_range("epoch", words.epoch, 0, EPOCH), "format": words.format,
        "migration": words.migration, "ring": check_range("ring", words.ring, 0, 99),
        "minutes": check_range("minutes", words.minutes, 0, MINUTES)}
    if words.min_source:
        check_version(words.min_source)
        value["min-source"] = words.min_source
    for name, text in (("not-before", words.not_before), ("deadline", words.deadline)):
        if text:
            value[name] = moment(name, text)
    if value.get("not-before", "") > value.get("deadline", "9999"):
        raise Mistake("the deadline lies before not-before", "exchange the two")
    notes = {"en": words.note_en, "zh": words.note_zh}
    for language, text in notes.items():
        if not text.strip() or not text.isprintable():
            raise Mistake(
                f"no note in {language!r}, in one line that can be printed",
                "merchants read what is new: --note-en and --note-zh")
        if len(text.encode()) > NOTE:
            raise Mistake(f"the note in {language!r} is too long", f"at most {NOTE} bytes")
    value["notes"] = notes
    return {"posd": value}


def ring_of(serial):
    """Where a terminal stands in staged releases, 0 to 99: it computes the same."""
    return int.from_bytes(hashlib.sha256(serial.encode()).digest()[:4], "big") % 100


def check_succession(custom, others, again=()):
    """A release beside those that are there: never older, never of an older epoch. The very bundle
    of one in `again` may come by this way too."""
    new = custom["posd"]
    others = [*others, *(one for one in again if one.get("manifest-hash") != new["manifest-hash"])]
    same = [one for one in others if one["compatible"] == new["compatible"]]
    for one in same:
        if numbers(one["version"]) >= numbers(new["version"]):
            raise Mistake(
                f"{one['version']} for {one['compatible']} is there and is not older",
                "terminals never go back: make the cure a higher version")
    epochs = [one["epoch"] for one in same]
    if epochs and new["epoch"] < max(epochs):
        raise Mistake(
            f"epoch {new['epoch']} is below {max(epochs)}, which was released",
            "terminals that have committed that one refuse it: keep or raise the epoch")
    if new["migration"] == "forward-only" and new["epoch"] <= max(epochs, default=0):
        raise Mistake(
            "a migration that the version before cannot read needs a higher epoch",
            f"--epoch {max(epochs, default=0) + 1}")
