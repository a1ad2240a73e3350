// SPDX-License-Identifier: Apache-2.0

import CErase
import CLinux
import Glibc
import LinuxHost
import Logging

/// The payment terminal's daemon.
@main
enum Posd {
  static func main() {
    guard let arguments = Arguments(CommandLine.arguments) else {
      say(Arguments.usage)
      exit(64)
    }
    protectMemory()
    LoggingSystem.bootstrap(StderrLog.init(label:))
    do {
      let code: Int32
      if arguments.isSafe {
        code = try SafeMode(arguments).run()
      } else {
        let daemon = try Daemon(arguments)
        daemon.run()
        code = daemon.endCode
      }
      if code != 0 { exit(code) }
    } catch let fault as ConfigurationFault {
      end(fault.text, code: 78)
    } catch let fault as LedgerFault {
      end(fault.text, code: 74)
    } catch let fault as KeyStore.Fault {
      end(fault.text, code: 74)
    } catch let fault as Daemon.Fault {
      end(fault.text, code: 71)
    } catch {
      end("SYS-001 \(error)", code: 71)
    }
  }

  /// No core dump, no debugger of the same user, and every block erased when it is given back.
  private static func protectMemory() {
    precondition(posd_erases_memory(), "the erasing allocator is linked into this program")
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    // Each is a second line of defence; a system that refuses one has the others.
    unsafe _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = posd_forbid_dumps()
    _ = umask(0o077)
  }

  private static func end(_ text: String, code: Int32) -> Never {
    say(text + "\n")
    exit(code)
  }

  private static func say(_ text: String) {
    // There is nobody to tell that standard error is gone.
    _ = writeSome(STDERR_FILENO, Array(text.utf8)[...])
  }
}
