// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore

extension Till {
  /// Codes that a telephone shows; each pays once, from the account at its place.
  static let codes = ["6212340000000000001", "6212340000000000019"].map { Array($0.utf8) }

  /// A terminal of UnionPay's dialect that is signed in and in service; no kind asks for a PIN.
  static func unionPay(
    _ change: (inout TerminalSettings) -> Void = { _ in }
  ) throws -> Till {
    var settings = SimulatedShop.settings(.unionPay)
    settings.terms.pinKinds = []
    change(&settings)
    var till = try Till(settings: settings)
    var accounts = SimulatedShop.accounts
    for index in codes.indices { accounts[index].codes = [codes[index]] }
    till.acquirer = AcquirerModel(
      dialect: .unionPay, keys: SimulatedShop.hostKeys(.unionPay), accounts: accounts,
      rules: SimulatedShop.acquirer(.unionPay).rules)
    till.start()
    till.ask(.setNetwork(NetworkSettings(acquirer: endpoint)))
    till.ask(.commitNetwork)
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    till.wait(.seconds(60))
    till.transact(TransactionRequest(.sale, reference: "test/1", amount: 100))
    till.ask(.commission)
    till.forget()
    return till
  }

  /// What was sent to an acquirer of UnionPay's dialect, decoded, the oldest first.
  var told: [Message] {
    let codec = Codec(table: SimulatedShop.settings(.unionPay).dialect.table)
    // Two bytes of length, the TPDU and the header.
    return sent.compactMap { try? codec.decode(Array($0.dropFirst(2 + 5 + 6))) }
  }

  /// An element of the message that was sent last.
  func lastTold(_ element: Int) -> String? {
    told.last?[element].map { String(decoding: $0, as: UTF8.self) }
  }
}
