// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import LinuxHost
import TerminalCore
import Updates

// What an update must know of a terminal in service, and may ask of it.

extension Daemon: UpdateHouse {
  /// The question to the host is the update's own: no caller of the control interface has this
  /// number.
  static let hostTest = RequestID(0)

  var gates: Gates {
    let terminal = firmware.terminal
    var gates = Gates()
    gates.isSelling = terminal.isInTransaction
    gates.hasUnsentMoney = terminal.owesMoney
    gates.isMoneyStuck = terminal.isMoneyStuck
    gates.owesReceipt = terminal.owesPaper
    return gates
  }

  func failingOrgans(isQuick: Bool) -> Organs {
    var failing = Organs.none
    let terminal = firmware.terminal
    if terminal.devices.reader != nil { failing.insert(.reader) }
    if terminal.devices.pinPad != nil { failing.insert(.pinPad) }
    // Paper that is out is nobody's version.
    if firmware.health(.printer).0.condition != .connected { failing.insert(.printer) }
    if !terminal.hasKeys { failing.insert(.keys) }
    if !terminal.hasJournal { failing.insert(.journal) }
    if !terminal.codesMessages(at: SystemClock.now) { failing.insert(.messages) }
    if isQuick { return failing }
    if !StorageProbe.passes(folder: state) { failing.insert(.storage) }
    if !TLSStart.works(configuration.acquirerLink) { failing.insert(.tls) }
    return failing
  }

  func testHost() {
    // A terminal without an acquirer has no host to lose.
    if firmware.terminal.status.network == nil { return updates?.hostTested(.reached) ?? () }
    tell(.terminal(.requested(Daemon.hostTest, .testNetwork)))
  }

  /// The host's answer to the update's own question.
  func hostTested(_ answer: ControlAnswer) {
    switch answer {
    case .done: updates?.hostTested(.reached)
    case .refused(let problem): updates?.hostTested(Daemon.half(problem))
    case .settled, .transaction: break
    }
  }

  /// Where the layered test places the fault; nil where the terminal had no time to test. Only what
  /// is surely its own counts against a version: an answer that cannot be read may be the host's
  /// fault, and a storage that is full nobody's; message coding and storage are of the own half.
  private static func half(_ problem: Problem) -> UpdateMachine.WorldHalf? {
    switch problem {
    case .busy, .notAllowed: nil
    case .network(.tls, let code): TLSStart.isOwnFault(code) ? .faultInside : .unreached
    default: .unreached
    }
  }

  func restart() {
    endCode = UpdateDesk.restartCode
    loop.stop()
  }

  func updateMayHaveChanged() { control?.updateMayHaveChanged() }
}
