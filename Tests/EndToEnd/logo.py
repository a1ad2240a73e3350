# SPDX-License-Identifier: Apache-2.0
"""The printer is given the logo once, and receipts stand under it; one that cannot be used keeps no
terminal down. The logo's file is Pillow's, and so are the dots that the printer must have."""

import os
import shutil
import signal
import time

from PIL import Image, ImageDraw, ImageOps
from shop import Shop, until


def drawn(file, width, height):
    """Writes a logo; returns its dots as a printer has them, 1 for black."""
    picture = Image.new("1", (width, height), 1)
    pen = ImageDraw.Draw(picture)
    pen.ellipse([4, 4, width - 5, height - 5], outline=0, width=3)
    pen.text((width // 4, height // 2 - 5), "EXAMPLE SHOP", fill=0)
    picture.save(file, format="PPM")
    with open(file, "rb") as read:
        assert read.read(2) == b"P4", "Pillow has not written a binary bitmap"
    # Pillow's own bytes have 1 for white, and its inverse 1 for black.
    return ImageOps.invert(picture.convert("L")).convert("1").tobytes().hex()


def configured(shop, words):
    """A folder of configuration with these words in the receipts' stanza."""
    config = os.path.join(shop.folder, "Config")
    shutil.rmtree(config, ignore_errors=True)
    shutil.copytree("Config", config)
    file = os.path.join(config, "posd.yaml")
    with open(file, encoding="utf-8") as read:
        text = read.read()
    assert text.count("  folder: receipts\n") == 1
    with open(file, "w", encoding="utf-8") as written:
        written.write(text.replace("  folder: receipts\n", "  folder: receipts\n" + words))
    shop.config = config
    return config


def printer_has(shop):
    return shop.posctl("printer", "status")[1]["logo"]


def last_paper(shop):
    rows = shop.strings("paper show")
    return rows[max(place for place, row in enumerate(rows[:-1]) if not row) + 1:-1]


def sold_under(shop, reference, has_logo):
    code, answer = shop.posctl("sale", reference, "3.00")
    assert code == 0 and answer["transaction"]["receipt"] == "printed", answer
    rows = last_paper(shop)
    assert (rows[0] == "[picture]") == has_logo and any("TRACE" in row for row in rows), rows


def main():
    shop = Shop()
    try:
        shop.into_service()
        assert printer_has(shop) == "none" and shop.strings("paper logos") == ["written 0"]
        code, answer = shop.posctl("printer", "logo")
        assert code == 1 and "PRN-026" in str(answer), (code, answer)
        sold_under(shop, "logo/0", False)

        assert shop.kill(signal.SIGTERM) == 0
        config = configured(shop, "  logo: logo.pbm\n")
        dots = drawn(os.path.join(config, "logo.pbm"), 301, 120)
        shop.start()
        until("the printer has the logo", lambda: printer_has(shop) == "kept", 30, shop)
        assert shop.strings("paper logos") == ["written 1", f"301 120 {dots.upper()}"]
        shop.settle("ready")
        sold_under(shop, "logo/1", True)

        shop.kill()
        shop.start()
        shop.settle("ready")
        sold_under(shop, "logo/2", True)
        assert printer_has(shop) == "kept" and shop.strings("paper logos")[0] == "written 1"
        code, answer = shop.posctl("printer", "logo")
        assert code == 0 and shop.strings("paper logos")[0] == "written 2", (code, answer)

        # Killed while the printer is being given it: each attempt is counted before it begins.
        assert shop.kill(signal.SIGTERM) == 0
        dots = drawn(os.path.join(config, "logo.pbm"), 576, 400)
        shop.strings("logo 6")
        for _ in range(3):
            shop.start()
            until("the printer is being given it", lambda: printer_has(shop) == "storing", 20, shop)
            shop.kill()
        shop.strings("logo 2")
        # The printer still writes the last one, and prints nothing meanwhile.
        time.sleep(7)
        shop.start()
        until("posd has stopped trying", lambda: printer_has(shop) == "given up", 20, shop)
        until("that is all that is wrong", lambda: [
            problem["code"] for problem in shop.try_status()["problems"]] == ["PRN-028"], 20, shop)
        sold_under(shop, "logo/given-up", False)
        code, answer = shop.posctl("printer", "logo")
        assert code == 0 and printer_has(shop) == "kept", (code, answer)
        assert shop.strings("paper logos")[1] == f"576 400 {dots.upper()}"
        shop.settle("ready")
        sold_under(shop, "logo/3", True)

        assert shop.kill(signal.SIGTERM) == 0
        with open(os.path.join(config, "logo.pbm"), "wb") as file:
            file.write(b"P4\n600 10\n")
        shop.start()
        until("the refused logo is all that is wrong", lambda: [
            problem["code"] for problem in shop.try_status()["problems"]] == ["PRN-027"], 20, shop)
        seen = shop.try_status()["problems"][0]["evidence"]
        assert seen == (f"CFG-001 {config}/logo.pbm:1:1: is 600 by 10 dots; this printer has room "
                        "for 576 by 400"), seen
        sold_under(shop, "logo/4", False)
        print("logo: given to the printer once and printed above each receipt, and never in the way")
    finally:
        shop.close()


if __name__ == "__main__":
    main()
