// SPDX-License-Identifier: Apache-2.0

import Devices
import Management
import TerminalCore

/// The methods of the terminal's interface, taken out of their JSON.
enum TerminalCalls {
  /// What is answered at once.
  enum Query {
    case status, states, network, trace, counters, keys, downloads, devices, printer, expiry
    case update, log
    case transaction(reference: String)
    case receipt(reference: String, isCustomers: Bool)
    case transactions(Choice, before: Int64?, limit: Int)
    case queue(after: Int64?, limit: Int)
  }

  /// Which transactions are listed.
  enum Choice {
    case all, today
    case day(String)
    case batch(UInt32)
  }

  /// What the terminal is asked for.
  enum Request {
    case plain(ControlRequest)
    case transact(TransactionRequest)
    case reprint(reference: String)
    case park(reference: String)
    case unpark(reference: String)
    case close(reference: String, Closing)

    /// Whether whoever asks with "more" is told each step.
    var hasSteps: Bool {
      switch self {
      case .transact, .plain(.settle), .plain(.signIn), .plain(.signOff),
        .plain(.download), .plain(.testNetwork):
        true
      case .plain, .reprint, .park, .unpark, .close: false
      }
    }

    /// The reference of the transaction that it does, if it does one.
    var reference: String? {
      guard case .transact(let request) = self else { return nil }
      return request.reference
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
      case .park(let reference): .park(reference: reference, record: try record(reference))
      case .unpark(let reference): .unpark(reference: reference, record: try record(reference))
      case .close(let reference, let closing):
        .close(reference: reference, record: try record(reference), closing)
      }
    }
  }

  /// What a call means.
  enum Meaning {
    case unknown
    case invalid(parameter: String)
    case query(Query)
    case watch
    case watchUpdate
    case update(UpdateDesk.Wish)
    case request(Request)
  }

  /// The parameters of the methods that have any, as the interface file has them.
  private static let parameters = [
    "GetTransaction": ["reference"], "ListTransactions": ["limit", "day", "batch", "before"],
    "ListQueue": ["limit", "after"], "Register": ["application"],
    "SetNetwork": ["acquirer", "backup"],
    "Sale": ["reference", "amount"], "Transact": transactParameters, "Park": ["reference"],
    "Unpark": ["reference"], "Close": ["reference", "reason", "by"],
    "Reprint": ["reference"], "GetReceipt": ["reference", "customer"], "ReprintSlip": ["batch"],
    "LoadPadKey": ["slot", "set", "block"],
    "SelectPadSet": ["set"], "Download": ["set"], "PostponeUpdate": ["minutes"],
    "OverrideUpdate": ["role"], "InstallUpdate": ["file", "recovery"],
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
    if let meaning = update(name, parameters) { return meaning }
    switch name {
    case "GetStatus": return .query(.status)
    case "Watch": return .watch
    case "GetStates": return .query(.states)
    case "GetNetwork": return .query(.network)
    case "GetCounters": return .query(.counters)
    case "GetLog": return .query(.log)
    case "GetKeys": return .query(.keys)
    case "GetDevices": return .query(.devices)
    case "GetExpiry": return .query(.expiry)
    case "GetPrinter": return .query(.printer)
    case "TestPrinter": return .request(.plain(.testPrinter))
    case "StoreLogo": return .request(.plain(.storeLogo))
    case "LoadPadKey": return loadPadKey(parameters)
    case "SelectPadSet":
      guard let number = keySet(parameters["set"]) else { return .invalid(parameter: "set") }
      return .request(.plain(.selectPadSet(number)))
    case "Trace": return .query(.trace)
    case "ListTransactions": return listTransactions(parameters)
    case "ListQueue": return listQueue(parameters)
    case "Register": return register(call, serial: serial)
    case "SetNetwork": return setNetwork(call)
    case "CommitNetwork": return .request(.plain(.commitNetwork))
    case "RollbackNetwork": return .request(.plain(.rollbackNetwork))
    case "TestNetwork": return .request(.plain(.testNetwork))
    case "Sale": return transact(.sale, parameters)
    case "Transact": return transact(parameters)
    case "Cancel": return .request(.plain(.cancel))
    case "Commission": return .request(.plain(.commission))
    case "SendQueue": return .request(.plain(.sendQueue))
    case "Close": return close(parameters)
    case "Settle": return .request(.plain(.settle))
    case "ReprintSlip": return reprintSlip(parameters)
    case "GetReceipt": return receipt(parameters)
    case "SignIn": return .request(.plain(.signIn))
    case "SignOff": return .request(.plain(.signOff))
    case "GetDownloads": return .query(.downloads)
    case "Download":
      guard let set = parameters["set"]?.text.flatMap({ DownloadSet(name: $0) }) else {
        return .invalid(parameter: "set")
      }
      return .request(.plain(.download(set)))
    case "GetTransaction", "Park", "Unpark", "Reprint":
      guard let reference = parameters["reference"]?.text else {
        return .invalid(parameter: "reference")
      }
      return about(reference, name)
    default: return .unknown
    }
  }

  /// The methods that have a reference and nothing else.
  private static func about(_ reference: String, _ name: String) -> Meaning {
    switch name {
    case "Park": .request(.park(reference: reference))
    case "Unpark": .request(.unpark(reference: reference))
    case "Reprint": .request(.reprint(reference: reference))
    default: .query(.transaction(reference: reference))
    }
  }

  private static func receipt(_ parameters: JSON) -> Meaning {
    guard let reference = parameters["reference"]?.text else {
      return .invalid(parameter: "reference")
    }
    guard let customer = given("customer", parameters) else {
      return .query(.receipt(reference: reference, isCustomers: false))
    }
    guard let isCustomers = customer.boolean else { return .invalid(parameter: "customer") }
    return .query(.receipt(reference: reference, isCustomers: isCustomers))
  }

  private static func reprintSlip(_ parameters: JSON) -> Meaning {
    switch given("batch", parameters) {
    case nil: return .request(.plain(.reprintSlip(batch: nil)))
    case .integer(let number)?:
      guard let number = UInt32(exactly: number), BatchNumber(number) != nil else { break }
      return .request(.plain(.reprintSlip(batch: number)))
    default: break
    }
    return .invalid(parameter: "batch")
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
    let hasBackup = (call.parameters["backup"] ?? .null) != .null
    for name in hasBackup ? ["acquirer", "backup"] : ["acquirer"] {
      if let stranger = call.stranger(in: name, to: ["host", "port", "tls"]) {
        return .invalid(parameter: stranger)
      }
    }
    do throws(InvalidParameter) {
      var settings = NetworkSettings(acquirer: try endpoint("acquirer", call.parameters))
      if hasBackup { settings.backup = try endpoint("backup", call.parameters) }
      if settings.backup == settings.acquirer { return .invalid(parameter: "backup") }
      return .request(.plain(.setNetwork(settings)))
    } catch {
      return .invalid(parameter: error.name)
    }
  }

  private struct InvalidParameter: Error {
    var name: String
  }

  private static func endpoint(
    _ name: String, _ parameters: JSON
  ) throws(InvalidParameter) -> Endpoint {
    let endpoint = parameters[name] ?? .null
    guard let host = endpoint["host"]?.text, isHost(host) else {
      throw InvalidParameter(name: name + ".host")
    }
    guard let port = endpoint["port"]?.integer, let port = UInt16(exactly: port), port > 0 else {
      throw InvalidParameter(name: name + ".port")
    }
    guard let tls = endpoint["tls"]?.boolean else { throw InvalidParameter(name: name + ".tls") }
    return Endpoint(host: host, port: port, usesTLS: tls)
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
