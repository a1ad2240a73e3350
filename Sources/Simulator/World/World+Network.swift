// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import ISO8583
import PaymentCrypto
import TerminalCore

extension World {
  mutating func perform(_ order: AcquirerOrder) {
    switch order {
    case .connect:
      connection += 1
      isConnected = true
      if hands?.isHostClosed == true {
        return hear(.failed(.tcp, code: 111), after: .milliseconds(30))
      }
      if weather.strikes(.connectionRefused, &weatherDice) {
        sightings.note(.connectionRefused)
        return hear(.failed(.tcp, code: 111), after: .milliseconds(30))
      }
      queue.add(.acquirer(.connected(connection: connection)), at: now + .milliseconds(20))
      hear(.connected, after: .milliseconds(40))
    case .send(let bytes):
      look(atSent: bytes)
      hands?.messagesSent += 1
      if hands?.isHostSilent == true { return }
      if isConnected {
        carryOut(planted == .reversalWithoutChip ? withoutChip(bytes) : bytes)
      }
    case .disconnect:
      if !isConnected { return }
      isConnected = false
      queue.add(.acquirer(.disconnected(connection: connection)), at: now + .milliseconds(20))
    }
  }

  private mutating func carryOut(_ bytes: [UInt8]) {
    if weather.strikes(.connectionBroken, &weatherDice) {
      sightings.note(.connectionBroken)
      // Whether the bytes still got through is exactly what the terminal cannot know.
      if weatherDice.chance(1, in: 2) { deliver(bytes) }
      return hear(.failed(.read, code: 104), after: .milliseconds(60))
    }
    if weather.strikes(.networkLoss, &weatherDice) {
      sightings.note(.networkLoss)
      return
    }
    if weather.strikes(.requestOvertaken, &weatherDice) {
      sightings.note(.requestOvertaken)
      return deliverLate(bytes)
    }
    if weather.strikes(.requestDuplicated, &weatherDice) {
      sightings.note(.requestDuplicated)
      deliverLate(bytes)
    }
    deliver(bytes)
  }

  /// From under a second to longer than any answer is waited for.
  private mutating func deliverLate(_ bytes: [UInt8]) {
    if planted == .reversalsSwallowed, World.isReversal(bytes) { return }
    strays += 1
    let pause = Interval.milliseconds(Int64(weatherDice.within(200...90_000)))
    queue.add(.strayRequest(bytes), at: now + pause)
  }

  /// A number that no connection of the terminal has: what the acquirer answers goes nowhere.
  mutating func arrive(_ bytes: [UInt8]) {
    strays -= 1
    let nobody = UInt32.max
    perform(acquirer.handle(.connected(connection: nobody), at: now))
    if let greeting = acquirer.rules.greeting, bytes != greeting.request {
      perform(acquirer.handle(.received(connection: nobody, greeting.request), at: now))
    }
    perform(acquirer.handle(.received(connection: nobody, bytes), at: now))
    perform(acquirer.handle(.disconnected(connection: nobody), at: now))
  }

  private static func isReversal(_ frame: [UInt8]) -> Bool {
    frame.count > 6 && Array(frame[2..<6]) == Array("0400".utf8)
  }

  private mutating func deliver(_ bytes: [UInt8]) {
    if planted == .reversalsSwallowed, World.isReversal(bytes) {
      let number = connection
      _ = impostor.handle(.connected(connection: number), at: now)
      return perform(impostor.handle(.received(connection: number, bytes), at: now))
    }
    let pause = Interval.milliseconds(Int64(lifeDice.within(15...120)))
    queue.add(.acquirer(.received(connection: connection, bytes)), at: now + pause)
    if planted == .batchEndSwallowed, World.isBatchEnd(bytes) {
      bringBack(World.ended(bytes))
      return
    }
    let doubled: String? =
      planted == .requestsDoubled ? "0200" : planted == .advicesDoubled ? "0220" : nil
    if let doubled, let twin = World.twin(of: bytes, doubled) {
      queue.add(.acquirer(.received(connection: connection, twin)), at: now + pause)
    }
  }

