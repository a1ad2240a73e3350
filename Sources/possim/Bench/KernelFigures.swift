// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Clockwork
import Devices
import EMVKernel
import PaymentCrypto
import Simulator
import Wire

/// The cost of the chip: objects walked over, beside OpenSSL's reader of the same headers, and all
/// that the kernel does in an online sale with CDA, beyond RSA itself.
struct KernelFigures {
  private struct Unprepared: Error {}

  /// Walks in one measurement, which is short, so that of many some are undisturbed; the fastest
  /// counts.
  private static let walks = 10_000
  private static let sales = 20
  private static let rounds = 199

  private let record: [UInt8]
  private let field: [UInt8]
  private let settings: KernelSettings
  private let events: [Kernel.Event]
  private let keys: CardKeySet

  init() throws {
    // A record of 82 bytes with nine objects, and a field 55 with 24.
    record = try Hex.decode(
      Array(
        ("7050" + "5A0899900100000000105F24033012315F25032001015F280202765F3401019F0702FF80"
          + "8E0E0000000000000000440341031F009F0D0500000000009F0E0500000000009F0F050000000000"
          + "9F4A0182").utf8))
    field = try Hex.decode(
      Array(
        ("9F2608AE60C8CABA4C02F99F2701809F101307020103A0A002010A010000001100B96D058B9F3704329971"
          + "469F36020391950500A00470009A031903199C01009F02060000000000005F2A02015682027C00"
          + "9F1A0201569F03060000000000009F3303E0F0C89F34030203009F3501229F1E083635343635343332"
          + "8408A0000003330101019F090200309F4104000072595F3401015F24033012319F0702FF00"
          + "9F1204554E494F").utf8))
    var sizes = CardKeySet.Sizes()
    (sizes.authority, sizes.issuer, sizes.card) = (176, 144, 128)
    var profile = CardProfile()
    profile.sizes = sizes
    keys = CardKeySet(seed: profile.seed, sizes: sizes)
    settings = try KernelFigures.settings(keys)
    events = try KernelFigures.recorded(profile, settings)
  }

  /// The lines of the table.
  func print(to figures: Figures) throws {
    try walk(figures, "record of 82 bytes, walked over", 11, "≤ 60 ns") {
      var count = 0
      guard let template = KernelFigures.template(record) else { return 0 }
      var walk = TLVWalk(record, in: template)
      while try walk.next() != nil { count += 1 }
      return count
    } peer: {
      KernelFigures.headers(record, from: 2)
    }
    try walk(figures, "field 55 of 24 objects, walked over", 24, "≤ 130 ns") {
      var count = 0
      var walk = TLVWalk(field)
      while try walk.next() != nil { count += 1 }
      return count
    } peer: {
      KernelFigures.headers(field, from: 0)
    }
    try sale(figures)
  }

  private static func template(_ record: [UInt8]) -> Range<Int>? {
    var walk = TLVWalk(record)
    guard let outer = try? walk.next() else { return nil }
    return outer.value
  }

  private func walk(
    _ figures: Figures, _ name: String, _ objects: Int, _ limit: String,
    _ own: () throws -> Int, peer: () -> Int
  ) throws {
    if try own() != objects || peer() != objects { throw Unprepared() }
    var seen = 0
    let allocations = try Allocations.count {
      for _ in 0..<KernelFigures.walks { seen &+= try own() }
    }
    var fastest = Int64.max
    var fastestPeer = Int64.max
    for _ in 0..<KernelFigures.rounds {
      fastest = min(fastest, try time(KernelFigures.walks) { seen &+= try own() })
      fastestPeer = min(fastestPeer, time(KernelFigures.walks) { seen &+= peer() })
    }
    let each = fastest / Int64(KernelFigures.walks)
    let peerEach = fastestPeer / Int64(KernelFigures.walks)
    let figure =
      allocations.map { Figures.ratio($0, Int64(KernelFigures.walks)) } ?? "uncounted"
    // What was counted is used, so that no walk is left out.
    if seen == 0 { throw Unprepared() }
    figures.line(
      name, limit,
      "\(each) ns, \(figure) allocations, beside \(peerEach) ns of ASN1_get_object")
  }

