// SPDX-License-Identifier: Apache-2.0

import LinuxHost
import Logging
import TerminalCore
import Updates

/// What runs where the terminal's own program does not start: the control interface with status,
/// log and update, and nothing that could sell. It reads of the configuration what can be read.
final class SafeMode {
  let log = Logger(label: "posd")
  private let loop = EventLoop()
  private let configuration: SafeConfiguration
  private let service = ServiceManager()
  private let signals: Signals
  private let transfers: Transfers
  private var control: ControlServer?
  private(set) var updates: UpdateDesk?
  private var endCode: Int32 = 0

  init(_ arguments: Arguments) throws {
    guard let signals = Signals(), let transfers = Transfers() else {
      throw Daemon.Fault(text: "SYS-001 the system refuses signals or sockets")
    }
    self.signals = signals
    self.transfers = transfers
    configuration = SafeConfiguration(file: arguments.config, run: arguments.run)
    for fault in configuration.faults {
      log.error("configuration", metadata: ["fault": "\(fault.text)"])
    }
    do throws(SystemFault) {
      control = try ControlServer(
        socket: configuration.controlSocket, loop: loop, house: self,
        catalogue: configuration.catalogue)
    } catch {
      throw Daemon.Fault(text: "SYS-001 \(configuration.controlSocket): \(error.text)")
    }
    if let settings = configuration.updates {
      updates = UpdateDesk(
        settings, serial: configuration.serial, state: arguments.state, run: arguments.run,
        transfers: transfers, house: self, management: nil)
    }
  }

  /// Serves until a signal ends it, or the other version is to be started.
  func run() -> Int32 {
    signals.onTerminate = { [unowned self] in loop.stop() }
    loop.add(signals)
    loop.add(transfers)
    loop.add(service)
    if let control { loop.add(control) }
    if let updates { loop.add(updates) }
    if let source = updates?.source { loop.add(source) }
    service.ready(status.state.name)
    log.error("safe mode", metadata: ["cause": "\(cause)"])
    updates?.start()
    loop.run()
    service.stopping()
    control?.close()
    return endCode
  }

  /// What of the configuration cannot be used, or why the supervisor chose this mode.
  private var cause: String {
    configuration.faults.first?.text ?? updates?.report.cause ?? ""
  }
}

extension SafeMode: ControlHouse {
  var serial: String { configuration.serial }
  var status: TerminalStatus { .safeMode(cause) }
  var terminal: (any TerminalHouse)? { nil }
  var counters: ProgramCounters {
    ProgramCounters(wakeUps: loop.wakeUps, commits: 0, events: 0, unexpectedEvents: 0, kinds: [])
  }
}

extension SafeMode: UpdateHouse {
  /// Nobody sells here, and what is unsent lies in the ledger for the version that can send it.
  var gates: Gates { Gates() }
  /// Nobody knows how the payment path is: what is out of order is not the next version's fault.
  func failingOrgans(isQuick: Bool) -> Organs { Organs(Organ.allCases) }
  func testHost() { updates?.hostTested(.unreached) }
  func restart() {
    endCode = UpdateDesk.restartCode
    loop.stop()
  }
  func updateMayHaveChanged() { control?.updateMayHaveChanged() }
}
