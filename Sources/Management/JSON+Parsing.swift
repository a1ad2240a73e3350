// SPDX-License-Identifier: Apache-2.0

import CJansson

extension JSON {
  /// Reads a JSON text of at most `limit` bytes; a name that stands twice in an object is refused,
  /// and so is a number that is not whole, unless the reader wants to see where it stands.
  public init(
    parsing text: [UInt8], limit: Int = 65_536, marksOddNumbers: Bool = false
  ) throws(JSONFault) {
    if text.count > limit { throw .tooLong(limit: limit) }
    let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
    do throws(JSONFault) {
      self = try JSON.read(text, flags, marksOddNumbers)
    } catch {
      // A number of more than 64 bits is an error to jansson, unless it may come as a fraction.
      if !marksOddNumbers { throw error }
      self = try JSON.read(text, flags | Int(JSON_DECODE_INT_AS_REAL), true)
    }
  }

  private static func read(
    _ text: [UInt8], _ flags: Int, _ marksOddNumbers: Bool
  ) throws(JSONFault) -> JSON {
    var fault = json_error_t()
    let root = unsafe text.withUnsafeBufferPointer { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
        unsafe json_loadb(characters.baseAddress, characters.count, flags, &fault)
      }
    }
    guard let root = unsafe root else {
      throw .malformed(line: Int(fault.line), column: Int(fault.column))
    }
    defer { unsafe json_decref(root) }
    let reader = Reader(
      marksOddNumbers: marksOddNumbers,
      takesWholeFractions: flags & Int(JSON_DECODE_INT_AS_REAL) != 0)
    guard let value = unsafe reader.value(root, depth: 0) else {
      throw .malformed(line: 0, column: 0)
    }
    return value
  }
}

/// Takes jansson's values over.
private struct Reader {
  /// How deep values may be nested.
  private static let depthLimit = 16

  var marksOddNumbers: Bool
  /// Whole numbers have been read as fractions, which are exact up to 53 bits.
  var takesWholeFractions: Bool

  func value(_ node: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
    if depth > Reader.depthLimit { return nil }
    switch unsafe node.pointee.type {
    case JSON_NULL: return .null
    case JSON_TRUE: return .boolean(true)
    case JSON_FALSE: return .boolean(false)
    case JSON_INTEGER: return unsafe .integer(Int64(json_integer_value(node)))
    case JSON_REAL: return number(unsafe json_real_value(node))
    case JSON_STRING: return unsafe .text(string(node))
    case JSON_ARRAY: return unsafe array(node, depth: depth)
    case JSON_OBJECT: return unsafe object(node, depth: depth)
    default: return nil
    }
  }

  private func number(_ fraction: Double) -> JSON? {
    if !marksOddNumbers { return nil }
    if takesWholeFractions, let whole = Int64(exactly: fraction), whole.magnitude < 1 << 53 {
      return .integer(whole)
    }
    return .oddNumber
  }

  private func string(_ node: UnsafeMutablePointer<json_t>) -> String {
    guard let characters = unsafe json_string_value(node) else { return "" }
    let count = unsafe json_string_length(node)
    let buffer = unsafe UnsafeBufferPointer(start: characters, count: count)
    return unsafe String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func array(_ node: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
    var elements: [JSON] = []
    let count = unsafe json_array_size(node)
    for index in 0..<count {
      guard let element = unsafe json_array_get(node, index),
        let element = unsafe value(element, depth: depth + 1)
      else { return nil }
      elements.append(element)
    }
    return .array(elements)
  }

  private func object(_ node: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
    var members: [JSONMember] = []
    var iterator = unsafe json_object_iter(node)
    while let position = unsafe iterator {
      guard let key = unsafe json_object_iter_key(position),
        let child = unsafe json_object_iter_value(position),
        let child = unsafe value(child, depth: depth + 1)
      else { return nil }
      members.append(JSONMember(unsafe String(cString: key), child))
      unsafe iterator = json_object_iter_next(node, position)
    }
    return .object(members)
  }
}
