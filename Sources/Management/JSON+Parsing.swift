// SPDX-License-Identifier: Apache-2.0

import CJansson

extension JSON {
  /// How deep values may be nested.
  private static let depthLimit = 16

  /// Reads a JSON text of at most `limit` bytes; a name that stands twice in an object is refused.
  public init(parsing text: [UInt8], limit: Int = 65_536) throws(JSONFault) {
    if text.count > limit { throw .tooLong(limit: limit) }
    var fault = json_error_t()
    let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
    let root = unsafe text.withUnsafeBufferPointer { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
        unsafe json_loadb(characters.baseAddress, characters.count, flags, &fault)
      }
    }
    guard let root = unsafe root else {
      throw .malformed(line: Int(fault.line), column: Int(fault.column))
    }
    defer { unsafe json_decref(root) }
    guard let value = unsafe JSON.value(root, depth: 0) else {
      throw .malformed(line: 0, column: 0)
    }
    self = value
  }

  private static func value(_ node: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
    if depth > depthLimit { return nil }
    switch unsafe node.pointee.type {
    case JSON_NULL: return .null
    case JSON_TRUE: return .boolean(true)
    case JSON_FALSE: return .boolean(false)
    case JSON_INTEGER: return unsafe .integer(Int64(json_integer_value(node)))
    case JSON_STRING: return unsafe .text(string(node))
    case JSON_ARRAY: return unsafe array(node, depth: depth)
    case JSON_OBJECT: return unsafe object(node, depth: depth)
    default: return nil
    }
  }

  private static func string(_ node: UnsafeMutablePointer<json_t>) -> String {
    guard let characters = unsafe json_string_value(node) else { return "" }
    let count = unsafe json_string_length(node)
    let buffer = unsafe UnsafeBufferPointer(start: characters, count: count)
    return unsafe String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func array(_ node: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
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

  private static func object(_ node: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
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
