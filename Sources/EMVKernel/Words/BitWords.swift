// SPDX-License-Identifier: Apache-2.0

/// What the bits of a data object say (EMV 4.4 Book 3, annex C; Book 4, annex A).
public enum BitWords {
  /// A sentence for each set bit, in the order of the bits; nil for objects that are no set of
  /// bits. A reserved bit is named by its place: `B1 01`.
  public static func sentences(of tag: UInt32, _ value: [UInt8]) -> [String]? {
    guard let table = table(of: tag) else { return nil }
    var sentences: [String] = []
    for (index, byte) in value.enumerated() {
      let words = index < table.count ? split(table[index]) : []
      for bit in 0..<8 where byte & (0x80 >> UInt8(bit)) != 0 {
        let known = bit < words.count && !words[bit].isEmpty
        sentences.append(known ? words[bit] : place(index, 0x80 >> UInt8(bit)))
      }
    }
    return sentences
  }

  private static func place(_ index: Int, _ mask: UInt8) -> String {
    let digits: [String] = ["80", "40", "20", "10", "08", "04", "02", "01"]
    return "reserved bit B\(index + 1) " + digits[mask.leadingZeroBitCount]
  }

  private static func split(_ words: String) -> [String] {
    words.utf8.split(separator: 0x7C, omittingEmptySubsequences: false)
      .map { String(decoding: Array($0), as: UTF8.self) }
  }

  /// A line a byte: the words of bits 80 to 01.
  private static func table(of tag: UInt32) -> [String]? {
    switch tag {
    case 0x82: interchangeProfile
    case 0x95, 0x9F0D, 0x9F0E, 0x9F0F: verificationResults
    case 0x9B: statusInformation
    case 0x9F07: usageControl
    case 0x9F33: capabilities
    case 0x9F40: additionalCapabilities
    default: nil
    }
  }

  private static var verificationResults: [String] {
    [
      "offline data authentication was not performed|SDA failed|data of the card are missing|"
        + "the card is on the exception file|DDA failed|CDA failed|SDA was selected|"
        + "XDA was selected",
      "card and terminal have different application versions|the application has expired|"
        + "the application is not yet effective|the service is not allowed for this card|"
        + "the card is new||biometric verification was successful|"
        + "the biometric format is not supported",
      "cardholder verification was not successful|a verification method is unknown|"
        + "the PIN try limit is exceeded|the PIN pad is missing or broken|"
        + "the PIN was not entered|an online PIN was entered|the biometric device is broken|"
        + "the biometric was bypassed",
      "the amount reaches the floor limit|the lower consecutive offline limit is exceeded|"
        + "the upper consecutive offline limit is exceeded|selected at random for online|"
        + "the merchant forced it online|the biometric try limit is exceeded|"
        + "the biometric type is not supported|the XDA signature failed",
      "the default TDOL was used|issuer authentication failed|"
        + "a script failed before the final cryptogram|"
        + "a script failed after the final cryptogram||the authority's ECC key is missing|"
        + "ECC key recovery failed|",
    ]
  }

  private static var statusInformation: [String] {
    [
      "offline data authentication was performed|cardholder verification was performed|"
        + "card risk management was performed|issuer authentication was performed|"
        + "terminal risk management was performed|scripts were processed||", "",
    ]
  }

  private static var interchangeProfile: [String] {
    [
      "XDA is supported|SDA is supported|DDA is supported|"
        + "cardholder verification is supported|terminal risk management is to be performed|"
        + "issuer authentication by EXTERNAL AUTHENTICATE|contactless use|CDA is supported", "",
    ]
  }

  private static var usageControl: [String] {
    [
      "domestic cash|international cash|domestic goods|international goods|domestic services|"
        + "international services|at ATMs|at terminals other than ATMs",
      "domestic cashback|international cashback||||||",
    ]
  }

  private static var capabilities: [String] {
    [
      "manual key entry|magnetic stripe|contact chip|||||",
      "plaintext PIN to the chip|online PIN|signature|enciphered offline PIN (RSA)|"
        + "no verification needed|online biometric|offline biometric|"
        + "enciphered offline PIN (ECC)",
      "SDA|DDA|card capture||CDA|XDA||",
    ]
  }

  private static var additionalCapabilities: [String] {
    [
      "cash|goods|services|cashback|inquiry|transfer|payment|administrative",
      "cash deposit|||||||",
      "numeric keys|alphabetic and special keys|command keys|function keys||||",
      "print or electronic, attendant|print or electronic, cardholder|display, attendant|"
        + "display, cardholder|||code table 10|code table 9",
      "code table 8|code table 7|code table 6|code table 5|code table 4|code table 3|"
        + "code table 2|code table 1",
    ]
  }
}
