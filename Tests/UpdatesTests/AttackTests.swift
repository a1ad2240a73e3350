// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing
import Updates

@Suite("Attacks on what is current")
struct AttackTests {
  private typealias Visit = RepositoryVisit

  struct Attack: CustomTestStringConvertible {
    let testDescription: String
    /// What the honest repository was before.
    var before: @Sendable (inout PublishedRepository) -> Void = { _ in }
    /// What the attacker makes of it after a first good run.
    let attack: @Sendable (inout PublishedRepository) -> Void
    /// Step and word of the refusal.
    let refusal: String
    /// The versions that stay trusted: root, timestamp, snapshot, targets.
    let versions: [Int64]
  }

  static let stranger = PublisherKey("stranger")
  static let past: ByteString = "2020-01-01T00:00:00Z"

  static let roots = [
    Attack(
      testDescription: "a root that only its own key has signed",
      attack: { $0.rotateRoot { $0.root = .init(stranger, version: 1, signers: [stranger]) } },
      refusal: "5.3.4 signature-threshold", versions: [1, 1, 1, 1]),
    Attack(
      testDescription: "a root that only the former key has signed",
      attack: {
        let former = $0.root.keys
        $0.rotateRoot { $0.root = .init(stranger, version: 1, signers: former) }
      }, refusal: "5.3.4 signature-threshold", versions: [1, 1, 1, 1]),
    Attack(
      testDescription: "a root that skips a version",
      attack: {
        $0.rotateRoot { $0.root.version = 2 }
        $0.served["2.root.json"] = $0.served["3.root.json"]
      }, refusal: "5.3.5 version-mismatch", versions: [1, 1, 1, 1]),
    Attack(
      testDescription: "the same root again in the next one's place",
      attack: { $0.served["2.root.json"] = $0.served["1.root.json"] },
      refusal: "5.3.5 version-mismatch", versions: [1, 1, 1, 1]),
    Attack(
      testDescription: "a root that is expired: it stays, and everything behind it waits",
      attack: { $0.rotateRoot { $0.root.expires = past } },
      refusal: "5.3.10 expired", versions: [2, 1, 1, 1]),
    Attack(
      testDescription: "a root of 100 kB",
      attack: { $0.served["2.root.json"] = [UInt8](repeating: 0x20, count: 100_000) },
      refusal: "5.3.3 length-exceeded", versions: [1, 1, 1, 1]),
  ]

  static let rollbacks = [
    Attack(
      testDescription: "an older timestamp",
      before: { $0.timestamp.version = 5 },
      attack: { repository in
        repository.timestamp.version = 4
        repository.publishTargets()
      }, refusal: "5.4.3.1 rollback", versions: [1, 5, 1, 1]),
    Attack(
      testDescription: "a newer timestamp that lists an older snapshot",
      before: { $0.snapshot.version = 5 },
      attack: { repository in
        repository.snapshot.version = 4
        repository.timestamp.version = 2
        repository.publishTargets()
      }, refusal: "5.4.3.2 rollback", versions: [1, 1, 5, 1]),
    Attack(
      testDescription: "a newer snapshot that lists an older targets",
      before: { $0.targets.version = 5 },
      attack: { repository in
        repository.targets.version = 3
        repository.release()
      }, refusal: "5.5.5 rollback", versions: [1, 2, 1, 5]),
    Attack(
      testDescription: "a newer snapshot that lists a delegated role no more",
      before: { $0.delegations = [PublisherDelegation("a", paths: ["*"])] },
      attack: { repository in
        repository.delegations = []
        repository.release()
      }, refusal: "5.5.5 role-removed", versions: [1, 2, 1, 1]),
    Attack(
      testDescription: "a newer snapshot that lists an older delegated role",
      before: {
        $0.delegations = [PublisherDelegation("a", paths: ["*"])]
        $0.delegations[0].role.version = 7
      },
      attack: { repository in
        repository.delegations[0].role.version = 6
        repository.release()
      }, refusal: "5.5.5 rollback", versions: [1, 2, 1, 1]),
  ]

  static let freezes = [
    Attack(
      testDescription: "a timestamp that is expired",
      attack: { repository in
        repository.timestamp.expires = past
        repository.release()
      }, refusal: "5.4.4 expired", versions: [1, 1, 1, 1]),
    Attack(
      testDescription: "a snapshot that is expired",
      attack: { repository in
        repository.snapshot.expires = past
        repository.release()
      }, refusal: "5.5.6 expired", versions: [1, 2, 1, 1]),
    Attack(
      testDescription: "a targets that is expired",
      attack: { repository in
        repository.targets.expires = past
        repository.release()
      }, refusal: "5.6.5 expired", versions: [1, 2, 2, 1]),
  ]

