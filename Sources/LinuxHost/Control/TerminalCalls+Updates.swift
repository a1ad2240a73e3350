// SPDX-License-Identifier: Apache-2.0

import Management
import Updates

extension TerminalCalls {
  /// The methods about updates; nil for any other name.
  static func update(_ name: String, _ parameters: JSON) -> Meaning? {
    switch name {
    case "GetUpdate": return .query(.update)
    case "WatchUpdate": return .watchUpdate
    case "CheckUpdate": return .update(.check)
    case "DownloadUpdate": return .update(.download)
    case "ApplyUpdate": return .update(.apply)
    case "CancelUpdate": return .update(.cancel)
    case "PostponeUpdate":
      guard let minutes = parameters["minutes"]?.integer, minutes > 0 else {
        return .invalid(parameter: "minutes")
      }
      return .update(.postpone(minutes: minutes))
    case "OverrideUpdate":
      switch parameters["role"]?.text {
      case "supervisor": return .update(.override(.supervisor))
      case "technician": return .update(.override(.technician))
      default: return .invalid(parameter: "role")
      }
    case "InstallUpdate":
      guard let file = parameters["file"]?.text, file.hasPrefix("/") else {
        return .invalid(parameter: "file")
      }
      guard let recovery = given("recovery", parameters) else {
        return .update(.install(path: file, recovery: nil))
      }
      guard let document = recovery.text, document.hasPrefix("/") else {
        return .invalid(parameter: "recovery")
      }
      return .update(.install(path: file, recovery: document))
    default: return nil
    }
  }
}
