// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing
import Updates

@Suite("What stands in documents")
struct FieldTests {
  /// A role's document in which one member was changed and which was then signed as it should be.
  private static func refusal(
    _ name: ByteString, _ path: [ByteString], _ change: (MetadataValue?) -> MetadataValue?
  ) throws -> Refusal? {
    var visit = RepositoryVisit { repository in
      repository.listsDigests = false
      repository.files["x"] = [1]
      var delegation = PublisherDelegation("a", paths: ["*"])
      delegation.isTerminating = true
      repository.delegations = [delegation]
    }
    visit.repository.rotateRoot { _ in }
    let served = try #require(visit.repository.served[name])
    let document = try MetadataValue(parsing: served, limit: 1 << 20)
    let signed = try #require(document["signed"]).changing(path[...], change)
    let role: PublisherRole =
      switch name {
      case "2.root.json": visit.repository.root
      case "timestamp.json": visit.repository.timestamp
      case "1.snapshot.json": visit.repository.snapshot
      default: visit.repository.targets
      }
    visit.repository.served[name] = visit.repository.document(signed, role)
    let before = visit
    let refusal = visit.refresh()
    // What is refused is not stored; what is refused on its word may have been.
    if let refusal, name.description.contains(refusal.role.description) {
      let stored = visit.store.entries.contains { $0.bytes == before.repository.served[name] }
      #expect(!stored, "\(name) \(path)")
    }
    return refusal
  }

  private static let common: [[ByteString]] = [
    ["_type"], ["spec_version"], ["version"], ["expires"],
  ]
  private static let required: [(ByteString, [[ByteString]])] = [
    (
      "2.root.json",
      common + [
        ["keys"], ["roles"], ["roles", "root"], ["roles", "timestamp"], ["roles", "snapshot"],
        ["roles", "targets"], ["roles", "timestamp", "keyids"],
        ["roles", "timestamp", "threshold"],
      ]
    ),
    (
      "timestamp.json",
      common + [["meta"], ["meta", "snapshot.json"], ["meta", "snapshot.json", "version"]]
    ),
    (
      "1.snapshot.json",
      common + [["meta"], ["meta", "targets.json"], ["meta", "targets.json", "version"]]
    ),
    (
      "1.targets.json",
      common + [
        ["targets"], ["targets", "x", "length"], ["targets", "x", "hashes"],
        ["delegations", "keys"], ["delegations", "roles"],
      ]
    ),
  ]

  @Test("a member that must be there is missed", arguments: required)
  func missing(_ name: ByteString, _ paths: [[ByteString]]) throws {
    for path in paths {
      let refusal = try FieldTests.refusal(name, path) { _ in nil }
      #expect(refusal != nil, "\(name) \(path)")
      guard case .malformed(let fault)? = refusal?.reason else { continue }
      #expect(fault.problem == .missing && fault.path == path, "\(fault)")
    }
  }

  @Test(
    "a member of another type is refused, and nothing that is huge stops the program",
    arguments: required)
  func types(_ name: ByteString, _ paths: [[ByteString]]) throws {
    let strange: [MetadataValue] = [
      .null, .boolean(true), .integer(7), .text("7"), .array([.integer(7)]),
      .object([MetadataMember("7", .integer(7))]), .integer(.max), .integer(.min),
      .text(ByteString(String(repeating: "9", count: 10_000))),
    ]
    for path in paths {
      var refused = 0
      for value in strange {
        if try FieldTests.refusal(name, path, { _ in value }) != nil { refused += 1 }
      }
      // A version or a length of another size is one all the same.
      #expect(refused >= strange.count - 3, "\(name) \(path) \(refused)")
    }
  }

