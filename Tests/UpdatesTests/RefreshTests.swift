// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Simulator
import Testing
import Updates

@Suite("Finding out what is current")
struct RefreshTests {
  private typealias Visit = RepositoryVisit

  @Test("a new device asks for four documents, and later for two")
  func requests() {
    var visit = Visit()
    #expect(visit.refresh() == nil)
    #expect(
      visit.requests == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"])
    visit.restart()
    #expect(visit.refresh() == nil)
    #expect(visit.requests == ["2.root.json", "timestamp.json"])
    #expect(visit.client.unexpectedEvents == 0)
  }

  @Test("what is trusted is told in its order, and at the end that it is current")
  func told() {
    var visit = Visit()
    #expect(visit.refresh() == nil)
    #expect(
      visit.told == [
        .trusted(role: "root", version: 1), .trusted(role: "timestamp", version: 1),
        .trusted(role: "snapshot", version: 1), .trusted(role: "targets", version: 1), .refreshed,
      ])
    #expect(visit.client.rootVersion == 1 && visit.client.isIdle)
  }

  @Test("documents are stored byte for byte, under plain names")
  func bytes() {
    var visit = Visit { $0.listsDigests = false }
    visit.repository.served["1.targets.json"]? += [0x20, 0x0A]
    #expect(visit.refresh() == nil)
    #expect(visit.store["targets.json"] == visit.repository.served["1.targets.json"])
    let names = visit.store.entries.map(\.name)
    #expect(
      names == ["accepted-keys", "root.json", "snapshot.json", "targets.json", "timestamp.json"])
  }

  @Test("without the flag in root names have no versions, and it may change from run to run")
  func consistency() {
    var visit = Visit { $0.isConsistent = false }
    #expect(visit.refresh() == nil)
    #expect(
      visit.requests == ["2.root.json", "timestamp.json", "snapshot.json", "targets.json"])
    visit.repository.rotateRoot { $0.isConsistent = true }
    visit.repository.release()
    #expect(visit.refresh() == nil)
    #expect(visit.requests.suffix(2) == ["2.snapshot.json", "2.targets.json"])
  }

  @Test("a run that ended behind the timestamp goes on there")
  func goesOn() {
    var visit = Visit()
    visit.answers = [("1.snapshot.json", .notFetched(.status(503)))]
    #expect(visit.refresh()?.short == "5.5.1 not-fetched")
    #expect(visit.version("timestamp") == 1 && visit.version("snapshot") == nil)
    visit.answers = []
    visit.restart()
    #expect(visit.refresh() == nil)
    #expect(visit.version("targets") == 1)
  }

  @Test("a search before anything is known refreshes first")
  func implicit() {
    var visit = Visit { $0.files["file"] = [1, 2, 3] }
    #expect((try? visit.find("file").get())?.length == 3)
    #expect(visit.requests.count == 4)
    #expect(visit.told.contains(.refreshed))
    // The second search in the same run asks nobody.
    #expect(visit.find("nothing").short == "5.6.7 no-such-target")
    #expect(visit.requests == [])
    #expect((try? visit.find("file").get()) != nil)
  }

  @Test("nothing is asked when the trusted root is missing, cut off or not signed")
  func anchor() {
    for root in [nil, [], Array("{}".utf8), Visit().store["root.json"]?.dropLast().map { $0 }] {
      var visit = Visit()
      visit.store["root.json"] = root
      #expect(visit.refresh()?.step == .loadTrustedRoot)
      #expect(visit.requests == [])
    }
    var visit = Visit()
    var role = visit.repository.root
    role.signers = [PublisherKey("somebody")]
    visit.store["root.json"] = visit.repository.document(visit.repository.rootSigned, role)
    #expect(visit.refresh()?.short == "5.2 signature-threshold")
    #expect(visit.requests == [])
  }

  @Test("an order that the store cannot carry out ends the run, and the next one begins with it")
  func unwritable() {
    for name in [StoredName.role("timestamp"), .role("snapshot"), .role("targets")] {
      var visit = Visit()
      visit.unwritable = [name]
      #expect(visit.refresh()?.code == "not-stored")
      visit.unwritable = []
      #expect(visit.refresh() == nil)
      #expect(visit.version("targets") == 1)
    }
  }

  @Test("an event that nobody asked for changes nothing and is counted")
  func unexpected() {
    var client = MetadataClient(anchor: .stored)
    let events: [MetadataClient.Event] = [
      .loaded(nil), .fetched([1]), .notThere, .notFetched(.tooSlow), .stored, .notStored,
    ]
    for event in events { #expect(client.handle(event, at: .start) == []) }
    #expect(client.unexpectedEvents == 6 && client.isIdle && client.deadline == nil)
    _ = client.handle(.refreshAsked(at: Visit.noon), at: .start)
    for event in events.dropFirst() { #expect(client.handle(event, at: .start) == []) }
    #expect(client.handle(.refreshAsked(at: Visit.noon), at: .start) == [])
    #expect(client.handle(.targetSought("x", at: Visit.noon), at: .start) == [])
    #expect(client.unexpectedEvents == 13)
  }
}

extension Refusal {
  /// Step and word, as tables compare them.
  var short: String { step.section + " " + code }
}

extension Result where Failure == Refusal {
  /// Step and word of a refusal.
  var short: String? {
    guard case .failure(let refusal) = self else { return nil }
    return refusal.short
  }
}

extension PublishedRepository {
  /// New versions of everything below root.
  mutating func release() {
    targets.version += 1
    snapshot.version += 1
    timestamp.version += 1
    publishTargets()
  }
}
