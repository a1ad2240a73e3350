// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing

@testable import Updates

@Suite("Who else may say which files there are")
struct DelegationTests {
  private typealias Visit = RepositoryVisit

  /// A repository of delegations `(name, parent, paths, terminating)`, the last of which has `x`.
  private static func visit(
    _ roles: [(ByteString, ByteString, [ByteString], Bool)], listedBy owner: ByteString
  ) -> RepositoryVisit {
    Visit { repository in
      for (name, parent, paths, isTerminating) in roles {
        var delegation = PublisherDelegation(name, from: parent, paths: paths)
        delegation.isTerminating = isTerminating
        if name == owner { delegation.targets["x"] = [1, 2, 3] }
        repository.delegations.append(delegation)
      }
    }
  }

  private static func asked(_ visit: RepositoryVisit) -> [ByteString] {
    visit.requests.dropFirst(4).map { $0 }
  }

  @Test("roles are asked depth first and in their order, each once")
  func order() {
    var visit = DelegationTests.visit(
      [
        ("a", "targets", ["*"], false), ("b", "targets", ["*"], false), ("a1", "a", ["*"], false),
        ("a2", "a", ["*"], false), ("other", "a", ["y"], false), ("a", "a2", ["*"], false),
      ], listedBy: "b")
    #expect(visit.find("x").short == nil)
    #expect(DelegationTests.asked(visit) == ["1.a.json", "1.a1.json", "1.a2.json", "1.b.json"])
    // The second time they are known.
    #expect(visit.find("x").short == nil)
    #expect(visit.requests == [])
    // And after a restart they are in the store.
    visit.restart()
    #expect(visit.find("x").short == nil)
    #expect(visit.requests == ["2.root.json", "timestamp.json"])
  }

  @Test("behind a terminating role nothing is asked, but its own children are")
  func terminating() {
    var visit = DelegationTests.visit(
      [
        ("a", "targets", ["*"], false), ("b", "targets", ["*"], false), ("a1", "a", ["*"], true),
        ("a2", "a", ["*"], false), ("deep", "a1", ["*"], false),
      ], listedBy: "b")
    #expect(visit.find("x").short == "5.6.7 no-such-target")
    #expect(DelegationTests.asked(visit) == ["1.a.json", "1.a1.json", "1.deep.json"])
  }

  @Test("a terminating role for other paths ends nothing")
  func otherPaths() {
    var visit = DelegationTests.visit(
      [("a", "targets", ["y"], true), ("b", "targets", ["*"], false)], listedBy: "b")
    #expect(visit.find("x").short == nil)
  }

  @Test("thirty-two roles are followed and not one more")
  func depth() {
    for (count, refusal) in [(32, nil), (33, "5.6.7 too-many-roles")] {
      let names = (0..<count).map { ByteString("r\($0)") }
      let parents: [ByteString] = ["targets"] + names.dropLast()
      let roles = zip(names, parents).map { ($0, $1, ["*"] as [ByteString], false) }
      var visit = DelegationTests.visit(roles, listedBy: names[count - 1])
      #expect(visit.find("x").short == refusal)
      // A search that fails leaves what is current as it was.
      #expect(visit.client.isIdle && visit.find("nothing").short != nil)
      #expect(visit.requests == [])
    }
  }

  @Test("a role counts for who named its keys, and not for another one that names other keys")
  func twoDelegators() {
    var visit = Visit { repository in
      repository.delegations = [
        PublisherDelegation("a", paths: ["a/*"]), PublisherDelegation("b", paths: ["b/*"]),
        PublisherDelegation("shared", from: "a", paths: ["a/*"]),
        PublisherDelegation("shared", from: "b", paths: ["b/*"]),
      ]
      repository.delegations[2].targets = ["a/x": [1], "b/x": [2]]
      repository.delegations[3].role.keys = [PublisherKey("somebody else")]
    }
    #expect(visit.find("a/x").short == nil)
    #expect(visit.find("b/x").short == "5.6.3 signature-threshold")
    #expect(visit.find("a/x").short == nil)
  }

  @Test("a stored role is not believed when its delegator names other keys")
  func changedKeys() {
    var visit = DelegationTests.visit([("a", "targets", ["*"], false)], listedBy: "a")
    #expect(visit.find("x").short == nil)
    visit.repository.delegations[0].role.keys = [PublisherKey("new")]
    visit.repository.delegations[0].role.signers = [PublisherKey("a")]
    visit.repository.release()
    visit.restart()
    #expect(visit.find("x").short == "5.6.3 signature-threshold")
    visit.repository.delegations[0].role.signers = nil
    visit.repository.release()
    visit.restart()
    #expect(visit.find("x").short == nil)
  }

