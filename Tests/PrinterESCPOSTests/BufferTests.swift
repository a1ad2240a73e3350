// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import Testing

@Suite("The simulated printer's buffer")
struct BufferTests {
  @Test("what comes while the host is held back stays behind what it holds", arguments: 1...20)
  func order(_ pause: Int64) {
    var printer = PrinterModel(profile: PrinterModel.Profile(receiveBuffer: 64))
    var now = Instant.start
    var sent: [String] = []
    // Lines of eight bytes, one by one and faster than they are printed.
    for number in 0..<60 {
      let line = "line \(number < 10 ? "0" : "")\(number)"
      sent.append(line)
      _ = printer.handle(.received(Array(line.utf8) + [0x0A]), at: now)
      let end = now + .milliseconds(pause)
      while let due = printer.deadline, due <= end {
        now = max(now, due)
        _ = printer.handle(.deadlinePassed, at: now)
      }
      now = end
    }
    while let due = printer.deadline {
      now = max(now, due)
      _ = printer.handle(.deadlinePassed, at: now)
    }
    #expect(printer.everythingPrinted == sent)
  }
}
