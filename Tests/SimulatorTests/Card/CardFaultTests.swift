// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing
import Wire

@Suite("A fault of a test card changes what it says and nothing else")
struct CardFaultTests {
  private static let right = CardTill.transcript([])

  /// The steps whose answers a fault changes, runs of more than two by their ends.
  private func changed(_ fault: CardFault) -> String {
    let answers = CardTill.transcript([fault])
    #expect(answers.map { $0.step } == CardFaultTests.right.map { $0.step })
    var runs: [[String]] = []
    var isOpen = false
    for (answer, right) in zip(answers, CardFaultTests.right) {
      if answer.bytes == right.bytes {
        isOpen = false
        continue
      }
      if isOpen { runs[runs.count - 1].append(answer.step) } else { runs.append([answer.step]) }
      isOpen = true
    }
    return runs.map { run in
      run.count > 2 ? "\(run[0]) … \(run[run.count - 1])" : run.joined(separator: ", ")
    }.joined(separator: ", ")
  }

  @Test("of all answers of two ways of selection and three transactions, those change that should")
  func each() {
    var found: [String] = []
    for fault in CardFault.allCases { found.append("\(fault.rawValue): \(changed(fault))") }
    let expected = CardFaultTests.changes.split(separator: "\n").map(String.init)
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(found == expected) }
  }

  @Test("a card without a fault answers everything with 9000 that it should")
  func rightCard() {
    let refused = CardFaultTests.right.filter { !$0.bytes.suffix(2).elementsEqual([0x90, 0x00]) }
    #expect(
      refused.map { $0.step } == ["list next", "entry 3", "entry 4", "11.11"])
  }

  /// Steps behind a changed one change with it only where its answer matters to them.
  private static let changes = """
    directory-absent: directory … entry 4
    directory-invalidated: directory … entry 4
    directory-fails: directory … entry 4
    directory-without-file: directory
    directory-file-zero: directory
    directory-file-eleven: directory
    directory-record-not-a-template: entry 1, entry 2
    directory-entry-without-name: entry 1
    directory-record-fails: entry 1 … entry 4
    directory-in-directory: entry 3
    directory-unknown-objects: entry 1, entry 2
    directory-empty-record: entry 1 … entry 3
    directory-entry-repeated: entry 1
    directory-padding: entry 1, entry 2
    directory-endless: entry 2 … entry 4
    blocked-at-first-select: list 1, directory … entry 4
    second-name-blocked: list 2
    application-invalidated: list 1, list last, select
    longer-name: list 1, list last, entry 1, select
    next-repeats: list next
    without-label: list 1, list last, entry 1, select
    code-table-zero: list 1, list last, select
    code-table-eleven: list 1, list last, select
    code-table-unknown: list 1, list last, select
    bad-language: list 1, list last, select
    preferred-name-unreadable: list 1, list last, select
    mixed-priorities: list 1, list 2, list last, entry 1, entry 2, select
    final-select-invalidated: list last, select … offline
    final-select-fails: list last, select … offline
    final-select-other-name: list last, select … offline
    final-select-unreadable: list last, select … offline
    processing-refused: options … 9F36, internal … offline
    processing-fails: options … 9F36, internal … offline
    processing-without-profile: options
    processing-without-locator: options
    locator-empty: options
    locator-five-bytes: options
    locator-file-zero: options
    locator-file-thirty-one: options
    locator-first-zero: options
    locator-backwards: options
    locator-count-too-big: options
    locator-low-bits: options
    record-missing: 3.1, 3.2
    record-not-a-template: 3.2
    record-cut-short: 3.2
    account-twice: 3.2
    without-account: 2.3, 2.4, 3.1
    without-expiry: 2.3, 2.4, 3.1
    without-first-list: 2.3, 2.4, 3.1, first … offline
    without-second-list: 2.3, 2.4, 3.1, second
    impossible-expiry: 2.3, 2.4, 3.1
    terminal-data-in-record: 3.2
    empty-effective-date: 2.3, 2.4, 3.1
    empty-version: 3.2
    empty-methods: 2.3, 2.4, 3.1
    flagged-record-not-a-template: options, 2.3, 2.4, 11.11
    issuer-certificate-length: 2.2
    issuer-certificate-trailer: 2.2
    issuer-certificate-header: 2.2
    issuer-certificate-format: 2.2
    issuer-certificate-hash: 2.2
    issuer-certificate-owner: 2.2
    issuer-certificate-past: 2.2
    issuer-certificate-revoked: 2.2
    issuer-certificate-algorithm: 2.2
    issuer-certificate-hash-algorithm: 2.2
    issuer-digits-three: 2.2
    issuer-digits-four: 2.2
    issuer-digits-five: 2.2
    issuer-digits-seven: 2.2
    issuer-digits-eight: 2.2
    without-issuer-certificate: 2.2
    without-authority-index: 2.1
    without-issuer-exponent: 2.1
    without-issuer-remainder: 2.1
    without-static-signature: 2.3
    without-card-certificate: 2.4
    without-card-exponent: 2.5
    without-card-remainder: 2.5
    unknown-authority: 2.1
    tag-list-account: 2.3, 2.4, 3.1
    tag-list-more: 2.3, 2.4, 3.1
    static-signature-hash: 2.3
    static-signature-format: 2.3
    static-signature-length: 2.3
    card-certificate-length: 2.4
    card-certificate-trailer: 2.4
    card-certificate-header: 2.4
    card-certificate-format: 2.4
    card-certificate-hash: 2.4
    card-certificate-owner: 2.4
    card-certificate-past: 2.4
    card-certificate-algorithm: 2.4
    pin-certificate-hash: 2.6
    dynamic-list-without-number: 2.5
    without-dynamic-list: 2.5
    dynamic-hash: internal
    dynamic-length: internal
    dynamic-format: internal
    dynamic-data-none: internal
    dynamic-data-nine: internal
    dynamic-data-sixty: internal
    combined-hash: signed
    combined-transaction-hash: signed
    combined-information: signed
    combined-length: signed
    combined-more-objects: signed
    combined-other-order: signed
    other-version: 3.2
    usage-nowhere: 2.3, 2.4, 3.1
    not-yet-effective: 2.3, 2.4, 3.1
    expired: 2.3, 2.4, 3.1
    methods-odd: 2.3, 2.4, 3.1
    without-methods: 2.3, 2.4, 3.1
    methods-none: 2.3, 2.4, 3.1
    methods-unknown: 2.3, 2.4, 3.1
    methods-unsupported: 2.3, 2.4, 3.1
    methods-never: 2.3, 2.4, 3.1
    methods-fail: 2.3, 2.4, 3.1
    tries-used-up: 9F17, verify, first, second … offline
    verify-no-tries: verify, first, second
    verify-blocked: verify, first, second
    verify-invalidated: verify, first, second
    verify-fails: verify, first, second
    verify-first-wrong: verify, first, second
    challenge-short: challenge … first, second
    challenge-unknown: challenge … first, second
    without-counter: 9F36
    without-last-online: 9F13
    last-online-ahead: 9F13
    last-online-zero: 9F13
    at-lower-limit: 9F36, 9F13, first, external, second … offline
    above-lower-limit: 9F36, 9F13, first, external, second … offline
    at-upper-limit: 9F36, 9F13, first, external, second … offline
    above-upper-limit: 9F36, 9F13, first, external, second … offline
    first-higher: first, external, second, signed
    first-reserved: first, signed, offline
    first-refused: first … offline
    first-without-counter: first, signed, offline
    first-ten-bytes: first … second, offline
    first-too-long: first … second, offline
    first-declines: first, external, second … offline
    first-declines-plain: first … offline
    first-declines-tagged: first, external, second … offline
    first-wants-online: offline
    advice-wanted: first, signed, offline
    service-not-allowed: first, external, second … offline
    issuer-not-authentic: external, second
    issuer-wrong-length: external, second
    issuer-refused: external, second
    second-online: second
    second-reserved: second
    second-declines: second
    second-fails: second
    script-fails: script 2 … second
    script-warns: script 2
    script-counts: script 2
    """
}
