// SPDX-License-Identifier: Apache-2.0

import Devices
import PaymentCrypto

extension Terminal {
  /// A key for the PIN pad: what is no key block does not reach the pad, and a clear key is none.
  mutating func loadPadKey(
    _ id: RequestID, _ place: PadKeyPlace, _ block: [UInt8]
  ) -> [TerminalEffect] {
    do throws(KeyBlockFault) {
      _ = try KeyBlock(parsing: block)
    } catch {
      return [.answer(id, .refused(.keyBlock(error)))]
    }
    return orderKeys(id, .loadKey(place, block: block))
  }

  mutating func orderKeys(_ id: RequestID, _ order: PINPadOrder) -> [TerminalEffect] {
    if keyOrder != nil { return [.answer(id, .refused(.busy))] }
    switch devices.pinPad {
    case .link, .silent:
      return [.answer(id, .refused(devices.pinPad.map { .pinPad($0) } ?? .busy))]
    // A pad without keys is the one that needs them.
    case nil, .keyMissing, .keysExhausted: break
    }
    askers.keys = id
    keyOrder = order
    return [.pinPad(order)]
  }

  mutating func heardOfKeys(_ report: PINPadReport) -> [TerminalEffect] {
    switch report {
    case .keys(let states):
      devices.padKeys = states
      return []
    case .keyLoaded(let place):
      if case .set = place { devices.padSerialNumber = [] }
      return keyOrderEnded(at: place, nil)
    case .setSelected(let number):
      devices.padSerialNumber = []
      return keyOrderEnded(at: .set(number), nil)
    case .keyNotLoaded(let place, let reason):
      return keyOrderEnded(at: place, .padKey(place, reason))
    case .authenticated, .noMAC, .ready, .unavailable, .pinEntered, .noPIN:
      unexpectedEvents += 1
      return []
    }
  }

  /// The order under way is over; a report of another place is none of it. Whoever asked may have
  /// left, and the next may ask only now: the pad does one thing at a time.
  private mutating func keyOrderEnded(
    at place: PadKeyPlace, _ problem: Problem?
  ) -> [TerminalEffect] {
    let ordered: PadKeyPlace? =
      switch keyOrder {
      case .loadKey(let place, _): place
      case .selectSet(let number): .set(number)
      case .enterPIN, .cancel, .authenticate, nil: nil
      }
    if ordered != place {
      unexpectedEvents += 1
      return []
    }
    keyOrder = nil
    return askers.keys.take(problem)
  }
}

/// One key of the terminal or its PIN pad, as an inventory shows it.
public struct KeyLine: Hashable, Sendable {
  /// Where a key stands.
  public enum State: UInt8, Hashable, Sendable, CaseIterable {
    /// It is there.
    case loaded
    /// It is not.
    case missing
    /// All its transactions are used up.
    case exhausted
    /// Its device does not say.
    case unknown

    /// As people read it.
    public var text: String {
      switch self {
      case .loaded: "loaded"
      case .missing: "missing"
      case .exhausted: "exhausted"
      case .unknown: "not known"
      }
    }
  }

  /// As people call the key.
  public var name: String
  /// Where it lies.
  public var place: String
  /// Whether it is there.
  public var state: State
  /// The cipher, or usage and mode as the pad tells them; may be empty.
  public var kind: String
  /// The first bytes of its check value, where it is known.
  public var checkValue: [UInt8]
  /// The transactions left, where they are counted and known.
  public var remaining: UInt32?
}

extension Terminal {
  /// What keys there are, and which are missing, by name.
  public var keyInventory: [KeyLine] {
    var lines = keys.inventory(of: [.mac]).map { key in
      KeyLine(
        name: key.name, place: "terminal", state: key.isLoaded ? .loaded : .missing,
        kind: key.algorithm, checkValue: key.checkValue)
    }
    for slot in devices.padKeys {
      let usage = String(decoding: slot.usage, as: UTF8.self)
      let mode = slot.isLoaded ? " " + String(decoding: [slot.mode], as: UTF8.self) : ""
      lines.append(
        KeyLine(
          name: slot.slot.isForPINs ? "PIN master key" : "pad's MAC key",
          place: "PIN pad, " + PadKeyPlace.slot(slot.slot).text,
          state: slot.isLoaded ? .loaded : .missing, kind: usage + mode, checkValue: []))
    }
    if !devices.padKeys.contains(where: { $0.slot.isForPINs }) { lines.append(dukptLine) }
    return lines
  }

  /// A pad does not tell what it has left; the serial number of its last PIN does.
  private var dukptLine: KeyLine {
    var line = KeyLine(
      name: "PIN keys (DUKPT)", place: "PIN pad", state: .unknown, kind: "TDES-2", checkValue: [])
    switch devices.pinPad {
    case .keyMissing: line.state = .missing
    case .keysExhausted:
      line.state = .exhausted
      line.remaining = 0
    case nil, .link, .silent:
      guard var serial = try? KeySerialNumber(devices.padSerialNumber) else { return line }
      line.state = .loaded
      line.remaining = (try? serial.advance()) == nil ? 0 : serial.remaining
    }
    return line
  }
}
