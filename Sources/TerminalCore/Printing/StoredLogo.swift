// SPDX-License-Identifier: Apache-2.0

import Devices
import PaymentCrypto
import Wire

/// What is known of the logo in the printer; kept over restarts. The printer is sent it once, since
/// its flash memory wears, and an attempt is on disk before it begins.
///
/// No printer is asked what it has, for its answer is established nowhere. One that was exchanged
/// prints no logo until a person has it stored again.
public struct StoredLogo: Hashable, Sendable {
  static let key = RecordUpdate.asidePrefix + "printer-logo"

  /// How often a logo is sent by itself to a printer that proves nothing.
  static let mostAttempts: UInt8 = 3

  /// SHA-256 of the logo that this is about; empty for none.
  private var digest: [UInt8] = []
  /// How often it was sent since it was last proven, or since it is the logo.
  public internal(set) var attempts: UInt8 = 0
  /// Whether the printer has proven that it took it.
  public internal(set) var isKept = false

  /// Nothing is known yet of this logo, one or none.
  init(of logos: [Raster]) {
    guard let logo = logos.first else { return }
    digest = sha256([UInt8(logo.width & 0xFF), UInt8(logo.width >> 8)] + logo.bytes)
  }

  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body) else { return nil }
    digest = fields.bytes(1) ?? []
    attempts = UInt8(clamping: fields.number(2) ?? 0)
    isKept = fields.number(3) == 1
  }

  /// Whether both are about the same logo.
  func isOfSameLogo(as other: StoredLogo) -> Bool { digest == other.digest }

  /// Whether the terminal has stopped trying by itself.
  public var isGivenUp: Bool { !isKept && attempts >= StoredLogo.mostAttempts }

  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, digest)
    fields.write(2, UInt64(attempts))
    fields.write(3, UInt64(isKept ? 1 : 0))
    return RecordUpdate(key: StoredLogo.key, isLive: true, body: fields.bytes)
  }
}
