// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import TerminalCore
import Testing

@Suite("A link in a storm")
struct LinkStormTests {
  /// One random life of a link, and what must hold at every step of it.
  private struct Storm {
    var dice: Dice
    var wire: HostWire
    /// Numbers of requests that have been sent on the connection that is open.
    var here: [UInt32] = []
    /// Numbers of requests by their state.
    var running: Set<UInt32> = []
    var ended: [UInt32: String] = [:]
    var abandoned: Set<UInt32> = []
    var next: UInt32 = 1
    var isUp = false
    var answered = 0

    init(seed: UInt64, _ rules: LinkRules) {
      dice = Dice(seed: seed)
      wire = HostWire(rules)
    }

    mutating func step() {
      switch dice.below(10) {
      case 0...2: start()
      case 3: if !isUp { connect() } else { answerAll() }
      case 4...5: if !isUp { connect() } else { answer() }
      case 6: if isUp { wire.hear(.received(duplicate())) }
      case 7: if isUp, here.count > 1 { wire.hear(.received(HostWire.answer(900_000))) }
      case 8:
        if let number = running.sorted().first, dice.chance(1, in: 4) {
          abandoned.insert(number)
          wire.tell(.abandoned(ticket: number))
        }
      default: wire.wait(.seconds(Int64(dice.within(1...12))))
      }
      settle()
    }

    private mutating func start() {
      if running.count >= 4 { return }
      running.insert(next)
      wire.start(next, answerLimit: .seconds(Int64(dice.within(5...40))))
      next += 1
    }

    private mutating func connect() {
      guard wire.link.deadline != nil else { return }
      if dice.chance(1, in: 5) { return wire.hear(.failed(.tcp, code: 111)) }
      isUp = true
      wire.hear(.connected)
    }

    private mutating func answer() {
      guard let number = here.isEmpty ? nil : here[dice.below(here.count)] else { return }
      wire.hear(.received(HostWire.answer(number)))
    }

    /// Every request of this connection is answered at once, in some order, in two pieces.
    private mutating func answerAll() {
      var rest = here
      var bytes: [UInt8] = []
      while !rest.isEmpty { bytes += HostWire.answer(rest.remove(at: dice.below(rest.count))) }
      if bytes.isEmpty { return }
      let cut = dice.below(bytes.count)
      wire.hear(.received(Array(bytes[..<cut])))
      // The first piece may have ended the connection, and what belongs to it goes with it.
      if !hasClosed { wire.hear(.received(Array(bytes[cut...]))) }
    }

    private var hasClosed: Bool { wire.effects.contains(.acquirer(.disconnect)) }

    private mutating func duplicate() -> [UInt8] {
      guard let number = here.isEmpty ? nil : here[dice.below(here.count)] else { return [] }
      return HostWire.answer(number) + HostWire.answer(number)
    }

    mutating func settle() {
      for effect in wire.take() {
        switch effect {
        case .acquirer(.disconnect):
          isUp = false
          here = []
        case .acquirer(.connect):
          isUp = false
          here = []
        case .acquirer(.send(let frame)):
          #expect(isUp, "bytes without a connection")
          here.append(LinkStormTests.number(of: frame))
        case .keepAliveDue: break
        case .ended(let result, let ticket):
          #expect(running.remove(ticket) != nil, "\(ticket) has ended twice")
          ended[ticket] = HostWire.words(effect)
          if case .answered(let message, _) = result {
            answered += 1
            #expect(message[11] == HostWire.digits(UInt64(ticket), 6))
            #expect(!abandoned.contains(ticket))
          }
        }
      }
    }
  }

  private static func number(of frame: [UInt8]) -> UInt32 {
    let message = try? Codec(table: HostWire.dialect.table).decode(Array(frame.dropFirst(2)))
    return message?[11].flatMap { UInt32(String(decoding: $0, as: UTF8.self)) } ?? 0
  }

  @Test("each request ends once, and by no answer but its own", arguments: [1, 4])
  func once(_ limit: Int) {
    var answered = 0
    var late: UInt32 = 0
    for seed in 0..<400 as Range<UInt64> {
      for idle in [nil, Interval.seconds(30)] {
        var storm = Storm(seed: seed, LinkRules(idleLimit: idle, inFlightLimit: limit))
        for _ in 0..<120 { storm.step() }
        while storm.wire.link.deadline != nil {
          storm.wire.wait(.seconds(60))
          storm.settle()
        }
        #expect(storm.running == [], "seed \(seed)")
        #expect(storm.ended.count == Int(storm.next) - 1, "seed \(seed)")
        #expect(storm.wire.link.isIdle && !storm.wire.link.isOpen)
        answered += storm.answered
        late += storm.wire.link.lateAnswers
      }
    }
    #expect(answered > 5_000)
    #expect(late > 1_000)
  }
}
