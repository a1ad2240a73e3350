# SPDX-License-Identifier: Apache-2.0
"""The command line."""

import argparse

from repository import DAYS, ROLES
from sound import TOP

ABOUT = """\
Makes and keeps the repository that terminals take their updates from (TUF 1.0.34, made with
python-tuf). What it makes public lies in REPOSITORY/public: plain files for any web server.

A first repository, with throw-away keys, and a version for everybody in two steps:

  publish init repo --keys keys --development
  publish bundle build/slot posd-2026.11.3.tar --version 2026.11.3 --compatible pos-x1
  publish add repo posd-2026.11.3.tar --epoch 1 --ring 4 --note-en "Faster" --note-zh "更快"
  publish sign repo --keys keys          (each owner of a key of root or targets, who reads it)
  publish release repo --keys keys       (the machine that publishes: snapshot and timestamp)
  publish ring repo pos-x1/posd-2026.11.3.tar 99   and sign and release again
  publish refresh repo --keys keys       (every hour, by cron: timestamps live for one day)

Nothing is public before `release`, which refuses what too few keys have signed. It ends with 0, or
with 2 where somebody has something to put right, which it says.
"""


def parser():
    top = argparse.ArgumentParser(
        prog="publish", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    keys(commands)
    bundles(commands)
    changes(commands)
    ends(commands)
    return top


def command(commands, name, text, repository=True):
    one = commands.add_parser(name, help=text, description=text)
    if repository:
        one.add_argument("repository", help="the folder of the repository")
    return one


def folders(one, text, required=True):
    one.add_argument("--keys", action="append", default=[], required=required, metavar="FOLDER",
                     help=text)


def keys(commands):
    one = command(commands, "key", "make keys, on the machine of their owner", False)
    one.add_argument("folder", help="where both halves go; NAME.public.json is given to others")
    one.add_argument("name", nargs="+", help="what people call it, as root-anna")
    one.add_argument("--development", action="store_true", help="mark it as a throw-away key")

    one = command(commands, "init", "make a repository, whose first root waits for signatures")
    one.add_argument("--development", action="store_true",
                     help="make throw-away keys in --keys as well, sign and release at once")
    one.add_argument("--keys", metavar="FOLDER", help="where --development puts the keys")
    for role in ROLES:
        one.add_argument(f"--{role}", action="append", default=[], metavar="FILE",
                         help=f"a public half of a key for {role}; may be given again")
        usual = 1 if role in ("snapshot", "timestamp") else 2
        one.add_argument(f"--{role}-threshold", type=int, default=usual, metavar="N",
                         help=f"how many of them must sign ({usual})")
    for role in TOP:
        one.add_argument(f"--{role}-days", type=int, default=DAYS[role], metavar="DAYS",
                         help=f"how long {role} lives ({DAYS[role]})")


def custom(one):
    one.add_argument("--epoch", type=int, required=True,
                     help="security epoch: terminals that committed one refuse every lower one")
    one.add_argument("--min-source", metavar="VERSION", help="terminals below it wait for another")
    one.add_argument("--ring", type=int, default=99, metavar="0-99",
                     help="terminals with a number up to this one may have it (99: all)")
    one.add_argument("--not-before", metavar="MOMENT", help="UTC, as 2026-12-01T03:00:00Z")
    one.add_argument("--deadline", metavar="MOMENT", help="applied at the next idle minute then")
    one.add_argument("--minutes", type=int, default=5, help="how long a terminal is away (5)")
    one.add_argument("--migration", choices=("none", "forward-only"), default="none",
                     help="whether the version before can read the data; if not, raise the epoch")
    one.add_argument("--note-en", required=True, metavar="TEXT", help="what is new, in English")
    one.add_argument("--note-zh", required=True, metavar="TEXT", help="the same, in Chinese")
    one.add_argument("--name", help="path of the target (COMPATIBLE/name of the file)")
    one.add_argument("--format", choices=("directory", "verity", "plain"), default="directory",
                     help="directory: of `publish bundle`; the others are RAUC's")
    one.add_argument("--version", help="of a RAUC bundle; others say it themselves")
    one.add_argument("--compatible", help="of a RAUC bundle; others say it themselves")
    one.add_argument("--manifest-hash", metavar="HEX", help="of a RAUC bundle, from `rauc info`")


def bundles(commands):
    one = command(commands, "bundle", "make a bundle of the content of a folder", False)
    one.add_argument("folder", help="what becomes the slot")
    one.add_argument("out", help="the bundle")
    one.add_argument("--version", required=True, help="one to four numbers with dots")
    one.add_argument("--compatible", required=True, help="the board's name")

    one = command(commands, "add", "stage a bundle as a target")
    one.add_argument("bundle")
    custom(one)

    one = command(commands, "recovery",
                  "stage a bundle for terminals whose clock or metadata is past help")
    one.add_argument("bundle")
    custom(one)


def changes(commands):
    one = command(commands, "ring", "stage a wider ring for a target")
    one.add_argument("name", help="path of the target")
    one.add_argument("ring", type=int, help="0 to 99; it only rises")

    one = command(commands, "ring-of", "say in which ring a terminal is", False)
    one.add_argument("serial", nargs="+", help="serial numbers")

    one = command(commands, "withdraw", "stage the removal of a target: nobody gets it any more")
    one.add_argument("name", help="path of the target")

    one = command(commands, "renew", "stage the same root or targets with a later expiry")
    one.add_argument("role", choices=("root", "targets"))

    one = command(commands, "rotate", "stage other keys for a role")
    one.add_argument("role", choices=TOP)
    one.add_argument("--remove", action="append", default=[], metavar="NAME")
    one.add_argument("--add", action="append", default=[], metavar="FILE",
                     help="a public half of a key")
    one.add_argument("--threshold", type=int, metavar="N")

    one = command(commands, "discard", "drop what is staged: everything, or of some roles")
    one.add_argument("role", nargs="*", metavar="ROLE", help="root, targets or recovery")


def ends(commands):
    command(commands, "show", "say what is staged, and what it changes")

    one = command(commands, "sign", "say what is staged, ask, and sign it with the keys at hand")
    folders(one, "where secret halves are; may be given again")
    one.add_argument("--yes", action="store_true", help="do not ask: somebody has read it")

    one = command(commands, "release", "make public what is staged and signed by enough keys")
    folders(one, "where the keys of snapshot and timestamp are; a recovery document needs none",
            required=False)
    one.add_argument("--only", default="", choices=("recovery",),
                     help="release that alone and leave the rest waiting")

    one = command(commands, "refresh", "renew snapshot and timestamp before they expire (cron)")
    folders(one, "where the keys of snapshot and timestamp are")
    one.add_argument("--force", action="store_true", help="also when they are young")

    one = command(commands, "status", "say what is public, what is staged and what expires when")
    one.add_argument("--json", action="store_true", help="for programs")
