// SPDX-License-Identifier: Apache-2.0

/// What the command line says.
struct Arguments {
  static let usage = """
    usage: posd --config FILE --state DIR [--run DIR] [--safe]

      --config FILE  posd.yaml; the files it names are found beside it
      --state DIR    ledger and keys; made at the first start, and nobody else's
      --run DIR      what ${RUN} in the configuration means (default /run/posd)
      --safe         console, log and update alone: so posd-boot starts what does not otherwise

    Exit codes: 0 stopped by a signal, 64 wrong usage, 78 wrong configuration, 74 the ledger or a
    key cannot be used, 71 the system refused something, 76 another version is to be started.

    """

  var config = ""
  var state = ""
  var run = "/run/posd"
  var isSafe = false

  /// Nil when the command line makes no sense.
  init?(_ words: [String]) {
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      if word == "--safe" {
        isSafe = true
        continue
      }
      guard let value = rest.popFirst(), !value.isEmpty else { return nil }
      switch word {
      case "--config": config = value
      case "--state": state = value
      case "--run": run = value
      default: return nil
      }
    }
    if config.isEmpty || state.isEmpty { return nil }
  }
}
