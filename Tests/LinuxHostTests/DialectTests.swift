// SPDX-License-Identifier: Apache-2.0

import ISO8583
import LinuxHost
import Simulator
import TerminalCore
import Testing

@Suite("The acquirers' files")
struct DialectTests {
  private static func profile(_ name: String) throws -> AcquirerProfile {
    try AcquirerProfile(file: repository + "/Config/acquirers/" + name + ".yaml")
  }

  @Test("the simulated terminal speaks as the files say")
  func same() throws {
    for flavour in ShopFlavour.allCases {
      let name = flavour == .generic ? "generic" : "unionpay"
      var written = try DialectTests.profile(name).dialect
      var simulated = SimulatedShop.settings(flavour).dialect
      // The tables are compared by the worked frames, and the framing by its own tests.
      written.table = simulated.table
      written.framing = simulated.framing
      simulated.signing = written.signing
      #expect(written == simulated, "\(name)")
    }
  }

  @Test("a word that says nothing is named, with the line it stands in")
  func scripts() throws {
    let wrong = [
      ("sale 0200 4={amonut}", "4={amonut}"), ("sale 0200 4?often={amount}", "4?often={amount}"),
      ("sale 0200 193=1", "193=1"), ("sale 0200 @cards", "@cards"), ("sale 02 4={amount}", "02"),
      ("sale 0200 4={amount", "4={amount"), ("sale 0200 4={amount:0}", "4={amount:0}"),
      ("sale 0200 5=mac", "5=mac"), ("sale 0200 0210", "0210"), ("sale 0200 -4=1", "-4=1"),
    ]
    for (line, word) in wrong {
      let text = String(line.dropFirst(5))
      #expect(throws: ScriptFault.self, "\(line)") {
        do throws(ScriptFault) {
          _ = try MessageScript(text)
        } catch {
          #expect(error.word == word)
          throw error
        }
      }
    }
  }
}
