// SPDX-License-Identifier: Apache-2.0

import CJansson

extension MetadataValue {
  /// How deep values may nest.
  static let depthLimit = 32
  /// How many values a text may hold. The longest documents allowed need fewer; a hostile one of
  /// the same length could hold 2,500,000, each of which costs memory.
  static let valueLimit = 400_000

  /// Reads a JSON text of at most `limit` bytes. A name twice in an object, a number that is not
  /// whole or has more than 64 bits, bytes that are not UTF-8, and a second value are refused.
  public init(parsing text: [UInt8], limit: Int) throws(MetadataFault) {
    if text.count > limit { throw MetadataFault(.tooLong(limit: limit)) }
    try MetadataValue.checkSize(text)
    var fault = json_error_t()
    let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
    let root = unsafe text.withUnsafeBufferPointer { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
        unsafe json_loadb(characters.baseAddress, characters.count, flags, &fault)
      }
    }
    guard let root = unsafe root else {
      throw MetadataFault(.notJSON(line: Int(fault.line), column: Int(fault.column)))
    }
    defer { unsafe json_decref(root) }
    self = try unsafe MetadataValue(node: root, depth: 0)
  }

  /// Counts brackets and commas outside texts, before any memory is taken for what they hold.
  private static func checkSize(_ text: [UInt8]) throws(MetadataFault) {
    var isInText = false
    var isEscaped = false
    var depth = 0
    var values = 0
    for byte in text {
      if isInText {
        if isEscaped {
          isEscaped = false
        } else if byte == 0x5C {
          isEscaped = true
        } else if byte == 0x22 {
          isInText = false
        }
        continue
      }
      switch byte {
      case 0x22: isInText = true
      case 0x5B, 0x7B:
        depth += 1
        values += 1
      case 0x5D, 0x7D: depth -= 1
      case 0x2C: values += 1
      default: break
      }
      if depth > depthLimit { throw MetadataFault(.tooDeep(limit: depthLimit)) }
      if values > valueLimit { throw MetadataFault(.tooMany(limit: valueLimit)) }
    }
  }

  private init(node: UnsafeMutablePointer<json_t>, depth: Int) throws(MetadataFault) {
    if depth > MetadataValue.depthLimit {
      throw MetadataFault(.tooDeep(limit: MetadataValue.depthLimit))
    }
    switch unsafe node.pointee.type {
    case JSON_NULL: self = .null
    case JSON_TRUE: self = .boolean(true)
    case JSON_FALSE: self = .boolean(false)
    case JSON_INTEGER: self = unsafe .integer(Int64(json_integer_value(node)))
    case JSON_STRING: self = unsafe .text(MetadataValue.text(node))
    case JSON_ARRAY: self = unsafe .array(try MetadataValue.elements(node, depth: depth))
    case JSON_OBJECT: self = unsafe .object(try MetadataValue.members(node, depth: depth))
    // A fraction or an exponent has no canonical form.
    default: throw MetadataFault(.notWhole)
    }
  }

  private static func text(_ node: UnsafeMutablePointer<json_t>) -> ByteString {
    guard let characters = unsafe json_string_value(node) else { return ByteString([]) }
    let count = unsafe json_string_length(node)
    let buffer = unsafe UnsafeRawBufferPointer(start: characters, count: count)
    return unsafe ByteString(Array(buffer))
  }

  private static func elements(
    _ node: UnsafeMutablePointer<json_t>, depth: Int
  ) throws(MetadataFault) -> [MetadataValue] {
    var elements: [MetadataValue] = []
    let count = unsafe json_array_size(node)
    elements.reserveCapacity(count)
    for index in 0..<count {
      guard let element = unsafe json_array_get(node, index) else { continue }
      elements.append(try unsafe MetadataValue(node: element, depth: depth + 1))
    }
    return elements
  }

  private static func members(
    _ node: UnsafeMutablePointer<json_t>, depth: Int
  ) throws(MetadataFault) -> [MetadataMember] {
    var members: [MetadataMember] = []
    unsafe members.reserveCapacity(json_object_size(node))
    var iterator = unsafe json_object_iter(node)
    while let position = unsafe iterator {
      if let key = unsafe json_object_iter_key(position),
        let child = unsafe json_object_iter_value(position)
      {
        let bytes = unsafe UnsafeRawBufferPointer(
          start: key, count: json_object_iter_key_len(position))
        let value = try unsafe MetadataValue(node: child, depth: depth + 1)
        members.append(unsafe MetadataMember(ByteString(Array(bytes)), value))
      }
      unsafe iterator = json_object_iter_next(node, position)
    }
    return members.sorted { $0.name < $1.name }
  }
}
