// SPDX-License-Identifier: Apache-2.0

import Wire

/// The file control information that SELECT answers (EMV 4.4 Book 1, tables 8 and 10).
struct FileControl: Hashable, Sendable {
  /// The name of the file (84).
  let name: [UInt8]
  private let bytes: [UInt8]
  private let proprietary: Range<Int>

  /// Nil where 6F, 84 or A5 is missing, or something does not parse. Unknown objects and padding
  /// are passed over (EMV 4.4 Book 1, 11.3.4).
  init?(_ bytes: [UInt8]) {
    guard let template = TLVWalk.only(.fciTemplate, in: bytes),
      TLVWalk.isSound(bytes, template),
      let name = TLVWalk.first(.dfName, in: bytes, template), (5...16).contains(name.count),
      let proprietary = TLVWalk.first(.proprietaryFCI, in: bytes, template)
    else { return nil }
    self.name = Array(bytes[name])
    self.bytes = bytes
    self.proprietary = proprietary
    if let priority = value(of: .priority), priority.count != 1 { return nil }
  }

  /// An object of the proprietary part.
  func value(of tag: DataTag) -> [UInt8]? {
    TLVWalk.first(tag, in: bytes, proprietary).map { Array(bytes[$0]) }
  }

  /// An object that is taken as absent when it is not what it should be (EMV 4.4 Book 1, 12.2.4).
  func lenient(_ tag: DataTag) -> [UInt8]? {
    value(of: tag).flatMap { DataRule(of: tag)?.allows($0) == true ? $0 : nil }
  }

  /// The part of ISO 8859 for the preferred name; nil for none or one that does not exist.
  var codeTable: UInt8? { lenient(.codeTable).flatMap { FileControl.part($0[0]) } }

  /// The directory's file, 1...10 (EMV 4.4 Book 1, 12.2.3).
  var directoryFile: UInt8? {
    guard let value = value(of: .directoryFile), value.count == 1, (1...10).contains(value[0])
    else { return nil }
    return value[0]
  }

  private static func part(_ packed: UInt8) -> UInt8? {
    let part = (packed >> 4) * 10 + (packed & 0x0F)
    return (1...10).contains(part) ? part : nil
  }
}

/// An application of the card that the terminal knows.
struct Candidate: Hashable, Sendable {
  /// The name by which it is selected.
  let name: [UInt8]
  /// The terminal's application, an index of the settings'.
  var application: Int
  let label: [UInt8]
  let preferredName: [UInt8]
  let codeTable: UInt8?
  private let indicator: UInt8

  init(_ file: FileControl, application: Int, directoryTable: UInt8? = nil) {
    name = file.name
    self.application = application
    label = file.lenient(.label) ?? []
    preferredName = file.lenient(.preferredName) ?? []
    codeTable = file.codeTable ?? directoryTable
    indicator = file.value(of: .priority)?[0] ?? 0
  }

  /// An entry of a directory; an entry without a label is kept, since the name can be shown.
  init(
    name: [UInt8], application: Int, entry: [UInt8], _ range: Range<Int>, codeTable: UInt8?
  ) {
    func value(_ tag: DataTag) -> [UInt8] {
      guard let found = TLVWalk.first(tag, in: entry, range) else { return [] }
      let value = Array(entry[found])
      return DataRule(of: tag)?.allows(value) == true ? value : []
    }
    self.name = name
    self.application = application
    label = value(.label)
    preferredName = value(.preferredName)
    self.codeTable = codeTable
    indicator = value(.priority).first ?? 0
  }

  /// Whether the cardholder has to agree (EMV 4.4 Book 1, Table 13).
  var needsConfirmation: Bool { indicator & 0x80 != 0 }

  /// 1 is the highest; 0 stands for none and comes last.
  var priority: UInt8 { indicator & 0x0F }

  /// As the cardholder is shown it: the preferred name where its characters can be shown, else the
  /// label, else the identifier in hexadecimal (EMV 4.4 Book 1, 12.2.4; Book 4, 11.3).
  func choice(_ terminal: AdditionalCapabilities, _ aid: AID) -> ApplicationChoice {
    let preferred = preferredName.filter { (0x20...0x7E).contains($0) || $0 >= 0xA0 }
    if let codeTable, terminal.hasCodeTable(codeTable), !preferred.isEmpty {
      return ApplicationChoice(name: preferred, codeTable: codeTable, aid: aid)
    }
    let plain = label.filter { (0x20...0x7E).contains($0) }
    return ApplicationChoice(name: plain.isEmpty ? Hex.encode(name) : plain, codeTable: 1, aid: aid)
  }
}
