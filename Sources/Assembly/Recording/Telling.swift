// SPDX-License-Identifier: Apache-2.0

import Devices
import TerminalCore
import Wire

// What happens, in a few words for people: the lines of a trace, of a replay and of a simulated
// day. Card data is never in them: of what a reader sends only the number of bytes is told, and of
// what a PIN pad is sent, which holds the account number, only the message number.

extension Firmware.Event {
  /// The event in a few words.
  public var told: String {
    switch self {
    case .link(let port, let event): port.name + " " + event.told(port)
    case .terminal(let event): event.told
    case .deadlinePassed: "woken"
    }
  }
}

extension LinkEvent {
  fileprivate func told(_ port: Port) -> String {
    switch self {
    case .opened: "link up"
    case .received(let bytes): words(bytes, port)
    case .feature: "feature report"
    case .closed: "link down"
    }
  }
}

private func words(_ bytes: [UInt8], _ port: Port) -> String {
  switch port {
  case .reader: String(bytes.count) + " bytes"
  case .printer: Hex.text(Array(bytes.prefix(24)))
  case .pinPad: Hex.text(Array(bytes.prefix(4))) + ", " + String(bytes.count) + " bytes"
  }
}

extension TerminalEvent {
  fileprivate var told: String {
    switch self {
    case .started: "started"
    case .clockRead: "clock read"
    case .storageRead(let isRoomy): isRoomy ? "the disk has room" : "the disk is full"
    case .reader, .printer, .pinPad: "report"
    case .acquirer(.connected): "acquirer connected"
    case .acquirer(.failed): "acquirer connection failed"
    case .acquirer(.received(let bytes)): "acquirer sent " + String(bytes.count) + " bytes"
    case .acquirer(.closed): "acquirer closed"
    case .management(.answered(_, let status, _)): "management answered " + String(status)
    case .management(.failed): "management not reached"
    case .journalled: "journalled"
    case .journalFailed: "journal failed"
    case .ledgerRead(.records(let records)): "ledger gave " + String(records.count) + " records"
    case .ledgerRead(.totals(let lines)): "ledger gave " + String(lines.count) + " sums"
    case .ledgerRead(.failed): "ledger not read"
    case .requested(let id, let request): "asked #" + String(id.rawValue) + " " + request.told
    case .requesterLeft: "requester left"
    case .deadlinePassed: "woken"
    }
  }
}

/// A card number that somebody took for a reference is refused, and not told either.
private func shown(_ reference: String) -> String {
  PAN.looksLikeOne(Array(reference.utf8)) ? "card number" : reference
}

extension ControlRequest {
  fileprivate var told: String {
    switch self {
    case .register: "register"
    case .setNetwork: "network set"
    case .commitNetwork: "network commit"
    case .rollbackNetwork: "network rollback"
    case .testNetwork: "network test"
    case .transact(let request, let earlier, _):
      request.kind.name + " " + shown(request.reference) + " " + String(request.amount)
        + (earlier == nil ? "" : " again")
    case .cancel: "cancel"
    case .commission: "commission"
    case .sendQueue: "send queue"
    case .park(let reference, _): "park " + shown(reference)
    case .unpark(let reference, _): "unpark " + shown(reference)
    case .close(let reference, _, _): "close " + shown(reference)
    case .settle: "settle"
    case .signIn: "sign in"
    case .signOff: "sign off"
    case .download(let set): "download " + set.name
    case .reprint(let reference, _): "reprint " + shown(reference)
    case .reprintSlip(let batch): "reprint slip " + (batch.map { String($0) } ?? "")
    case .testPrinter: "printer test"
    case .storeLogo: "logo to the printer"
    case .loadPadKey(let place, _): "load key " + place.text
    case .selectPadSet(let number): "select " + PadKeyPlace.set(number).text
    }
  }
}

extension Firmware.Effect {
  /// The effect in a few words.
  public var told: String {
    switch self {
    case .link(let port, .write(let bytes)): port.name + " ← " + words(bytes, port)
    case .link(let port, _): port.name + " ← order"
    case .acquirer(.connect): "acquirer ← connect"
    case .acquirer(.send(let bytes)): "acquirer ← " + String(bytes.count) + " bytes"
    case .acquirer(.disconnect): "acquirer ← disconnect"
    case .management(let request): "management ← " + request.path
    case .journal(let entry):
      "journal ← "
        + (entry.rows.first.map { $0.reference + " " + $0.state } ?? entry.updates[0].key)
    case .ledger(let question): "ledger ← " + question.told
    case .progress(_, let progress): progress.text
    case .answer(let id, let answer): "answer #" + String(id.rawValue) + " " + answer.told
    }
  }
}

extension LedgerQuestion {
  fileprivate var told: String {
    switch self {
    case .queue(let limit): "queue, " + String(limit)
    case .totals(let batch): "totals of batch " + String(batch)
    case .uploads(let batch, let isForeign, let limit):
      "uploads of batch " + String(batch) + (isForeign ? ", foreign, " : ", ") + String(limit)
    case .cards(let batch, let limit): "cards of batch " + String(batch) + ", " + String(limit)
    case .transaction(let reference): "record of " + reference
    case .retrieval(let reference, _): "records of " + reference + " at the acquirer"
    case .slip(let batch): "slip of batch " + String(batch)
    case .parked: "what is parked"
    }
  }
}

extension ControlAnswer {
  var told: String {
    switch self {
    case .done: "done"
    case .settled(let batch):
      "settled batch " + batch.batch.text
        + (batch.parked == 0 ? "" : ", parked " + String(batch.parked))
    case .refused(let problem): "refused " + problem.code
    case .transaction(let row, let problem):
      row.reference + " " + row.state + (problem.map { " " + $0.code } ?? "")
    }
  }
}
