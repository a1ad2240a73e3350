// SPDX-License-Identifier: Apache-2.0

import Simulator

/// Prints what `possim search 1..N --lines` prints of each world, without a runtime or an operating
/// system's library for Swift.
@main
struct Gate {
  static func main() {
    for seed in 1...UInt64(200) {
      var world = World(seed: seed)
      print(world.run().line)
    }
  }
}
