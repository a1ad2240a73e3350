// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing

@Suite("Attacks on the terminal by its devices")
struct DeviceFuzzTests {
  @Test("some hostile devices of each kind break no rule, and some sales are made all the same")
  func each() {
    let counts: [(DeviceFuzz.Target, Int)] = [
      (.stripe, 12), (.chip, 8), (.printer, 8), (.pad, 12), (.paper, 100),
    ]
    for (target, count) in counts {
      var fuzz = DeviceFuzz(target, seed: 5)
      for _ in 0..<count {
        let problem = fuzz.execute()
        #expect(problem == nil, "\(target) \(fuzz.executions): \(problem ?? "")")
      }
      #expect(fuzz.executions == UInt64(count))
      // A printer stops no sale; any other device that is none stops some.
      let most = target == .printer ? fuzz.executions : fuzz.executions - 1
      #expect((1...most).contains(fuzz.accepted), "\(target): \(fuzz.accepted)")
    }
  }
}
