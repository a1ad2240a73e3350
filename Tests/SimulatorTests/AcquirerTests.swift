// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import PaymentCrypto
import Simulator
import Testing

@Suite("The acquirer of the simulated shop")
struct AcquirerTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A request of this type for 12.00, as a terminal sends it.
  private static func request(_ type: String) -> Message {
    var message = Message(mti: bytes(type))
    let elements = [
      (3, "000000"), (4, "000000001200"), (7, "0921131320"), (11, "000001"), (12, "131320"),
      (13, "0921"), (22, "022"), (25, "00"), (41, "10000001"), (42, "898000000000001"),
      (49, "156"),
    ]
    for (element, text) in elements { message[element] = bytes(text) }
    message[2] = SimulatedShop.accounts[0].pan
    if type == "0200" {
      message[35] = SimulatedShop.accounts[0].pan + bytes("=3012101")
    } else {
      message[39] = bytes("98")
    }
    return message
  }

  /// DE39 of the answer.
  private static func ask(_ acquirer: inout AcquirerModel, _ message: Message) throws -> String {
    let codec = Codec(table: .standard1987ASCII)
    let frame = try codec.encode(message) {
      try? SimulatedShop.macKey.mac(.retail(.zeros), over: $0)
    }
    _ = acquirer.handle(.connected(connection: 1), at: .start)
    let effects = acquirer.handle(
      .received(connection: 1, Framing().frame(frame)), at: .start)
    _ = acquirer.handle(.disconnected(connection: 1), at: .start)
    guard case .send(_, let answer)? = effects.first else { return "none" }
    let code = try codec.decode(Array(answer.dropFirst(2)))[39] ?? []
    return String(decoding: code, as: UTF8.self)
  }

  private static var acquirer: AcquirerModel {
    AcquirerModel(keys: SimulatedShop.hostKeys, accounts: SimulatedShop.accounts)
  }

  @Test("a reversal that lacks an element, or has another card, amount or code, releases nothing")
  func reversals() throws {
    let changes: [(Int, String?)] = [
      (2, nil), (2, "4111111111111111"), (4, nil), (4, "000000001201"), (22, nil), (25, nil),
      (35, "4012345678909=3012101"), (38, "999999"), (39, nil), (39, "00"), (42, nil), (49, nil),
    ]
    for (element, text) in changes {
      var acquirer = AcquirerTests.acquirer
      #expect(try AcquirerTests.ask(&acquirer, AcquirerTests.request("0200")) == "00")
      var reversal = AcquirerTests.request("0400")
      reversal[element] = text.map(AcquirerTests.bytes)
      #expect(try AcquirerTests.ask(&acquirer, reversal) == "30", "\(element)")
      #expect(acquirer.heldTotal == 1_200)
      #expect(try AcquirerTests.ask(&acquirer, AcquirerTests.request("0400")) == "00")
      #expect(acquirer.heldTotal == 0)
    }
  }

  @Test("a sale whose reversal came first is refused; by who forgets it, money is held")
  func earlyReversal() throws {
    for remembers in [true, false] {
      var acquirer = AcquirerModel(
        keys: SimulatedShop.hostKeys, accounts: SimulatedShop.accounts,
        remembersEarlyReversals: remembers)
      #expect(try AcquirerTests.ask(&acquirer, AcquirerTests.request("0400")) == "25")
      let code = try AcquirerTests.ask(&acquirer, AcquirerTests.request("0200"))
      #expect(code == (remembers ? "12" : "00"))
      #expect(acquirer.heldTotal == (remembers ? 0 : 1_200))
    }
  }
}
