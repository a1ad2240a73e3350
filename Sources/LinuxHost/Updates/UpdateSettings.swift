// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import Updates

/// What `posd.yaml` says of updates.
public struct UpdateSettings: Hashable, Sendable {
  /// The hours in which the merchant lets the terminal be updated, by local time.
  public struct Window: Hashable, Sendable {
    /// Minutes of the day from which on …
    public var from: Int
    /// … and at which it is over; before `from` for one over midnight, the same for the whole day.
    public var to: Int

    /// Whether this minute of the day is in it.
    public func contains(_ minute: Int) -> Bool {
      if from == to { return true }
      return from < to ? (from..<to).contains(minute) : minute >= from || minute < to
    }
  }

  /// Who keeps the slots.
  public enum Engine: Hashable, Sendable {
    /// Folders, out of which posd-boot starts posd.
    case folders
    /// RAUC, behind its bus.
    case rauc(RAUC)
  }

  /// How RAUC is spoken to.
  public struct RAUC: Hashable, Sendable {
    /// Its bus; nil for the system's.
    public var bus: String?
    /// What kind of bundles it takes.
    public var format: Release.Format
    /// The file that says of which version an image is that RAUC did not install.
    public var osRelease: String
  }

  /// Who keeps the slots.
  public var engine: Engine
  /// Where the repository is served, each with its slash; the first is asked first.
  public var mirrors: [String]
  /// Whose certificates the mirrors have; nil for the system's. What is fetched is signed, so that
  /// a certificate which is refused is told and stops nothing.
  public var authorityFile: String?
  /// The maker's root, from which every later one must be reachable.
  public var root: [UInt8]
  /// Who may sign the way out of everything that has expired.
  public var recoveryKeys: RecoveryKeys?
  /// Whether the management server is told how the program is and asked which version it wants.
  public var asksManagement: Bool
  /// What the releases call this board.
  public var board: String
  /// When it may be done.
  public var window: Window
  /// How long what is waited for, and how often it is tried.
  public var policy: UpdatePolicy

  private static let rootLimit = 1 << 20

  /// Reads the stanza `updates`; the files it names lie beside posd.yaml.
  init(_ reader: YAMLReader, folder: String) throws(ConfigurationFault) {
    mirrors = []
    for (text, place) in try reader.texts("mirrors") {
      if !text.hasPrefix("https://"), !text.hasPrefix("http://") {
        throw ConfigurationFault(
          place: place, message: "updates.mirrors holds addresses, as in https://host.example/")
      }
      mirrors.append(text.hasSuffix("/") ? text : text + "/")
    }
    if reader.has("authority-file") { authorityFile = try reader.text("authority-file") }
    let rootFile = UpdateSettings.path(try reader.text("root-file"), folder)
    guard let root = FileSystem.read(rootFile, limit: UpdateSettings.rootLimit) else {
      throw reader.fault("root-file", "\(rootFile) cannot be read")
    }
    self.root = root
    if reader.has("recovery-keys-file") {
      let file = UpdateSettings.path(try reader.text("recovery-keys-file"), folder)
      guard let bytes = FileSystem.read(file, limit: RecoveryKeys.fileLimit) else {
        throw reader.fault("recovery-keys-file", "\(file) cannot be read")
      }
      do throws(MetadataFault) {
        recoveryKeys = try RecoveryKeys(parsing: bytes)
      } catch {
        throw reader.fault("recovery-keys-file", "\(file): \(error.place) is not as it must be")
      }
    }
    engine = try UpdateSettings.engine(reader)
    board = try reader.text("board")
    asksManagement = reader.has("ask-management") ? try reader.boolean("ask-management") : false
    window = try UpdateSettings.window(reader)
    policy = try UpdatePolicy(reader)
    policy.mirrors = mirrors.count
    try reader.finish()
  }

  /// Folders where nothing is said.
  private static func engine(_ reader: YAMLReader) throws(ConfigurationFault) -> Engine {
    if !reader.has("slots") { return .folders }
    if try reader.choice("slots", [("folders", false), ("rauc", true)]) == false {
      return .folders
    }
    let format = try reader.choice(
      "format", [("plain", Release.Format.plain), ("verity", .verity)])
    let bus = reader.has("bus") ? try reader.text("bus") : nil
    let osRelease = reader.has("os-release") ? try reader.text("os-release") : "/etc/os-release"
    return .rauc(RAUC(bus: bus, format: format, osRelease: osRelease))
  }

  /// `02:00-05:00`.
  private static func window(_ reader: YAMLReader) throws(ConfigurationFault) -> Window {
    let text = try reader.text("window")
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(minute)
    guard ends.count == 2, let from = ends[0], let to = ends[1] else {
      throw reader.fault("window", "must be two times of the day, as in 02:00-05:00")
    }
    return Window(from: from, to: to)
  }

  private static func minute(_ text: Substring) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), let hour = Int(text.prefix(2)),
      let minute = Int(text.suffix(2)), (0..<24).contains(hour), (0..<60).contains(minute)
    else { return nil }
    return hour * 60 + minute
  }

  private static func path(_ name: String, _ folder: String) -> String {
    name.hasPrefix("/") ? name : folder + "/" + name
  }
}

extension UpdatePolicy {
  /// What a terminal's own file may say of it; without a word the policy is as it is.
  init(_ reader: YAMLReader) throws(ConfigurationFault) {
    self.init()
    func interval(
      _ key: String, _ range: ClosedRange<Int>, _ set: (Int64) -> Void
    ) throws(ConfigurationFault) {
      if reader.has(key) { set(Int64(try reader.integer(key, range))) }
    }
    var next = self
    try interval("check-minutes", 1...43_200) { next.checkPause = .minutes($0) }
    try interval("notice-seconds", 0...3_600) { next.notice = .seconds($0) }
    try interval("postponements", 0...20) { next.postponements = UInt8($0) }
    try interval("postponement-minutes", 1...1_440) { next.postponementMinutes = $0 }
    try interval("bytes-per-second", 0...1_000_000_000) { next.rate = $0 }
    try interval("own-half-seconds", 10...600) { next.ownHalf = .seconds($0) }
    try interval("host-pause-seconds", 1...3_600) { next.hostPause = .seconds($0) }
    try interval("probation-seconds", 1...2_592_000) { next.probation = .seconds($0) }
    if reader.has("apply") {
      next.appliesByItself = try reader.choice("apply", [("by-itself", true), ("asked", false)])
    }
    if reader.has("fetch") {
      next.fetchesByItself = try reader.choice("fetch", [("by-itself", true), ("asked", false)])
    }
    self = next
  }
}
