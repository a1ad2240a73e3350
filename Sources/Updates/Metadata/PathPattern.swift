// SPDX-License-Identifier: Apache-2.0

/// A pattern for paths: part by part, so that `*` never crosses a slash (TUF 4.5, PATHPATTERN).
///
/// In a part `*` stands for any run, `?` for one Unicode scalar, `[a-z]` for one of a set and
/// `[!a-z]` for one outside it; a bracket that nothing closes is itself. The case counts.
struct PathPattern: Hashable, Sendable {
  /// The longest pattern, and the longest path that is looked up: matching takes the product.
  static let lengthLimit = 1_024

  private enum Token: Hashable, Sendable {
    case run
    case one
    case scalar(UInt32)
    case set([ClosedRange<UInt32>], isNegated: Bool)

    func matches(_ scalar: UInt32) -> Bool {
      switch self {
      case .run: false
      case .one: true
      case .scalar(let own): own == scalar
      case .set(let ranges, let isNegated):
        ranges.contains { $0.contains(scalar) } != isNegated
      }
    }
  }

  private let parts: [[Token]]

  init(_ pattern: ByteString) {
    parts = PathPattern.parts(pattern).map { PathPattern.tokens($0) }
  }

  /// The member `paths`.
  static func list(_ value: MetadataValue) throws(MetadataFault) -> [PathPattern] {
    let texts = try value.array("paths")
    return try within("paths") { () throws(MetadataFault) in
      var patterns: [PathPattern] = []
      for element in texts {
        guard case .text(let text) = element else { throw MetadataFault(.wrongType) }
        if text.bytes.count > lengthLimit { throw MetadataFault(.tooLong(limit: lengthLimit)) }
        patterns.append(PathPattern(text))
      }
      return patterns
    }
  }

  func matches(_ path: ByteString) -> Bool {
    let others = PathPattern.parts(path)
    guard others.count == parts.count else { return false }
    return zip(parts, others).allSatisfy { PathPattern.match($0, $1) }
  }

  private static func parts(_ path: ByteString) -> [[UInt32]] {
    path.bytes.split(separator: 0x2F, omittingEmptySubsequences: false).map { part in
      String(decoding: part, as: UTF8.self).unicodeScalars.map { $0.value }
    }
  }

  private static func tokens(_ part: [UInt32]) -> [Token] {
    var tokens: [Token] = []
    var position = 0
    while position < part.count {
      let scalar = part[position]
      position += 1
      switch scalar {
      case 0x2A: if tokens.last != .run { tokens.append(.run) }
      case 0x3F: tokens.append(.one)
      case 0x5B:
        if let end = closing(part, from: position) {
          tokens.append(set(part[position..<end]))
          position = end + 1
        } else {
          tokens.append(.scalar(scalar))
        }
      default: tokens.append(.scalar(scalar))
      }
    }
    return tokens
  }

  /// Where a set ends; a bracket that comes first in it is one of its members.
  private static func closing(_ part: [UInt32], from start: Int) -> Int? {
    var position = start
    if position < part.count, part[position] == 0x21 { position += 1 }
    if position < part.count, part[position] == 0x5D { position += 1 }
    return part[min(position, part.count)...].firstIndex(of: 0x5D)
  }

  private static func set(_ content: ArraySlice<UInt32>) -> Token {
    let isNegated = content.first == 0x21
    let members = Array(isNegated ? content.dropFirst() : content)
    var ranges: [ClosedRange<UInt32>] = []
    var position = 0
    while position < members.count {
      let first = members[position]
      if position + 2 < members.count, members[position + 1] == 0x2D {
        let last = members[position + 2]
        // An empty range matches nothing.
        if first <= last { ranges.append(first...last) }
        position += 3
      } else {
        ranges.append(first...first)
        position += 1
      }
    }
    return .set(ranges, isNegated: isNegated)
  }

  /// Goes back to the last `*` alone, so the time is at most the product of the lengths.
  private static func match(_ tokens: [Token], _ text: [UInt32]) -> Bool {
    var token = 0
    var position = 0
    var retry: (token: Int, position: Int)?
    while position < text.count {
      if token < tokens.count, tokens[token] == .run {
        retry = (token + 1, position)
        token += 1
      } else if token < tokens.count, tokens[token].matches(text[position]) {
        token += 1
        position += 1
      } else if let last = retry {
        retry = (last.token, last.position + 1)
        token = last.token
        position = last.position + 1
      } else {
        return false
      }
    }
    return tokens[token...].allSatisfy { $0 == .run }
  }
}
