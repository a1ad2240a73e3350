// SPDX-License-Identifier: Apache-2.0

import Assembly
import LinuxHost
import TerminalCore

// What the control interface is told of what ends.
extension Daemon {
  var expirySources: ExpirySources {
    ExpirySources(
      configuration, publicKeys: firmware.terminal.publicKeys,
      metadataFolder: updates.map { _ in UpdateDesk.metadataFolder(state: state) },
      offsetMinutes: SystemClock.offsetMinutes)
  }
}
