// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// The queue interpreter and the mechanism it waits for.

extension PrinterModel {
  /// Goes on until the mechanism moves, the printer stops or the buffer is empty.
  mutating func run(at now: Instant, _ effects: inout [Effect]) {
    report(always: false, &effects)
    while !isOffline {
      if let motion {
        guard let ends = motionEnds else {
          motionEnds = now + time(of: motion)
          return
        }
        if ends > now { return }
        finish(motion, &effects)
        report(always: false, &effects)
        continue
      }
      refill(&effects)
      if skipped > 0 {
        if buffer.isEmpty { return }
        let count = min(skipped, buffer.count)
        if incoming.width > 0 { incoming.bytes += buffer[..<count] }
        skipped -= count
        consume(count)
        if skipped == 0 { endBlock() }
        continue
      }
      switch front() {
      case .partial: return
      case .data(let length): beginBlock(length)
      case .unknown(let count):
        note(count)
        consume(count)
      case .whole(let count):
        let command = Array(buffer[..<count])
        consume(count)
        execute(command, &effects)
      }
    }
  }

  private mutating func consume(_ count: Int) {
    buffer.removeFirst(count)
    interpreted += count
  }

  private mutating func note(_ count: Int) {
    if unknownCommands.count == 64 { return }
    unknownCommands.append(
      UnknownCommand(offset: interpreted, bytes: Array(buffer.prefix(count))))
  }

  private func time(of motion: Motion) -> Interval {
    let line = profile.lineTime.microseconds
    switch motion {
    case .line(_, let style): return .microseconds(style.isLarge ? line * 2 : line)
    case .feed(let lines), .code(_, let lines): return .microseconds(line * Int64(lines))
    case .picture(let dots): return .microseconds(line * Int64(dots.height) / 30)
    case .keeping: return profile.keepTime
    case .cut: return profile.cutTime
    }
  }

  private mutating func finish(_ motion: Motion, _ effects: inout [Effect]) {
    self.motion = nil
    motionEnds = nil
    var used = 0
    if case .picture = motion {} else { isPictureOpen = false }
    switch motion {
    case .line(let text, let style):
      paper.append(text)
      styles.append(style)
      effects.append(.printed(line: text, style: style))
      used = 1
    case .code(let text, let lines):
      paper.append(text)
      styles.append(PaperStyle())
      effects.append(.printed(line: text, style: PaperStyle()))
      used = lines
    case .picture(let dots):
      used = (dots.height + 29) / 30
      if touches(dots) { break }
      paper.append(PrinterModel.pictureLine)
      styles.append(PaperStyle())
      effects.append(.drawn(picture: pictures.count - 1))
    case .keeping(let key, let dots): keep(key, dots)
    case .feed(let lines): used = lines
    case .cut:
      receipts.append(paper)
      paper = []
      styles = []
      effects.append(.cut)
    }
    guard let left = linesLeft else { return }
    linesLeft = max(0, left - used)
    if linesLeft == 0 { isPaperOut = true }
  }

  private mutating func execute(_ command: [UInt8], _ effects: inout [Effect]) {
    switch command[0] {
    case 0x0A: endLine()
    case 0x20...0xFF: character(command[0])
    case 0x1B: escape(command)
    case 0x1C: hanzi(command)
    case 0x1D: group(command, &effects)
    default: break
    }
  }

  private mutating func escape(_ command: [UInt8]) {
    switch command[1] {
    case 0x40:
      settings = Settings(profile: profile)
      isPictureOpen = false
      line = PaperLine()
      reportsMask = 0
    case 0x21: look(command[2])
    case 0x24: moveTo(dots: Int(command[2]) + Int(command[3]) * 256)
    case 0x45: settings.isBold = command[2] & 1 == 1
    case 0x4A: feed(lines: (Int(command[2]) + 29) / 30)
    case 0x52: settings.country = command[2]
    case 0x61: if line.cells == 0 { settings.alignment = command[2] & 3 }
    case 0x64: feed(lines: Int(command[2]))
    case 0x74: settings.page = command[2]
    default: break
    }
  }

  /// `ESC !`: bold, twice as high, twice as wide, all in one byte.
  private mutating func look(_ bits: UInt8) {
    settings.isBold = bits & 0x08 != 0
    settings.size = (bits & 0x20) >> 1 | (bits & 0x10) >> 4
  }

  private mutating func hanzi(_ command: [UInt8]) {
    if !profile.isChinese {
      unknownCommands.append(
        UnknownCommand(offset: interpreted - command.count, bytes: Array(command.prefix(2))))
      return
    }
    if command[1] == 0x26 { settings.isHanzi = true }
    if command[1] == 0x2E { settings.isHanzi = false }
  }

  private mutating func group(_ command: [UInt8], _ effects: inout [Effect]) {
    switch command[1] {
    case 0x21: settings.size = command[2]
    case 0x28: function(command, &effects)
    case 0x49: identify(command[2], &effects)
    case 0x56: if line.cells == 0 { motion = .cut }
    case 0x68: settings.codes.height = command[2]
    case 0x6B: barCode(command)
    case 0x61:
      reportsMask = command[2]
      report(always: true, &effects)
    case 0x72: effects.append(.send([command[2] & 1 == 1 && isPaperLow ? 0x03 : 0x00]))
    default: break
    }
  }

  private mutating func function(_ command: [UInt8], _ effects: inout [Effect]) {
    if command[2] == 0x6B { return qrCode(command) }
    if command[2] == 0x4C { return logo(command) }
    if command[2] != 0x48 { return }
    if !profile.hasProcessID {
      unknownCommands.append(
        UnknownCommand(offset: interpreted - command.count, bytes: Array(command.prefix(3))))
    } else if command.count == 11 && command[5] == 0x30 && command[6] == 0x30 {
      answeredIDs += 1
      effects.append(.send([0x37, 0x22] + command[7...] + [0x00]))
    }
  }

  private func identify(_ what: UInt8, _ effects: inout [Effect]) {
    switch what {
    case 1, 0x31: effects.append(.send([0x20]))
    case 2, 0x32: effects.append(.send([profile.isChinese ? 0x03 : 0x02]))
    case 3, 0x33: effects.append(.send([0x01]))
    case 0x42: effects.append(.send([0x5F] + Array("POSD".utf8) + [0x00]))
    case 0x43: effects.append(.send([0x5F] + Array("MODEL-80".utf8) + [0x00]))
    case 0x45:
      let name = profile.isChinese ? "CHINA GB18030" : "PC437"
      effects.append(.send([0x5F] + Array(name.utf8) + [0x00]))
    default: break
    }
  }
}
