// SPDX-License-Identifier: Apache-2.0

extension CardFault {
  /// As a card's file names it.
  public var name: String { CardFault.names[Int(rawValue)] }

  /// The fault of this name.
  public init?(named name: String) {
    guard let index = CardFault.names.firstIndex(of: name),
      let fault = CardFault(rawValue: UInt8(index))
    else { return nil }
    self = fault
  }

  /// In the order of the cases. Strings as raw values would be looked up in a dictionary, which
  /// Embedded Swift has no mathematics library for.
  private static var names: [String] {
    let text = """
      directory-absent directory-invalidated directory-fails directory-without-file
      directory-file-zero directory-file-eleven directory-record-not-a-template
      directory-entry-without-name directory-record-fails directory-in-directory
      directory-unknown-objects directory-empty-record directory-entry-repeated directory-padding
      directory-endless blocked-at-first-select second-name-blocked application-invalidated
      longer-name next-repeats without-label code-table-zero code-table-eleven code-table-unknown
      bad-language preferred-name-unreadable mixed-priorities final-select-invalidated
      final-select-fails final-select-other-name final-select-unreadable processing-refused
      processing-fails processing-without-profile processing-without-locator locator-empty
      locator-five-bytes locator-file-zero locator-file-thirty-one locator-first-zero
      locator-backwards locator-count-too-big locator-low-bits record-missing record-not-a-template
      record-cut-short account-twice without-account without-expiry without-first-list
      without-second-list impossible-expiry terminal-data-in-record empty-effective-date
      empty-version empty-methods flagged-record-not-a-template issuer-certificate-length
      issuer-certificate-trailer issuer-certificate-header issuer-certificate-format
      issuer-certificate-hash issuer-certificate-owner issuer-certificate-past
      issuer-certificate-revoked issuer-certificate-algorithm issuer-certificate-hash-algorithm
      issuer-digits-three issuer-digits-four issuer-digits-five issuer-digits-seven
      issuer-digits-eight without-issuer-certificate without-authority-index without-issuer-exponent
      without-issuer-remainder without-static-signature without-card-certificate
      without-card-exponent without-card-remainder unknown-authority tag-list-account tag-list-more
      static-signature-hash static-signature-format static-signature-length card-certificate-length
      card-certificate-trailer card-certificate-header card-certificate-format card-certificate-hash
      card-certificate-owner card-certificate-past card-certificate-algorithm pin-certificate-hash
      dynamic-list-without-number without-dynamic-list dynamic-hash dynamic-length dynamic-format
      dynamic-data-none dynamic-data-nine dynamic-data-sixty combined-hash combined-transaction-hash
      combined-information combined-length combined-more-objects combined-other-order other-version
      usage-nowhere not-yet-effective expired methods-odd without-methods methods-none
      methods-unknown methods-unsupported methods-never methods-fail tries-used-up verify-no-tries
      verify-blocked verify-invalidated verify-fails verify-first-wrong challenge-short
      challenge-unknown without-counter without-last-online last-online-ahead last-online-zero
      at-lower-limit above-lower-limit at-upper-limit above-upper-limit first-higher first-reserved
      first-refused first-without-counter first-ten-bytes first-too-long first-declines
      first-declines-plain first-declines-tagged first-wants-online advice-wanted
      service-not-allowed issuer-not-authentic issuer-wrong-length issuer-refused second-online
      second-reserved second-declines second-fails script-fails script-warns script-counts
      """
    return text.utf8.split { $0 == 0x20 || $0 == 0x0A }.map {
      String(decoding: Array($0), as: UTF8.self)
    }
  }
}
