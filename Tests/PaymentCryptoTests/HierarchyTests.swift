// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

/// The worked sign-in of a UnionPay terminal: 40 bytes of DE62.
@Suite("Signing in")
struct HierarchyTests {
  private static let element =
    "6701EAD6A9AD51E51AA406E2C27FCFA98D0A74B8B651F9E9BACE9AE10000000000000000AB7153CA"
  private static let second = "PIK 16+4, MAK 8z8+4"

  private static func master() throws -> KeyEncryptionKey {
    try key(.tdes2, "CA5D92598DCA48CE8A4C76361A9269E9")
  }

  @Test("all keys of the answer are taken when all check values are right")
  func taken() throws {
    var keys = KeyHierarchy(master: try HierarchyTests.master())
    let layout = try #require(SignInLayout(HierarchyTests.second))
    try keys.signIn(hex(HierarchyTests.element), layout)
    #expect(keys.pin?.digits == "807A23AD32B36D457AE91FDF927570EA")
    #expect(keys.mac?.digits == "5BB5C72CD00B7338")
    #expect(keys.pinCryptogram.map { Hex.text($0) } == "6701EAD6A9AD51E51AA406E2C27FCFA9")
    #expect(keys.data == nil)
  }

  @Test("an answer with any byte changed is refused, and the old keys still work")
  func altered() throws {
    let layout = try #require(SignInLayout(HierarchyTests.second))
    var keys = KeyHierarchy(master: try HierarchyTests.master())
    let element = try hex(HierarchyTests.element)
    try keys.signIn(element, layout)
    let before = keys
    for index in element.indices {
      var changed = element
      changed[index] ^= 0x10
      #expect(throws: SignInFault.self) { try keys.signIn(changed, layout) }
      #expect(keys == before)
    }
    let code = try keys.mac?.mac(.unionPay, over: [1, 2, 3])
    #expect(try code == before.mac?.mac(.unionPay, over: [1, 2, 3]))
  }

  @Test("the same answer a second time is a replay, also behind a restart")
  func replayed() throws {
    let layout = try #require(SignInLayout(HierarchyTests.second))
    var keys = KeyHierarchy(master: try HierarchyTests.master())
    let element = try hex(HierarchyTests.element)
    try keys.signIn(element, layout)
    #expect(throws: SignInFault.replayed) { try keys.signIn(element, layout) }
    var restarted = KeyHierarchy(master: keys.master, taken: keys.taken)
    #expect(throws: SignInFault.replayed) { try restarted.signIn(element, layout) }
    #expect(restarted.mac == nil)
    #expect(keys.mac != nil)
  }

