// SPDX-License-Identifier: Apache-2.0

import Foundation
import Simulator
import Testing
import Wire

@Suite("The test cards that everybody has")
struct CardFixtureTests {
  private static let names = [
    "online.card", "offline.card", "update.card", "static.card", "several.card", "blocked.card",
  ]

  private func card(_ name: String) throws -> TestCard {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/cards/" + name)
    return try CardProfile(text: String(contentsOf: url, encoding: .utf8))
      .personalised(with: CardTill.keys)
  }

  /// The kind of the first cryptogram when approval off line is asked for.
  private func kind(_ till: inout CardTill) -> UInt8? {
    till.send("select", "00A4040007F0504F5344010100")
    till.send("options", "80A800000383012200")
    till.first("40")
    let answer = till["first"]
    return till.objects("first").first?.value.first ?? answer.dropFirst(2).first
  }

  @Test("each can be read, and is what its remark says")
  func each() throws {
    var labels: [String] = []
    for name in CardFixtureTests.names {
      labels += try card(name).applications.map { $0.profile.label }
    }
    #expect(labels.count == Set(labels).count && labels.count == 8)
    var online = CardTill(try card("online.card"))
    #expect(kind(&online) == 0x80)
    var offline = CardTill(try card("offline.card"))
    #expect(kind(&offline) == 0x40)
    var old = CardTill(try card("static.card"))
    #expect(kind(&old) == 0x40)
    #expect(old["first"].starts(with: [0x80, 18]))
    #expect(old["options"].starts(with: cardHex("80 0E 5C00")))
    old.directory()
    #expect(old.word("directory") == "6A82")
    var blocked = CardTill(try card("blocked.card"))
    _ = kind(&blocked)
    #expect(blocked.card.process(cardHex("80CA9F1700")) == cardHex("9F1701009000"))
    #expect(try card("several.card").applications.map { $0.profile.priority } == [0x81, 2, 15])
    #expect(try card("update.card").applications[0].profile.proof == .update)
  }
}
