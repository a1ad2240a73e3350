// SPDX-License-Identifier: Apache-2.0

import Clockwork

/// The kinds of faults the world can throw at the firmware.
public enum Fault: UInt8, Hashable, Sendable, CaseIterable {
  /// The power goes between two effects.
  case powerCut
  /// The power goes inside a journal write that then is on disk.
  case powerCutAfterWrite
  /// The power goes inside a journal write that then is not on disk.
  case powerCutBeforeWrite
  /// The firmware is started anew from its journal while nothing is under way.
  case startedAnew
  /// The disk is full when something begins.
  case diskFull
  /// The storage refuses an entry, whatever it is.
  case storageFailed
  /// The storage refuses an entry that then is on disk all the same.
  case storageFailedAfterWrite
  /// The storage refuses every entry for a while; some are on disk all the same.
  case storageDown
  /// The power goes straight after such an entry.
  case powerCutAfterFailure
  /// The connection to the acquirer is refused.
  case connectionRefused
  /// The connection to the acquirer breaks.
  case connectionBroken
  /// Bytes to or from the acquirer never arrive.
  case networkLoss
  /// Bytes from the acquirer arrive late.
  case networkDelay
  /// Bytes from the acquirer arrive twice.
  case networkDuplicate
  /// Bytes from the acquirer arrive in pieces.
  case networkPieces
  /// A request is under way for so long that the next ones overtake it, its own reversal too.
  case requestOvertaken
  /// A request reaches the acquirer a second time, some time later.
  case requestDuplicated
  /// Bytes from the acquirer are changed on their way.
  case networkGarbled
  /// The management server is not reached.
  case managementUnreachable
  /// The card reader is pulled out, perhaps within a report.
  case readerUnplugged
  /// The card cannot be read.
  case badSwipe
  /// The printer runs out of paper.
  case paperOut
  /// The printer's cover is opened.
  case coverOpened
  /// The printer loses its power.
  case printerPowerCut
  /// The till asks again while its sale runs, on a new connection.
  case askedAgain
  /// The cardholder presses cancel.
  case pinCancelled
  /// The cardholder does nothing.
  case pinTimeout
  /// Bytes on a serial line are lost or changed.
  case serialNoise
  /// The issuer is slow, silent or wrong, as the amount asks.
  case issuerTrouble
  /// The acquirer publishes other downloads and orders one, or something that nobody knows.
  case orderSent
  /// The acquirer says of right totals that they differ.
  case batchDisputed
  /// The card is pulled out of the slot before the terminal has done with it.
  case cardPulled
  /// The card does not answer its reset or a command, or answers its reset wrongly.
  case chipFault
  /// The chip reader loses, damages or delays something.
  case readerFault
  /// The issuer's answer to the card is damaged, or there is none.
  case proofWrong
  /// The issuer sends the card a script.
  case scriptSent

  /// Whether it happens only where chips are read.
  var isOfChips: Bool {
    switch self {
    case .cardPulled, .chipFault, .readerFault, .proofWrong, .scriptSent: true
    default: false
    }
  }

  /// The name in listings.
  public var name: String {
    switch self {
    case .powerCut: "power cut"
    case .powerCutAfterWrite: "power cut after write"
    case .powerCutBeforeWrite: "power cut before write"
    case .startedAnew: "started anew"
    case .diskFull: "disk full"
    case .storageFailed: "storage failed"
    case .storageFailedAfterWrite: "storage failed after write"
    case .storageDown: "storage down"
    case .powerCutAfterFailure: "power cut after failure"
    case .connectionRefused: "connection refused"
    case .connectionBroken: "connection broken"
    case .networkLoss: "network loss"
    case .networkDelay: "network delay"
    case .networkDuplicate: "network duplicate"
    case .networkPieces: "network pieces"
    case .requestOvertaken: "request overtaken"
    case .requestDuplicated: "request duplicated"
    case .networkGarbled: "network garbled"
    case .managementUnreachable: "management unreachable"
    case .readerUnplugged: "reader unplugged"
    case .badSwipe: "bad swipe"
    case .paperOut: "paper out"
    case .coverOpened: "cover opened"
    case .printerPowerCut: "printer power cut"
    case .askedAgain: "asked again"
    case .pinCancelled: "PIN cancelled"
    case .pinTimeout: "PIN timeout"
    case .serialNoise: "serial noise"
    case .issuerTrouble: "issuer trouble"
    case .orderSent: "order sent"
    case .batchDisputed: "totals disputed"
    case .cardPulled: "card pulled"
    case .chipFault: "chip fault"
    case .readerFault: "reader fault"
    case .proofWrong: "proof wrong"
    case .scriptSent: "script sent"
    }
  }
}

