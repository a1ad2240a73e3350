// SPDX-License-Identifier: Apache-2.0

/// How a serial port is set; always eight data bits, no parity, one stop bit.
public struct SerialSettings: Hashable, Sendable {
  /// Who holds the sender back.
  public enum Flow: Hashable, Sendable {
    /// Nobody.
    case none
    /// The device, by the CTS line.
    case cts
    /// The device, by XON and XOFF.
    case xonXoff
  }

  /// The device file; a symbolic link is followed at each opening.
  public var path: String
  /// Bits a second.
  public var baud: Int
  /// Flow control.
  public var flow: Flow

  /// Settings.
  public init(path: String, baud: Int, flow: Flow) {
    self.path = path
    self.baud = baud
    self.flow = flow
  }
}
