// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Glibc
import SlotFiles

/// Starts the chosen slot's posd, counts, and goes back.
@main
enum PosdBoot {
  static let usage = """
    usage: posd-boot --slots DIR --run DIR [--ready SECONDS] [-- ARGUMENT ...]
           posd-boot --slots DIR --provision BUNDLE

      --slots DIR         the folder with A, B and current
      --run DIR           a folder for its socket
      --ready SECONDS     how long a start may take (default 25, as systemd waits 60)
      --provision BUNDLE  puts a first bundle into an empty folder of slots; what it is, is believed
      ARGUMENT ...        what posd is given

    Exit codes: 0 stopped by a signal, or provisioned; 64 wrong usage; 71 the system refused
    something; 73 not provisioned.

    """

  static func main() {
    var slots = ""
    var run = ""
    var bundle = ""
    var ready: Int64 = 25
    var rest = CommandLine.arguments.dropFirst()
    while let word = rest.popFirst(), word != "--" {
      guard let value = rest.popFirst() else { end(64, usage) }
      switch word {
      case "--slots": slots = value
      case "--run": run = value
      case "--provision": bundle = value
      case "--ready":
        guard let seconds = Int64(value), (1...50).contains(seconds) else { end(64, usage) }
        ready = seconds
      default: end(64, usage)
      }
    }
    if slots.isEmpty || run.isEmpty == bundle.isEmpty { end(64, usage) }
    if !bundle.isEmpty {
      if let problem = Provisioning.run(slots, bundle) { end(73, problem + "\n") }
      return
    }
    var options = Supervisor.Options(slots: slots, run: run, arguments: Array(rest))
    options.readyLimit = .seconds(ready)
    guard let supervisor = Supervisor(options, log: { tell("posd-boot: " + $0 + "\n") }) else {
      end(71, "posd-boot: the system refuses a socket\n")
    }
    exit(supervisor.run())
  }

  private static func tell(_ text: String) {
    let bytes = Array(text.utf8)
    unsafe _ = bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func end(_ code: Int32, _ text: String) -> Never {
    tell(text)
    exit(code)
  }
}
