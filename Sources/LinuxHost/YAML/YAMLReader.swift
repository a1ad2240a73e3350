// SPDX-License-Identifier: Apache-2.0

/// Takes typed values out of a map and refuses keys that nobody asked for.
final class YAMLReader {
  private let members: [YAMLNode.Member]
  private let place: FilePlace
  private let path: String
  private var asked: [String] = []
  private let substitutions: [(name: String, value: String)]

  init(
    _ node: YAMLNode, path: String = "", substitutions: [(name: String, value: String)] = []
  ) throws(ConfigurationFault) {
    guard case .map(let members) = node.content else {
      throw ConfigurationFault(
        place: node.place, message: "\(path.isEmpty ? "the file" : path) must be a map of keys")
    }
    self.members = members
    self.place = node.place
    self.path = path
    self.substitutions = substitutions
  }

  /// Where the map stands.
  var ownPlace: FilePlace { place }

  /// A text; `${NAME}` is replaced where the reader was given a value for NAME.
  func text(_ key: String) throws(ConfigurationFault) -> String {
    let node = try required(key)
    guard case .scalar(var text) = node.content, !text.isEmpty else {
      throw fault(node, "\(name(key)) must be a text")
    }
    for (name, value) in substitutions {
      let parts = text.split(separator: "${\(name)}", omittingEmptySubsequences: false)
      text = parts.joined(separator: value)
    }
    if text.contains("${") { throw fault(node, "\(name(key)): unknown substitution in \(text)") }
    return text
  }

  func integer(_ key: String, _ range: ClosedRange<Int>) throws(ConfigurationFault) -> Int {
    let node = try required(key)
    guard case .scalar(let text) = node.content, let number = Int(text), range.contains(number)
    else {
      throw fault(
        node, "\(name(key)) must be a number \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  func boolean(_ key: String) throws(ConfigurationFault) -> Bool {
    try choice(key, [("true", true), ("false", false)])
  }

  func choice<Value>(
    _ key: String, _ values: [(word: String, value: Value)]
  ) throws(ConfigurationFault) -> Value {
    let node = try required(key)
    let words = values.map(\.word).joined(separator: ", ")
    guard case .scalar(let text) = node.content,
      let found = values.first(where: { $0.word == text })
    else { throw fault(node, "\(name(key)) must be one of \(words)") }
    return found.value
  }

  func map(_ key: String) throws(ConfigurationFault) -> YAMLReader {
    try YAMLReader(try required(key), path: name(key), substitutions: substitutions)
  }

  func maps(_ key: String) throws(ConfigurationFault) -> [YAMLReader] {
    let node = try required(key)
    guard case .list(let items) = node.content, !items.isEmpty else {
      throw fault(node, "\(name(key)) must be a list")
    }
    var readers: [YAMLReader] = []
    for item in items {
      readers.append(try YAMLReader(item, path: name(key), substitutions: substitutions))
    }
    return readers
  }

  func integers(
    _ key: String, _ range: ClosedRange<Int>
  ) throws(ConfigurationFault) -> [Int] {
    let node = try required(key)
    guard case .list(let items) = node.content, !items.isEmpty else {
      throw fault(node, "\(name(key)) must be a list of numbers")
    }
    var numbers: [Int] = []
    for item in items {
      guard case .scalar(let text) = item.content, let number = Int(text), range.contains(number)
      else {
        throw fault(
          item, "\(name(key)) holds numbers \(range.lowerBound)...\(range.upperBound)")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The values of a list of words, which may be empty.
  func choices<Value>(
    _ key: String, _ choices: [(word: String, value: Value)]
  ) throws(ConfigurationFault) -> [Value] {
    let node = try required(key)
    guard case .list(let items) = node.content else {
      throw fault(node, "\(name(key)) must be a list")
    }
    var values: [Value] = []
    for item in items {
      guard case .scalar(let text) = item.content,
        let choice = choices.first(where: { $0.word == text })
      else {
        let words = choices.map { $0.word }.joined(separator: ", ")
        throw fault(item, "\(name(key)) holds some of: " + words)
      }
      values.append(choice.value)
    }
    return values
  }

  /// The texts of a list, each with its place.
  func texts(_ key: String) throws(ConfigurationFault) -> [(text: String, place: FilePlace)] {
    let node = try required(key)
    guard case .list(let items) = node.content, !items.isEmpty else {
      throw fault(node, "\(name(key)) must be a list of texts")
    }
    var texts: [(text: String, place: FilePlace)] = []
    for item in items {
      guard case .scalar(let text) = item.content, !text.isEmpty else {
        throw fault(item, "\(name(key)) holds texts")
      }
      texts.append((text, item.place))
    }
    return texts
  }

  /// Where the value of a key stands, or the map where there is none.
  func place(of key: String) -> FilePlace {
    members.first { $0.key == key }?.value.place ?? place
  }

  /// The members that are single words, each with the place where it stands.
  var words: [(key: String, text: String, place: FilePlace)] {
    members.compactMap { member in
      guard case .scalar(let text) = member.value.content else { return nil }
      return (member.key, text, member.value.place)
    }
  }

  func has(_ key: String) -> Bool {
    asked.append(key)
    return members.contains { $0.key == key }
  }

  /// What is wrong with the value of a key, at its place.
  func fault(_ key: String, _ message: String) -> ConfigurationFault {
    let node = members.first { $0.key == key }?.value
    return ConfigurationFault(place: node?.place ?? place, message: name(key) + " " + message)
  }

  /// Refuses what was not asked for, and names the nearest key that would have been right.
  func finish() throws(ConfigurationFault) {
    for member in members where !asked.contains(member.key) {
      let nearest = asked.min { distance($0, member.key) < distance($1, member.key) }
      let hint = nearest.map { "; did you mean \($0)?" } ?? ""
      throw ConfigurationFault(
        place: member.place, message: "unknown key \(name(member.key))\(hint)")
    }
  }

  private func required(_ key: String) throws(ConfigurationFault) -> YAMLNode {
    asked.append(key)
    guard let member = members.first(where: { $0.key == key }) else {
      // A missing key is most often a misspelt one.
      let strangers = members.filter { !asked.contains($0.key) }
      let tolerance = min(2, key.utf8.count - 1)
      if let stranger = strangers.first(where: { distance($0.key, key) <= tolerance }) {
        throw ConfigurationFault(
          place: stranger.place,
          message: "unknown key \(name(stranger.key)); did you mean \(key)?")
      }
      throw ConfigurationFault(place: place, message: "\(name(key)) is missing")
    }
    return member.value
  }

  private func name(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

  private func fault(_ node: YAMLNode, _ message: String) -> ConfigurationFault {
    ConfigurationFault(place: node.place, message: message)
  }

  /// Levenshtein's distance of two words.
  private func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let cost = diagonal + (right[column] == byte ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(cost, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
