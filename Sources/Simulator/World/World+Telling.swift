// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore
import Wire

extension World {
  /// Adds what the firmware did, and when, to the fingerprint of the history.
  mutating func addToDigest(_ effect: Firmware.Effect) {
    digest.add(UInt64(bitPattern: now.microseconds))
    if planted == .historyWavers { digest.add(wavering) }
    switch effect {
    case .link(let port, .write(let bytes)):
      digest.add(port.rawValue)
      digest.add(bytes)
    case .link(let port, _):
      digest.add(UInt8(0x10) | port.rawValue)
    case .acquirer(.send(let bytes)):
      digest.add(UInt8(0x20))
      digest.add(bytes)
    case .acquirer:
      digest.add(UInt8(0x21))
    case .management(let request):
      digest.add(UInt8(0x30))
      digest.add(request.path.utf8)
    case .journal(let entry):
      digest.add(UInt8(0x40))
      for update in entry.updates {
        digest.add(update.key.utf8)
        digest.add(update.body)
      }
    case .progress(_, let progress):
      digest.add(UInt8(0x50))
      digest.add(progress.rawValue)
    case .answer(_, let answer):
      digest.add(UInt8(0x60))
      digest.add(describe(answer).utf8)
    }
  }

  func describe(_ event: Firmware.Event) -> String {
    switch event {
    case .link(let port, let event): port.name + " " + describe(event, port)
    case .terminal(let event): describe(event)
    case .deadlinePassed: "woken"
    }
  }

  private func describe(_ event: LinkEvent, _ port: Port) -> String {
    switch event {
    case .opened: "link up"
    case .received(let bytes):
      port == .reader ? String(bytes.count) + " bytes" : Hex.text(Array(bytes.prefix(24)))
    case .feature: "feature report"
    case .closed: "link down"
    }
  }

  private func describe(_ event: TerminalEvent) -> String {
    switch event {
    case .started: "started"
    case .clockRead: "clock read"
    case .reader, .printer, .pinPad: "report"
    case .acquirer(.connected): "acquirer connected"
    case .acquirer(.failed): "acquirer connection failed"
    case .acquirer(.received(let bytes)): "acquirer sent " + String(bytes.count) + " bytes"
    case .acquirer(.closed): "acquirer closed"
    case .management(.answered(_, let status, _)): "management answered " + String(status)
    case .management(.failed): "management not reached"
    case .journalled: "journalled"
    case .journalFailed: "journal failed"
    case .requested(let id, let request): "asked #" + String(id.rawValue) + " " + describe(request)
    case .requesterLeft: "requester left"
    case .deadlinePassed: "woken"
    }
  }

  private func describe(_ request: ControlRequest) -> String {
    switch request {
    case .register: "register"
    case .setNetwork: "network set"
    case .commitNetwork: "network commit"
    case .rollbackNetwork: "network rollback"
    case .sale(let reference, let amount, let earlier):
      "sale " + reference + " " + String(amount) + (earlier == nil ? "" : " again")
    case .cancel: "cancel"
    case .commission: "commission"
    case .sendReversals: "send reversals"
    case .reprint(let reference, _): "reprint " + reference
    }
  }

  func describe(_ effect: Firmware.Effect) -> String {
    switch effect {
    case .link(.pinPad, .write(let bytes)):
      // A PIN request holds the account number: only its message number is shown.
      "pin-pad ← " + Hex.text(Array(bytes.prefix(4))) + ", " + String(bytes.count) + " bytes"
    case .link(let port, .write(let bytes)):
      port.name + " ← " + Hex.text(Array(bytes.prefix(24)))
    case .link(let port, _): port.name + " ← order"
    case .acquirer(.connect): "acquirer ← connect"
    case .acquirer(.send(let bytes)): "acquirer ← " + String(bytes.count) + " bytes"
    case .acquirer(.disconnect): "acquirer ← disconnect"
    case .management(let request): "management ← " + request.path
    case .journal(let entry):
      "journal ← " + (entry.row.map { $0.reference + " " + $0.state } ?? entry.updates[0].key)
    case .progress(_, let progress): progress.text
    case .answer(let id, let answer): "answer #" + String(id.rawValue) + " " + describe(answer)
    }
  }

  private func describe(_ answer: ControlAnswer) -> String {
    switch answer {
    case .done: "done"
    case .refused(let problem): "refused " + problem.code
    case .transaction(let row, let problem):
      row.reference + " " + row.state + (problem.map { " " + $0.code } ?? "")
    }
  }
}
