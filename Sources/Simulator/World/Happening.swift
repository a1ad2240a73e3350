// SPDX-License-Identifier: Apache-2.0

import Assembly
import Devices
import TerminalCore

/// Something that is going to happen in a world.
enum Happening: Hashable, Sendable {
  /// The firmware of this start is told something; a later start never hears of it.
  case firmware(Firmware.Event, start: UInt32)
  /// Something happens on a connection to the acquirer.
  case heard(AcquirerEvent, connection: UInt32)
  /// A request reaches the acquirer long after it was sent, on a connection that nobody hears.
  case strayRequest([UInt8])
  /// A driver's link comes up.
  case linkUp(Port, start: UInt32)
  /// An early answer of a journal that lies: only now the entry is on disk.
  case lateCommit(JournalEntry, start: UInt32)
  case reader(ReaderModel.Event)
  case printer(PrinterModel.Event)
  case pad(PINPadModel.Event)
  case acquirer(AcquirerModel.Event)
  case management(ManagementModel.Event)
  /// The power goes, unless it has gone since.
  case powerOff(start: UInt32)
  /// The power comes back.
  case powerOn
  /// The clerk looks at the terminal.
  case clerk
}
