// SPDX-License-Identifier: Apache-2.0

public import Wire

/// What the core asks of a card reader.
///
/// Each of the last four is answered by exactly one report: `powered`, `responded`, `poweredOff` or
/// `chipFault`. `unavailable` ends whatever is under way, and the card is gone with the reader.
public enum CardReaderOrder: Hashable, Sendable {
  /// Report swiped and inserted cards from now on.
  case accept
  /// Swallow swipes and insertions from now on; the removal of a card that was reported is told.
  case ignore
  /// Reset the card in the slot and say what it answers.
  case powerOn
  /// Send the card a command and say what it answers.
  case transmit(CommandAPDU)
  /// Have the card compare the PIN block of eight bytes that somebody has entered (EMV Book 3,
  /// 6.5.12, plaintext). The block is let go of as soon as the reader has answered for it.
  case verify(HeldBlock)
  /// Take the power from the card. While another order is under way it waits for that one's end.
  case powerOff
}

/// What a card reader tells the core.
public enum CardReaderReport: Hashable, Sendable {
  /// The reader is there and works.
  case ready(ReaderIdentity)
  /// The reader cannot be used, and why.
  case unavailable(ReaderTrouble)
  /// A card was swiped and read.
  case swiped(SwipedCard)
  /// A swipe gave no card.
  case misread(Misread)
  /// A card is in the slot; whether its chip says anything is not known yet.
  case cardInserted
  /// The card that was reported is not in the slot any more.
  case cardRemoved
  /// The card was reset and answered.
  case powered(AnswerToReset)
  /// The card answered a command.
  case responded(ResponseAPDU)
  /// The card has no power any more and may be pulled out.
  case poweredOff
  /// An order to the card was not done.
  case chipFault(ChipFault)
}

/// What the reader is.
public struct ReaderIdentity: Hashable, Sendable {
  /// USB vendor number.
  public var vendor: UInt16
  /// USB product number.
  public var product: UInt16
  /// Whether tracks leave the reader encrypted.
  public var encrypts: Bool
  /// Whether it has a slot for chip cards.
  public var readsChips: Bool
  /// Whether cards can be swiped.
  public var readsStripes: Bool

  /// The identity as found.
  public init(
    vendor: UInt16, product: UInt16, encrypts: Bool, readsChips: Bool = false,
    readsStripes: Bool = true
  ) {
    self.vendor = vendor
    self.product = product
    self.encrypts = encrypts
    self.readsChips = readsChips
    self.readsStripes = readsStripes
  }
}

/// A swiped card.
public struct SwipedCard: Hashable, Sendable {
  /// How its tracks came out of the reader.
  public enum Tracks: Hashable, Sendable {
    /// Clear; the account numbers of both tracks agree.
    case clear(Track2, track1: Track1?)
    /// Encrypted in the reader for somebody who has the base key.
    case encrypted(EncryptedTracks)
  }

  /// The tracks.
  public var tracks: Tracks

  /// A card with these tracks.
  public init(tracks: Tracks) { self.tracks = tracks }
}

/// Tracks encrypted in the reader; each cipher text is empty when the track was.
public struct EncryptedTracks: Hashable, Sendable {
  /// How the cipher texts lie.
  public enum Run: Hashable, Sendable {
    /// Each track by itself.
    case separate
    /// Both one behind the other in one run, which stands for track 1, with their clear lengths.
    case joined(track1: UInt8, track2: UInt8)
  }

  /// Cipher text of track 1, a multiple of eight bytes.
  public var track1: SecretBytes
  /// Cipher text of track 2, a multiple of eight bytes.
  public var track2: SecretBytes
  /// The reader's key serial number, ten bytes.
  public var keySerialNumber: [UInt8]
  /// Track 2 as the reader masked it; such text can still hold card data, so it is secret too.
  public var maskedTrack2: SecretBytes
  /// How the cipher texts lie.
  public var run: Run

  /// Tracks as reported.
  public init(
    track1: SecretBytes, track2: SecretBytes, keySerialNumber: [UInt8], maskedTrack2: SecretBytes,
    run: Run = .separate
  ) {
    self.track1 = track1
    self.track2 = track2
    self.keySerialNumber = keySerialNumber
    self.maskedTrack2 = maskedTrack2
    self.run = run
  }
}

/// Why a swipe gave no card.
public enum Misread: Hashable, Sendable {
  /// At least one needed track could not be decoded: swipe again.
  case undecodable
  /// The stripe is blank.
  case blank
  /// The stripe is readable and not that of a payment card.
  case notAPaymentCard
  /// Tracks 1 and 2 carry different account numbers.
  case tracksDisagree
  /// A report came in part and was dropped.
  case partial(bytes: Int)
  /// A report contradicts itself.
  case malformed
}

/// Why a reader cannot be used.
public enum ReaderTrouble: Hashable, Sendable {
  /// The link is down.
  case link(LinkFault)
  /// The reader types like a keyboard and must be switched to HID mode first.
  case keyboardMode
  /// A product no driver here knows.
  case unknownProduct(vendor: UInt16, product: UInt16)
  /// The report descriptor is not one this product has.
  case unexpectedReportSize(bytes: Int)
  /// The reader has used up its keys.
  case keysExhausted
  /// The reader is plugged in and does not answer.
  case silent
  /// The reader's firmware passes no commands to chip cards.
  case noPassThrough
  /// The reader would not do something with a card; its own status, 0 without one.
  case refuses(status: UInt8)
}
