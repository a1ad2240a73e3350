// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import TerminalCore

extension Configuration {
  /// What the core is set to.
  public func settings(keys: TerminalKeys) -> TerminalSettings {
    TerminalSettings(
      serial: serial, dialect: acquirer.dialect, terms: acquirer.terms, columns: columns,
      connectLimit: .seconds(Int64(connectSeconds)),
      answerLimit: .seconds(Int64(acquirer.answerSeconds)),
      reversalPauses: acquirer.reversalPauses.map { .seconds(Int64($0)) },
      reviewPause: .seconds(Int64(reviewSeconds)), responses: acquirer.responses, keys: keys)
  }
}
