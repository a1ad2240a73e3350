// SPDX-License-Identifier: Apache-2.0

/// What a terminal downloads from its acquirer, each as a whole.
public enum DownloadSet: UInt8, Hashable, Sendable, CaseIterable {
  /// Time-outs, what is allowed, the merchant's name.
  case parameters
  /// Certification authorities' public keys, for chip cards.
  case keys
  /// Chip applications with their limits.
  case applications
  /// The first digits of cards that are refused.
  case blackList
  /// What holds for contactless cards.
  case contactless

  /// The name in files, commands and the control interface.
  public var name: String {
    switch self {
    case .parameters: "parameters"
    case .keys: "keys"
    case .applications: "applications"
    case .blackList: "black-list"
    case .contactless: "contactless"
    }
  }

  /// The set with this name.
  public init?(name: String) {
    guard let set = DownloadSet.allCases.first(where: { $0.name == name }) else { return nil }
    self = set
  }

  /// The set that the sixth nibble of an answer's header orders; nil for any other order.
  init?(order: UInt8) {
    switch order {
    case 1: self = .parameters
    case 4: self = .keys
    case 5: self = .applications
    case 7: self = .blackList
    case 9: self = .contactless
    default: return nil
    }
  }

  /// How many entries it may have: a query counts them with two digits, the black list with three.
  var entryLimit: Int { self == .blackList ? 999 : 99 }

  /// How many bytes all entries may have: far more than any acquirer has, and little enough for a
  /// journal entry.
  static let byteLimit = 60_000

  /// The message that begins the download.
  var opening: Dialect.Management {
    switch self {
    case .parameters: .parameters
    case .keys: .keyQuery
    case .applications: .applicationQuery
    case .blackList: .blackList
    case .contactless: .contactless
    }
  }

  /// The message that ends it; nil where the one answer is all.
  var closing: Dialect.Management? {
    switch self {
    case .parameters: nil
    case .keys: .keyEnd
    case .applications: .applicationEnd
    case .blackList: .blackListEnd
    case .contactless: .contactlessEnd
    }
  }

  /// The message that fetches one entry; nil where the query brings them all.
  var fetching: Dialect.Management? {
    switch self {
    case .keys: .keyDownload
    case .applications: .applicationDownload
    case .parameters, .blackList, .contactless: nil
    }
  }
}

/// What is wrong with a download.
public enum DownloadFlaw: Hashable, Sendable {
  /// The acquirer refused with this code.
  case refused(code: [UInt8])
  /// An answer cannot be read, or a value has a wrong length.
  case unreadable
  /// There are more entries, or more bytes, than a terminal keeps.
  case tooMany
  /// The acquirer says that there is more and gives nothing.
  case endless
  /// An entry is there twice.
  case duplicate
  /// The answer holds another entry than was asked for.
  case otherEntry
  /// So many entries are not in the set that is in force: refused, expired, or with a wrong check
  /// value.
  case skipped(count: Int)
  /// A parameter of unknown width; those behind it are not known.
  case unknownParameter(code: [UInt8])

  /// For people.
  public var text: String {
    switch self {
    case .refused(let code):
      code.isEmpty ? "no code" : "code " + String(decoding: code, as: UTF8.self)
    case .unreadable: "an answer cannot be read"
    case .tooMany: "more than the terminal keeps"
    case .endless: "more is announced and nothing comes"
    case .duplicate: "an entry came twice"
    case .otherEntry: "another entry came than was asked for"
    case .skipped(let count): String(count) + " left out"
    case .unknownParameter(let code): "parameter " + String(decoding: code, as: UTF8.self)
    }
  }
}
