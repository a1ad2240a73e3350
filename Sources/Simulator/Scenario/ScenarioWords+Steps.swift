// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore

extension ScenarioWords {
  mutating func step() throws(ScenarioFault) -> Scenario.Step {
    if take("open") { return .open }
    if take("boot") { return .boot }
    if take("wait") { return .wait(try interval()) }
    if take("expect") { return .expect(try expectation(), within: .zero) }
    if take("within") {
      let limit = try interval()
      return .expect(try expectation(), within: limit)
    }
    if let request = try request() { return .request(request) }
    return .act(try act())
  }

  private mutating func request() throws(ScenarioFault) -> ScenarioRequest? {
    let kinds: [(String, TransactionKind)] = [
      ("sell", .sale), ("preauth", .preAuthorisation), ("offline", .offlineSale),
      ("void", .void), ("refund", .refund), ("balance", .balance),
    ]
    for (name, kind) in kinds where take(name) {
      let reference = try word("a reference")
      let hasAmount = kind != .void && kind != .balance
      let amount = hasAmount ? try amount() : 0
      let original = kind == .void || kind == .refund ? try word("the original's reference") : ""
      return .transact(kind, reference: reference, amount: amount, original: original)
    }
    if take("cancel") { return .cancel }
    if take("settle") { return .settle }
    if take("send", "queue") { return .sendQueue }
    if take("sign", "in") { return .signIn }
    if take("print") { return .print(reference: try word("a reference")) }
    if !take("download") { return nil }
    let name = try word("the name of a set")
    guard let set = DownloadSet(name: name) else {
      throw fault("parameters, keys, applications, black-list or contactless", back: true)
    }
    return .download(set)
  }

  private mutating func act() throws(ScenarioFault) -> ScenarioAct {
    if take("cardholder", "waits") { return .eager(false) }
    if take("cardholder", "hurries") { return .eager(true) }
    if take("card") { return .card(try number("0, 1 or 2", 0...2)) }
    if take("insert") { return .insert }
    if take("remove") { return .remove }
    if take("swipe") { return .swipe(try swipe()) }
    if take("pin") { return .pin(try manner()) }
    if take("power", "cut") { return .power(false) }
    if take("power", "on") { return .power(true) }
    if take("acquirer", "silent") { return .hostSilent(true) }
    if take("acquirer", "closed") { return .hostClosed(true) }
    if take("acquirer", "back") { return .hostSilent(false) }
    if take("disk", "full") { return .storage(.diskFull) }
    if take("disk", "failing") { return .storage(.failed) }
    if take("disk", "back") { return .storage(nil) }
    if take("chip") { return .chip(try chip()) }
    let isToDevice = take("to")
    for (name, port) in [("reader", Port.reader), ("printer", .printer), ("pad", .pinPad)]
    where take(name) {
      return try device(port, isToDevice: isToDevice)
    }
    throw fault("something that happens; Scenario.swift lists all")
  }

  private mutating func swipe() throws(ScenarioFault) -> ScenarioAct.Swipe {
    if isAtEnd { return .whole }
    switch try word("unreadable, blank or half") {
    case "unreadable": return .unreadable
    case "blank": return .blank
    case "half": return .half
    default: throw fault("unreadable, blank or half", back: true)
    }
  }

  private mutating func manner() throws(ScenarioFault) -> Hands.PINManner {
    switch try word("right, wrong, cancel or none") {
    case "right": return .right
    case "wrong": return .wrong
    case "cancel": return .cancel
    case "none": return .none
    default: throw fault("right, wrong, cancel or none", back: true)
    }
  }

  private mutating func chip() throws(ScenarioFault) -> NEO2Fault {
    if take("mute") { return .mute }
    if take("no-reset") { return .noATR }
    if take("wrong-reset") { return .badTCK }
    if take("deaf") { return .deaf }
    if take("short", "report") { return .shortReport }
    if take("lost", "report") { return .lostReport(try number("1…9", 1...9) - 1) }
    if take("pulled", "after") { return .pulled(after: try number("0…99", 0...99)) }
    if take("slow") { return .slow(.seconds(Int64(try number("seconds", 1...100)))) }
    throw fault(
      "mute, no-reset, wrong-reset, deaf, short report, lost report, pulled after or slow")
  }

