# SPDX-License-Identifier: Apache-2.0
"""A receipt can be seen by whoever may have it printed again, and shows no whole card number."""

import os
import re
import shutil
import subprocess

from shop import BUILD, Shop, until


def broken_template(shop):
    """A template that cannot be used keeps no terminal down: a built-in one prints."""
    config = os.path.join(shop.folder, "Config")
    shutil.copytree("Config", config)
    facts = os.path.join(config, "receipts", "facts.receipt")
    with open(facts, encoding="utf-8") as file:
        text = file.read()
    with open(facts, "w", encoding="utf-8") as file:
        file.write(text.replace("[[amount]]", "[[expiry]]"))
    assert shop.kill(15) == 0
    shop.config = config
    shop.start()
    until("the refused template is all that is wrong", lambda: [
        problem["code"] for problem in shop.try_status()["problems"]] == ["PRN-024"], 20, shop)
    seen = shop.try_status()["problems"][0]["evidence"]
    assert seen == f"TPL-301 {facts}:17:4: expiry may stand on no slip", seen
    assert f"fault=TPL-301 {facts}:17:4" in shop.logs(), shop.logs()
    code, answer = shop.posctl("sale", "seen/3", "3.00")
    assert code == 0 and answer["transaction"]["receipt"] == "printed", answer


def preview(*words):
    child = subprocess.run(
        [f"{BUILD}/posctl", "receipt", "preview", *words], capture_output=True, text=True)
    return child.returncode, child.stdout, child.stderr


def too_long(shop, render):
    """What does not fit is not left out without a word, nor is a file that is not there named by a bare code."""
    own = os.path.join(shop.folder, "long.receipt")
    for rows, code in [(300, 0), (380, 1)]:
        with open(own, "w", encoding="utf-8") as file:
            file.write("[[each merchantNames]]\n" + "[[merchantName]] |\n" * (rows // 2) + "[[end]]\n"
                       + "[[amount]]\n" * (rows // 2))
        for ended, shown, said in [preview(own), preview(own, "--columns", "32"),
                                   render("seen/1", "--template", own)]:
            assert ended == code and "CNY" in shown, (rows, ended, said)
            if code:
                # The catalogue's words, and where.
                for words in ["TPL-303", "makes a slip that is too long", f"{own}:",
                              "longer than 360 rows or 1350 mm", "Make it smaller", "operator"]:
                    assert words in said, said
            else:
                assert not said, said
    ended, shown, said = preview(os.path.join(shop.folder, "nobody.receipt"))
    assert ended == 1 and not shown, shown
    for words in ["CFG-001", "nobody.receipt:1:1: cannot be read", "A configuration file is wrong",
                  "Correct that line", "technician"]:
        assert words in said, said


def overfull(shop):
    """A slip that its template makes too long is printed whole by the built-in one, and the operator is told."""
    shop.config = os.path.join(shop.folder, "overfull")
    shutil.copytree("Config", shop.config)
    with open(os.path.join(shop.config, "receipts", "sale.receipt"), "w", encoding="utf-8") as file:
        # A sale's type has one row of nine cells, a pre-authorisation's three.
        file.write("[[include payment]]\n{width: 9 *}\n" + "[[transactionType]] | x\n" * 250)
    assert shop.kill(15) == 0
    shop.start()
    shop.settle("ready")
    code, answer = shop.posctl("sale", "long/1", "4.00")
    assert code == 0 and not shop.try_status()["problems"], answer
    code, answer = shop.posctl("preauth", "long/2", "4.00")
    assert code == 0 and answer["transaction"]["receipt"] == "printed", answer
    assert any("PRE-AUTHORISATION" in row for row in shop.strings("paper show")[-60:])
    said = subprocess.run(
        [f"{BUILD}/posctl", "status", "--socket", os.path.join(shop.folder, "control.sock")],
        capture_output=True, text=True).stdout
    for words in ["PRN-025", "long/2, template sale: the slip is longer than 360 rows", "operator"]:
        assert words in said, said


def main():
    shop = Shop()
    socket = os.path.join(shop.folder, "control.sock")

    def rendered(*words):
        child = subprocess.run(
            [f"{BUILD}/posctl", "receipt", "render", *words, "--socket", socket],
            capture_output=True, text=True)
        return child.returncode, child.stdout, child.stderr

    def render(*words):
        code, shown, said = rendered(*words)
        return code, shown + said

    try:
        shop.into_service()
        code, answer = shop.posctl("sale", "seen/1", "12.00")
        assert code == 0, answer
        code, slip = render("seen/1")
        assert code == 0, slip
        rows = slip.split("\n")
        # Large print has a blank behind each cell.
        assert any(row.strip() == "C N Y   1 2 . 0 0" for row in rows), slip
        for words in ["COPY 副本", "商户存根 MERCHANT COPY", "交易成功 Approved", "消费 SALE"]:
            assert words in slip, slip
        assert re.search(r"\d{6}\*+\d{4} [SI]", slip), slip
        assert not re.search(r"\d{11,19}", re.sub(r"(MID|RRN|AID|TC) .*", "", slip)), slip
        code, slip = render("seen/1", "--customer")
        assert code == 0 and "CUSTOMER COPY" in slip and "MERCHANT COPY" not in slip, slip
        code, slip = render("test/1")
        assert code == 0 and slip.count("*** TEST") == 2, slip
        own = os.path.join(shop.folder, "own.receipt")
        with open(own, "w", encoding="utf-8") as file:
            file.write("[[card]] |\n[[transactionType]] | [[amount]]\n")
        code, slip = render("seen/1", "--template", own)
        assert code == 0 and "消费 SALE" in slip and "MERCHANT COPY" not in slip, slip
        with open(own, "w", encoding="utf-8") as file:
            file.write("{option: code128 2 72 hri; code: [[referenceNumber]]}\n[[amount]]\n"
                       "{option: qrcode 6 m; code: https://example.com/r?n=[[referenceNumber]]}\n")
        picture = os.path.join(shop.folder, "own.png")
        code, slip = render("seen/1", "--template", own, "--png", picture, "--text")
        assert code == 0, slip
        reference = re.search(r"Code 128: (\w+)", slip)[1]
        read = subprocess.run(
            ["zbarimg", "--quiet", picture], capture_output=True, text=True).stdout.split()
        assert sorted(read) == [f"CODE-128:{reference}",
                                f"QR-Code:https://example.com/r?n={reference}"], read
        with open(own, "w", encoding="utf-8") as file:
            file.write("[[amount]]\n[[expiry]]\n")
        code, slip = render("seen/1", "--template", own)
        assert code == 1 and "TPL-301" in slip and f"{own}:2:1: expiry may stand" in slip, slip
        too_long(shop, rendered)
        code, slip = render("nobody/1")
        assert code == 1 and "TRM-007" in slip, slip
        code, answer = shop.posctl("sale", "seen/2", "5.51")
        assert code == 2, answer
        code, slip = render("seen/2")
        assert code == 1 and "PRN-020" in slip, slip
        broken_template(shop)
        overfull(shop)
        print("receipts: seen as they are printed, by the terminal's own template and by another; "
              "a template that cannot be used keeps nothing down")
    finally:
        shop.close()


if __name__ == "__main__":
    main()