  @Test("each fault says what it is")
  func faults() throws {
    let layout = try #require(SignInLayout(HierarchyTests.second))
    let element = try hex(HierarchyTests.element)
    var none = KeyHierarchy(master: nil)
    #expect(throws: SignInFault.masterMissing) { try none.signIn(element, layout) }
    var keys = KeyHierarchy(master: try HierarchyTests.master())
    #expect(throws: SignInFault.wrongLength(expected: 40, actual: 39)) {
      try keys.signIn(Array(element.dropLast()), layout)
    }
    var filled = element
    filled[30] = 1
    #expect(throws: SignInFault.filling(.mac)) { try keys.signIn(filled, layout) }
    var check = element
    check[39] ^= 1
    #expect(throws: SignInFault.key(.mac, .wrongCheckValue)) { try keys.signIn(check, layout) }
    check = element
    check[16] ^= 1
    #expect(throws: SignInFault.key(.pin, .wrongCheckValue)) { try keys.signIn(check, layout) }
    #expect(keys == KeyHierarchy(master: keys.master))
    // The eight zero bytes are no cryptogram: taken for one, the check value is wrong.
    let trap = try #require(SignInLayout("PIK 16+4, MAK 16+4"))
    #expect(throws: SignInFault.key(.mac, .wrongCheckValue)) { try keys.signIn(element, trap) }
  }

  @Test("layouts as acquirers write them, with their lengths; others are none")
  func layouts() throws {
    let lengths = [
      ("PIK 8+4, MAK 8+4", 24), ("PIK 16+4, MAK 8z8+4", 40),
      ("PIK 16+4, MAK 8z8+4, TDK 16+4", 60), ("i PIK 16+8, i MAK 16+8, i TDK 16+8", 75),
    ]
    for (text, count) in lengths { #expect(SignInLayout(text)?.byteCount == count) }
    #expect(SignInLayout("PIK 16+3, MAK 16+3, TDK 16+3", isSM4: true)?.byteCount == 57)
    for text in [
      "PIK 16+", "MAK 8z+4", "PIK 99999999999999999999+4", "PIK 16+0", "PIK 16+5",
      "", "PIK", "PIK 16", "XYZ 16+4", "PIK 12+4", "PIK 16+9", "PIK +4", "PIK 16z+4x",
      "PIK 16+4, PIK 16+4", "j PIK 16+4",
    ] {
      #expect(SignInLayout(text) == nil, "\(text)")
    }
    #expect(SignInLayout("PIK 8+4", isSM4: true) == nil)
    // A missing check value is said to be missing.
    #expect(SignInLayout("PIK 16+none")?.byteCount == 16)
  }

  @Test("an SM4 host's keys, each with a number in front")
  func sm4() throws {
    let master: KeyEncryptionKey = try key(.sm4, publishedKey)
    let pin: PINKey = try key(.sm4, "00112233445566778899AABBCCDDEEFF")
    let mac: MACKey = try key(.sm4, "0F1E2D3C4B5A69788796A5B4C3D2E1F0")
    let element =
      try [1] + master.wrap(pin) + pin.checkValue(.zeroBlock, count: 8) + [2]
      + master.wrap(mac) + mac.checkValue(.zeroBlock, count: 8)
    let layout = try #require(SignInLayout("i PIK 16+8, i MAK 16+8", isSM4: true))
    var keys = KeyHierarchy(master: master)
    try keys.signIn(element, layout)
    #expect(keys.pin == pin && keys.mac == mac)
    // The numbers in front do not make a replay another answer.
    var again = element
    again[0] = 7
    #expect(throws: SignInFault.replayed) { try keys.signIn(again, layout) }
  }

  /// Every layout in use, each with keys made for it and the check values of every rule.
  @Test(
    "of every layout and rule: one wrong check value or another length, and the old keys stay",
    arguments: [
      ("PIK 8+4, MAK 8+4", false, 24), ("PIK 16+4, MAK 8z8+4", false, 40),
      ("PIK 16+4, MAK 8z8+4, TDK 16+4", false, 60), ("PIK 16+3, MAK 16+3, TDK 16+3", true, 57),
      ("i PIK 16+8, i MAK 16+8, i TDK 16+8", false, 75),
    ])
  func everyLayout(_ text: String, _ isSM4: Bool, _ count: Int) throws {
    for rule in CheckRule.allCases {
      var layout = try #require(SignInLayout(text, isSM4: isSM4))
      for item in layout.items {
        // SM4 needs sixteen bytes.
        let isFit = rule != .sm4 || item.keyCount == 16
        let isThere = layout.check(item.name, by: isFit ? rule : .own)
        #expect(isThere)
      }
      let master: KeyEncryptionKey = try key(isSM4 ? .sm4 : .tdes2, publishedKey)
      let element = try HierarchyTests.element(of: layout, under: master, turn: 1)
      #expect(element.bytes.count == count)
      var keys = KeyHierarchy(master: master)
      try keys.signIn(element.bytes, layout)
      let before = keys
      let next = try HierarchyTests.element(of: layout, under: master, turn: 2)
      for (item, end) in zip(layout.items, element.ends) where item.rule != .none {
        var changed = next.bytes
        changed[end - 1] ^= 1
        #expect(throws: SignInFault.key(item.name, .wrongCheckValue)) {
          try keys.signIn(changed, layout)
        }
      }
      for bytes in [Array(next.bytes.dropLast()), next.bytes + [0], []] {
        #expect(throws: SignInFault.wrongLength(expected: count, actual: bytes.count)) {
          try keys.signIn(bytes, layout)
        }
      }
      #expect(keys == before, "nothing is half replaced")
      try keys.signIn(next.bytes, layout)
      #expect(keys.pin != before.pin && keys.mac != before.mac)
      #expect((keys.data != nil) == (layout.items.count == 3))
      // Where it is not looked at, it may be anything.
      guard rule == .none else { continue }
      var any = try HierarchyTests.element(of: layout, under: master, turn: 3).bytes
      any[any.count - 1] ^= 1
      try keys.signIn(any, layout)
      #expect(layout.unchecked == layout.items.map(\.name))
    }
  }

  /// An answer's DE62, and where each key ends in it.
  private static func element(
    of layout: SignInLayout, under master: KeyEncryptionKey, turn: UInt8
  ) throws -> (bytes: [UInt8], ends: [Int]) {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for item in layout.items {
      let seed = [turn, item.name.rawValue]
      let clear = Array(sha256(seed).prefix(item.keyCount))
      if item.hasIndex { bytes.append(item.name.rawValue + 1) }
      let own: CipherAlgorithm = layout.isSM4 ? .sm4 : item.keyCount == 8 ? .des : .tdes2
      bytes += try master.wrap(try DataKey(own, clear))
      bytes += [UInt8](repeating: 0, count: item.zeroCount)
      let judge: DataKey =
        switch item.rule {
        case .own, .none: try DataKey(own, clear)
        // Triple DES under a key that is doubled is DES under it.
        case .tdes: try DataKey(clear.count == 8 ? .des : .tdes2, clear)
        case .des: try DataKey(.des, Array(clear.prefix(8)))
        case .sm4: try DataKey(.sm4, clear)
        }
      bytes += try judge.checkValue(.zeroBlock, count: item.checkCount)
      ends.append(bytes.count)
    }
    return (bytes, ends)
  }

  @Test("a PIN key of triple DES beside keys of SM4 has a master key and a check value of its own")
  func apart() throws {
    let master: KeyEncryptionKey = try key(.sm4, publishedKey)
    let padMaster: KeyEncryptionKey = try key(.tdes2, "CA5D92598DCA48CE8A4C76361A9269E9")
    let pin: PINKey = try key(.tdes2, "807A23AD32B36D457AE91FDF927570EA")
    var layout = try #require(SignInLayout("PIK 16+3, MAK 16+3", isSM4: true))
    let own = try HierarchyTests.element(of: layout, under: master, turn: 1).bytes
    let element = try padMaster.wrap(pin) + pin.checkValue(.zeroBlock, count: 3) + own[19...]
    layout.hasTDESPINKey = true
    #expect(layout.algorithm(of: .pin) == .tdes2 && layout.algorithm(of: .mac) == .sm4)
    var keys = KeyHierarchy(master: master)
    #expect(throws: SignInFault.masterMissing) { try keys.signIn(element, layout) }
    keys.pinMaster = padMaster
    for index in 0..<19 {
      var changed = element
      changed[index] ^= 0x10
      #expect(throws: SignInFault.key(.pin, .wrongCheckValue)) { try keys.signIn(changed, layout) }
    }
    try keys.signIn(element, layout)
    #expect(keys.pin == pin && keys.mac?.algorithm == .sm4)
  }

  @Test("the inventory names what is there, with its check value, and what is missing")
  func inventory() throws {
    var keys = KeyHierarchy(master: try HierarchyTests.master())
    let layout = try #require(SignInLayout(HierarchyTests.second))
    try keys.signIn(hex(HierarchyTests.element), layout)
    let lines = keys.inventory(of: [.pin, .mac, .data])
    #expect(lines.map(\.isLoaded) == [true, true, true, false])
    #expect(lines[3].name == "data key TDK")
    #expect(Hex.text(lines[1].checkValue) == "8D0A74")
    #expect(Hex.text(lines[2].checkValue) == "AB7153")
    keys.signOff()
    #expect(keys.inventory(of: [.mac])[1].isLoaded == false)
  }
}
