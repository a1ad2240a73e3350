// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing
import Updates

@Suite("Keys that change")
struct RotationTests {
  private typealias Visit = RepositoryVisit

  /// A device that has met versions pushed far ahead, and a repository that is itself again.
  private static func ahead(
    _ role: WritableKeyPath<PublishedRepository, PublisherRole>
  ) -> RepositoryVisit {
    var visit = Visit { $0[keyPath: role].version = 1 << 31 }
    #expect(visit.refresh() == nil)
    visit.repository[keyPath: role].version = 2
    if role != \.timestamp { visit.repository.timestamp.version = 2 }
    return visit
  }

  @Test("versions pushed far ahead lock nobody out once the key has changed")
  func fastForward() {
    for role in [\PublishedRepository.timestamp, \.snapshot] {
      var visit = RotationTests.ahead(role)
      visit.repository.publishTargets()
      #expect(visit.refresh()?.code == "rollback")
      visit.repository.rotateRoot { $0[keyPath: role].keys = [PublisherKey("new")] }
      visit.repository.publishTargets()
      #expect(visit.refresh() == nil)
      #expect(visit.version("timestamp") == 2 && (visit.version("snapshot") ?? 0) < 3)
    }
  }

  @Test("targets pushed far ahead comes back when the snapshot's key changes")
  func targets() {
    var visit = RotationTests.ahead(\.targets)
    visit.repository.snapshot.version = 2
    visit.repository.publishTargets()
    #expect(visit.refresh()?.short == "5.5.5 rollback")
    visit.repository.rotateRoot { $0.snapshot.keys = [PublisherKey("new")] }
    visit.repository.timestamp.version = 3
    visit.repository.publishTargets()
    #expect(visit.refresh() == nil)
    #expect(visit.version("targets") == 2)
  }

  @Test("a key that is only added forgets nothing; one that is taken away again does")
  func added() {
    var visit = RotationTests.ahead(\.timestamp)
    visit.repository.rotateRoot { $0.timestamp.keys.append(PublisherKey("more")) }
    visit.repository.publishTargets()
    #expect(visit.refresh()?.short == "5.4.3.1 rollback")
    visit.repository.rotateRoot { $0.timestamp.keys.removeFirst() }
    visit.repository.publishTargets()
    #expect(visit.refresh() == nil)
    #expect(visit.version("timestamp") == 2)
  }

  @Test("wherever the power is cut in a change of keys, the next start ends it")
  func cuts() {
    var cuts = 0
    for behind in 0..<20 {
      var visit = RotationTests.ahead(\.timestamp)
      visit.repository.rotateRoot { $0.timestamp.keys = [PublisherKey("new")] }
      visit.repository.publishTargets()
      visit.cutBehind = behind
      _ = visit.refresh()
      if visit.client.isIdle { continue }
      cuts += 1
      visit.cutBehind = nil
      visit.restart()
      #expect(visit.refresh() == nil, "cut behind \(behind) orders")
      #expect(visit.version("timestamp") == 2 && visit.version("root") == 2)
      // And what is trusted now is protected as before.
      visit.repository.timestamp.version = 1
      visit.repository.publishTargets()
      #expect(visit.refresh()?.short == "5.4.3.1 rollback")
    }
    #expect(cuts >= 5)
  }

  @Test("wherever the power is cut in a first run, nothing is lost")
  func firstRun() {
    for behind in 0..<6 {
      var visit = Visit()
      visit.repository.rotateRoot { $0.root.keys = [PublisherKey("new root")] }
      visit.cutBehind = behind
      _ = visit.refresh()
      visit.cutBehind = nil
      visit.restart()
      #expect(visit.refresh() == nil)
      #expect(visit.version("root") == 2 && visit.version("targets") == 1)
    }
  }

  @Test("a stored document that the key's change has outdated is fetched anew, or the run ends")
  func outdated() {
    var visit = Visit()
    #expect(visit.refresh() == nil)
    visit.repository.rotateRoot { $0.targets.keys = [PublisherKey("new")] }
    #expect(visit.refresh()?.short == "5.6.3 signature-threshold")
    visit.repository.release()
    #expect(visit.refresh() == nil)
  }

  @Test("from the root in the program every stored one is followed again, and a false one is not")
  func embedded() {
    var visit = Visit()
    let first = visit.repository.served["1.root.json"] ?? []
    visit.store = [:]
    visit.restart(anchor: .embedded(first))
    visit.repository.rotateRoot { $0.root.keys = [PublisherKey("second root")] }
    #expect(visit.refresh() == nil)
    #expect(visit.requests.prefix(2) == ["2.root.json", "3.root.json"])
    visit.restart(anchor: .embedded(first))
    #expect(visit.refresh() == nil)
    #expect(visit.requests == ["3.root.json", "timestamp.json"])

    // A store in which somebody has put roots of his own.
    var forger = PublishedRepository()
    forger.root = PublisherRole(PublisherKey("forger"))
    forger.publish()
    forger.rotateRoot { _ in }
    visit.store["root_history/2.root.json"] = forger.served["2.root.json"]
    visit.store["root.json"] = forger.served["2.root.json"]
    visit.restart(anchor: .embedded(first))
    #expect(visit.refresh() == nil)
    #expect(visit.requests.prefix(2) == ["2.root.json", "3.root.json"])
    #expect(visit.store["root_history/2.root.json"] == visit.repository.served["2.root.json"])
    #expect(visit.told.contains { if case .distrusted = $0 { true } else { false } })
  }
}
