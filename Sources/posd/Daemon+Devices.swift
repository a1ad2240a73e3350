// SPDX-License-Identifier: Apache-2.0

import Assembly
import Devices
import LinuxHost
import TerminalCore

// What the control interface is told of the devices.
extension Daemon {
  var devices: [DeviceReport] {
    Port.allCases.map { port in
      let (health, tally) = firmware.health(port)
      return DeviceReport(
        port: port, address: configuration.ports[port]?.text ?? "", health: health, tally: tally,
        lineErrors: links[port]?.lineErrors ?? 0, problem: problem(port))
    }
  }

  var printer: PrinterDetails {
    PrinterDetails(
      parts: firmware.partTimes, wear: firmware.terminal.wear,
      hasCutter: configuration.board.printer.hasCutter, logo: firmware.terminal.storedLogo,
      isStoringLogo: firmware.terminal.isStoringLogo,
      profile: configuration.printerProfile)
  }

  var sinceClock: SinceClock { SinceClock(wall: clock, now: SystemClock.now) }

  private func problem(_ port: Port) -> Problem? {
    switch port {
    case .reader: firmware.terminal.devices.reader.map { .reader($0) }
    case .printer: firmware.terminal.printerProblem
    case .pinPad: firmware.terminal.devices.pinPad.map { .pinPad($0) }
    }
  }
}
