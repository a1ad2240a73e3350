// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Devices
import TerminalCore

extension Firmware.Effect {
  /// Adds what the firmware does to the fingerprint of a history.
  public func add(to digest: inout Digest) {
    switch self {
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
    case .ledger(let question):
      digest.add(UInt8(0x41))
      digest.add(question.kindNumber)
    case .progress(_, let progress):
      digest.add(UInt8(0x50))
      digest.add(progress.rawValue)
    case .answer(_, let answer):
      digest.add(UInt8(0x60))
      digest.add(answer.told.utf8)
    }
  }
}
