// SPDX-License-Identifier: Apache-2.0

import CSystemd
import Updates

/// A message of the bus while it is being handled: read once, from the front.
@safe struct RAUCMessage {
  private let message: OpaquePointer

  /// Values of a container that are of use here.
  enum Value {
    case text(String)
    case progress(percent: Int32, String, depth: Int32)
    case other
  }

  /// Slots, and facts of a slot: more is no answer of RAUC.
  private static let slotLimit = 32
  private static let factLimit = 64
  /// Bytes of a text that are kept.
  private static let textLimit = 1_024

  init(_ message: OpaquePointer) { unsafe self.message = unsafe message }

  /// The connection that sent it, which nobody else can claim to be.
  var sender: String {
    guard let text = unsafe sd_bus_message_get_sender(message) else { return "" }
    return unsafe String(cString: text)
  }

  var member: String {
    guard let text = unsafe sd_bus_message_get_member(message) else { return "" }
    return unsafe String(cString: text)
  }

  /// Name and text of the error that it is; nil when it is an answer.
  var error: (name: String, text: String)? {
    guard let error = unsafe sd_bus_message_get_error(message) else { return nil }
    func text(_ characters: UnsafePointer<CChar>?) -> String {
      guard let characters = unsafe characters else { return "" }
      return unsafe RAUCMessage.cut(String(cString: characters))
    }
    return unsafe (text(error.pointee.name), text(error.pointee.message))
  }

  func text() -> String? {
    var text: UnsafePointer<CChar>?
    guard unsafe sd_bus_message_read_basic(message, RAUCMessage.byte("s"), &text) > 0,
      let text = unsafe text
    else { return nil }
    return unsafe RAUCMessage.cut(String(cString: text))
  }

  func number() -> Int32? {
    var number: Int32 = 0
    guard unsafe sd_bus_message_read_basic(message, RAUCMessage.byte("i"), &number) > 0 else {
      return nil
    }
    return number
  }

  /// An array of names and values; nil when it is not one.
  func dictionary() -> [(name: String, value: Value)]? {
    var found: [(name: String, value: Value)] = []
    guard enter("a", "{sv}") else { return nil }
    while enter("e", "sv") {
      guard found.count < RAUCMessage.factLimit, let name = text(), let value = variant(),
        leave()
      else { return nil }
      found.append((name, value))
    }
    return leave() ? found : nil
  }

  /// RAUC's answer to `GetSlotStatus`: `a(sa{sv})`.
  func slots() -> [SlotStatus]? {
    var found: [SlotStatus] = []
    guard enter("a", "(sa{sv})") else { return nil }
    while enter("r", "sa{sv}") {
      guard found.count < RAUCMessage.slotLimit, let name = text(), let facts = dictionary(),
        leave()
      else { return nil }
      found.append(SlotStatus(name: name, facts: facts))
    }
    return leave() ? found : nil
  }

  private func variant() -> Value? {
    var type: CChar = 0
    var contents: UnsafePointer<CChar>?
    guard unsafe sd_bus_message_peek_type(message, &type, &contents) > 0,
      type == RAUCMessage.byte("v"), let contents = unsafe contents
    else { return nil }
    switch unsafe String(cString: contents) {
    case "s":
      guard enter("v", "s"), let text = text(), leave() else { return nil }
      return .text(text)
    case "(isi)":
      guard enter("v", "(isi)"), enter("r", "isi"), let percent = number(), let text = text(),
        let depth = number(), leave(), leave()
      else { return nil }
      return .progress(percent: percent, text, depth: depth)
    default:
      return unsafe sd_bus_message_skip(message, "v") > 0 ? .other : nil
    }
  }

  private func enter(_ type: Unicode.Scalar, _ contents: String) -> Bool {
    unsafe sd_bus_message_enter_container(message, RAUCMessage.byte(type), contents) > 0
  }

  private func leave() -> Bool { unsafe sd_bus_message_exit_container(message) >= 0 }

  private static func byte(_ type: Unicode.Scalar) -> CChar {
    CChar(truncatingIfNeeded: type.value)
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count <= textLimit ? text : String(text.prefix(textLimit / 4))
  }
}
