// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel
import Simulator
import Testing
import Wire

@Suite("Whatever the card does, the transaction ends, and ends rightly")
struct InterruptionTests {
  /// A sale with everything: directory, CDA, PIN, velocity, host, authentication, two scripts.
  private static func everything(_ bench: inout Bench) { bench = InterruptionTests.full }

  private static let full: Bench = {
    var bench = Bench()
    bench.goOnline()
    bench.settings.options.usesDirectory = true
    bench.card.hasDirectory = true
    VerificationResultsTests.methods(&bench, "0400")
    VerificationResultsTests.velocity(&bench, counter: "000A", last: "0009")
    bench.card.personalise("7D00")
    bench.host?.issuerData =
      tlv(0x91, hex("A77DC20D2BB5CEF13030")) + tlv(0x71, tlv(0x86, hex("84180001")))
      + tlv(0x72, tlv(0x86, hex("84180002")) + tlv(0x86, hex("84180003")))
      + tlv(0x72, tlv(0x86, hex("84180004")))
    return bench
  }()

  private static let dynamic: Bench = {
    var bench = Bench()
    bench.card.personalise("3800")
    return bench
  }()

  @Test("a card that fails at any command leaves a clean end, and a reversal where one is owed")
  func failures() throws {
    let whole = outcome(InterruptionTests.everything)
    #expect(whole.outcome?.result == .approved(.online))
    let total = whole.bench.commands.count
    #expect(total > 20)
    let second = try #require(whole.bench.commands.lastIndex { $0[1] == 0xAE })
    let first = try #require(whole.bench.commands.firstIndex { $0[1] == 0xAE })
    for failure in CardFailure.allCases {
      for number in 1...total {
        let run = outcome {
          InterruptionTests.everything(&$0)
          $0.failAt = number
          $0.failure = failure
        }
        let outcome = try #require(run.outcome, "\(number)")
        if number <= second + 1 {
          #expect(outcome.result == .ended(.card(failure)), "\(number)")
          #expect(run.bench.shows(.processingError))
        } else {
          // The decision was made: what is left are results of scripts.
          #expect(outcome.result == .approved(.online), "\(number)")
          #expect(outcome.tvr.contains(.scriptFailedAfter))
        }
        // The host had approved from the answer to the first cryptogram on.
        #expect(outcome.needsReversal == (number > first + 1 && number <= second + 1), "\(number)")
        #expect(outcome.fallback == .none || number <= first)
        #expect(run.bench.commands.count == number - 1)
      }
    }
    let inScript = outcome {
      InterruptionTests.everything(&$0)
      $0.failAt = total - 1
    }
    #expect(inScript.outcome?.scriptResultBytes == hex("2000000000 1200000000 0000000000"))
    let before = outcome {
      InterruptionTests.everything(&$0)
      $0.failAt = second
    }
    #expect(before.outcome?.scriptResultBytes == hex("1100000000 0000000000 0000000000"))
  }

  @Test("a card pulled while the host is asked leaves a reversal")
  func hostAsked() {
    var bench = Bench()
    bench.goOnline()
    var kernel = Kernel(settings: bench.settings)
    var effects = kernel.handle(.started(bench.transaction), at: .start)
    for _ in 0..<20 {
      guard case .transmit(let command)? = effects.last,
        let response = CardResponse(bench.card.answer(command.bytes))
      else { break }
      effects = kernel.handle(.responded(response), at: .start)
    }
    guard case .goOnline? = effects.last else {
      Issue.record("the host is asked")
      return
    }
    effects = kernel.handle(.cardFailed(.removed), at: .start)
    guard case .finished(let outcome)? = effects.last else {
      Issue.record("the transaction ends")
      return
    }
    #expect(outcome.result == .ended(.card(.removed)))
    #expect(outcome.needsReversal)
    #expect(kernel.handle(.cardFailed(.removed), at: .start) == [])
    #expect(kernel.handle(.unableToGoOnline(mayHaveReachedHost: false), at: .start) == [])
  }

  @Test("a pad that holds a PIN forgets it when the card goes")
  func held() {
    let run = outcome {
      InterruptionTests.everything(&$0)
      $0.card.reply("0084", "")
    }
    #expect(run.outcome?.result == .ended(.card(.transmission)))
    #expect(run.bench.effects.contains(.erasePIN))
  }

  /// A card that answers what it likes: noise, or the right answer with something changed.
  private struct Hostile {
    var dice: Dice
    var card: PlainCard

    mutating func answer(_ command: [UInt8]) -> [UInt8] {
      HostileAnswers.spoil(card.answer(command), &dice)
    }
  }

  @Test("ten thousand hostile cards: no trap, no loop, no approval without a TC")
  func hostile() {
    var approved = 0
    var ended = 0
    for seed in UInt64(1)...10_000 {
      var bench = Bench()
      let profile = Int(seed % 4)
      if profile == 1 { InterruptionTests.everything(&bench) }
      if profile == 2 { bench.goOnline() }
      if profile == 3 { bench = InterruptionTests.dynamic }
      var hostile = Hostile(dice: Dice(seed: seed), card: bench.card)
      var commands = 0
      var lastInformation: [UInt8] = []
      let outcome = bench.run { command in
        commands += 1
        let answer = hostile.answer(command)
        if command.starts(with: [0x80, 0xAE]) { lastInformation = answer }
        return answer
      }
      #expect(commands <= KernelLimits.commands, "\(seed)")
      guard let outcome else {
        Issue.record("seed \(seed) did not end")
        continue
      }
      if outcome.isApproved {
        approved += 1
        #expect(outcome.information?.type == .tc && !lastInformation.isEmpty, "\(seed)")
        #expect(outcome.cryptogram?.count == 8, "\(seed)")
      } else {
        ended += 1
      }
    }
    // Most answers are right, so that hostile ones are met at every step.
    #expect(approved > 300 && ended > 300)
  }

  @Test("pure noise never ends in an approval")
  func noise() {
    for seed in UInt64(1)...5_000 {
      var bench = Bench()
      bench.settings.options.usesDirectory = seed % 2 == 0
      var dice = Dice(seed: seed)
      let outcome = bench.run { _ in
        dice.bytes(dice.below(60)) + (dice.chance(3, in: 4) ? hex("9000") : dice.bytes(2))
      }
      #expect(outcome?.isApproved == false, "\(seed)")
    }
  }
}
