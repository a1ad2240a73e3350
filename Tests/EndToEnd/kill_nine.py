# SPDX-License-Identifier: Apache-2.0
"""Kills posd at random moments of sales; ledger and acquirer must agree in the end.

kill_nine.py [ROUNDS [SEED]]
"""

import random
import sys
import time

from shop import Shop, agree, until

# Honest sales, a declined one, a held one without an answer, a slow one, a broken one.
AMOUNTS = ["12.00", "8.00", "33.00", "5.51", "102.02", "101.01", "102.05", "102.06"]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1_000_000)
    dice = random.Random(seed)
    print(f"{rounds} rounds, seed {seed}")
    shop = Shop()
    killed_in = {}
    try:
        shop.into_service()
        for number in range(rounds):
            shop.settle("ready")
            reference = f"kill/{number}"
            amount = dice.choice(AMOUNTS)
            sale = shop.begin("sale", reference, amount)
            time.sleep(dice.uniform(0.2, 0.8))
            shop.kill()
            sale.communicate(timeout=20)
            shop.start()
            code, answer = shop.posctl("transactions", "--reference", reference)
            state = answer["transaction"]["state"] if code == 0 else "never begun"
            killed_in[state] = killed_in.get(state, 0) + 1
        shop.settle("ready", limit=60)
        pairs = shop.ledgers()
        wrong = [pair for pair in pairs if not agree(pair[2], pair[3])]
        print("found at the start after the kill:", killed_in)
        print(f"{len(pairs)} trace numbers compared, {len(wrong)} differ")
        for pair in wrong:
            print("  trace %d amount %d terminal %s acquirer %s" % pair)
        # A kill that never fell into a sale would prove nothing.
        assert len([s for s in killed_in if s != "never begun"]) >= 2, killed_in
        assert not wrong, shop.logs()
        code, answer = shop.posctl("sale", "kill/last", "15.00")
        assert code == 0 and answer["transaction"]["state"] == "approved", answer
        shop.settle("ready")
        print("well")
    finally:
        shop.close()


if __name__ == "__main__":
    main()
