# SPDX-License-Identifier: Apache-2.0
"""How busy the wire to the printer is while a receipt goes out: the real posd writes to a pty, behind
which a modelled UART takes a byte after the other at its speed and hands each to the simulated printer
when it has gone. Ratios of one run, which no other load changes much."""

import os
import pty
import re
import select
import shutil
import threading
import time
import tty

from shop import Shop

# Bytes that the UART has taken and not sent: the others wait where posd has written them.
FIFO = 256
# Ends the preamble, and then the document: the query whose answer proves what precedes it.
FENCE = b"\x1dr\x01"


class UART(threading.Thread):
    """Sends what it finds, ten bits a byte, and remembers when each byte began and ended."""

    def __init__(self, baud, printer):
        super().__init__(daemon=True)
        self.byte_time = 10 / baud
        self.host, self.terminal = pty.openpty()
        tty.setraw(self.terminal)
        self.printer = os.open(printer, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.printer)
        self.sent = bytearray()
        self.began = []
        self.waiting = []
        self.free_at = 0.0
        self.ended = False

    def name_of_terminal(self):
        return os.ttyname(self.terminal)

    def run(self):
        while not self.ended:
            now = time.monotonic()
            while self.waiting and self.waiting[0][0] <= now:
                os.write(self.printer, self.waiting.pop(0)[1])
            ports = [self.printer] + [self.host] * (len(self.waiting) < FIFO)
            pause = min(0.05, max(0.0, self.waiting[0][0] - now) if self.waiting else 0.05)
            ready, _, _ = select.select(ports, [], [], pause)
            if self.printer in ready:
                os.write(self.host, os.read(self.printer, 4096))
            if self.host in ready:
                self.take(os.read(self.host, FIFO - len(self.waiting)))

    def take(self, data):
        for byte in data:
            start = max(time.monotonic(), self.free_at)
            self.free_at = start + self.byte_time
            self.sent.append(byte)
            self.began.append(start)
            self.waiting.append((self.free_at, bytes([byte])))

    def busy(self, start):
        """The share of the time of the document behind this byte in which a byte was under way, and
        how many bytes it has."""
        first = self.sent.index(FENCE, start) + len(FENCE)
        last = self.sent.index(FENCE, first) + len(FENCE) - 1
        count = last - first + 1
        took = self.began[last] + self.byte_time - self.began[first]
        return count * self.byte_time / took, count


def measure(shop, baud, number):
    """The best of three receipts: whoever else has the processor may make one late."""
    uart = UART(baud, os.path.join(shop.folder, "printer.tty"))
    link = os.path.join(shop.folder, "uart.tty")
    if os.path.lexists(link):
        os.unlink(link)
    os.symlink(uart.name_of_terminal(), link)
    board = os.path.join(shop.config, "boards", "demo.yaml")
    with open(board, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"port: \${RUN}/(printer|uart).tty\n  baud: \d+",
                  f"port: ${{RUN}}/uart.tty\n  baud: {baud}", text)
    with open(board, "w", encoding="utf-8") as file:
        file.write(text)
    if shop.terminal:
        assert shop.kill(15) == 0
    uart.start()
    if number == 0:
        shop.into_service()
    else:
        shop.start()
        shop.settle("ready")
    best, count = 0.0, 0
    for sale in range(3):
        start = len(uart.sent)
        code, answer = shop.posctl("sale", f"wire/{number}/{sale}", "12.00")
        assert code == 0, answer
        assert answer["transaction"]["receipt"] == "printed", answer
        share, count = uart.busy(start)
        best = max(best, share)
        if best >= 0.98:
            break
    uart.ended = True
    uart.join()
    return best, count


def main():
    shop = Shop()
    try:
        shop.config = os.path.join(shop.folder, "Config")
        shutil.copytree("Config", shop.config)
        for number, baud in enumerate([115200, 9600]):
            share, count = measure(shop, baud, number)
            assert share >= 0.98, f"{share:.1%} of the time at {baud} bits a second"
            print(f"wire: busy {share:.1%} of the time of {count} bytes at {baud} bits a second")
    finally:
        shop.close()


if __name__ == "__main__":
    main()
