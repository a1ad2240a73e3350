// SPDX-License-Identifier: Apache-2.0

import CYAML

/// A place in a file, counted from 1.
public struct FilePlace: Hashable, Sendable {
  /// The file as it was named.
  public var file: String
  /// The line.
  public var line: Int
  /// The column.
  public var column: Int

  var text: String { "\(file):\(line):\(column)" }
}

/// What is wrong with a configuration file, and where.
public struct ConfigurationFault: Error, Hashable, Sendable {
  /// Where.
  public var place: FilePlace
  /// What, for people.
  public var message: String
  /// Under which the catalogue has it.
  public var code = "CFG-001"

  /// `code file:line:column: message`.
  public var text: String { "\(code) \(evidence)" }

  /// `file:line:column: message`, for where the code is said apart.
  public var evidence: String { "\(place.text): \(message)" }
}

/// A value of a YAML file with its place.
struct YAMLNode {
  struct Member {
    var key: String
    var place: FilePlace
    var value: YAMLNode
  }

  enum Content {
    case scalar(String)
    case list([YAMLNode])
    case map([Member])
  }

  var place: FilePlace
  var content: Content
}

/// Reads one YAML file strictly: one document, no aliases, no tags, no key twice, limited depth.
@safe struct YAMLParser: ~Copyable {
  private static let sizeLimit = 262_144
  private static let depthLimit = 16

  private let file: String
  private var parser = unsafe yaml_parser_t()

  private init(file: String) { self.file = file }

  static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationFault) -> YAMLNode {
    let start = FilePlace(file: file, line: 1, column: 1)
    if bytes.count > sizeLimit {
      throw ConfigurationFault(place: start, message: "longer than \(sizeLimit) bytes")
    }
    var reader = YAMLParser(file: file)
    guard unsafe yaml_parser_initialize(&reader.parser) == 1 else {
      throw ConfigurationFault(place: start, message: "out of memory")
    }
    defer { unsafe yaml_parser_delete(&reader.parser) }
    // libyaml keeps the pointer: the bytes must stay where they are until the last event.
    let result: Result<YAMLNode, ConfigurationFault> = unsafe bytes.withUnsafeBufferPointer {
      buffer in
      unsafe yaml_parser_set_input_string(&reader.parser, buffer.baseAddress, buffer.count)
      do throws(ConfigurationFault) {
        return .success(try reader.document())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private mutating func document() throws(ConfigurationFault) -> YAMLNode {
    try expect(YAML_STREAM_START_EVENT, "a stream")
    try expect(YAML_DOCUMENT_START_EVENT, "a document; the file is empty")
    let root = try node(depth: 0)
    try expect(YAML_DOCUMENT_END_EVENT, "the end of the document")
    try expect(YAML_STREAM_END_EVENT, "the end of the file; one document is allowed")
    return root
  }

  private mutating func expect(
    _ type: yaml_event_type_t, _ what: String
  ) throws(ConfigurationFault) {
    let event = try next()
    if event.type != type {
      throw ConfigurationFault(place: event.place, message: "expected \(what)")
    }
  }

  private mutating func node(depth: Int) throws(ConfigurationFault) -> YAMLNode {
    try node(try next(), depth: depth)
  }

  private mutating func node(
    _ event: Event, depth: Int
  ) throws(ConfigurationFault) -> YAMLNode {
    if depth > YAMLParser.depthLimit {
      throw ConfigurationFault(place: event.place, message: "nested too deep")
    }
    switch event.type {
    case YAML_SCALAR_EVENT:
      return YAMLNode(place: event.place, content: .scalar(event.text))
    case YAML_SEQUENCE_START_EVENT:
      var items: [YAMLNode] = []
      while true {
        let item = try next()
        if item.type == YAML_SEQUENCE_END_EVENT { break }
        items.append(try node(item, depth: depth + 1))
      }
      return YAMLNode(place: event.place, content: .list(items))
    case YAML_MAPPING_START_EVENT:
      return YAMLNode(place: event.place, content: .map(try members(depth: depth)))
    default:
      throw ConfigurationFault(
        place: event.place, message: "aliases and other special nodes are not allowed")
    }
  }

  private mutating func members(depth: Int) throws(ConfigurationFault) -> [YAMLNode.Member] {
    var members: [YAMLNode.Member] = []
    while true {
      let key = try next()
      if key.type == YAML_MAPPING_END_EVENT { return members }
      guard key.type == YAML_SCALAR_EVENT else {
        throw ConfigurationFault(place: key.place, message: "a key must be a word")
      }
      if members.contains(where: { $0.key == key.text }) {
        throw ConfigurationFault(place: key.place, message: "\(key.text) stands here twice")
      }
      let value = try node(depth: depth + 1)
      members.append(YAMLNode.Member(key: key.text, place: key.place, value: value))
    }
  }

  private struct Event {
    var type: yaml_event_type_t
    var place: FilePlace
    var text: String
  }

  private mutating func next() throws(ConfigurationFault) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(&parser, &event) == 1 else {
      let mark = unsafe parser.problem_mark
      let problem = unsafe parser.problem
      let place = FilePlace(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
      let message = unsafe problem.map { unsafe String(cString: $0) } ?? "not YAML"
      throw ConfigurationFault(place: place, message: message)
    }
    defer { unsafe yaml_event_delete(&event) }
    let mark = unsafe event.start_mark
    let place = FilePlace(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    var text = ""
    if unsafe event.type == YAML_SCALAR_EVENT {
      let scalar = unsafe event.data.scalar
      let buffer = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      text = unsafe String(decoding: buffer, as: UTF8.self)
    }
    return unsafe Event(type: event.type, place: place, text: text)
  }
}
