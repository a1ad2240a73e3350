// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Glibc
import LinuxHost
import Simulator

/// The device's end of the simulated USB: a socket of packets, one host at a time.
final class ServedReader: PollSource {
  /// What the host does.
  enum Event {
    case opened
    case setFeature([UInt8])
    case getFeature(length: Int)
    case written([UInt8])
  }

  var onEvent: (Event) -> Void = { _ in }
  /// What the reader says of itself while its plug is in.
  var facts: HIDFacts?
  private let listener: UnixListener
  private var host: Descriptor?
  private var number: Int32 = -1

  init(path: String) throws { listener = try UnixSocket.listen(path, .packets) }

  var interests: [PollInterest] {
    let waiting = PollInterest(listener.number, Int16(POLLIN))
    return number < 0 ? [waiting] : [waiting, PollInterest(number, Int16(POLLIN))]
  }

  var deadline: Instant? { nil }
  func wake(at now: Instant) {}

  func ready(_ descriptor: Int32, _ events: Int16) {
    if descriptor == listener.number {
      guard let accepted = UnixSocket.accept(listener.number) else { return }
      number = accepted.number
      host = consume accepted
      if let facts { attach(facts) }
      return
    }
    guard case .success(let read) = readSome(number, limit: 8_192) else { return hangUp() }
    guard let packet = read else { return }
    if packet.isEmpty { return hangUp() }
    let body = Array(packet.dropFirst())
    switch packet[0] {
    case UInt8(ascii: "O"): onEvent(.opened)
    case UInt8(ascii: "S"): onEvent(.setFeature(body))
    case UInt8(ascii: "G"): onEvent(.getFeature(length: body.reduce(0) { $0 << 8 | Int($1) }))
    case UInt8(ascii: "W"): onEvent(.written(body))
    default: hangUp()
    }
  }

  func perform(_ effect: NEO2Model<ShopCard>.Effect) {
    switch effect {
    case .packet(let bytes): perform(ReaderModel.Effect.packet(bytes))
    case .attached(let facts): perform(ReaderModel.Effect.attached(facts))
    case .detached: perform(ReaderModel.Effect.detached)
    }
  }

  func perform(_ effect: ReaderModel.Effect) {
    switch effect {
    case .packet(let bytes): send("P", bytes)
    case .feature(let bytes?): send("F", bytes)
    case .feature(nil): send("N", [])
    case .attached(let facts):
      self.facts = facts
      attach(facts)
    case .detached:
      facts = nil
      send("D", [])
    }
  }

  private func attach(_ facts: HIDFacts) {
    let numbers = [facts.vendor, facts.product].flatMap {
      [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)]
    }
    send("A", numbers + [facts.isBootKeyboard ? 1 : 0] + facts.reportDescriptor)
  }

  private func send(_ kind: Character, _ body: [UInt8]) {
    guard number >= 0, let kind = kind.asciiValue else { return }
    if case .failure = writeSome(number, [kind] + body[...]) { hangUp() }
  }

  private func hangUp() {
    number = -1
    host = nil
  }
}
