// SPDX-License-Identifier: Apache-2.0

/// What safe mode needs of `posd.yaml`. The file may be why the terminal does not start, so
/// whatever of it cannot be used is left out and told, and nothing of it stops the start.
public struct SafeConfiguration: Sendable {
  /// The terminal's serial number, or empty.
  public private(set) var serial = ""
  /// The control interface's socket; where the file has none, the one that posctl looks for.
  public private(set) var controlSocket: String
  /// What can stand in a person's way, or nothing.
  public private(set) var catalogue = Catalogue()
  /// Updates; nil where the file says nothing of them that can be used.
  public private(set) var updates: UpdateSettings?
  /// What cannot be used.
  public private(set) var faults: [ConfigurationFault] = []

  /// Reads what can be read; `run` replaces `${RUN}`.
  public init(file: String, run: String) {
    controlSocket = run + "/control.sock"
    let folder = Configuration.folder(of: file)
    var found: [ConfigurationFault] = []
    func read<Value>(_ work: () throws(ConfigurationFault) -> Value) -> Value? {
      do throws(ConfigurationFault) {
        return try work()
      } catch {
        found.append(error)
        return nil
      }
    }
    let reader = read { () throws(ConfigurationFault) in
      try YAMLReader(try Configuration.parse(file), substitutions: [("RUN", run)])
    }
    if let reader {
      serial =
        read { () throws(ConfigurationFault) in try reader.map("terminal").text("serial") } ?? ""
      controlSocket =
        read { () throws(ConfigurationFault) in try reader.map("control").text("socket") }
        ?? controlSocket
      catalogue =
        read { () throws(ConfigurationFault) in
          try Catalogue(file: folder + "/" + (try reader.text("catalogue")))
        } ?? catalogue
      if reader.has("updates") {
        updates = read { () throws(ConfigurationFault) in
          try UpdateSettings(try reader.map("updates"), folder: folder)
        }
      }
    }
    faults = found
  }
}
