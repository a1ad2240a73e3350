// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore

extension World {
  mutating func perform(_ effect: Firmware.Effect) {
    addToDigest(effect)
    switch effect {
    case .link(let port, let order): perform(port, order)
    case .acquirer(let order): perform(order)
    case .management(let request): perform(request)
    case .journal(let entry): write(entry)
    case .ledger(let question): answer(question)
    case .progress(let id, let progress): clerkHears(id, progress)
    case .answer(let id, let answer): clerkHears(id, answer)
    }
  }

  private mutating func perform(_ port: Port, _ order: LinkOrder) {
    if !linkIsUp[Int(port.rawValue)] { return }
    switch (port, order) {
    case (.printer, .write(let bytes)):
      watchForSecrets(bytes, "printer")
      // Nothing protects a printed line from a changed byte, so no proof could be right about it:
      // the wire to the printer is quiet, and only its answers are disturbed.
      carry(bytes, to: .printer)
    case (.pinPad, .write(let bytes)):
      carry(disturbed(bytes), to: .pinPad)
    case (.printer, .discardOutput), (.pinPad, .discardOutput): discard(at: port)
    case (.reader, .write(let bytes)) where readsChips:
      carry(bytes, to: .reader)
    case (.reader, .setFeature(let bytes)):
      queue.add(.reader(.setFeature(bytes)), at: now + .milliseconds(1))
    case (.reader, .getFeature(let length)):
      queue.add(.reader(.getFeature(length: length)), at: now + .milliseconds(2))
    case (_, .reopen):
      linkIsUp[Int(port.rawValue)] = false
      tellLater(.link(port, .closed(.lost)), .milliseconds(1))
      queue.add(.linkUp(port, start: start), at: now + .seconds(1))
    case (.reader, .write), (.reader, .discardOutput), (.printer, .setFeature),
      (.printer, .getFeature), (.pinPad, .setFeature),
      (.pinPad, .getFeature), (_, .handOver):
      break
    }
  }

  /// A serial line on which a byte is lost or changed now and then.
  private mutating func disturbed(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.isEmpty || !weather.strikes(.serialNoise, &weatherDice) { return bytes }
    sightings.note(.serialNoise)
    var changed = bytes
    let index = weatherDice.below(bytes.count)
    if weatherDice.chance(1, in: 2) {
      changed.remove(at: index)
    } else {
      changed[index] ^= 1 << UInt8(weatherDice.below(7))
    }
    return changed
  }

  mutating func tellLater(_ event: Firmware.Event, _ pause: Interval) {
    queue.add(.firmware(event, start: start), at: now + pause)
  }

  mutating func perform(_ effects: [ReaderModel.Effect]) {
    for effect in effects {
      switch effect {
      case .packet(let bytes):
        carry(bytes, from: .reader)
        if weather.strikes(.readerUnplugged, &weatherDice) { unplugReader() }
      case .feature(let bytes):
        if linkIsUp[0] { tellLater(.link(.reader, .feature(bytes)), .milliseconds(1)) }
      case .attached: readerAttached()
      case .detached: readerDetached()
      }
    }
  }

  mutating func readerAttached() {
    queue.add(.linkUp(.reader, start: start), at: now + .milliseconds(500))
  }

  mutating func readerDetached() {
    if linkIsUp[0] { tellLater(.link(.reader, .closed(.lost)), .milliseconds(1)) }
    linkIsUp[0] = false
  }

  private mutating func unplugReader() {
    sightings.note(.readerUnplugged)
    perform(reader.handle(.unplugged, at: now))
    queue.add(.reader(.plugged), at: now + .seconds(Int64(lifeDice.within(2...40))))
  }

  mutating func perform(_ effects: [PrinterModel.Effect]) {
    if printer.logoWritings > 1 { sightings.note(.logoGivenAgain) }
    for effect in effects {
      switch effect {
      case .send(let bytes):
        if linkIsUp[1] { carry(disturbed(bytes), from: .printer) }
      case .printed(let line, _):
        if planted != .printerLies { paper.append(line) }
        watchForSecrets(Array(line.utf8), "paper")
        troublePrinter()
      case .drawn:
        if planted != .printerLies { paper.append(PrinterModel.pictureLine) }
        troublePrinter()
      case .cut:
        paper.append("")
      }
    }
  }

  private mutating func troublePrinter() {
    // A paper has some forty lines; a fault is drawn for each.
    if !weatherDice.chance(1, in: 40) { return }
    if weather.strikes(.paperOut, &weatherDice) {
      sightings.note(.paperOut)
      queue.add(.printer(.paperRanOut), at: now)
      queue.add(.printer(.paperLoaded), at: now + .seconds(Int64(lifeDice.within(5...200))))
    } else if weather.strikes(.coverOpened, &weatherDice) {
      sightings.note(.coverOpened)
      queue.add(.printer(.coverOpened), at: now)
      queue.add(.printer(.coverClosed), at: now + .seconds(Int64(lifeDice.within(5...60))))
    } else if weather.strikes(.printerPowerCut, &weatherDice) {
      sightings.note(.printerPowerCut)
      queue.add(.printer(.powerCut), at: now)
      queue.add(.printer(.powerOn), at: now + .seconds(Int64(lifeDice.within(2...30))))
    }
  }

  mutating func perform(_ effects: [PINPadModel.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let bytes):
        if linkIsUp[2] { carry(disturbed(bytes), from: .pinPad) }
      case .awaitingPIN:
        cardholderTypes()
      }
    }
  }

  private mutating func cardholderTypes() {
    if hands != nil { return handsType() }
    if weather.strikes(.pinTimeout, &weatherDice) {
      sightings.note(.pinTimeout)
      return
    }
    var moment = now
    func pause(_ dice: inout Dice) -> Interval { .milliseconds(Int64(dice.within(150...900))) }
    if weather.strikes(.pinCancelled, &weatherDice) {
      sightings.note(.pinCancelled)
      queue.add(.pad(.keyPressed(.cancel)), at: moment + pause(&lifeDice))
      return
    }
    for digit in SimulatedShop.accounts[clerk.accountIndex].pin {
      moment = moment + pause(&lifeDice)
      queue.add(.pad(.keyPressed(.digit(digit))), at: moment)
    }
    queue.add(.pad(.keyPressed(.enter)), at: moment + pause(&lifeDice))
  }
}
