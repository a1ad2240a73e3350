// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a metadata document, and where.
public struct MetadataFault: Error, Hashable, Sendable {
  /// What is wrong.
  public enum Problem: Hashable, Sendable {
    /// More than `limit` bytes.
    case tooLong(limit: Int)
    /// Values nest deeper than `limit`.
    case tooDeep(limit: Int)
    /// More than `limit` of something.
    case tooMany(limit: Int)
    /// Not a JSON text, or a name twice in an object.
    case notJSON(line: Int, column: Int)
    /// A number that is not whole.
    case notWhole
    /// A member that must be there is not.
    case missing
    /// A value of another type than the member has.
    case wrongType
    /// A value outside what the member may have.
    case outOfRange
    /// One thing twice, where each may stand once.
    case repeated
    /// A key identifier that is not its key's digest.
    case wrongKeyID
    /// Two members of which one alone may be there.
    case ambiguous
  }

  /// What is wrong.
  public let problem: Problem
  /// The members and positions that lead there, outermost first.
  public private(set) var path: [ByteString] = []

  /// A fault here.
  public init(_ problem: Problem) { self.problem = problem }

  /// A fault of this member.
  init(_ problem: Problem, at name: ByteString) {
    self.problem = problem
    path = [name]
  }

  /// The path as people write it.
  public var place: String {
    path.isEmpty ? "document" : path.map { $0.description }.joined(separator: ".")
  }

  func inside(_ name: ByteString) -> MetadataFault {
    var fault = self
    fault.path.insert(name, at: 0)
    return fault
  }
}

/// Does `work`; a fault in it is one inside the member of this name.
func within<Result>(
  _ name: ByteString, _ work: () throws(MetadataFault) -> Result
) throws(MetadataFault) -> Result {
  do throws(MetadataFault) { return try work() } catch { throw error.inside(name) }
}

extension MetadataValue {
  /// The member that must be there.
  func required(_ name: ByteString) throws(MetadataFault) -> MetadataValue {
    guard let value = self[name] else { throw MetadataFault(.missing, at: name) }
    return value
  }

  func object(_ name: ByteString) throws(MetadataFault) -> [MetadataMember] {
    guard case .object(let members) = try required(name) else {
      throw MetadataFault(.wrongType, at: name)
    }
    return members
  }

  func array(_ name: ByteString) throws(MetadataFault) -> [MetadataValue] {
    guard case .array(let elements) = try required(name) else {
      throw MetadataFault(.wrongType, at: name)
    }
    return elements
  }

  func text(_ name: ByteString) throws(MetadataFault) -> ByteString {
    guard case .text(let text) = try required(name) else {
      throw MetadataFault(.wrongType, at: name)
    }
    return text
  }

  func boolean(_ name: ByteString) throws(MetadataFault) -> Bool {
    guard case .boolean(let truth) = try required(name) else {
      throw MetadataFault(.wrongType, at: name)
    }
    return truth
  }

  /// A whole number of at least `least`; a truth value is none.
  func number(_ name: ByteString, atLeast least: Int64) throws(MetadataFault) -> Int64 {
    guard case .integer(let number) = try required(name) else {
      throw MetadataFault(.wrongType, at: name)
    }
    if number < least { throw MetadataFault(.outOfRange, at: name) }
    return number
  }

  /// Texts of which none stands twice.
  func texts(_ name: ByteString) throws(MetadataFault) -> [ByteString] {
    let elements = try array(name)
    return try within(name) { () throws(MetadataFault) in
      var texts: [ByteString] = []
      for element in elements {
        guard case .text(let text) = element else { throw MetadataFault(.wrongType) }
        texts.append(text)
      }
      if texts.hasRepetition { throw MetadataFault(.repeated) }
      return texts
    }
  }
}

extension Array where Element == ByteString {
  /// Whether something stands twice.
  var hasRepetition: Bool {
    let sorted = sorted()
    return zip(sorted, sorted.dropFirst()).contains { $0 == $1 }
  }
}
