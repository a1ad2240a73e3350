// SPDX-License-Identifier: Apache-2.0

import Assembly
import Devices
import TerminalCore

/// Something that is going to happen in a world; what is large lies elsewhere, so that a queue of
/// these is quickly put in order.
enum Happening: Hashable, Sendable {
  /// The firmware of this start is told something; a later start never hears of it.
  indirect case firmware(Firmware.Event, start: UInt32)
  /// Something happens on a connection to the acquirer.
  indirect case heard(AcquirerEvent, connection: UInt32)
  /// A request reaches the acquirer long after it was sent, on a connection that nobody hears.
  case strayRequest([UInt8])
  /// A driver's link comes up.
  case linkUp(Port, start: UInt32)
  /// An early answer of a journal that lies: only now the entry is on disk.
  indirect case lateCommit(JournalEntry, start: UInt32)
  indirect case reader(ReaderModel.Event)
  indirect case chipReader(NEO2Model<ShopCard>.Event)
  /// The customer with this account puts the card into the slot.
  case cardInserted(Int)
  /// Whatever card is in the slot is taken out.
  case cardTaken
  indirect case printer(PrinterModel.Event)
  indirect case pad(PINPadModel.Event)
  indirect case acquirer(AcquirerModel.Event)
  indirect case management(ManagementModel.Event)
  /// The power goes, unless it has gone since.
  case powerOff(start: UInt32)
  /// The power comes back.
  case powerOn
  /// The clerk looks at the terminal.
  case clerk
}
