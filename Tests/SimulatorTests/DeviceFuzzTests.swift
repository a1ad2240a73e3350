// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing

@Suite("Attacks on the terminal by its devices")
struct DeviceFuzzTests {
  // Each is a quarter of an hour of a whole shop: `possim devices fuzz` makes hundreds a second,
  // and a step of the check is such a run.
  @Test("a hostile device breaks no rule", arguments: DeviceFuzz.Target.allCases)
  func each(_ target: DeviceFuzz.Target) {
    var fuzz = DeviceFuzz(target, seed: 5)
    let count = target == .paper ? 60 : 2
    for _ in 0..<count {
      let problem = fuzz.execute()
      #expect(problem == nil, "\(target) \(fuzz.executions): \(problem ?? "")")
    }
    #expect(fuzz.executions == UInt64(count))
    #expect(fuzz.accepted > 0 || [.stripe, .secureMag, .chip].contains(target))
  }
}
