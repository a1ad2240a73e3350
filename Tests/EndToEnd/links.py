# SPDX-License-Identifier: Apache-2.0
"""Where the real posd reaches its acquirer: the first host, its back-up, and which of them is dead."""

import os
import subprocess

from shop import BUILD, Shop

DEAD, WELL = "localhost:1", "localhost:17500"


def set_network(shop, acquirer, backup):
    code, answer = shop.posctl("network", "set", "--acquirer", acquirer, "--backup", backup)
    return code, answer if code == 0 else answer["parameters"]["problem"]


def probe(shop):
    """Both hosts are tried, and the dead one is named."""
    code, problem = set_network(shop, WELL, DEAD)
    assert code != 0 and problem["code"] == "NET-004", problem
    assert problem["evidence"].startswith("first host is well; back-up host: NET-004"), problem
    code, problem = set_network(shop, DEAD, "127.0.0.1:17500")
    assert code != 0 and "back-up host is well" in problem["evidence"], problem
    assert shop.try_status()["backup"] is None


def backup(shop):
    """Both are shown, kept over a restart, and a sale goes to the one that lives."""
    code, answer = set_network(shop, WELL, "127.0.0.1:17500")
    assert code == 0, answer
    assert shop.posctl("network", "commit")[0] == 0
    shop.kill()
    shop.start()
    shop.settle("ready")
    status = shop.try_status()
    assert status["backup"] == {"host": "127.0.0.1", "port": 17500, "tls": True}, status
    path = os.path.join(shop.folder, "control.sock")
    for words in [["status"], ["network", "show"]]:
        said = subprocess.run([f"{BUILD}/posctl", *words, "--socket", path],
                              capture_output=True, text=True, timeout=20).stdout
        assert "back-up     127.0.0.1:17500 (TLS)" in said, said
    code, answer = shop.posctl("sale", "backup/1", "12.00")
    assert code == 0, answer


def main():
    shop = Shop()
    try:
        shop.into_service()
        for part in [probe, backup]:
            part(shop)
            print("well: " + part.__name__)
    finally:
        shop.close()


if __name__ == "__main__":
    main()
