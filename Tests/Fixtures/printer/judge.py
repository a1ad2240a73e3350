#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges of paper: what python-escpos was asked to print comes out of the simulated printer, and the
dots that the driver sends are Pillow's; its codes are read by zbar, and have the best of
python-qrcode's eight masks."""

import contextlib
import io
import logging
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import escpos.printer
import qrcode
import qrcode.util
from PIL import Image, ImageOps

ROOT = pathlib.Path(__file__).parents[3]
POSSIM = [str(ROOT / os.environ.get("POSD_BUILD", ".build/release") / "possim"), "printer"]
COLUMNS, DOTS = 48, 576
# What a printer obeys wherever it stands, pictures too.
REAL_TIME = [b"\x10\x04", b"\x10\x05", b"\x10\x14"]


def possim(*words, data=None):
    child = subprocess.run([*POSSIM, *words], input=data, capture_output=True, timeout=60)
    assert child.returncode == 0, (words, child.stderr)
    return child.stdout.decode().splitlines()


def paper(data, folder):
    """The lines on paper, and its pictures as Pillow reads them."""
    prefix = str(folder / "paper")
    rows = possim("paper", "-", "--latin", "--pictures", prefix, data=data)
    pictures = [Image.open(row.split(": ")[1]) for row in rows if row.startswith("picture ")]
    return [row.split(":")[0] if row.startswith("picture ") else row for row in rows], pictures


def text(dice):
    return "".join(dice.choice("ABCxyz019 .-$") for _ in range(dice.randint(1, 20))).strip() or "a"