  @Test(
    "a role that is expired, absent, signed by a stranger or not in the snapshot ends the search")
  func broken() {
    let honest = DelegationTests.visit(
      [("a", "targets", ["*"], false), ("b", "targets", ["*"], false)], listedBy: "b")
    var visit = honest
    visit.repository.delegations[0].role.expires = AttackTests.past
    visit.repository.publish()
    #expect(visit.find("x").short == "5.6.5 expired")
    visit = honest
    visit.repository.served["1.a.json"] = nil
    #expect(visit.find("x").short == "5.6.1 absent")
    visit = honest
    visit.repository.delegations[0].role.signers = [AttackTests.stranger]
    visit.repository.publish()
    #expect(visit.find("x").short == "5.6.3 signature-threshold")
    visit = honest
    let signed = visit.repository.targetsSigned("targets", visit.repository.targets, [:])
    var bare = PublishedRepository()
    bare.listsDigests = false
    bare.publish()
    visit.repository.served = bare.served
    visit.repository.served["1.targets.json"] = visit.repository.document(signed, bare.targets)
    #expect(visit.find("x").short == "5.6.1 not-in-snapshot")
    #expect(DelegationTests.asked(visit) == [])
  }

  @Test("a path has exactly one hash bin")
  func bins() throws {
    let path: ByteString = "posd/1.2.3/rootfs.raucb"
    let known: [(Int64, ByteString)] = [
      (1, "bin-0"), (3, "bin-3"), (8, "bin-75"), (10, "bin-1d5"), (11, "bin-3aa"),
      (16, "bin-7551"), (32, "bin-75516ffd"),
    ]
    for (bits, name) in known {
      let bins = try HashBins(DelegationTests.bins(bits))
      #expect(bins.name(for: path) == name)
      #expect(bins.contains(name))
    }
    let ten = try HashBins(DelegationTests.bins(10))
    let wrong: [ByteString] = [
      "bin-1D5", "bin-01d5", "bin-d5", "bin-400", "bin1d5", "bim-1d5", "bin-", "bin-1g5",
      "bin-1d5 ",
    ]
    for name in wrong { #expect(!ten.contains(name), "\(name)") }
    #expect(ten.contains("bin-3ff") && ten.contains("bin-000"))
  }

  private static func bins(_ bits: Int64) -> MetadataValue {
    .object(unsorted: [
      MetadataMember("keyids", .array([])), MetadataMember("threshold", .integer(1)),
      MetadataMember("bit_length", .integer(bits)), MetadataMember("name_prefix", .text("bin")),
    ])
  }

  @Test("a target in a hash bin is found, and a path of another bin is not")
  func binned() {
    var visit = Visit { repository in
      repository.bins = (1, PublisherRole(PublisherKey("bins")))
      // 23 is in the upper half, "posd/1.2.3/rootfs.raucb" in the lower one.
      var bin = PublisherDelegation("bin-0", from: "nobody", paths: [])
      bin.role = PublisherRole(PublisherKey("bins"))
      bin.targets["posd/1.2.3/rootfs.raucb"] = [1]
      repository.delegations = [bin]
    }
    #expect(visit.find("posd/1.2.3/rootfs.raucb").short == nil)
    #expect(DelegationTests.asked(visit) == ["1.bin-0.json"])
    #expect(visit.find("posd/1.2.3/other").short != nil)
  }

  @Test(
    "a pattern matches part by part",
    arguments: [
      ("*.md", "README.md", true), ("*.md", "releases/README.md", false),
      ("releases/*/*", "releases/x/v1", true), ("foo-?.tgz", "foo-1.tgz", true),
      ("foo-?.tgz", "foo-alpha.tgz", false), ("?", "é", true), ("?", "e\u{301}", false),
      ("*", "", true), ("*", "a/b", false), ("**", "ab", true), ("a*b*c", "abbbcbc", true),
      ("a*b*c", "abbbcb", false), ("[a-c]", "b", true), ("[a-c]", "d", false),
      ("[!a-c]", "d", true), ("[!a-c]", "a", false), ("[]a]", "]", true), ("[!]a]", "b", true),
      ("[a", "[a", true), ("[]", "[]", true), ("[!]", "[!]", true), ("[a-]", "-", true),
      ("[-a]", "-", true), ("[c-a]", "b", false), ("[a/b]", "[a/b]", true), ("A", "a", false),
      ("*", ".hidden", true), ("\\*", "\\x", true), ("", "", true), ("a//b", "a//b", true),
    ])
  func patterns(_ pattern: String, _ path: String, _ matches: Bool) {
    #expect(PathPattern(ByteString(pattern)).matches(ByteString(path)) == matches)
  }

  @Test("a pattern made to be slow is not")
  func slow() {
    let pattern = PathPattern(ByteString(String(repeating: "*a", count: 512)))
    #expect(!pattern.matches(ByteString(String(repeating: "a", count: 1_023) + "b")))
  }

  @Test("a path that leaves its folder is not looked up, though others in its document are")
  func paths() {
    var visit = Visit { $0.files = ["../x": [1], "good": [2]] }
    for path: ByteString in ["../x", "/x", "a//b", "a/./b", "a/", "", "a\\b", "a\u{0}b", ".."] {
      #expect(visit.find(path).short == "5.6.7 bad-path", "\(path)")
    }
    #expect(visit.find("good").short == nil)
    #expect(visit.find(ByteString(String(repeating: "x", count: 1_025))).short == "5.6.7 bad-path")
  }
}
