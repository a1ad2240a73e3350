// SPDX-License-Identifier: Apache-2.0

import Wire

//   transport key or components ─▶ master key TMK ─┬─▶ PIN key   PIK
//                                                  ├─▶ MAC key   MAK    new with each sign-in
//                                                  └─▶ data key  TDK

/// Why the keys of a sign-in were not taken; the old ones are still there.
public enum SignInFault: Error, Hashable, Sendable {
  /// There is no master key to unwrap them with.
  case masterMissing
  /// The element has another length than the layout says.
  case wrongLength(expected: Int, actual: Int)
  /// The zeros behind this key's cryptogram are none.
  case filling(SessionKeyName)
  /// This key is refused: a wrong check value, a weak key.
  case key(SessionKeyName, CryptoFault)
  /// The same element was taken before.
  case replayed
}

/// The keys of one acquirer, master and session. A sign-in replaces all of them or none.
public struct KeyHierarchy: Hashable, Sendable {
  /// How many sign-ins are remembered, to refuse one that is played again: a host that signs a
  /// terminal in ten times a day repeats none of three days.
  public static let memory = 32

  /// The key above.
  public var master: KeyEncryptionKey?
  /// The key of triple DES above the PIN key, where the other keys are of SM4.
  public var pinMaster: KeyEncryptionKey?
  /// The PIN key; a terminal cannot use it but for its check value, and hands its cryptogram to the
  /// pad.
  public private(set) var pin: PINKey?
  /// The MAC key.
  public private(set) var mac: MACKey?
  /// The data key.
  public private(set) var data: DataKey?
  /// The PIN key as it travels, for a pad with the same master key.
  public private(set) var pinCryptogram: [UInt8]?
  /// Digests of the sign-ins taken, the oldest first, to be kept where a restart does not lose
  /// them.
  public private(set) var taken: [[UInt8]]

  /// A hierarchy without session keys.
  public init(
    master: KeyEncryptionKey?, pinMaster: KeyEncryptionKey? = nil, taken: [[UInt8]] = []
  ) {
    self.master = master
    self.pinMaster = pinMaster
    self.taken = Array(taken.suffix(KeyHierarchy.memory))
  }

  /// Takes the keys of a sign-in answer: every check value has to be right before any key is
  /// replaced.
  public mutating func signIn(
    _ element: [UInt8], _ layout: SignInLayout
  ) throws(SignInFault) {
    guard let master else { throw .masterMissing }
    if element.count != layout.byteCount {
      throw .wrongLength(expected: layout.byteCount, actual: element.count)
    }
    // The number in front of a key is no part of it: a replay may have another.
    var content: [UInt8] = []
    var next = self
    var offset = 0
    for item in layout.items {
      let bytes = Array(element[offset..<offset + item.byteCount])
      content += bytes.dropFirst(item.hasIndex ? 1 : 0)
      try next.take(item, layout, bytes, master)
      offset += item.byteCount
    }
    let digest = Array(sha256(content).prefix(16))
    if taken.contains(digest) { throw .replayed }
    next.taken = Array((taken + [digest]).suffix(KeyHierarchy.memory))
    self = next
  }

  private mutating func take(
    _ item: SignInLayout.Item, _ layout: SignInLayout, _ bytes: [UInt8],
    _ master: KeyEncryptionKey
  ) throws(SignInFault) {
    let start = item.hasIndex ? 1 : 0
    let cryptogram = Array(bytes[start..<start + item.keyCount])
    let check = Array(bytes.suffix(item.checkCount))
    let zeros = bytes[(start + item.keyCount)..<(bytes.count - item.checkCount)]
    if !zeros.allSatisfy({ $0 == 0 }) { throw .filling(item.name) }
    guard let master = layout.isApart(item) ? pinMaster : master else { throw .masterMissing }
    let form = (algorithm: layout.algorithm(item), rule: item.rule)
    do throws(CryptoFault) {
      switch item.name {
      case .pin:
        pin = try KeyHierarchy.unwrapped(cryptogram, check, form, master)
        pinCryptogram = cryptogram
      case .mac: mac = try KeyHierarchy.unwrapped(cryptogram, check, form, master)
      case .data: data = try KeyHierarchy.unwrapped(cryptogram, check, form, master)
      }
    } catch {
      throw .key(item.name, error)
    }
  }

  private static func unwrapped<Wrapped: WrappedPurpose>(
    _ cryptogram: [UInt8], _ check: [UInt8], _ form: (algorithm: CipherAlgorithm, rule: CheckRule),
    _ master: KeyEncryptionKey
  ) throws(CryptoFault) -> Key<Wrapped> {
    let key: Key<Wrapped> = try master.unwrap(cryptogram, form.algorithm)
    if check.isEmpty { return key }
    var bytes = key.material.secret.exposed
    defer { erase(&bytes) }
    let judged: Key<Wrapped>?
    switch form.rule {
    case .own: judged = key
    case .tdes where key.algorithm.isDES: judged = key
    case .tdes: judged = try Key(.tdes2, bytes)
    case .des:
      var half = Array(bytes.prefix(8))
      defer { erase(&half) }
      judged = try Key(.des, half)
    case .sm4: judged = try Key(.sm4, bytes)
    case .none: judged = nil
    }
    try judged?.verify(checkValue: check, .zeroBlock)
    return key
  }

  /// Forgets the session keys, as when the host orders a new sign-in.
  public mutating func signOff() {
    pin = nil
    mac = nil
    data = nil
    pinCryptogram = nil
  }
}

/// One line of an inventory of keys: what is loaded and what is missing, by name.
public struct KeyStatus: Hashable, Sendable {
  /// As people call it.
  public var name: String
  /// The cipher; empty when the key is missing.
  public var algorithm: String
  /// The first three bytes of its check value; empty when the key is missing.
  public var checkValue: [UInt8]

  /// Whether the key is there.
  public var isLoaded: Bool { !algorithm.isEmpty }

  /// The line of a key, or of a missing one.
  public init<Purpose: KeyPurpose>(_ name: String, _ key: Key<Purpose>?) {
    self.name = name
    algorithm = key?.algorithm.name ?? ""
    checkValue = (try? key?.checkValue()) ?? []
  }
}

extension KeyHierarchy {
  /// What is loaded and what is missing, of the session keys this acquirer uses.
  public func inventory(of names: [SessionKeyName]) -> [KeyStatus] {
    var lines = [KeyStatus("terminal master key TMK", master)]
    for name in names {
      switch name {
      case .pin: lines.append(KeyStatus("PIN key PIK", pin))
      case .mac: lines.append(KeyStatus("MAC key MAK", mac))
      case .data: lines.append(KeyStatus("data key TDK", data))
      }
    }
    return lines
  }
}