  static let mixtures = [
    Attack(
      testDescription: "a snapshot of another version than the timestamp lists",
      before: { $0.listsDigests = false },
      attack: { repository in
        repository.release()
        repository.served["2.snapshot.json"] = repository.served["1.snapshot.json"]
      }, refusal: "5.5.4 version-mismatch", versions: [1, 2, 1, 1]),
    Attack(
      testDescription: "a snapshot with other bytes than the timestamp lists",
      attack: { repository in
        repository.release()
        let bytes = repository.served["2.snapshot.json"] ?? []
        repository.served["2.snapshot.json"] = [0x20] + bytes.dropLast()
      }, refusal: "5.5.2 hash-mismatch", versions: [1, 2, 1, 1]),
    Attack(
      testDescription: "a snapshot that is shorter than the timestamp lists",
      attack: { repository in
        repository.release()
        repository.served["2.snapshot.json"]?.removeLast()
      }, refusal: "5.5.2 length-mismatch", versions: [1, 2, 1, 1]),
    Attack(
      testDescription: "a snapshot that is longer than the timestamp lists",
      attack: { repository in
        repository.release()
        repository.served["2.snapshot.json"]?.append(0x20)
      }, refusal: "5.5.1 length-exceeded", versions: [1, 2, 1, 1]),
    Attack(
      testDescription: "a targets of another version than the snapshot lists",
      before: { $0.listsDigests = false },
      attack: { repository in
        repository.release()
        repository.served["2.targets.json"] = repository.served["1.targets.json"]
      }, refusal: "5.6.4 version-mismatch", versions: [1, 2, 2, 1]),
    Attack(
      testDescription: "a targets with other bytes than the snapshot lists",
      attack: { repository in
        repository.release()
        let bytes = repository.served["2.targets.json"] ?? []
        repository.served["2.targets.json"] = [0x20] + bytes.dropLast()
      }, refusal: "5.6.2 hash-mismatch", versions: [1, 2, 2, 1]),
    Attack(
      testDescription: "a targets that is not there",
      attack: { repository in
        repository.release()
        repository.served["2.targets.json"] = nil
      }, refusal: "5.6.1 absent", versions: [1, 2, 2, 1]),
    Attack(
      testDescription: "a timestamp that is not there",
      attack: { $0.served["timestamp.json"] = nil }, refusal: "5.4.1 absent",
      versions: [1, 1, 1, 1]),
  ]

  static let strangers = [
    Attack(
      testDescription: "a timestamp that a stranger has signed",
      attack: { repository in
        repository.timestamp.signers = [stranger]
        repository.release()
      }, refusal: "5.4.2 signature-threshold", versions: [1, 1, 1, 1]),
    Attack(
      testDescription: "a snapshot that the timestamp's key has signed",
      attack: { repository in
        repository.snapshot.signers = repository.timestamp.keys
        repository.release()
      }, refusal: "5.5.3 signature-threshold", versions: [1, 2, 1, 1]),
    Attack(
      testDescription: "a targets that nobody has signed",
      attack: { repository in
        repository.targets.signers = []
        repository.release()
      }, refusal: "5.6.3 signature-threshold", versions: [1, 2, 2, 1]),
    Attack(
      testDescription: "one of two keys signs twice",
      before: {
        $0.targets.keys.append(PublisherKey("second"))
        $0.targets.threshold = 2
      },
      attack: { repository in
        repository.targets.signers = [repository.targets.keys[0], repository.targets.keys[0]]
        repository.release()
      }, refusal: "5.6.3 duplicate-signature", versions: [1, 2, 2, 1]),
    Attack(
      testDescription: "one of two keys signs alone",
      before: {
        $0.targets.keys.append(PublisherKey("second"))
        $0.targets.threshold = 2
      },
      attack: { repository in
        repository.targets.signers = [repository.targets.keys[1]]
        repository.release()
      }, refusal: "5.6.3 signature-threshold", versions: [1, 2, 2, 1]),
  ]

  @Test(
    "an attack ends the run where it belongs, and what was trusted stays",
    arguments: [
      roots, rollbacks, freezes, mixtures, strangers,
    ].joined())
  func attacks(_ attack: Attack) {
    var visit = Visit(attack.before)
    #expect(visit.refresh() == nil)
    attack.attack(&visit.repository)
    // In the same process, and on a device that has started again.
    for _ in 0..<2 {
      #expect(visit.refresh()?.short == attack.refusal)
      let names: [ByteString] = ["root", "timestamp", "snapshot", "targets"]
      #expect(names.map { visit.version($0) } == attack.versions)
      visit.restart()
    }
    #expect(visit.client.unexpectedEvents == 0)
  }

  @Test("without the attack the same releases are taken")
  func honest() {
    for before in [{ _ in }, { $0.listsDigests = false }] as [(inout PublishedRepository) -> Void] {
      var visit = Visit(before)
      #expect(visit.refresh() == nil)
      visit.repository.release()
      visit.repository.rotateRoot { $0.root.keys = [AttackTests.stranger] }
      #expect(visit.refresh() == nil)
      #expect(visit.version("root") == 2 && visit.version("targets") == 2)
    }
  }

  @Test("endless data ends at the limit that was asked for")
  func endless() {
    for (name, limit) in [("timestamp.json", Int64(16_384)), ("2.root.json", 65_536)] {
      var visit = Visit()
      visit.repository.served[ByteString(name)] = [UInt8](repeating: 0x20, count: 70_000)
      guard case .notFetched(.tooLong(limit))? = visit.refresh()?.reason else {
        Issue.record("\(name)")
        continue
      }
    }
  }

  @Test("the server's other answers than 404 for the next root are no end of the chain")
  func rootAnswers() {
    var visit = Visit()
    visit.answers = [("2.root.json", .notFetched(.status(500)))]
    #expect(visit.refresh()?.short == "5.3.3 not-fetched")
    visit.answers = [("2.root.json", .notFetched(.tooSlow))]
    #expect(visit.refresh()?.short == "5.3.3 too-slow")
    visit.answers = []
    #expect(visit.refresh() == nil)
  }

  @Test("more new roots than are followed in one run are followed in the next")
  func manyRoots() {
    var visit = Visit()
    for _ in 0..<5 { visit.repository.rotateRoot { _ in } }
    var limits = UpdateLimits()
    limits.roots = 3
    visit.client = MetadataClient(anchor: .stored, limits: limits)
    #expect(visit.refresh()?.short == "5.3.3 too-many-roots")
    #expect(visit.version("root") == 4)
    #expect(visit.refresh() == nil)
    #expect(visit.version("root") == 6)
  }
}

extension PublisherRole {
  init(_ key: PublisherKey, version: Int64, signers: [PublisherKey]) {
    self.init(key)
    self.version = version
    self.signers = signers
  }
}
