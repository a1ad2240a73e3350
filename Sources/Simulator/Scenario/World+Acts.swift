// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore

extension World {
  /// Somebody does something to the shop.
  mutating func act(_ act: ScenarioAct) {
    switch act {
    case .eager(let isEager): hands?.isEager = isEager
    case .card(let index): clerk.accountIndex = index
    case .swipe(let kind): swipe(kind)
    case .insert: cardInserted(clerk.accountIndex)
    case .remove: takeCard()
    case .pin(let manner): hands?.pinManner = manner
    case .power(let isOn):
      if isOn { powerOn() } else { powerOff() }
    case .plug(let port, let isIn):
      if isIn { plug(port) } else { pull(port) }
    case .reader(let output): exchangeReader(output)
    case .harm(let port, let harm, let byte, let isToDevice):
      let plan = DeviceLine.Plan(harm: harm, bytesBefore: byte - 1)
      if isToDevice {
        lines[Int(port.rawValue)].toDevice.append(plan)
      } else {
        lines[Int(port.rawValue)].fromDevice.append(plan)
      }
    case .stop(let port, let stops):
      if stops { lines[Int(port.rawValue)].isStopped = true } else { release(port) }
    case .speed(let port, let rate): lines[Int(port.rawValue)].bitRate = rate
    case .printer(let event): perform(printer.handle(event, at: now))
    case .pad(let event): perform(pad.handle(event, at: now))
    case .chip(let fault): perform(slot.handle(.planted(fault), at: now))
    case .hostSilent(let isSilent):
      hands?.isHostSilent = isSilent
      if !isSilent { hands?.isHostClosed = false }
    case .hostClosed(let isClosed): hands?.isHostClosed = isClosed
    case .storage(let fault):
      hands?.storageFault = fault
      tell(.terminal(.storageRead(isRoomy: fault != .diskFull)))
    }
  }

  private mutating func swipe(_ kind: ScenarioAct.Swipe) {
    var card = SimulatedShop.swipe(SimulatedShop.accounts[clerk.accountIndex])
    switch kind {
    case .whole: break
    case .unreadable: card.track2 = .undecodable
    case .blank: card = CardSwipe(track1: .blank, track2: .blank)
    // Pulled to the middle and back: the head has seen the beginning of both tracks alone.
    case .half: card = CardSwipe(track1: .undecodable, track2: .undecodable)
    }
    perform(reader.handle(.swiped(card), at: now))
  }

  /// What was seen instead of what has to be so; nil where it is so.
  func contradicts(_ wanted: ScenarioClaim) -> String? {
    let status = firmware?.terminal.status
    switch wanted {
    case .state(let name):
      let seen = status?.state.name ?? "no power"
      return seen == name ? nil : seen
    case .transaction(let reference, let state, let receipt):
      guard let row = ledger.row(reference) else { return "no transaction" }
      if row.state == state, receipt.isEmpty || row.receipt == receipt { return nil }
      return row.state + ", receipt " + row.receipt
    case .answer(let name):
      let seen = answerName
      return seen == name ? nil : seen
    case .told(let text, let isSo):
      let said = hands?.progress ?? []
      return said.contains { World.has($0.text, text) } == isSo
        ? nil : World.list(said.map { $0.text })
    case .status(let code, let isSo):
      let codes = (status?.problems ?? []).map { $0.code }
      return codes.contains(code) == isSo ? nil : World.list(codes)
    case .clean:
      let codes = (status?.problems ?? []).map { $0.code }
      return codes.isEmpty ? nil : World.list(codes)
    case .paper(let text, let isSo):
      return paper.contains { World.has($0, text) } == isSo ? nil : World.list(paper)
    case .receipts(let count):
      let seen = paper.filter { $0.isEmpty }.count
      return seen == count ? nil : String(seen)
    case .held(let amount):
      // Without that of the test sale.
      let seen = acquirer.heldTotal - min(acquirer.heldTotal, 100)
      return seen == amount ? nil : String(seen)
    case .sent(let count):
      let seen = hands?.messagesSent ?? 0
      return seen == count ? nil : String(seen)
    }
  }

  /// The last answer as a scenario names it.
  var answerName: String {
    guard let hands, let answer = hands.answers.last else { return "none" }
    if let problem = hands.problem { return problem.code }
    if case .settled = answer { return "settled" }
    return "done"
  }

  private static func list(_ texts: [String]) -> String {
    if texts.isEmpty { return "nothing" }
    var list = ""
    for text in texts where !text.isEmpty { list += list.isEmpty ? text : " | " + text }
    return list
  }

  private static func has(_ text: String, _ part: String) -> Bool {
    let bytes = Array(text.utf8)
    let wanted = Array(part.utf8)
    if wanted.count > bytes.count { return false }
    return (0...bytes.count - wanted.count).contains { bytes[$0...].starts(with: wanted) }
  }
}
