# SPDX-License-Identifier: Apache-2.0
"""Keys of the PIN pad, loaded into the real posd's pad in key blocks that psec has made."""

import os
import sys

import psec

from shop import Shop

# Published test keys, as the simulated pad and acquirer have them.
LOADING = bytes.fromhex("89E88CF7931444F334BD7547FC3F380C")
INITIAL = bytes.fromhex("6AC292FAA1315B4D858AB3A3D7D5933A")
SERIAL = "FFFF9876543210E00000"


def block(usage, mode, key, serial=None, version="B"):
    header = psec.tr31.Header(version, usage, "T", mode, "00", "N")
    if serial:
        header.blocks["KS"] = serial
    return psec.tr31.wrap(LOADING, header, key)


def main():
    shop = Shop()
    path = os.path.join(shop.folder, "key.block")

    def load(text, *place):
        with open(path, "w", encoding="ascii") as file:
            file.write(text + "\n")
        return shop.posctl("keys", "load", *place, path)

    def keys():
        code, answer = shop.posctl("keys")
        assert code == 0, answer
        return {key["name"]: key for key in answer["keys"]}

    try:
        shop.start()
        shop.settle("unregistered")
        assert keys()["MAC key MAK"]["state"] == "missing"
        shop.kill()
        shop.into_service()
        found = keys()
        assert found["MAC key MAK"]["state"] == "loaded", found
        assert found["MAC key MAK"]["checkValue"] == psec.des.generate_kcv(
            bytes.fromhex("7CA110454A1A6E570131D9619DC1376E"), 3).hex().upper(), found
        left = found["PIN keys (DUKPT)"]["remaining"]
        assert left == 1_048_574, found

        # A set of its own, selected and used: the acquirer takes its PINs.
        code, answer = load(block("B1", "X", INITIAL, SERIAL), "--set", "1")
        assert code == 0, answer
        code, answer = shop.posctl("keys", "select", "1")
        assert code == 0, answer
        code, answer = shop.posctl("sale", "keys/1", "12.00")
        assert code == 0 and answer["transaction"]["state"] == "approved", answer
        shop.settle("ready")
        assert keys()["PIN keys (DUKPT)"]["remaining"] == 1_048_574
        # Another device's key: the issuer finds the PIN wrong, and nothing else happens.
        code, answer = load(block("B1", "X", INITIAL[::-1], SERIAL), "--set", "0")
        assert code == 0, answer
        assert shop.posctl("keys", "select", "0")[0] == 0
        code, answer = shop.posctl("sale", "keys/2", "12.00")
        assert code == 2 and answer["transaction"]["responseCode"] == "55", answer
        shop.settle("ready")

        # Every slot's kind of key, in the blocks of both versions.
        for slot, usage, mode in [("0", "P0", "E"), ("1", "K0", "D"), ("B", "M3", "G")]:
            for version in "AB":
                key = os.urandom(16)
                code, answer = load(block(usage, mode, key, version=version), "--slot", slot)
                assert code == 0, (slot, version, answer)

        # What is refused says so, and changes nothing.
        good = block("P0", "E", os.urandom(16))
        changed = good[:30] + ("0" if good[30] != "0" else "1") + good[31:]
        for text, place, expected, saw in [
            (changed, ("--slot", "0"), "PAD-020", "slot 0, code C"),
            (good, ("--slot", "B"), "PAD-020", "slot B, code E"),
            ("0123456789ABCDEFFEDCBA9876543210", ("--slot", "0"), "KEY-010", "character 1"),
            (good[:-1], ("--slot", "0"), "KEY-010",
             f"{len(good) - 1} characters where the header says {len(good)}"),
        ]:
            code, answer = load(text, *place)
            problem = answer["parameters"]["problem"] if "parameters" in answer else answer["problem"]
            assert code == 1 and problem["code"] == expected, answer
            assert saw in problem["evidence"], problem
        print("keys loaded, selected, used and refused as they should be")
        shop.strings("unplug pin-pad")
        code, answer = shop.posctl("keys", "select", "1")
        assert code == 1, answer
    finally:
        shop.close()


if __name__ == "__main__":
    sys.exit(main())