  private mutating func device(
    _ port: Port, isToDevice: Bool
  ) throws(ScenarioFault) -> ScenarioAct {
    let harms: [(String, DeviceLine.Harm)] = [("change", .change), ("lose", .lose), ("cut", .cut)]
    for (name, harm) in harms where take(name) {
      // "cut at byte 5" reads better than "cut byte 5".
      _ = take("at")
      if !take("byte") { throw fault("`byte`") }
      let byte = try number("which byte, from 1", 1...100_000)
      return .harm(port, harm, byte: byte, isToDevice: isToDevice)
    }
    if isToDevice { throw fault("change, lose or cut") }
    if take("unplug") { return .plug(port, false) }
    if take("plug") { return .plug(port, true) }
    if take("stop") { return .stop(port, true) }
    if take("go") { return .stop(port, false) }
    if take("speed") { return .speed(port, Int64(try number("bits a second", 300...1_000_000))) }
    switch port {
    case .printer: return .printer(try printer())
    case .pinPad: return .pad(try pad())
    case .reader: return .reader(try reader())
    }
  }

  private mutating func reader() throws(ScenarioFault) -> SecureMagOutput? {
    if take("sureswipe") { return nil }
    if take("securemag", "clear") { return .clear }
    if take("securemag", "original") { return .original }
    if take("securemag", "enhanced") { return .enhanced }
    throw fault("unplug, plug, stop, go, speed, change, lose, cut, sureswipe or securemag")
  }

  private mutating func printer() throws(ScenarioFault) -> PrinterModel.Event {
    if take("paper", "out") { return .paperRanOut }
    if take("paper", "in") { return .paperLoaded }
    if take("paper", "ends", "after") {
      return .paperRunsOutAfter(lines: try number("lines", 0...1_000))
    }
    if take("cover", "open") { return .coverOpened }
    if take("cover", "closed") { return .coverClosed }
    if take("power", "off") { return .powerCut }
    if take("power", "on") { return .powerOn }
    throw fault("unplug, plug, stop, go, speed, change, lose, cut, paper, cover or power")
  }

  private mutating func pad() throws(ScenarioFault) -> PINPadModel.Event {
    if take("power", "off") { return .powerCut }
    if take("power", "on") { return .powerOn }
    if take("tampered") { return .tampered }
    throw fault("unplug, plug, stop, go, speed, change, lose, cut, power or tampered")
  }

  private mutating func expectation() throws(ScenarioFault) -> ScenarioClaim {
    let isSo = !take("no")
    if take("told") { return .told(try rest("what is said"), isSo: isSo) }
    if take("status") { return .status(try word("a code"), isSo: isSo) }
    if take("paper") { return .paper(try rest("a text"), isSo: isSo) }
    if !isSo { throw fault("told, status or paper") }
    if take("clean") { return .clean }
    if take("state") { return .state(try rest("a state's name")) }
    if take("answer") { return .answer(try word("done, none, settled or a code")) }
    if take("receipts") { return .receipts(try number("how many", 0...1_000)) }
    if take("held") { return .held(try amount()) }
    if take("sent") { return .sent(try number("how many", 0...10_000)) }
    let reference = try word("what has to be so; Scenario.swift lists all")
    var state = ""
    while !isAtEnd {
      if take("receipt") {
        return .transaction(
          reference: reference, state: state, receipt: try rest("a receipt's state"))
      }
      state += (state.isEmpty ? "" : " ") + (try word("a transaction's state"))
    }
    if state.isEmpty { throw fault("a transaction's state") }
    return .transaction(reference: reference, state: state, receipt: "")
  }
}
