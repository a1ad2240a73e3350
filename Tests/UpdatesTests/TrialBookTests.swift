// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Simulator
import Testing
import Updates

@Suite("The book of trials, where a boot chooser starts the slots")
struct TrialBookTests {
  /// A book of a terminal that runs from A, with an order for B.
  private struct Shelf {
    let disk = ModelDisk()
    let order: InstallOrder
    var book: TrialBook<ModelDisk> { TrialBook(disk) }
    var trial: BootState.Trial? { book.state?.trial }

    init(recovery: Int64 = 0) throws {
      var visit = RepositoryVisit { $0.listsDigests = false }
      let repository = visit.repository
      let bundle = PublishedBundle(version: "1.2")
      let list = MetadataMember(
        "targets", .object([MetadataMember("bundle", bundle.listed())]))
      let signed = repository.signed("targets", repository.targets, [list])
      visit.repository.served["1.targets.json"] = repository.document(
        signed, repository.targets)
      let target = try visit.find("bundle").get()
      let expected = SlotExpectations(target: target, release: try Release(target))
      order = InstallOrder(expected, recovery: recovery)
    }

    /// As far as the word to the boot chooser.
    func toSwitch() throws {
      try book.booted(.a)
      try book.beginInstall(order, from: .a)
      try book.beginSwitch()
    }
  }

  @Test("a start from the other slot is a trial, which passes and stays, and raises the floor")
  func stays() throws {
    let shelf = try Shelf(recovery: 5)
    try shelf.toSwitch()
    try shelf.book.switched()
    try shelf.book.booted(.b)
    #expect(shelf.trial?.phase == .switching)
    try shelf.book.pass()
    try shelf.book.booted(.b)
    #expect(shelf.trial?.phase == .probation)
    try shelf.book.commit()
    let state = try #require(shelf.book.state)
    #expect(state.trial == nil && state.chosen == .b && state.cause == .committed)
    #expect(state.floors.version == ReleaseVersion("1.2") && state.recovery == 5)
  }

  @Test("a switch that was cut before the chooser was told was nobody's fault")
  func cut() throws {
    let shelf = try Shelf()
    try shelf.toSwitch()
    try shelf.book.booted(.a)
    let state = try #require(shelf.book.state)
    #expect(state.trial == nil && state.cause == .switchInterrupted)
    #expect(state.failures(of: shelf.order.expectations.digest) == 0)
  }

  @Test("behind the chooser's word the old slot again means that it fell back, and counts")
  func fellBack() throws {
    let shelf = try Shelf()
    try shelf.toSwitch()
    try shelf.book.switched()
    // Told twice is told once.
    try shelf.book.switched()
    #expect(shelf.trial?.left == BootState.tries - 1)
    try shelf.book.booted(.a)
    let state = try #require(shelf.book.state)
    #expect(state.trial == nil && state.cause == .fellBack(.neverReady) && state.chosen == .a)
    #expect(state.failures(of: shelf.order.expectations.digest) == 1)
  }

  @Test("where nobody says which slot runs, a trial has as many starts as it ever has")
  func unseen() throws {
    let shelf = try Shelf()
    #expect(try !shelf.book.unseen())
    try shelf.book.booted(.a)
    try shelf.book.beginInstall(shelf.order, from: .a)
    #expect(try !shelf.book.unseen())
    // The chooser was not told yet: what runs is no trial.
    try shelf.book.beginSwitch()
    #expect(try !shelf.book.unseen())
    try shelf.book.switched()
    #expect(try shelf.book.unseen())
    #expect(try shelf.book.unseen())
    #expect(shelf.trial?.left == 0)
    #expect(try !shelf.book.unseen())
    try shelf.book.booted(.a)
    #expect(shelf.book.state?.cause == .fellBack(.neverReady))
    // In probation too, and not behind the end.
    try shelf.toSwitch()
    try shelf.book.switched()
    try shelf.book.booted(.b)
    try shelf.book.pass()
    for _ in 0..<BootState.tries { #expect(try shelf.book.unseen()) }
    #expect(try !shelf.book.unseen())
    #expect(shelf.trial?.phase == .probation)
    try shelf.book.beginRevert(.crashed)
    #expect(try !shelf.book.unseen())
  }

  @Test("where the machine was not started since the chooser's word, nobody has fallen back")
  func restarted() throws {
    let shelf = try Shelf()
    try shelf.toSwitch()
    try shelf.book.switched()
    try shelf.book.booted(.a, isRestart: true)
    let state = try #require(shelf.book.state)
    #expect(state.trial == nil && state.cause == .switchInterrupted && state.chosen == .a)
    #expect(state.failures(of: shelf.order.expectations.digest) == 0)
    // The slot that was not tried is written anew, and tried.
    try shelf.toSwitch()
    try shelf.book.booted(.b, isRestart: true)
    #expect(shelf.trial?.phase == .switching)
  }

  @Test("what is given up is given up until the slot before has started, and says why")
  func reverted() throws {
    let shelf = try Shelf()
    try shelf.toSwitch()
    try shelf.book.switched()
    try shelf.book.booted(.b)
    try shelf.book.beginRevert(.organ(.printer))
    try shelf.book.booted(.b)
    #expect(shelf.trial?.phase == .reverting)
    try shelf.book.booted(.a)
    let state = try #require(shelf.book.state)
    #expect(state.trial == nil && state.cause == .fellBack(.organ(.printer)))
  }

  @Test("an installation that was cut is no trial, and one on trial keeps its way back")
  func installing() throws {
    let shelf = try Shelf()
    try shelf.book.booted(.a)
    try shelf.book.beginInstall(shelf.order, from: .a)
    try shelf.book.booted(.a)
    #expect(shelf.trial?.phase == .installing)
    try shelf.book.beginInstall(shelf.order, from: .a)
    // The engine has switched by itself, and the power was cut before that was taken back.
    try shelf.book.booted(.b)
    #expect(shelf.trial?.phase == .switching && shelf.trial?.left == BootState.tries - 1)
    #expect(throws: InstallFault.slotInUse) {
      try shelf.book.beginInstall(shelf.order, from: .b)
    }
  }

  @Test("where a person has started the other slot, that is the chosen one")
  func chosen() throws {
    let shelf = try Shelf()
    try shelf.book.booted(.a)
    try shelf.book.booted(.b)
    #expect(shelf.book.state?.chosen == .b && shelf.book.state?.cause == .chosen)
  }
}
