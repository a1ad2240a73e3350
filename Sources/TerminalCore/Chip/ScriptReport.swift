// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Wire

/// What a card has made of its issuer's scripts, as the acquirer is told of it.
struct ScriptReport: Hashable, Sendable {
  /// The answer that brought the scripts.
  let answer: HostAnswer
  /// DE55 of the notice.
  let notice: SecretBytes
  /// DE55 of a reversal, should there be one instead.
  let reversal: SecretBytes

  /// Nil where no script came.
  init?(_ end: ChipEnd, _ answer: HostAnswer) {
    let outcome: Outcome
    switch end {
    case .decided(let decided), .cut(let decided, _): outcome = decided
    case .readerLost, .removed, .unreadable: return nil
    }
    if outcome.scriptResults.isEmpty { return nil }
    self.answer = answer
    let results = DataObject(ScriptReport.results, outcome.scriptResultBytes).encoded
    notice = SecretBytes(
      outcome.data.encoded(ScriptReport.before) + results
        + outcome.data.encoded(ScriptReport.behind))
    reversal = SecretBytes(outcome.data.encoded(ChipCard.ofReversal) + results)
  }

  // UnionPay POS, field 55 of a notice: what stands before and behind DF31, all of it as it is when
  // the scripts have been run.

  private static var results: DataTag { DataTag(0xDF31) }
  private static var before: [DataTag] {
    [.tvr, .issuerApplicationData, .cryptogram, .atc, .aip]
  }
  private static var behind: [DataTag] {
    [.terminalCountry, .date, .terminalCapabilities, .unpredictableNumber, .deviceSerial]
  }
}
