// SPDX-License-Identifier: Apache-2.0

public import Wire

/// What the core asks of a card reader.
public enum CardReaderOrder: Hashable, Sendable {
  /// Report swipes from now on.
  case accept
  /// Swallow swipes from now on.
  case ignore
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
}

/// What the reader is.
public struct ReaderIdentity: Hashable, Sendable {
  /// USB vendor number.
  public var vendor: UInt16
  /// USB product number.
  public var product: UInt16
  /// Whether tracks leave the reader encrypted.
  public var encrypts: Bool

  /// The identity as found.
  public init(vendor: UInt16, product: UInt16, encrypts: Bool) {
    self.vendor = vendor
    self.product = product
    self.encrypts = encrypts
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
  /// Cipher text of track 1, a multiple of eight bytes.
  public var track1: SecretBytes
  /// Cipher text of track 2, a multiple of eight bytes.
  public var track2: SecretBytes
  /// The reader's key serial number, ten bytes.
  public var keySerialNumber: [UInt8]
  /// Track 2 as the reader masked it; such text can still hold card data, so it is secret too.
  public var maskedTrack2: SecretBytes

  /// Tracks as reported.
  public init(
    track1: SecretBytes, track2: SecretBytes, keySerialNumber: [UInt8], maskedTrack2: SecretBytes
  ) {
    self.track1 = track1
    self.track2 = track2
    self.keySerialNumber = keySerialNumber
    self.maskedTrack2 = maskedTrack2
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
}
