// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Testing

@Suite("The card's usage control, bit by bit")
struct UsageTests {
  /// EMV 4.4 Book 3, 10.4.2: whether a control allows a transaction.
  private static func allows(
    _ control: UInt16, _ kind: UInt8, isDomestic: Bool, isATM: Bool
  ) -> Bool {
    func has(_ domestic: UInt16, _ international: UInt16) -> Bool {
      control & (isDomestic ? domestic : international) != 0
    }
    if control & (isATM ? 0x0200 : 0x0100) == 0 { return false }
    switch kind {
    case 0x00: return has(0x2800, 0x1400)
    case 0x01: return has(0x8000, 0x4000)
    case 0x09: return has(0x2800, 0x1400) && has(0x0080, 0x0040)
    default: return true
    }
  }

  /// Types and whether they pay out cash; an ATM is a bank's, without an attendant, and does.
  private static let terminals: [(type: UInt8, hasCash: Bool, isATM: Bool)] = [
    (0x11, true, false), (0x12, true, false), (0x13, true, false), (0x14, true, true),
    (0x15, true, true), (0x16, true, true), (0x21, true, false), (0x22, true, false),
    (0x23, true, false), (0x24, true, false), (0x25, true, false), (0x26, true, false),
    (0x34, true, false), (0x35, true, false), (0x36, true, false),
    (0x14, false, false), (0x15, false, false), (0x16, false, false), (0x22, false, false),
  ]

  private static func isAllowed(
    _ control: UInt16, _ kind: UInt8, isDomestic: Bool,
    _ terminal: (type: UInt8, hasCash: Bool, isATM: Bool), cashback: UInt64 = 0
  ) -> Bool? {
    let run = outcome {
      $0.settings.country = isDomestic ? 0x0276 : 0x0840
      $0.settings.terminalType =
        TerminalType(rawValue: terminal.type) ?? $0.settings.terminalType
      $0.settings.additionalCapabilities =
        AdditionalCapabilities(hex(terminal.hasCash ? "E000F0A001" : "6000F0A001"))
        ?? $0.settings.additionalCapabilities
      $0.transaction.type = kind
      $0.transaction.cashback = Amount(minorUnits: cashback) ?? $0.transaction.cashback
      $0.card.set(0x9F07, nil)
      $0.card.objects.append((0x9F07, [UInt8(control >> 8), UInt8(control & 0xFF)]))
    }
    return (run.outcome?.tvr.contains(.serviceNotAllowed)).map { !$0 }
  }

  @Test("each bit is asked for where it counts: at home and abroad, at ATMs and elsewhere")
  func bits() {
    let all: UInt16 = 0xFFC0
    for kind: UInt8 in [0x00, 0x01, 0x09, 0x20, 0x31] {
      for isDomestic in [true, false] {
        for terminal in UsageTests.terminals where terminal.type == 0x15 || terminal.type == 0x22 {
          for place in 6..<16 {
            let bit = UInt16(1) << UInt16(place)
            for control in [all & ~bit, bit, bit | 0x0300, bit | 0x2B00, bit | 0x1700] {
              let want = UsageTests.allows(
                control, kind, isDomestic: isDomestic, isATM: terminal.isATM)
              let found = UsageTests.isAllowed(control, kind, isDomestic: isDomestic, terminal)
              #expect(found == want, "\(control) \(kind) \(isDomestic) \(terminal)")
            }
          }
        }
      }
    }
  }

  @Test("of every type of terminal it is known whether it is an ATM")
  func terminals() {
    let types = (UInt8(0)...0xFF).filter { TerminalType(rawValue: $0) != nil }
    #expect(Set(types).isSubset(of: UsageTests.terminals.map { $0.type }))
    for terminal in UsageTests.terminals {
      for (control, isATMs) in [(UInt16(0xFE00), true), (0xFD00, false)] {
        let found = UsageTests.isAllowed(control, 0x01, isDomestic: true, terminal)
        #expect(found == (isATMs == terminal.isATM), "\(terminal)")
      }
    }
  }

  @Test("an amount paid out makes any transaction one with cashback")
  func cashback() {
    let shop = (type: UInt8(0x22), hasCash: false, isATM: false)
    for (amount, isAllowed) in [(UInt64(0), true), (1, false)] {
      #expect(
        UsageTests.isAllowed(0x2140, 0x00, isDomestic: true, shop, cashback: amount) == isAllowed)
    }
  }
}