  @Test("a number has the values that its member may have, and no others")
  func numbers() throws {
    let cases: [(ByteString, [ByteString], [Int64], [Int64])] = [
      ("2.root.json", ["version"], [2], [0, -1, 3, .max]),
      ("2.root.json", ["roles", "targets", "threshold"], [1], [0, -1]),
      ("timestamp.json", ["version"], [1, .max], [0, -1, .min]),
      ("timestamp.json", ["meta", "snapshot.json", "version"], [1], [0, 2]),
      ("timestamp.json", ["meta", "snapshot.json", "length"], [], [-1, 0, 1, .max]),
      ("1.targets.json", ["targets", "x", "length"], [0, .max], [-1, .min]),
    ]
    for (name, path, good, bad) in cases {
      for number in good {
        #expect(try FieldTests.refusal(name, path) { _ in .integer(number) } == nil, "\(path)")
      }
      for number in bad {
        let refusal = try FieldTests.refusal(name, path) { _ in .integer(number) }
        #expect(refusal != nil, "\(path) \(number)")
      }
    }
  }

  @Test("a text has the form that its member has")
  func texts() throws {
    let cases: [(ByteString, [ByteString], [ByteString])] = [
      (
        "spec_version", ["1.0.34", "1.0", "1.99.1"],
        ["2.0.0", "1", "1.", "1.0.0.0", "1.x", "01.0", ""]
      ),
      ("expires", ["2040-01-01T00:00:00Z"], ["2040-01-01", "2040-01-01T00:00:00.1Z", "never"]),
      ("_type", ["timestamp"], ["snapshot", "Timestamp", ""]),
    ]
    for (field, good, bad) in cases {
      for text in good {
        #expect(try FieldTests.refusal("timestamp.json", [field]) { _ in .text(text) } == nil)
      }
      for text in bad {
        let refusal = try FieldTests.refusal("timestamp.json", [field]) { _ in .text(text) }
        #expect(refusal?.code == "malformed", "\(field) \(text)")
      }
    }
  }

  @Test("members that nobody knows are signed with the others and change nothing")
  func unknown() throws {
    for (name, _) in FieldTests.required {
      #expect(try FieldTests.refusal(name, ["x-new"]) { _ in .array([.null]) } == nil)
    }
  }

  @Test("a key that stands twice in a role, or under another identifier, spoils the document")
  func keys() throws {
    let twice = try FieldTests.refusal("2.root.json", ["roles", "timestamp", "keyids"]) { keyids in
      guard case .array(let list)? = keyids else { return nil }
      return .array(list + list)
    }
    #expect(twice?.code == "malformed")
    let other = try FieldTests.refusal("2.root.json", ["keys"]) { keys in
      guard case .object(let members)? = keys, let last = members.last else { return nil }
      return .object(unsorted: members.dropLast() + [MetadataMember("00", last.value)])
    }
    guard case .malformed(let fault)? = other?.reason else {
      Issue.record("\(String(describing: other))")
      return
    }
    #expect(fault.problem == .wrongKeyID && fault.path == ["keys", "00"])
  }

  @Test("a key of a kind that nobody knows hurts nothing, and can sign nothing")
  func unknownKey() throws {
    let text = #"{"keytype":"new","keyval":{},"scheme":"new"}"#
    let key = try MetadataValue(parsing: Array(text.utf8), limit: 100)
    let id = "a2a3d7a6a8ff0fb1db3ba6ad1c6c3a0e"
    let wrong = try FieldTests.refusal("2.root.json", ["keys", ByteString(id)]) { _ in key }
    #expect(wrong?.code == "malformed")
    guard case .text(let right) = PublisherKey.digits(PublisherKey.digest(of: key)) else { return }
    #expect(try FieldTests.refusal("2.root.json", ["keys", right]) { _ in key } == nil)
    let signers = try FieldTests.refusal("2.root.json", ["roles", "timestamp", "keyids"]) { _ in
      .array([.text(right)])
    }
    #expect(signers?.short == "5.4.2 signature-threshold")
  }
}

extension MetadataValue {
  /// The value with one member changed, removed where there is to be none.
  func changing(
    _ path: ArraySlice<ByteString>, _ change: (MetadataValue?) -> MetadataValue?
  ) -> MetadataValue {
    guard let name = path.first, case .object(var members) = self else { return self }
    let old = self[name]
    let new = path.count == 1 ? change(old) : old?.changing(path.dropFirst(), change)
    members.removeAll { $0.name == name }
    if let new { members.append(MetadataMember(name, new)) }
    return .object(unsorted: members)
  }
}