/// How often each fault was met, and in how many worlds each rare happening was seen; what no
/// world of many ever met proves nothing.
public struct Sightings: Hashable, Sendable {
  /// One count a fault, in the order of `Fault.allCases`.
  public private(set) var counts = [UInt32](repeating: 0, count: Fault.allCases.count)
  /// One count a rare happening, in the order of `Sighting.allCases`.
  public private(set) var worlds = [UInt32](repeating: 0, count: Sighting.allCases.count)

  /// Behind how many commands cards were pulled, one count of worlds each.
  public private(set) var pulls = [UInt32](repeating: 0, count: World.commandsOfSale)

  /// Nothing seen yet.
  public init() {}

  /// How often a fault was met.
  public subscript(fault: Fault) -> UInt32 { counts[Int(fault.rawValue)] }

  /// In how many worlds a rare happening was seen.
  public subscript(sighting: Sighting) -> UInt32 { worlds[Int(sighting.rawValue)] }

  mutating func note(_ fault: Fault) { counts[Int(fault.rawValue)] += 1 }

  /// Once a world, however often it is seen.
  mutating func note(_ sighting: Sighting) { worlds[Int(sighting.rawValue)] = 1 }

  /// Once a world.
  mutating func notePull(behind commands: Int) { pulls[commands] = 1 }

  /// Adds another world's sightings.
  public mutating func add(_ other: Sightings) {
    for index in counts.indices { counts[index] += other.counts[index] }
    for index in worlds.indices { worlds[index] += other.worlds[index] }
    for index in pulls.indices { pulls[index] += other.pulls[index] }
  }

  /// The faults that were never met.
  public var missing: [Fault] { Fault.allCases.filter { self[$0] == 0 } }

  /// Behind how many commands no card was ever pulled.
  public var unpulled: [Int] { pulls.indices.filter { pulls[$0] == 0 } }

  /// The rare happenings that were never seen.
  public var unseen: [Sighting] { Sighting.allCases.filter { self[$0] == 0 } }
}

/// How likely each fault is, in so many of 10,000 occasions.
struct Weather: Hashable, Sendable {
  private var chances = [Int](repeating: 0, count: Fault.allCases.count)

  /// No faults at all.
  static let clear = Weather()

  /// A storm: some faults never happen in this world and some often.
  static func storm(_ dice: inout Dice, withChips: Bool) -> Weather {
    var weather = Weather()
    for fault in Fault.allCases where withChips || !fault.isOfChips {
      // Cardholders who are patient in a whole world would leave commands at which nobody pulls.
      let isPull = fault == .cardPulled
      if !isPull, dice.chance(1, in: 3) { continue }
      weather.chances[Int(fault.rawValue)] = dice.within((isPull ? 5_000 : 1)...fault.worst)
    }
    return weather
  }

  func strikes(_ fault: Fault, _ dice: inout Dice) -> Bool {
    let chance = chances[Int(fault.rawValue)]
    return chance > 0 && dice.chance(chance, in: 10_000)
  }
}

extension Fault {
  /// The worst chance in 10,000; what is asked at every effect is rarer than what is asked once a
  /// sale.
  fileprivate var worst: Int {
    switch self {
    case .powerCut: 80
    case .powerCutAfterWrite, .powerCutBeforeWrite: 1_000
    case .startedAnew: 600
    case .diskFull: 500
    case .storageFailed: 200
    case .storageFailedAfterWrite: 300
    case .storageDown: 100
    case .powerCutAfterFailure: 8_000
    case .connectionRefused, .connectionBroken, .networkLoss, .networkDelay, .networkDuplicate,
      .networkPieces, .requestOvertaken, .requestDuplicated, .networkGarbled:
      1_500
    case .managementUnreachable: 3_000
    case .readerUnplugged: 1_000
    case .badSwipe: 2_000
    case .askedAgain: 1_000
    case .paperOut, .coverOpened, .printerPowerCut: 1_500
    case .pinCancelled, .pinTimeout: 1_000
    case .serialNoise: 100
    case .issuerTrouble: 8_000
    case .orderSent: 8_000
    case .batchDisputed: 6_000
    case .cardPulled: 8_000
    case .chipFault, .readerFault, .proofWrong: 3_000
    case .scriptSent: 6_000
    }
  }
}
