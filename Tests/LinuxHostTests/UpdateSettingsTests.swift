// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import Simulator
import Testing
import Updates

@testable import LinuxHost

@Suite("What a terminal's file says of updates")
struct UpdateSettingsTests {
  private static let good = """
    updates:
      mirrors: [https://one.example/posd, "http://two.example/"]
      root-file: root.json
      board: pos-x1
      window: "22:30-05:00"
    control:
    """

  /// The shipped files with a stanza of updates, and a root beside them.
  private static func load(_ stanza: String, _ folder: Folder) throws -> UpdateSettings? {
    for file in try shippedConfiguration() {
      var text = try String(contentsOfFile: repository + "/Config/" + file, encoding: .utf8)
      if file == "posd.yaml" {
        text = text.replacingOccurrences(of: "\ncontrol:", with: "\n" + stanza)
      }
      try folder.write(file, text)
    }
    var repository = PublishedRepository()
    repository.publish()
    try folder.write("root.json", repository.served["1.root.json"] ?? [])
    return try Configuration(file: folder.path + "/posd.yaml", run: folder.path).updates
  }

  @Test("without a word there are no updates")
  func none() throws {
    #expect(try UpdateSettingsTests.load("control:", try Folder()) == nil)
  }

  @Test("what is said is taken over, and what is not is as the policy has it")
  func said() throws {
    let more =
      "  apply: asked\n  ask-management: true\n  notice-seconds: 90\n  postponements: 0\n"
      + "control:"
    let settings = try #require(
      try UpdateSettingsTests.load(
        UpdateSettingsTests.good.replacingOccurrences(of: "control:", with: more), try Folder()))
    #expect(settings.mirrors == ["https://one.example/posd/", "http://two.example/"])
    #expect(settings.policy.mirrors == 2 && settings.board == "pos-x1")
    #expect(settings.asksManagement)
    #expect(!settings.policy.appliesByItself && settings.policy.fetchesByItself)
    #expect(settings.policy.notice == .seconds(90) && settings.policy.postponements == 0)
    #expect(settings.policy.checkPause == UpdatePolicy().checkPause)
    #expect(settings.recoveryKeys == nil && settings.authorityFile == nil)
  }

  @Test(
    "each mistake is told with its place",
    arguments: [
      ("https://one.example/posd", "ftp://one.example", "updates.mirrors holds addresses"),
      ("root-file: root.json", "root-file: none.json", "none.json cannot be read"),
      ("window: \"22:30-05:00\"", "window: late", "must be two times of the day"),
      ("window: \"22:30-05:00\"", "window: \"22:30-24:00\"", "must be two times of the day"),
      ("board: pos-x1", "board: pos-x1\n  postpone: 1", "unknown key updates.postpone"),
      ("board: pos-x1", "board: pos-x1\n  apply: never", "updates.apply must be one of"),
      (
        "board: pos-x1", "board: pos-x1\n  recovery-keys-file: errors.yaml",
        "is not as it must be"
      ),
    ])
  func mistakes(_ from: String, _ to: String, _ wanted: String) throws {
    let stanza = UpdateSettingsTests.good.replacingOccurrences(of: from, with: to)
    do {
      _ = try UpdateSettingsTests.load(stanza, try Folder())
      Issue.record("\(to) was taken")
    } catch let fault as ConfigurationFault {
      #expect(fault.text.contains(wanted), "\(fault.text)")
      #expect(fault.place.line > 40)
    }
  }

  @Test(
    "a window ends where it says, also over midnight, and an empty one is the whole day",
    arguments: [
      (120, 300, [119: false, 120: true, 299: true, 300: false]),
      (1_350, 300, [1_349: false, 1_350: true, 0: true, 299: true, 300: false, 700: false]),
      (0, 0, [0: true, 720: true, 1_439: true]),
    ])
  func window(_ from: Int, _ to: Int, _ minutes: [Int: Bool]) {
    let window = UpdateSettings.Window(from: from, to: to)
    for (minute, isOpen) in minutes { #expect(window.contains(minute) == isOpen, "\(minute)") }
  }

  @Test("safe mode takes of a broken file what can be used, tells the rest, and starts")
  func safeMode() throws {
    let folder = try Folder()
    let missing = UpdateSettingsTests.good.replacingOccurrences(of: "root.json", with: "no.json")
    _ = try? UpdateSettingsTests.load(missing, folder)
    let file = folder.path + "/posd.yaml"
    var safe = SafeConfiguration(file: file, run: "/run/x")
    #expect(safe.faults.count == 1 && safe.updates == nil)
    #expect(safe.serial == "SIM00001" && safe.controlSocket == "/run/x/control.sock")
    #expect(safe.catalogue.entry("UPD-030") != nil)
    _ = try UpdateSettingsTests.load(UpdateSettingsTests.good, folder)
    safe = SafeConfiguration(file: file, run: "/run/x")
    #expect(safe.faults.isEmpty && safe.updates?.board == "pos-x1")
    try folder.write("posd.yaml", "terminal: [\n")
    safe = SafeConfiguration(file: file, run: "/run/x")
    #expect(safe.faults.count == 1 && safe.controlSocket == "/run/x/control.sock")
    safe = SafeConfiguration(file: folder.path + "/nothing.yaml", run: "/run/x")
    #expect(safe.faults.count == 1 && safe.serial.isEmpty)
  }
}
