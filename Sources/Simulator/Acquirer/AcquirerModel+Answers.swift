// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import PaymentCrypto

extension AcquirerModel {
  /// Whether the message lacks nothing and, where rules are strict, has nothing too much.
  mutating func isComplete(_ message: Message, _ presence: Presence) -> Bool {
    let missing = presence.required.filter { message[$0] == nil }
    let superfluous = message.present.filter {
      !presence.required.contains($0) && !presence.allowed.contains($0)
    }
    let forbidden = presence.forbidden.filter { message[$0] != nil }
    if missing.isEmpty, superfluous.isEmpty, forbidden.isEmpty { return true }
    remarks.append(
      PresenceRemark(
        messageType: message.mti, processing: message[3] ?? [], missing: missing,
        superfluous: superfluous))
    return missing.isEmpty && forbidden.isEmpty && (superfluous.isEmpty || !rules.isStrict)
  }

  /// An answer as it is, signed where there are keys for it.
  mutating func reply(_ answer: Message, _ call: HostCall, isSigned: Bool = true) -> [Effect] {
    [.send(connection: call.connection, framed(answer, call, isSigned: isSigned))]
  }

  /// An answer in the way that its amount asks for.
  mutating func deliver(
    _ answer: Message, _ call: HostCall, _ behaviour: Behaviour
  ) -> [Effect] {
    func send(_ bytes: [UInt8]) -> Effect { .send(connection: call.connection, bytes) }
    switch behaviour {
    case .plain: return reply(answer, call)
    case .deaf, .silent: return []
    case .late(let seconds):
      links.sayLater(
        framed(answer, call), on: call.connection, at: call.now + .seconds(seconds))
      return []
    case .closed: return [.close(connection: call.connection)]
    case .twice:
      let bytes = framed(answer, call)
      return [send(bytes), send(bytes)]
    case .wrongMAC:
      var bytes = framed(answer, call)
      // Still a hexadecimal digit, where a MAC is written in such.
      bytes[bytes.count - 1] ^= 0x01
      return [send(bytes)]
    case .garbled:
      var bytes = framed(answer, call)
      bytes[bytes.count / 2] ^= 0x10
      return [send(bytes)]
    case .wrongTrace:
      var other = answer
      other[11] = letters("999998")
      return reply(other, call)
    case .otherTerminal:
      var other = answer
      other[41] = letters("99999999")
      return reply(other, call)
    case .unsigned: return reply(answer, call, isSigned: false)
    case .pieces: return framed(answer, call).map { send([$0]) }
    case .signInOrdered:
      orders.insert(3, at: 0)
      return reply(answer, call)
    }
  }

  private mutating func framed(
    _ answer: Message, _ call: HostCall, isSigned: Bool = true
  ) -> [UInt8] {
    let bytes: [UInt8]?
    if isSigned, let key = call.session?.mac {
      bytes = HostMAC.signed(answer, codec, key, rules.mac)
    } else {
      bytes = try? codec.encode(answer)
    }
    guard let bytes else { preconditionFailure("an answer is made of what the request passed") }
    let order = call.frame.takesOrders && !orders.isEmpty ? orders.removeFirst() : 0
    return links.framing.frame(call.frame.answer(bytes, order: order))
  }
}

/// Which elements a message has.
struct Presence: Hashable, Sendable {
  var required: [Int]
  var allowed: [Int] = []
  /// Never taken, however lenient the rules are.
  var forbidden: [Int] = []
}

/// The MAC of a message: its last element, 64, or 128 where there is a second bitmap.
enum HostMAC {
  /// The bytes with their MAC.
  static func signed(
    _ message: Message, _ codec: Codec, _ key: MACKey, _ algorithm: MACAlgorithm
  ) -> [UInt8]? {
    var marked = message
    marked[element(of: message)] = [UInt8](repeating: 0, count: 8)
    guard let bytes = try? codec.encode(marked) else { return nil }
    let covered = Array(bytes.dropLast(8))
    guard let code = try? key.mac(algorithm, over: covered) else { return nil }
    return covered + code
  }

  static func element(of message: Message) -> Int {
    message.present.contains { $0 > 64 } ? 128 : 64
  }
}
