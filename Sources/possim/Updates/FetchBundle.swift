// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LinuxHost
import Updates

/// One transfer as the terminal makes it, so that a mirror can be tried against it.
struct FetchBundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Fetch a bundle from a mirror, going on behind what the file has.",
    discussion: """
      Prints how the one transfer ended and how many bytes are there. Exit code 0 when all of them \
      are, 1 otherwise. Nothing is verified: it says what a terminal would do next.
      """)

  @Argument(help: "Where it lies.")
  var url: String

  @Argument(help: "The file.")
  var file: String

  @Option(help: "How long it is.")
  var length: Int64

  @Option(help: "Bytes a second; 0 is no limit.")
  var rate: Int64 = 0

  @Option(help: "Whose certificate the mirror has; without it the system's authorities.")
  var authorityFile: String?

  func run() throws {
    guard let transfers = Transfers() else { throw ExitCode.failure }
    let loop = EventLoop()
    loop.add(transfers)
    let download = BundleDownload(
      transfers, url: url, into: file, length: length, rate: rate, authorityFile: authorityFile)
    var isComplete = false
    download.onEnd = { end, bytes in
      isComplete = end == .complete
      let certificate = download.isUnverified ? ", certificate not taken" : ""
      print("\(end), \(bytes) bytes\(certificate)")
      loop.stop()
    }
    download.start()
    loop.run()
    if !isComplete { throw ExitCode.failure }
  }
}
