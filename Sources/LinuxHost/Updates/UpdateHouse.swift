// SPDX-License-Identifier: Apache-2.0

public import Updates

/// What an update must know of the program that it updates, and may ask of it: posd in service, or
/// the little that runs in safe mode.
public protocol UpdateHouse: AnyObject {
  /// How the terminal is, as far as an update must know; the window and the power are not its own.
  var gates: Gates { get }
  /// Which organs of the payment path are out of order. Those that cost a write to the storage or a
  /// signature are left out of a quick look.
  func failingOrgans(isQuick: Bool) -> Organs
  /// Asks the host whether it is there; the answer comes by `UpdateDesk.hostTested`.
  func testHost()
  /// Ends the program, so that the supervisor starts what is to be started.
  func restart()
  /// Something of the update has changed, as people see it.
  func updateMayHaveChanged()
}
