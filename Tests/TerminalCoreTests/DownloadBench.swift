// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import Simulator
import TerminalCore

/// A terminal of the UnionPay acquirer, in service, with what a test of its downloads needs.
enum DownloadBench {
  static let provider: [UInt8] = [0xA0, 0, 0, 3, 0x33]

  /// A terminal that has registered and has downloaded what it must have.
  static func till(_ downloads: HostDownloads = SimulatedShop.downloads(0)) throws -> Till {
    var till = try Till(flavour: .unionPay)
    till.acquirer.rules.downloads = downloads
    till.start()
    till.ask(.setNetwork(NetworkSettings(acquirer: Till.endpoint)))
    till.ask(.commitNetwork)
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    till.wait(.seconds(60))
    till.forget()
    return till
  }

  /// The same after its test sale.
  static func inService(_ downloads: HostDownloads = SimulatedShop.downloads(0)) throws -> Till {
    var till = try till(downloads)
    till.sell("test/1", 100)
    till.ask(.commission)
    till.forget()
    return till
  }

  static func key(
    _ index: UInt8, expiry: String = "20401231", fill: UInt8? = nil
  ) -> HostDownloads.Entry {
    HostDownloads.key(
      provider: provider, index: index, expiry: expiry,
      modulus: [UInt8](repeating: fill ?? index, count: 96), exponent: [3])
  }

  /// The codes of the network management in the messages that were sent.
  static func sentCodes(_ till: Till) -> [String] {
    messages(till).compactMap { message in
      guard message.mti[1] == 0x38, let code = message[60]?.dropFirst(8).prefix(3) else {
        return nil
      }
      return String(decoding: code, as: UTF8.self)
    }
  }

  static func messages(_ till: Till) -> [Message] {
    till.sent.compactMap { try? Codec(table: UnionPayTable.table).decode(Array($0.dropFirst(13))) }
  }

  static func line(_ set: DownloadSet, _ till: Till) -> DownloadReport.Line? {
    till.terminal.downloadReport.lines.first { $0.set == set }
  }
}

extension AnswerChange {
  /// An answer whose DE62 is this.
  static func content(_ bytes: [UInt8]) -> AnswerChange {
    AnswerChange(elements: [(62, bytes)], hasMAC: false)
  }
}
