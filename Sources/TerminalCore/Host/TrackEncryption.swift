// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto

/// Whether the acquirer wants tracks encrypted, under the data key that a sign-in brings.
public enum TrackEncryption: UInt8, Hashable, Sendable, CaseIterable {
  /// They travel as they are on the card.
  case none
  /// With a block of triple DES, of eight bytes.
  case des
  /// With a block of SM4, of sixteen.
  case sm4

  /// The least characters of a track that can be encrypted so; 0 where none has to be.
  var shortestTrack: Int {
    switch self {
    case .none: 0
    case .des: TrackWindow.shortest(block: 8)
    case .sm4: TrackWindow.shortest(block: 16)
    }
  }

  /// Whether a key of this cipher does it.
  public func goes(with algorithm: CipherAlgorithm) -> Bool {
    switch self {
    case .none: true
    case .des: algorithm.isDES
    case .sm4: algorithm == .sm4
    }
  }
}
