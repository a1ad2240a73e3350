// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import Testing

@testable import PrinterESCPOS

@Suite("A storm of faults")
struct StormTests {
  @Test("whatever happens, printed means on paper and clean means not a line", arguments: 0..<8)
  func storm(batch: Int) {
    var outcomes: [PrintOutcome] = []
    for seed in (batch * 400)..<(batch * 400 + 400) { outcomes += weather(seed: UInt64(seed)) }
    // A storm in which one of the endings never happens would test nothing.
    #expect(outcomes.contains { $0.isPrinted })
    #expect(outcomes.contains { $0.isClean })
    #expect(outcomes.contains { $0.isFragment })
    #expect(outcomes.contains { if case .unknown = $0 { true } else { false } })
  }

  @Test(
    "seeds that once proved what was not on paper",
    arguments: [341, 1_256, 1_500, 19_656, 23_219, 33_919, 52_821, 56_597, 57_747])
  func regressions(seed: UInt64) {
    _ = weather(seed: seed)
  }

  private func weather(seed: UInt64) -> [PrintOutcome] {
    var dice = Dice(seed: seed)
    let profile = [PrinterProfile(), fenceOnly, fenceAndClear, latin58][dice.below(4)]
    var bench = Bench.fitting(profile)
    bench.open()
    var jobs: [UInt32: [PrintLine]] = [:]
    for number in UInt32(1)...4 {
      let lines = (1...dice.within(2...12)).map { PrintLine("job \(number) of seed, line \($0)") }
      jobs[number] = lines
      bench.print(lines, number: number)
      for _ in 0..<dice.below(6) {
        bench.run(.milliseconds(Int64(dice.within(1...900))))
        blow(&bench, &dice)
      }
      if dice.chance(1, in: 3) { bench.run(.seconds(130)) }
    }
    settle(&bench)
    for (number, lines) in jobs.sorted(by: { $0.key < $1.key }) {
      judge(bench, number, lines, seed: seed)
    }
    // After the storm the next receipt prints.
    let stormy = bench.outcomes
    let last = [PrintLine("after the storm")]
    bench.print(last, number: 99)
    bench.run(.seconds(30))
    #expect(bench.outcomes.last?.isPrinted == true, "seed \(seed)")
    #expect(bench.paperHolds(last), "seed \(seed)")
    return stormy
  }

  private func blow(_ bench: inout Bench, _ dice: inout Dice) {
    switch dice.below(10) {
    case 0: bench.happen(.paperRanOut)
    case 1: bench.happen(.paperRunsOutAfter(lines: dice.below(6)))
    case 2: bench.happen(.paperLoaded)
    case 3: bench.happen(.coverOpened)
    case 4: bench.happen(.coverClosed)
    case 5: bench.happen(.powerCut)
    case 6: bench.happen(.powerOn)
    case 7: if bench.isLinkUp { bench.loseLink() } else { bench.open() }
    case 8: bench.tell(.link(.received([UInt8(truncatingIfNeeded: dice.next())])))
    default: bench.tell(.ordered(.abandon))
    }
  }

  private func settle(_ bench: inout Bench) {
    bench.happen(.powerOn)
    bench.happen(.paperLoaded)
    bench.happen(.coverClosed)
    if !bench.isLinkUp { bench.open() }
    bench.run(.seconds(300))
  }

  private func judge(_ bench: Bench, _ number: UInt32, _ lines: [PrintLine], seed: UInt64) {
    var outcomes: [PrintOutcome] = []
    for case .finished(job: number, let outcome) in bench.reports { outcomes.append(outcome) }
    #expect(outcomes.count == 1, "seed \(seed), job \(number)")
    guard let outcome = outcomes.first else { return }
    let mark = "job \(number) of"
    if outcome.isPrinted { #expect(bench.paperHolds(lines), "seed \(seed), job \(number)") }
    if outcome.isClean {
      #expect(bench.linesOnPaper(containing: mark) == 0, "seed \(seed), job \(number)")
    }
    if outcome.isFragment {
      // The line under the head may still be finished; nothing else follows.
      let later = bench.model.everythingPrinted.dropFirst((bench.linesAtEnd[number] ?? 0) + 1)
      #expect(!later.contains { $0.contains(mark) }, "seed \(seed), job \(number)")
    }
  }
}
