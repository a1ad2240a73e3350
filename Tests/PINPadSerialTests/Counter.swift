// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import PINPadSerial
import PaymentCrypto
import Simulator
import Wire

/// A driver and a simulated pad on one line, in virtual time.
struct Counter {
  /// One direction of the line at one moment.
  struct Line: Equatable, CustomStringConvertible {
    var fromPad: Bool
    var bytes: [UInt8]

    var description: String { (fromPad ? "◀ " : "▶ ") + Hex.text(bytes) }
  }

  static let initialKeyDigits = "6AC292FAA1315B4D858AB3A3D7D5933A"
  static let pan = Array("4012345678909".utf8)

  var driver: PINPadSerial
  var pad: PINPadModel
  var now = Instant.start
  var reports: [PINPadReport] = []
  var lines: [Line] = []
  /// Whether the pad hears what is sent.
  var isConnected = true
  /// Changes what the pad sends, before the driver hears it.
  var noise: ([UInt8]) -> [UInt8] = { $0 }

  init?(counter: String = "E00001", settings: PadSettings = PadSettings()) {
    driver = PINPadSerial(settings: settings)
    guard
      let key = try? InitialKey(.tdes2, Hex.decode(Array(Counter.initialKeyDigits.utf8))),
      let serial = try? KeySerialNumber(Hex.decode(Array(("FFFF9876543210" + counter).utf8)))
    else { return nil }
    pad = PINPadModel(
      keys: PadKeys(
        loadingKey: SimulatedShop.padLoadingKey, initialKey: key, serialNumber: serial),
      identification: "PAD0001")
  }

  mutating func tell(_ event: DriverEvent<PINPadOrder>) {
    for effect in driver.handle(event, at: now) {
      switch effect {
      case .report(let report): reports.append(report)
      case .link(.write(let bytes)):
        lines.append(Line(fromPad: false, bytes: bytes))
        if isConnected { tell(.received(bytes)) }
      case .link: break
      }
    }
  }

  mutating func tell(_ event: PINPadModel.Event) {
    for effect in pad.handle(event, at: now) {
      switch effect {
      case .awaitingPIN: break
      case .send(let bytes):
        lines.append(Line(fromPad: true, bytes: bytes))
        let heard = noise(bytes)
        if !heard.isEmpty { tell(.link(.received(heard))) }
      }
    }
  }

  mutating func wait(_ interval: Interval) {
    let end = now + interval
    while let due = earlier(driver.deadline, pad.deadline), due <= end {
      now = max(now, due)
      if let due = pad.deadline, due <= now { tell(.deadlinePassed as PINPadModel.Event) }
      if let due = driver.deadline, due <= now {
        tell(.deadlinePassed as DriverEvent<PINPadOrder>)
      }
    }
    now = end
  }

  /// Two custodians put a clear key into a slot, as only the maker does: the pad's answer to the
  /// frame and to the host's acknowledgement.
  mutating func inject(_ slot: String, _ digits: String, _ attributes: String) {
    tell(.injectionBegun)
    let message = Array("02\(slot)\(digits)".utf8) + [0x1C] + Array(attributes.utf8) + [0x0E]
    let frame = [0x0F] + message + [longitudinalRedundancyCheck(message)]
    _ = pad.handle(.received(frame), at: now)
    _ = pad.handle(.received([0x06]), at: now)
    now = now + .seconds(1)
  }

  /// An order, and the reports until the line is at rest.
  mutating func order(_ order: PINPadOrder) {
    reports = []
    lines = []
    tell(.ordered(order))
    wait(.seconds(1))
  }

  /// From the plug to a pad that is ready.
  mutating func open() {
    tell(.link(.opened(.serial)))
    wait(.seconds(2))
  }

  mutating func ask(seconds: UInt16 = 30) {
    guard let pan = PAN(Counter.pan), let amount = Amount(minorUnits: 1_200) else { return }
    reports = []
    lines = []
    tell(.ordered(.enterPIN(PINPrompt(pan: pan, amount: amount, seconds: seconds))))
    // The prompt is shown, and the pad rests before the PIN is asked for.
    wait(.milliseconds(60))
  }

  mutating func press(_ pin: [UInt8] = [1, 2, 3, 4]) {
    for digit in pin { tell(.keyPressed(.digit(digit))) }
    tell(.keyPressed(.enter))
  }

  /// The encrypted PIN that came, and no other report.
  var entered: EncryptedPIN? {
    guard reports.count == 1, case .pinEntered(let pin) = reports[0] else { return nil }
    return pin
  }
}

func hex(_ digits: String) -> [UInt8] {
  (try? Hex.decode(Array(digits.filter { $0 != " " }.utf8))) ?? []
}
