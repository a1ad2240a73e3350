// SPDX-License-Identifier: Apache-2.0

// The real-time scanner and the reports: what the printer says without looking at its queue.

extension PrinterModel {
  /// Looks at each byte as it arrives; the bytes stay in the stream.
  mutating func scan(_ byte: UInt8, _ effects: inout [Effect]) {
    scanner.append(byte)
    if scanner.first != 0x10 {
      scanner = []
      return
    }
    if scanner.count == 1 { return }
    switch scanner[1] {
    case 0x04: scanQuestion(&effects)
    case 0x05: if scanner.count == 3 { scanner = [] }
    case 0x14: scanControl(&effects)
    case 0x10: scanner = [0x10]
    default: scanner = []
    }
  }

  private mutating func scanQuestion(_ effects: inout [Effect]) {
    if scanner.count < 3 { return }
    let question = scanner[2]
    scanner = []
    switch question {
    case 1: effects.append(.send([isOffline ? 0x1A : 0x12]))
    case 2:
      effects.append(.send([0x12 | (isCoverOpen ? 0x04 : 0) | (isPaperOut ? 0x20 : 0)]))
    case 3: effects.append(.send([0x12]))
    case 4: effects.append(.send([0x12 | (isPaperOut ? 0x6C : isPaperLow ? 0x0C : 0)]))
    default: break
    }
  }

  private mutating func scanControl(_ effects: inout [Effect]) {
    let clear: [UInt8] = [0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08]
    let isPrefix = scanner.count <= clear.count && scanner[...] == clear[..<scanner.count]
    if !isPrefix || !profile.hasClear {
      scanner = []
      return
    }
    if scanner.count < clear.count { return }
    scanner = []
    buffer = []
    line = PaperLine()
    skipped = 0
    incoming = IncomingPicture()
    isPictureOpen = false
    // A line under the head is finished unless the mechanism was stopped in it.
    if isOffline || motionEnds == nil { motion = nil }
    effects.append(.send([0x37, 0x25, 0x00]))
  }

  /// Whether the roll is about to end.
  var isPaperLow: Bool { linesLeft.map { $0 < 30 } ?? false }

  /// Sends the whole state if an enabled item of it has changed, or if it was just asked for.
  mutating func report(always: Bool, _ effects: inout [Effect]) {
    if reportsMask == 0 || !profile.hasReports { return }
    let first: UInt8 = 0x10 | (isOffline ? 0x08 : 0) | (isCoverOpen ? 0x20 : 0)
    let third: UInt8 = isPaperOut ? 0x0F : isPaperLow ? 0x03 : 0
    let now: [UInt8] = [first, 0x00, third, 0x0F]
    if !always && now == lastReport { return }
    lastReport = now
    effects.append(.send(now))
  }
}
