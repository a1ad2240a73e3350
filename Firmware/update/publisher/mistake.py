# SPDX-License-Identifier: Apache-2.0
"""What a person can put right."""


class Mistake(Exception):
    """What is wrong, in one line, and what to do about it."""

    def __init__(self, what, remedy=""):
        super().__init__(what)
        self.remedy = remedy
