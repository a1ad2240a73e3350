// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import PaymentCrypto
import Wire

/// A record of a file.
public struct CardFileRecord: Hashable, Sendable {
  /// The short file identifier.
  public var file: UInt8
  /// From 1.
  public var number: UInt8
  /// What READ RECORD answers.
  public var bytes: [UInt8]

  /// A record.
  public init(file: UInt8, number: UInt8, bytes: [UInt8]) {
    self.file = file
    self.number = number
    self.bytes = bytes
  }
}

/// The directory of a card.
public struct CardDirectory: Hashable, Sendable {
  /// What SELECT answers.
  public var information: [UInt8]
  /// Its records.
  public var records: [CardFileRecord]

  /// A directory.
  public init(information: [UInt8], records: [CardFileRecord]) {
    self.information = information
    self.records = records
  }
}

/// One application of a personalised card: its files, its keys, and what it remembers.
public struct CardApplication: Hashable, Sendable {
  /// What it was made from.
  public var profile: CardProfile.Application
  /// The name of its file control information.
  public var name: [UInt8]
  /// What SELECT answers.
  public var information: [UInt8]
  /// Its records.
  public var records: [CardFileRecord]
  /// 94.
  public var locator: [UInt8]
  /// 9F38.
  public var processingList: DataList
  /// 8C.
  public var firstList: DataList
  /// 8D.
  public var secondList: DataList
  /// Cryptograms off line behind which the policy `counters` goes on line: as 9F14.
  public var lowerLimit: UInt8 = 3
  /// Cryptograms off line behind which it declines what cannot go on line: as 9F23.
  public var upperLimit: UInt8 = 5
  /// What signs dynamic data; nil in a card without.
  public var signing: CardKey?
  /// What deciphers PINs; nil where the signing key does.
  public var pinKey: CardKey?
  /// The keys shared with the issuer.
  public var secrets: CardSecrets
  /// The dynamic number of all signatures; nil draws one each time.
  public var dynamicNumber: [UInt8]?

  // What it remembers.

  var pin: ClearPIN?
  /// Tries that are left.
  public internal(set) var tries: UInt8
  /// 9F36.
  public internal(set) var counter: UInt16
  /// 9F13.
  public internal(set) var lastOnline: UInt16
  /// Whether the issuer has blocked it.
  public internal(set) var isBlocked = false
  /// Cryptograms off line since the last on line.
  var offlineCount: UInt8 = 0
  var lastOnlineNotCompleted = false
  var goesOnlineNext = false
  /// Of the scripts since the last transaction began.
  var scriptCommands: UInt8 = 0
  var scriptFailed = false
  /// The newest first, without template: nine bytes.
  var log: [[UInt8]] = []

  /// An application of these files and keys, as the profile says for what it remembers.
  public init(
    profile: CardProfile.Application, name: [UInt8], information: [UInt8],
    records: [CardFileRecord], locator: [UInt8],
    lists: (processing: DataList, first: DataList, second: DataList),
    secrets: CardSecrets
  ) {
    self.profile = profile
    self.name = name
    self.information = information
    self.records = records
    self.locator = locator
    processingList = lists.processing
    firstList = lists.first
    secondList = lists.second
    self.secrets = secrets
    pin = ClearPIN(profile.pin)
    tries = profile.tries
    counter = profile.counter
    lastOnline = profile.lastOnline
  }

  /// The content of the first object with a tag in the records of the file locator.
  public func value(_ tag: UInt32) -> [UInt8]? {
    guard let tag = TLVTag(tag) else { return nil }
    for record in records where record.file <= 10 {
      if let objects = try? TLV.parse(record.bytes), let found = TLV.first(tag, in: objects) {
        return found.value
      }
    }
    return nil
  }
}
