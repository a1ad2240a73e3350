// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost
import Updates

/// The terminal's own TUF client on a command line, so that suites which we did not write can drive
/// it.
@main
enum TUFClient {
  /// Of a root file; the client itself takes less.
  private static let rootLimit = 1 << 20

  static func main() {
    guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
      end(with: Arguments.usage)
    }
    do throws(Refusal) {
      switch arguments.command {
      case .start(let rootFile): start(arguments.folder, rootFile)
      case .refresh(let metadata):
        var run = MetadataRun(folder: arguments.folder, url: metadata, log: tell)
        try run.refresh()
      case .download(let metadata, let targets, let folder, let names):
        var run = MetadataRun(folder: arguments.folder, url: metadata, log: tell)
        for name in names {
          let (target, location) = try run.find(name)
          let store = TargetFolder(folder)
          if store.has(target) { continue }
          try store.fetch(target, from: MetadataRun.address(targets) + location)
        }
      }
    } catch {
      end(with: error.description)
    }
  }

  /// Takes the root as it is: whether it can be trusted is asked before the first request.
  private static func start(_ folder: String, _ rootFile: String) {
    guard let bytes = FileSystem.read(rootFile, limit: rootLimit) else {
      end(with: rootFile + " cannot be read")
    }
    if !MetadataFolder(folder).store(.root, bytes) { end(with: folder + " cannot be written") }
  }

  private static func tell(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = writeSome(STDERR_FILENO, bytes[...])
  }

  /// Whatever went wrong, the code is 1.
  private static func end(with line: String) -> Never {
    tell(line)
    exit(1)
  }
}