  /// The same objects with libcrypto's reader of tags and lengths, which tells no EMV tag apart.
  private static func headers(_ bytes: [UInt8], from start: Int) -> Int {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      var at: UnsafePointer<UInt8>? = unsafe base + start
      let end = unsafe base + bytes.count
      var length = 0
      var tag: Int32 = 0
      var kind: Int32 = 0
      var count = 0
      while let here = unsafe at, unsafe here < end {
        let result = unsafe ASN1_get_object(&at, &length, &tag, &kind, end - here)
        if result & 0x80 != 0 { return 0 }
        unsafe at = at.map { unsafe $0 + length }
        count += 1
      }
      return count
    }
  }

  private func time(_ count: Int, _ operation: () throws -> Void) rethrows -> Int64 {
    let clock = ContinuousClock()
    let began = clock.now
    for _ in 0..<count { try operation() }
    let took = (clock.now - began).components
    return took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000
  }
}

// A sale: what the card and the host said once is told to new kernels.
extension KernelFigures {
  private static func settings(_ keys: CardKeySet) throws -> KernelSettings {
    let key = keys.authority.publicKey
    let sum = AuthorityKey.sum(
      CardKeySet.scheme, CardKeySet.authorityIndex, key.modulus, key.exponent)
    guard let aid = AID(CardKeySet.scheme + [0x01, 0x01]), let type = TerminalType(rawValue: 0x22),
      let more = AdditionalCapabilities([0x60, 0x00, 0xF0, 0xA0, 0x01]),
      let english = Language(0x65, 0x6E)
    else { throw Unprepared() }
    var risk = RiskParameters()
    risk.onlineCode = .forcedOnline
    // An online PIN: one that the card checks would add a certificate.
    return KernelSettings(
      terminalType: type, capabilities: TerminalCapabilities(rawValue: 0xE0_68C8),
      additionalCapabilities: more, country: 0x0156, languages: [english],
      applications: [ApplicationParameters(aid: aid, versionNumbers: [0x8C], risk: risk)],
      keys: [
        try AuthorityKey(
          scheme: CardKeySet.scheme, index: CardKeySet.authorityIndex, modulus: key.modulus,
          exponent: key.exponent, checkSum: sum)
      ])
  }

  private static func transaction() throws -> TransactionData {
    guard let amount = Amount(minorUnits: 12_345), let none = Amount(minorUnits: 0),
      let date = CardDate([0x26, 0x12, 0x31])
    else { throw Unprepared() }
    return TransactionData(
      amount: amount, cashback: none, type: 0x00, currency: 0x0156, currencyExponent: 2,
      date: date, time: 0x12_3456, unpredictableNumber: 0x1A2B_3C4D, sequenceCounter: 1,
      drawnNumber: 99, isForcedOnline: true)
  }

  private static func recorded(
    _ profile: CardProfile, _ settings: KernelSettings
  ) throws -> [Kernel.Event] {
    var world = RecordedCard(profile)
    var kernel = Kernel(settings: settings)
    var events = [Kernel.Event.started(try transaction())]
    while let event = events.last {
      var next: Kernel.Event?
      for effect in kernel.handle(event, at: .start) {
        switch effect {
        case .transmit(let command):
          next = CardResponse(try world.answer(command.bytes)).map { .responded($0) }
        case .askPIN: next = .pinEntered
        case .goOnline(let request): next = world.ask(request)
        case .finished(let outcome):
          let isWhole =
            outcome.result == .approved(.online) && outcome.tsi.contains(.dataAuthentication)
            && outcome.tvr.isDisjoint(with: [.cdaFailed, .issuerAuthenticationFailed])
          if !isWhole { throw Unprepared() }
          return events
        default: break
        }
      }
      guard let next else { throw Unprepared() }
      events.append(next)
    }
    throw Unprepared()
  }

  /// The issuer's and the card's certificates and the signatures of both cryptograms are recovered;
  /// the time of that alone is taken off.
  private func sale(_ figures: Figures) throws {
    let block: (RSAPublicKey) -> [UInt8] = { [UInt8](repeating: 0x3C, count: $0.modulus.count) }
    let recoveries = [
      keys.authority.publicKey, keys.issuer.publicKey, keys.card.publicKey, keys.card.publicKey,
    ].map { ($0, block($0)) }
    var whole = Int64.max
    var rsa = Int64.max
    for _ in 0..<KernelFigures.rounds {
      whole = min(
        whole,
        time(KernelFigures.sales) {
          var kernel = Kernel(settings: settings)
          for event in events { _ = kernel.handle(event, at: .start) }
        })
      rsa = min(
        rsa,
        try time(KernelFigures.sales) {
          for (key, block) in recoveries { _ = try key.recover(block) }
        })
    }
    let each = (whole - rsa) / Int64(KernelFigures.sales) / 1_000
    let beside = rsa / Int64(KernelFigures.sales) / 1_000
    figures.line(
      "EMV kernel, online sale with CDA, beyond RSA", "≤ 1 ms",
      "\(each) µs for \(events.count) events, beside \(beside) µs of RSA")
  }
}
