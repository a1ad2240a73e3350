// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//     bytes ─▶ real-time scanner ─▶ held by host ─▶ buffer ─▶ interpreter ─▶ mechanism
//                   │ at once                                   │ in order      │ in time
//                   ▼                                           ▼               ▼
//              DLE EOT, clear                            GS r, IDs, status    paper
//
// The interpreter stands still while the mechanism moves and while the printer is offline, so a
// fault can fall on any line, and an answer in the queue never comes before its time.

/// A thermal printer as seen from its serial port: bytes in, bytes and paper out.
public struct PrinterModel: Machine {
  /// What happens to the printer.
  public enum Event: Hashable, Sendable {
    /// Bytes arrived.
    case received([UInt8])
    /// The host threw away what had not left yet.
    case hostDiscarded
    /// The roll ends now; a line under way is finished.
    case paperRanOut
    /// The roll ends after so many more lines.
    case paperRunsOutAfter(lines: Int)
    /// Somebody put in a new roll.
    case paperLoaded
    /// Somebody opened the cover.
    case coverOpened
    /// Somebody closed the cover.
    case coverClosed
    /// The power went; whatever was not on paper is lost.
    case powerCut
    /// The power came back.
    case powerOn
    /// The moment the printer waited for has come.
    case deadlinePassed
  }

  /// What the printer does.
  public enum Effect: Hashable, Sendable {
    /// It sends bytes.
    case send([UInt8])
    /// It printed a line.
    case printed(line: String, style: PaperStyle)
    /// It began a picture, the one of this place in `pictures`; more rows may go on it.
    case drawn(picture: Int)
    /// It cut the paper.
    case cut
  }

  /// How a line looks on paper.
  public struct PaperStyle: Hashable, Sendable {
    /// Whether the line is bold.
    public var isBold: Bool
    /// Whether it is twice as wide and high.
    public var isLarge: Bool

    /// A look.
    public init(isBold: Bool = false, isLarge: Bool = false) {
      self.isBold = isBold
      self.isLarge = isLarge
    }
  }

  /// A command outside the grammar.
  public struct UnknownCommand: Hashable, Sendable {
    /// How many bytes had been interpreted since power-on.
    public var offset: Int
    /// Its first bytes.
    public var bytes: [UInt8]
  }

  /// What kind of printer it is.
  public var profile: Profile
  var isPowered = true
  var isCoverOpen = false
  var isPaperOut = false
  var linesLeft: Int?
  var reportsMask: UInt8 = 0
  var lastReport: [UInt8] = []
  var scanner: [UInt8] = []
  var buffer: [UInt8] = []
  var heldByHost: [UInt8] = []
  var settings: Settings
  var line = PaperLine()
  var motion: Motion?
  var motionEnds: Instant?
  var interpreted = 0
  /// Bytes of a block of data that are still to come.
  var skipped = 0
  /// The picture that those bytes are of, if they are of one.
  var incoming = IncomingPicture()

  /// The lines of the receipt that has not been cut yet.
  public internal(set) var paper: [String] = []
  /// How those lines look.
  public internal(set) var styles: [PaperStyle] = []
  /// Whether the last thing on paper is a picture that goes on below.
  var isPictureOpen = false
  /// The pictures on paper, cut off or not; bands that touch are one.
  public internal(set) var pictures: [Raster] = []
  /// The logos in its memory, which no power cut empties, and by what each is known.
  public internal(set) var logos: [Raster] = []
  var logoKeys: [LogoKey] = []
  /// How often its memory was written.
  public internal(set) var logoWritings = 0
  /// The receipts that were cut.
  public internal(set) var receipts: [[String]] = []
  /// Commands outside the grammar or that this model does not have; the first 64.
  public internal(set) var unknownCommands: [UnknownCommand] = []
  /// Bytes lost because the receive buffer was full.
  public internal(set) var overruns = 0
  /// Process IDs that were answered.
  public internal(set) var answeredIDs = 0

  /// A printer that has just been switched on, with paper and its cover closed.
  public init(profile: Profile = Profile()) {
    self.profile = profile
    settings = Settings(profile: profile)
  }

  /// When the line or the cut under way is done.
  public var deadline: Instant? { isOffline ? nil : motionEnds }

  /// Whether the printer can print now.
  public var isOffline: Bool { !isPowered || isCoverOpen || isPaperOut }

  /// Everything ever printed, cut or not.
  public var everythingPrinted: [String] {
    var lines: [String] = []
    for receipt in receipts { lines += receipt }
    return lines + paper
  }

  /// Moves the printer by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    switch event {
    case .received(let bytes): received(bytes, &effects)
    case .hostDiscarded: heldByHost = []
    case .paperRanOut: roll(lines: 0)
    case .paperRunsOutAfter(let lines): roll(lines: max(0, lines))
    case .paperLoaded: paperLoaded()
    case .coverOpened: coverOpened()
    case .coverClosed: isCoverOpen = false
    case .powerCut: powerCut()
    case .powerOn: powerOn()
    case .deadlinePassed: break
    }
    if isPowered { run(at: now, &effects) }
    return effects
  }

  private mutating func received(_ bytes: [UInt8], _ effects: inout [Effect]) {
    if !isPowered { return }
    for byte in bytes {
      // A host that is held back sends nothing past what it holds.
      if heldByHost.isEmpty { accept(byte, &effects) } else { heldByHost.append(byte) }
    }
  }

  /// Takes a byte from the line, or leaves it with the host while the buffer is full.
  private mutating func accept(_ byte: UInt8, _ effects: inout [Effect]) {
    if buffer.count < profile.receiveBuffer {
      buffer.append(byte)
    } else if profile.hasFlowControl {
      heldByHost.append(byte)
      return
    } else {
      overruns += 1
    }
    scan(byte, &effects)
  }

  /// Refills the buffer from what the host holds back.
  mutating func refill(_ effects: inout [Effect]) {
    if heldByHost.isEmpty || buffer.count * 2 > profile.receiveBuffer { return }
    let bytes = heldByHost
    heldByHost = []
    for byte in bytes { accept(byte, &effects) }
  }

  private mutating func roll(lines: Int) {
    linesLeft = lines
    if lines == 0 && motion == nil { isPaperOut = true }
  }

  private mutating func paperLoaded() {
    linesLeft = nil
    isPaperOut = false
  }

  /// The line under the head is begun again when the cover is closed.
  private mutating func coverOpened() {
    isCoverOpen = true
    motionEnds = nil
  }

  private mutating func powerCut() {
    isPowered = false
    reportsMask = 0
    scanner = []
    buffer = []
    heldByHost = []
    motion = nil
    motionEnds = nil
    line = PaperLine()
    skipped = 0
    incoming = IncomingPicture()
    isPictureOpen = false
  }

  private mutating func powerOn() {
    if isPowered { return }
    isPowered = true
    interpreted = 0
    settings = Settings(profile: profile)
    lastReport = []
  }
}
