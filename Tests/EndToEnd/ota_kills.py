# SPDX-License-Identifier: Apache-2.0
"""kill -9 of posd and of its supervisor at random moments of updates of the real posd: after each one a
slot runs and a sale works.

ota_kills.py [KILLS [SEED]]
"""

import os
import random
import signal
import sys
import time

from updated_shop import House, Terminal, children

# As people see them; between two starts posd does not answer.
STAGES = ["check", "download", "verify", "gate", "install", "switch", "between", "trial", "commit"]


def moment(terminal, dice):
    """Waits for a stage that the dice have chosen, and a little more; the stage that it is then."""
    wanted = dice.choice(STAGES)
    end = time.monotonic() + dice.uniform(0, 2.5)
    while time.monotonic() < end and stage_of(terminal) != wanted:
        time.sleep(0.005)
    time.sleep(dice.uniform(0, 0.2) ** 2 * 5)
    return stage_of(terminal)


def stage_of(terminal):
    update = terminal.update()
    return update["stage"] if update else "between"


def kill_one(terminal, dice):
    """One of the two, by kill -9; which one."""
    supervisor = terminal.terminal.pid
    programs = children(supervisor)
    if programs and dice.random() < 0.5:
        try:
            os.kill(programs[0], signal.SIGKILL)
        except ProcessLookupError:
            return "nobody"
        return "posd"
    terminal.kill(signal.SIGKILL)
    # posd dies with its supervisor, which systemd starts again.
    terminal.start()
    return "supervisor"


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    dice = random.Random(seed)
    house = House()
    terminal = None
    try:
        terminal = Terminal(house, house.bundle("1.0"), rate=15_000_000)
        terminal.into_service()
        stages, count, version, ends = {}, 0, 0, 0
        history, asked = [], []
        while count < kills:
            update = terminal.update()
            if update and update["stage"] in ("idle", "select"):
                # What was tried has been kept or given up: the next one.
                version += 1
                house.publish(f"2.{version}")
                asked.append(terminal.begin("update", "check"))
            # By itself a second after it was announced, or at once where it is offered already.
            if dice.random() < 0.5:
                asked.append(terminal.begin("update", "apply"))
            stage = moment(terminal, dice)
            whom = kill_one(terminal, dice)
            for child in asked:
                child.kill()
                child.communicate()
            asked.clear()
            if whom == "nobody":
                continue
            count += 1
            stages[stage] = stages.get(stage, 0) + 1
            terminal.sell(f"kill/{count}")
            update = terminal.update()
            assert update["slot"] in ("A", "B") and update["version"] != "0.0.0", update
            history = [(one["version"], one["code"]) for one in update["history"]]
            ends = max(ends, len(history))
        told = ", ".join(f"{name} {number}" for name, number in sorted(stages.items()))
        print(f"{count} kills at stages: {told}")
        codes = {}
        for _, code in history:
            codes[code] = codes.get(code, 0) + 1
        print(f"{version} versions; the last ones: {codes}")
        assert ends > 0, "no update came to an end"
        pairs = terminal.ledgers()
        approved = [pair for pair in pairs if pair[2] == "approved"]
        assert len(approved) >= count and all(pair[3] == ["approved"] for pair in approved), pairs
        print(f"{len(approved)} sales, each at the acquirer once, seed {seed}")
    finally:
        if terminal:
            terminal.close()
        house.close()


if __name__ == "__main__":
    main()
