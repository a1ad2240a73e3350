// SPDX-License-Identifier: Apache-2.0

import Devices
import Management
import TerminalCore

/// The methods of the terminal's interface, taken out of their JSON.
enum TerminalCalls {
  /// What is answered at once.
  enum Query {
    case status, states, network, reversals, trace, counters, keys
    case transaction(reference: String)
    case transactions(limit: Int)
  }

  /// What the terminal is asked for.
  enum Request {
    case plain(ControlRequest)
    case transact(TransactionRequest)
    case reprint(reference: String)

    /// Whether it is answered with a transaction, and told step by step.
    var isTransaction: Bool {
      if case .transact = self { return true }
      return false
    }

    /// The request with what the ledger knows of its reference and its original.
    func words(
      _ row: (String) throws(LedgerFault) -> TransactionRow?,
      _ record: (String) throws(LedgerFault) -> LiveRecord?
    ) throws(LedgerFault) -> ControlRequest {
      switch self {
      case .plain(let request): request
      case .transact(let request):
        .transact(
          request, earlier: try row(request.reference),
          original: request.original.isEmpty ? nil : try record(request.original))
      case .reprint(let reference): .reprint(reference: reference, row: try row(reference))
      }
    }
  }

  /// What a call means.
  enum Meaning {
    case unknown
    case invalid(parameter: String)
    case query(Query)
    case watch
    case request(Request)
  }

  /// The parameters of the methods that have any, as the interface file has them.
  private static let parameters = [
    "GetTransaction": ["reference"], "ListTransactions": ["limit"], "Register": ["application"],
    "SetNetwork": ["acquirer"], "Sale": ["reference", "amount"], "Reprint": ["reference"],
    "LoadPadKey": ["slot", "set", "block"], "SelectPadSet": ["set"],
  ]
  private static let facts = ["acquirer", "merchant", "settlementAccount", "place"]

  static func understand(_ name: String, _ call: VarlinkCall, serial: String) -> Meaning {
    let meaning = method(name, call, serial: serial)
    if case .unknown = meaning { return meaning }
    // What is not understood may have been meant: a sale must not go on without it.
    if let stranger = call.stranger(to: parameters[name] ?? []) {
      return .invalid(parameter: stranger)
    }
    return meaning
  }

  private static func method(_ name: String, _ call: VarlinkCall, serial: String) -> Meaning {
    let parameters = call.parameters
    switch name {
    case "GetStatus": return .query(.status)
    case "Watch": return .watch
    case "GetStates": return .query(.states)
    case "GetNetwork": return .query(.network)
    case "ListReversals": return .query(.reversals)
    case "GetCounters": return .query(.counters)
    case "GetKeys": return .query(.keys)
    case "LoadPadKey": return loadPadKey(parameters)
    case "SelectPadSet":
      guard let number = keySet(parameters["set"]) else { return .invalid(parameter: "set") }
      return .request(.plain(.selectPadSet(number)))
    case "Trace": return .query(.trace)
    case "GetTransaction":
      guard let reference = parameters["reference"]?.text else {
        return .invalid(parameter: "reference")
      }
      return .query(.transaction(reference: reference))
    case "ListTransactions":
      guard let limit = parameters["limit"]?.integer, (1...1_000).contains(limit) else {
        return .invalid(parameter: "limit")
      }
      return .query(.transactions(limit: Int(limit)))
    case "Register": return register(call, serial: serial)
    case "SetNetwork": return setNetwork(call)
    case "CommitNetwork": return .request(.plain(.commitNetwork))
    case "RollbackNetwork": return .request(.plain(.rollbackNetwork))
    case "Sale": return sale(parameters)
    case "Cancel": return .request(.plain(.cancel))
    case "Commission": return .request(.plain(.commission))
    case "SendReversals": return .request(.plain(.sendReversals))
    case "Reprint":
      guard let reference = parameters["reference"]?.text else {
        return .invalid(parameter: "reference")
      }
      return .request(.reprint(reference: reference))
    default: return .unknown
    }
  }

  private static func keySet(_ number: JSON?) -> PadKeySet? {
    number?.integer.flatMap { UInt8(exactly: $0) }.flatMap { PadKeySet(rawValue: $0) }
  }

  private static func loadPadKey(_ parameters: JSON) -> Meaning {
    guard let block = parameters["block"]?.text, block.utf8.count <= 9_999 else {
      return .invalid(parameter: "block")
    }
    let place: PadKeyPlace
    switch (parameters["slot"]?.text, parameters["set"]) {
    case (let slot?, nil):
      guard slot.utf8.count == 1, let first = slot.utf8.first, let slot = PadSlotID(first) else {
        return .invalid(parameter: "slot")
      }
      place = .slot(slot)
    case (nil, let number?):
      guard let number = keySet(number) else { return .invalid(parameter: "set") }
      place = .set(number)
    case (nil, nil), (_?, _?): return .invalid(parameter: "slot")
    }
    return .request(.plain(.loadPadKey(place, block: Array(block.utf8))))
  }

  private static func sale(_ parameters: JSON) -> Meaning {
    guard let reference = parameters["reference"]?.text else {
      return .invalid(parameter: "reference")
    }
    guard let amount = parameters["amount"]?.integer, amount >= 0 else {
      return .invalid(parameter: "amount")
    }
    return .request(
      .transact(TransactionRequest(.sale, reference: reference, amount: UInt64(amount))))
  }

  private static func register(_ call: VarlinkCall, serial: String) -> Meaning {
    if let stranger = call.stranger(in: "application", to: facts) {
      return .invalid(parameter: stranger)
    }
    var texts: [String] = []
    for name in facts {
      // The server takes no more either.
      let limit = name == "place" ? 128 : 64
      guard let text = call.parameters["application"]?[name]?.text,
        (1...limit).contains(text.utf8.count)
      else {
        return .invalid(parameter: "application." + name)
      }
      texts.append(text)
    }
    let application = MerchantApplication(
      serial: serial, acquirer: texts[0], merchant: texts[1], settlementAccount: texts[2],
      place: texts[3])
    return .request(.plain(.register(application)))
  }

  private static func setNetwork(_ call: VarlinkCall) -> Meaning {
    if let stranger = call.stranger(in: "acquirer", to: ["host", "port", "tls"]) {
      return .invalid(parameter: stranger)
    }
    let endpoint = call.parameters["acquirer"] ?? .null
    guard let host = endpoint["host"]?.text, isHost(host) else {
      return .invalid(parameter: "acquirer.host")
    }
    guard let port = endpoint["port"]?.integer, let port = UInt16(exactly: port), port > 0 else {
      return .invalid(parameter: "acquirer.port")
    }
    guard let tls = endpoint["tls"]?.boolean else { return .invalid(parameter: "acquirer.tls") }
    let settings = NetworkSettings(acquirer: Endpoint(host: host, port: port, usesTLS: tls))
    return .request(.plain(.setNetwork(settings)))
  }

  /// A name or address: the rest of a URL would be taken for one by libcurl.
  private static func isHost(_ host: String) -> Bool {
    let bytes = Array(host.utf8)
    if bytes.isEmpty || bytes.count > 253 { return false }
    return bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"):
        true
      default: false
      }
    }
  }
}
