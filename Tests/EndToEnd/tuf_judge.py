# SPDX-License-Identifier: Apache-2.0
"""tuf-client against python-tuf's own client on repositories made with python-tuf: both must come
to the same verdict and trust the same documents, step by step. Names of scenarios are what is tried;
arguments pick some of them."""

import sys
import time

import tuf_attacks
import tuf_changes
import tuf_delegations
import tuf_formats
import tuf_roles
from tuf_repository import Lab, Repository, Server

LEAST = 100


def main():
    wanted = sys.argv[1:]
    server = Server()
    began = time.monotonic()
    count = steps = 0
    failed = []
    for module in (tuf_roles, tuf_attacks, tuf_changes, tuf_delegations, tuf_formats):
        for name, make, scenario in module.SCENARIOS:
            if wanted and not any(word in name for word in wanted):
                continue
            lab = Lab(server, make() if make else Repository())
            try:
                scenario(lab)
                assert lab.steps > 0, "a scenario that compared nothing"
            except AssertionError as error:
                failed.append(name)
                print(f"FAILED {name}: {error}")
            count += 1
            steps += lab.steps
            lab.end()
    assert not failed, failed
    assert wanted or count >= LEAST, count
    print(f"{count} scenarios, {steps} steps, the same verdicts, {time.monotonic() - began:.0f} s")


main()
