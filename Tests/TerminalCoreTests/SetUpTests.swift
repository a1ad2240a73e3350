// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("Network and registration")
struct SetUpTests {
  private static func fresh() throws -> Till {
    var till = try Till()
    till.start()
    till.forget()
    return till
  }

  private static let settings = NetworkSettings(acquirer: Till.endpoint)

  @Test("a candidate is tried in memory and kept only by a commit")
  func commit() throws {
    var till = try SetUpTests.fresh()
    till.ask(.setNetwork(SetUpTests.settings))
    #expect(till.answers.last == .done)
    #expect(till.journal.isEmpty)
    #expect(till.terminal.status.network == nil)
    #expect(try till.restarted().terminal.status.network == nil)
    till.ask(.commitNetwork)
    #expect(till.journal.count == 1)
    #expect(try till.restarted().terminal.status.network == SetUpTests.settings)
  }

  @Test(
    "each layer that fails is named, and the old settings stay",
    arguments: [
      (NetworkLayer.link, "NET-001"), (.address, "NET-002"), (.name, "NET-003"), (.tcp, "NET-004"),
      (.tls, "NET-005"), (.greeting, "NET-009"), (.write, "NET-006"), (.read, "NET-007"),
    ])
  func layers(_ layer: NetworkLayer, _ code: String) throws {
    var till = try SetUpTests.fresh()
    till.ask(.setNetwork(SetUpTests.settings))
    till.ask(.commitNetwork)
    till.hostFailure = layer
    let other = Endpoint(host: "other.example", port: 1, usesTLS: true)
    till.ask(.setNetwork(NetworkSettings(acquirer: other)))
    #expect(till.refusal == code)
    #expect(till.terminal.status.network == SetUpTests.settings)
    till.ask(.commitNetwork)
    #expect(till.refusal == "NET-011")
  }

  @Test("both hosts are probed, each failure is named, and a restart knows both")
  func backup() throws {
    let backup = Endpoint(host: "backup.example", port: 7_501, usesTLS: false)
    let both = NetworkSettings(acquirer: Till.endpoint, backup: backup)
    var till = try SetUpTests.fresh()
    till.ask(.setNetwork(both))
    #expect(till.answers.last == .done)
    #expect(till.connected == [Till.endpoint, backup])
    till.ask(.commitNetwork)
    #expect(try till.restarted().terminal.status.network == both)
    let tcp = Problem.network(.tcp, code: 111)
    for (dead, problem) in [
      ([backup], Problem.hosts(primary: nil, backup: tcp)),
      ([Till.endpoint], .hosts(primary: tcp, backup: nil)),
      ([Till.endpoint, backup], .hosts(primary: tcp, backup: tcp)),
    ] {
      till.deadHosts = dead
      till.ask(.setNetwork(both))
      #expect(till.answers.last == .refused(problem))
      #expect(till.refusal == "NET-004")
      #expect(till.terminal.status.candidate == nil)
      #expect(till.terminal.status.network == both)
    }
  }

  @Test("a sale goes to the back-up while the first host is dead")
  func saleByBackup() throws {
    var till = try Till.inService()
    let backup = Endpoint(host: "backup.example", port: 7_501, usesTLS: true)
    till.ask(.setNetwork(NetworkSettings(acquirer: Till.endpoint, backup: backup)))
    till.ask(.commitNetwork)
    till.connected = []
    till.deadHosts = [Till.endpoint]
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.connected == [Till.endpoint, backup, backup])
    till.deadHosts = [Till.endpoint, backup]
    till.sell("till/3", 1_200)
    #expect(till.row("till/3")?.state == "not sent")
    #expect(till.terminal.status.reversals.isEmpty)
  }

  @Test("an open connection serves sale after sale, and an echo keeps it")
  func longLink() throws {
    var till = try Till.inService(
      link: LinkRules(idleLimit: .seconds(300), keepAlive: .echo, keepAlivePause: .seconds(60)))
    till.sell("till/1", 1_200)
    till.connected = []
    till.sent = []
    till.wait(.seconds(130))
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.connected.isEmpty)
    #expect(till.sent.count == 3)
    // Its reversal has the sale's trace number, and goes to a connection on which nothing is open.
    till.sell("till/3", 10_202)
    till.wait(.seconds(60))
    #expect(till.row("till/3")?.state == "reversed")
    #expect(till.connected.count == 1)
    #expect(till.acquirer.refusedFrames == 0)
  }

  @Test("a record of the time without back-ups is still read")
  func oldRecord() throws {
    var fields = FieldWriter()
    fields.write(1, "acquirer.example")
    fields.write(2, 7_500 as UInt64)
    fields.write(3, 1 as UInt64)
    let old = RecordUpdate(key: "network", isLive: true, body: fields.bytes)
    #expect(try Till(records: [old]).terminal.status.network == SetUpTests.settings)
  }

  @Test("a candidate can be rolled back, and one nobody commits goes by itself")
  func rollBack() throws {
    var till = try SetUpTests.fresh()
    till.ask(.setNetwork(SetUpTests.settings))
    till.ask(.rollbackNetwork)
    #expect(till.answers.last == .done)
    till.ask(.commitNetwork)
    #expect(till.refusal == "NET-011")
    till.ask(.setNetwork(SetUpTests.settings))
    till.wait(.seconds(3_600))
    #expect(till.terminal.status.candidate == nil)
    #expect(till.journal.isEmpty)
  }

  @Test("an application is rejected with reasons, and accepted when it is mended")
  func rejected() throws {
    var till = try SetUpTests.fresh()
    till.ask(.setNetwork(SetUpTests.settings))
    till.ask(.commitNetwork)
    till.ask(.register(SimulatedShop.application(place: "nowhere")))
    till.wait(.seconds(30))
    #expect(till.terminal.state == .underReview)
    #expect(
      till.terminal.status.rejection == [FieldReason(field: "place", reason: "no such place")])
    #expect(till.terminal.status.problems.contains { $0.code == "REG-003" })
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    till.wait(.seconds(60))
    #expect(till.terminal.state == .commissioning)
    #expect(till.terminal.status.terminalID == "10000001")
  }

  @Test("a server that refuses or talks nonsense is asked again, and the reason is shown")
  func server() throws {
    var till = try SetUpTests.fresh()
    till.ask(.setNetwork(SetUpTests.settings))
    till.ask(.commitNetwork)
    till.serverStatus = 503
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    till.wait(.seconds(30))
    #expect(
      till.terminal.status.problems.contains { $0.code == "REG-001" } || till.refusal == "REG-001")
    till.serverStatus = 202
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    till.wait(.seconds(30))
    #expect(
      till.terminal.status.problems.contains { $0.code == "REG-002" } || till.refusal == "REG-002")
    till.serverStatus = nil
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    till.wait(.seconds(120))
    #expect(till.terminal.state == .commissioning)
    #expect(till.server.applicationCount == 1)
  }

  @Test("a restart in the middle of the review goes on where it was")
  func restarted() throws {
    var till = try SetUpTests.fresh()
    till.ask(.setNetwork(SetUpTests.settings))
    till.ask(.commitNetwork)
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    var again = try till.restarted()
    again.start()
    #expect(again.terminal.state == .underReview)
    again.wait(.seconds(60))
    #expect(again.terminal.state == .commissioning)
    #expect(again.server.applicationCount == 1)
  }
}
