// SPDX-License-Identifier: Apache-2.0

/// What an implementer of EMV may choose, and what the Books leave open.
public struct KernelOptions: Hashable, Sendable {
  /// When the card signs a cryptogram for CDA (EMV 4.4 Book 2, 6.6 and D4).
  public enum CDAMode: UInt8, Hashable, Sendable, CaseIterable {
    /// On ARQC, and on TC after an approval by the host; the one EMVCo recommends.
    case always = 1
    /// On ARQC alone.
    case requestOnly
    /// On neither.
    case offlineOnly
    /// On TC after an approval alone.
    case approvalOnly
  }

  /// Whether the directory is read before the list of applications (EMV 4.4 Book 1, 12.3.2).
  public var usesDirectory = true
  /// Whether the cardholder can choose and confirm; both or neither (EMV 4.4 Book 1, 12.4).
  public var cardholderSelects = true
  /// Whether the cardholder is asked for a language when the card's are unknown here.
  public var asksLanguage = false
  /// Whether the attendant may pass over the PIN (EMV 4.4 Book 3, 10.5.1).
  public var allowsPINBypass = false
  /// Whether passing over one PIN passes over all PINs of the transaction.
  public var bypassesFurtherPINs = true
  /// Whether the PIN try counter is asked for before the PIN (recommended).
  public var readsTryCounter = true
  /// Whether plaintext offline PIN is done at all; a payment system may retire it.
  public var allowsPlaintextPIN = true
  /// Whether the TC hash value (98) is computed; without it, it is unknown and sent as zeros.
  public var computesTCHash = true
  /// Whether there is an exception file.
  public var hasExceptionFile = false
  /// Whether the log of transactions is asked for split sales (EMV 4.4 Book 3, 10.6.1).
  public var hasTransactionLog = false
  /// Whether host and terminal have advice messages (EMV 4.4 Book 4, 12.2.5).
  public var hasAdvices = false
  /// The mode of CDA.
  public var cdaMode = CDAMode.always
  /// Whether a signed cryptogram without its signature counts as a failed CDA in place of ending
  /// the transaction. EMV 4.4 Book 3, 6.5.5.4 read literally ends it.
  public var toleratesMissingSignature = false
  /// Whether an offline-only terminal tests the online codes too (EMV 4.4 Book 3, 10.7).
  public var offlineOnlyTestsOnlineCodes = false
  /// Whether an online-only terminal that has no host tests the default codes, or just declines.
  public var onlineOnlyTestsDefaultCodes = true
  /// Script bytes in all, tags and lengths included, that are carried out; at least 128
  /// (EMV 4.4 Book 4, 6.3.9).
  public var scriptBytes = 128

  /// The recommended choices.
  public init() {}
}

/// What bounds a transaction, so that no card can hold the terminal or fill its memory.
public enum KernelLimits {
  /// Commands to the card in one transaction; an ordinary one needs less than fifty.
  public static let commands = 1_000
  /// Records of a directory: the record number is one byte.
  public static let directoryRecords = 255
  /// SELECT NEXT for one name.
  public static let selectNext = 32
  /// Applications of one card that are offered.
  public static let candidates = 32
  /// Bytes of records that authenticate the card; the largest cards have about two thousand.
  public static let staticDataBytes = 16_384
  /// Entries of one data object list: each takes at least two of its 252 bytes.
  public static let dataObjectListEntries = 126
  /// Templates within templates.
  public static let depth = 4
  /// PINs of one transaction: a card counts at most fifteen tries.
  public static let pins = 15
  /// Scripts in one answer of the host.
  public static let scripts = 32
}
