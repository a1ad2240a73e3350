# SPDX-License-Identifier: Apache-2.0
"""Whether two PNG files have the same dots, whatever packed them."""
import struct
import sys
import zlib


def dots(path):
    """Width, height and the unfiltered bytes of an 8-bit grey picture."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    packed, header, at = b"", None, 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    width, height, depth, colour = header[:4]
    assert (depth, colour) == (8, 0), header
    raw, rows, above = zlib.decompress(packed), [], bytes(width)
    for row in range(height):
        start = row * (width + 1)
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + width])
        for i in range(width):
            left, up = line[i - 1] if i else 0, above[i]
            corner = above[i - 1] if i else 0
            line[i] = (line[i] + [0, left, up, (left + up) // 2, paeth(left, up, corner)][kind]) % 256
        rows.append(bytes(line))
        above = rows[-1]
    return width, height, rows


def paeth(left, up, corner):
    """The PNG specification's predictor, 9.4."""
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


one, other = dots(sys.argv[1]), dots(sys.argv[2])
if one != other:
    sys.exit(f"{sys.argv[1]} and {sys.argv[2]} differ: posctl receipt preview sale --png {sys.argv[2]}")
black = sum(row.count(0) for row in one[2])
assert black > 1000, "an empty picture"
print(f"{one[0]} x {one[1]} dots, {black} of them black, the same")