def documents(folder, count):
    """Text in every look and place, codes and cuts, as python-escpos writes them."""
    dice = random.Random(1)
    printer = escpos.printer.Dummy()
    wanted = []
    for _ in range(count):
        kind = dice.choice(["text", "text", "text", "qr", "bars", "cut"])
        centred = dice.random() < 0.4
        words = text(dice)
        if kind == "text":
            bold, large = dice.random() < 0.4, dice.random() < 0.3
            printer.set_with_default(
                align="center" if centred else "left", bold=bold, double_width=large,
                double_height=large)
            printer.text(words + "\n")
            cells = len(words) * (2 if large else 1)
            blanks = " " * ((COLUMNS - cells) // 2 if centred else 0)
            look = " ".join(["bold"] * bold + ["large"] * large) or "plain"
            wanted.append(f"{look}: {blanks}{words}")
        elif kind == "qr":
            printer.qr(words, ec=dice.randint(0, 3), size=dice.randint(3, 8), native=True)
            wanted.append(f"plain: [QR {words}]")
        elif kind == "bars":
            printer.barcode("{B" + words, "CODE128", function_type="B", pos="OFF", check=False)
            wanted.append(f"plain: [128 {words}]")
        else:
            printer.cut()
            wanted.append("cut")
    rows, _ = paper(printer.output, folder)
    # It feeds before it cuts, and centres its bars.
    rows = [row for row in rows if row != "plain: "]
    for row, want in zip(rows, wanted, strict=True):
        assert row == want, f"{row!r} is printed, python-escpos was asked for {want!r}"
    return len(wanted)


def grey(dice, width, height):
    """A picture with every grey and soft edges."""
    return Image.frombytes("L", (width, height), bytes(
        min(255, max(0, (x * 255 // width + y * 255 // height) // 2 + dice.randint(-90, 90)))
        for y in range(height) for x in range(width)))


def differing(one, other):
    return sum(a != b for a, b in zip(one.tobytes(), other.tobytes(), strict=True))


def pictures(folder):
    """Pictures as python-escpos sends them, dithered by Pillow."""
    dice = random.Random(2)
    for width, height in [(8, 1), (576, 400), (384, 97), (200, 900)]:
        printer = escpos.printer.Dummy()
        picture = grey(dice, width, height)
        printer.image(picture, impl="bitImageRaster")
        _, drawn = paper(printer.output, folder)
        assert len(drawn) == 1 and drawn[0].size == (DOTS, height), (drawn, width, height)
        # It dithers what is to be black.
        wanted = ImageOps.invert(ImageOps.invert(picture).convert("1").convert("L")).convert("1")
        found = drawn[0].crop((0, 0, width, height))
        assert differing(found, wanted) == 0, f"{width} x {height}: not what Pillow dithered"
        rest = drawn[0].crop((width, 0, DOTS, height))
        assert width == DOTS or rest.getcolors() == [(rest.width * height, 255)], "dots beside it"
    # A text that reads like the model's own word for a picture is none.
    printer = escpos.printer.Dummy()
    printer.text("[picture]\n")
    printer.image(Image.new("L", (8, 8), 0), impl="bitImageRaster")
    printer.text("[picture]\n")
    rows, drawn = paper(printer.output, folder)
    assert rows == ["plain: [picture]", "picture 576 x 8", "plain: [picture]"], rows
    assert len(drawn) == 1
    printer = escpos.printer.Dummy()
    printer.qr("https://example.com/r?n=1", native=False, size=4)
    _, drawn = paper(printer.output, folder)
    assert read(drawn[0], folder) == ["QR-Code:https://example.com/r?n=1"]


def guarded(data):
    """The driver's rule, once more: a dot at the left of one that is there."""
    data = bytearray(data)
    for place in range(len(data) - 1):
        if bytes(data[place:place + 2]) in REAL_TIME:
            data[place] = 0x30
    return bytes(data)


def bands(data):
    """The pictures of `GS v 0` in bytes that are nothing else: bytes of a row, and dots."""
    place = 0
    while place < len(data):
        head = data[place:place + 8]
        assert head[:4] == b"\x1dv0\0", head
        width, rows = head[4] + head[5] * 256, head[6] + head[7] * 256
        yield width, rows, data[place + 8:place + 8 + width * rows]
        place += 8 + width * rows


def own_pictures(folder):
    """What the driver makes of grey values, dot by dot beside what Pillow does."""
    dice = random.Random(3)
    hidden = 0
    for width, height in [(576, 400), (384, 255), (1, 1), (13, 300), (575, 29)]:
        picture = grey(dice, width, height)
        file = folder / "picture.pgm"
        picture.save(file)
        data = bytes.fromhex("".join(possim("picture", str(file))))
        assert not any(command in data for command in REAL_TIME), "a command in a picture"
        wanted = picture.convert("1", dither=Image.Dither.NONE)
        # Of Pillow's bits 1 is white, and what fills a row up is too.
        row = (width + 7) // 8
        packed = bytes(byte ^ 0xFF for byte in wanted.tobytes())
        spare = row * 8 - width
        packed = bytes(byte & 0xFF << spare & 0xFF if (place + 1) % row == 0 else byte
                       for place, byte in enumerate(packed))
        place = 0
        for bytes_of_row, rows, dots in bands(data):
            assert bytes_of_row == row and rows <= 255, (bytes_of_row, rows)
            plain = packed[place:place + row * rows]
            hidden += plain != guarded(plain)
            assert dots == guarded(plain), f"{width} x {height}: row {place // row} and below"
            place += row * rows
        assert place == len(packed), "rows are missing"
        _, drawn = paper(data, folder)
        assert drawn[0].size == (DOTS, height)
    assert hidden > 0, "no picture had a command to hide"
    return hidden


def read(picture, folder):
    """What zbar finds in a picture, with a white edge around it."""
    edge = Image.new("L", (picture.width + 80, picture.height + 80), 255)
    edge.paste(picture.convert("L"), (40, 40))
    file = folder / "code.png"
    edge.save(file)
    child = subprocess.run(["zbarimg", "--quiet", str(file)], capture_output=True, text=True)
    return child.stdout.split("\n")[:-1]


def codes(folder):
    """Codes for a printer that draws none, read by zbar from its paper."""
    count = 0
    for level in range(4):
        for length in [5, 30, 60, 110]:
            words = ("https://example.com/r?n=" + "0123456789" * 11)[:length]
            data = "".join(possim("code", words, "--level", str(level), "--dots", "3"))
            _, drawn = paper(bytes.fromhex(data), folder)
            assert read(drawn[0], folder) == [f"QR-Code:{words}"], (level, length)
            count += 1
    for words in ["000000000001", "R00000000001", "1604", "00162001", "{a}~|"]:
        data = "".join(possim("code", words, "--bars", "--dots", "2"))
        _, drawn = paper(bytes.fromhex(data), folder)
        assert read(drawn[0], folder) == [f"CODE-128:{words}"], words
        count += 1
    return count


def modules(data, dots):
    """The rows of modules of a code in the driver's bands."""
    rows = []
    for width, _, band in bands(data):
        rows += [band[start:start + width] for start in range(0, len(band), width)]
    side = len(rows) // dots
    at = dots // 2
    return [[bool(rows[y * dots + at][(x * dots + at) // 8] & 0x80 >> (x * dots + at) % 8)
             for x in range(side)] for y in range(side)]


def masks():
    """Of the eight masks the driver takes the one with the least penalty, the first of several; the
    codes and what each of them costs are those of the library that python-escpos draws with."""
    dice = random.Random(4)
    levels = [qrcode.ERROR_CORRECT_L, qrcode.ERROR_CORRECT_M, qrcode.ERROR_CORRECT_Q,
              qrcode.ERROR_CORRECT_H]
    chosen = set()
    count = 0
    for level in range(4):
        for _ in range(24):
            words = "".join(dice.choice("abcXYZ0189:/.?=") for _ in range(dice.randint(1, 100)))
            data = "".join(possim("code", words, "--level", str(level), "--dots", "3"))
            own = modules(bytes.fromhex(data).partition(b"\x1ba\x01")[2], 3)
            codes = []
            for mask in range(8):
                code = qrcode.QRCode((len(own) - 17) // 4, levels[level], mask_pattern=mask)
                code.add_data(qrcode.util.QRData(words, qrcode.util.MODE_8BIT_BYTE))
                code.make(fit=False)
                codes.append(code.modules)
            assert own in codes, f"level {level}, {words}: another code in every mask"
            penalties = [qrcode.util.lost_point(code) for code in codes]
            mask = codes.index(own)
            assert mask == penalties.index(min(penalties)), (
                f"level {level}, {words}: mask {mask} of {penalties}")
            chosen.add(mask)
            count += 1
    assert len(chosen) > 4, f"only the masks {chosen} were ever chosen"
    return count


def main():
    # It knows no profile of this printer and says so.
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        # It tells how it draws each code.
        with contextlib.redirect_stdout(io.StringIO()):
            lines = documents(folder, 400)
            pictures(folder)
        hidden = own_pictures(folder)
        read_codes = codes(folder)
        masked = masks()
    print(f"{lines} lines and 5 pictures of python-escpos, 5 of ours as Pillow has them, {hidden} "
          f"bands without the command that they hid, {read_codes} codes read by zbar, {masked} "
          "with the mask that python-qrcode's penalties want")


if __name__ == "__main__":
    sys.exit(main())