  mutating func perform(_ effects: [AcquirerModel.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let number, let bytes):
        if number == connection { bringBack(bytes) }
      case .close(let number):
        if number == connection, isConnected { hear(.closed, after: .milliseconds(30)) }
      }
    }
  }

  private mutating func bringBack(_ bytes: [UInt8]) {
    if !isConnected { return }
    if weather.strikes(.networkLoss, &weatherDice) {
      sightings.note(.networkLoss)
      return
    }
    var bytes = bytes
    if planted == .declineTurnedApproval { bytes = World.approved(bytes, "0210") }
    if planted == .adviceTurnedApproval { bytes = World.approved(bytes, "0230") }
    if weather.strikes(.networkGarbled, &weatherDice) {
      sightings.note(.networkGarbled)
      if flavour != .generic, World.isDownload(bytes) {
        return hear(.failed(.read, code: 104), after: .milliseconds(60))
      }
      bytes[weatherDice.below(bytes.count)] ^= 1 << UInt8(weatherDice.below(8))
    }
    var pause = Interval.milliseconds(Int64(lifeDice.within(15...120)))
    if weather.strikes(.networkDelay, &weatherDice) {
      sightings.note(.networkDelay)
      pause = .seconds(Int64(weatherDice.within(5...40)))
    }
    if weather.strikes(.networkPieces, &weatherDice), bytes.count > 2 {
      sightings.note(.networkPieces)
      let cut = weatherDice.within(1...bytes.count - 1)
      arrive(Array(bytes[..<cut]), after: pause)
      arrive(Array(bytes[cut...]), after: pause + .milliseconds(25))
    } else {
      arrive(bytes, after: pause)
    }
    if weather.strikes(.networkDuplicate, &weatherDice) {
      sightings.note(.networkDuplicate)
      arrive(bytes, after: pause + .milliseconds(200))
    }
  }

  /// What was sent first comes first, whatever happens on the way.
  private mutating func arrive(_ bytes: [UInt8], after pause: Interval) {
    if wire.connection != connection { wire = (connection, now) }
    wire.busyUntil = max(now + pause, wire.busyUntil)
    queue.add(.heard(.received(bytes), connection: connection), at: wire.busyUntil)
  }

  /// What belongs to one connection never reaches the next one.
  private mutating func hear(_ event: AcquirerEvent, after pause: Interval) {
    queue.add(.heard(event, connection: connection), at: now + pause)
  }

  mutating func heard(_ event: AcquirerEvent, connection number: UInt32) {
    if number != connection || !isConnected {
      if case .received(let bytes) = event { look(atHeard: bytes, isUseless: true) }
      return
    }
    let useless = uselessAnswers
    switch event {
    case .failed, .closed: isConnected = false
    case .connected, .received: break
    }
    tell(.terminal(.acquirer(event)))
    if case .received(let bytes) = event {
      look(atHeard: bytes, isUseless: uselessAnswers > useless)
    }
  }

  private var uselessAnswers: UInt32 {
    guard let terminal = firmware?.terminal else { return 0 }
    return terminal.lateAnswers + terminal.unmatchedAnswers
  }

  mutating func perform(_ request: HTTPRequest) {
    if weather.strikes(.managementUnreachable, &weatherDice) {
      sightings.note(.managementUnreachable)
      let answer = HTTPAnswer.failed(number: request.number, .tcp, code: 111)
      tellLater(.terminal(.management(answer)), .milliseconds(500))
      return
    }
    queue.add(
      .management(
        .requested(
          number: request.number, isPost: request.isPost, path: request.path,
          body: request.body)), at: now + .milliseconds(60))
  }

  mutating func perform(_ effects: [ManagementModel.Effect]) {
    for effect in effects {
      switch effect {
      case .respond(let number, let status, let body):
        let answer = HTTPAnswer.answered(number: number, status: status, body: body)
        tellLater(.terminal(.management(answer)), .milliseconds(60))
      }
    }
  }

  /// The same request under another trace number, correctly signed.
  private static func twin(of frame: [UInt8], _ type: String) -> [UInt8]? {
    let codec = Codec(table: .standard1987ASCII)
    guard var message = try? codec.decode(Array(frame.dropFirst(2))),
      message.mti == Array(type.utf8)
    else { return nil }
    message[11] = Array("777777".utf8)
    return signed(message)
  }

  /// A declined answer with an approval's response code, correctly signed.
  private static func approved(_ frame: [UInt8], _ type: String) -> [UInt8] {
    let codec = Codec(table: .standard1987ASCII)
    guard var message = try? codec.decode(Array(frame.dropFirst(2))),
      message.mti == Array(type.utf8)
    else { return frame }
    message[39] = [0x30, 0x30]
    return signed(message) ?? frame
  }

  private static func isBatchEnd(_ frame: [UInt8]) -> Bool {
    let message = try? Codec(table: .standard1987ASCII).decode(Array(frame.dropFirst(2)))
    return message?.mti == Array("0500".utf8) && message?[3] == Array("960000".utf8)
  }

  /// The answer to a batch's end by nobody.
  private static func ended(_ frame: [UInt8]) -> [UInt8] {
    let codec = Codec(table: .standard1987ASCII)
    guard var message = try? codec.decode(Array(frame.dropFirst(2))) else { return frame }
    message.mti = Array("0510".utf8)
    message[39] = [0x30, 0x30]
    return (try? codec.encode(message)).map { Framing().frame($0) } ?? frame
  }

  private static func signed(_ message: Message) -> [UInt8]? {
    let codec = Codec(table: .standard1987ASCII)
    let bytes = try? codec.encode(message) {
      try? SimulatedShop.macKey.mac(.retail(.zeros), over: $0)
    }
    return bytes.map { Framing().frame($0) }
  }
}
