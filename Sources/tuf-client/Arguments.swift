// SPDX-License-Identifier: Apache-2.0

/// What the program was asked for: the command line that clients of TUF's conformance suite have.
struct Arguments {
  enum Command {
    case start(rootFile: String)
    case refresh(metadata: String)
    case download(metadata: String, targets: String, folder: String, names: [String])
  }

  static let usage = """
    usage: tuf-client --metadata-dir DIR init ROOT.json
           tuf-client --metadata-dir DIR --metadata-url URL refresh
           tuf-client --metadata-dir DIR --metadata-url URL --target-name PATH ...
                      --target-base-url URL --target-dir DIR download
    """

  var folder = ""
  var command: Command

  /// Options may stand before and behind the command, with a blank or `=` before the value.
  init?(_ words: [String]) {
    var options: [(name: String, value: String)] = []
    var plain: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        plain.append(word)
        continue
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
      guard let name = parts.first, Arguments.options.contains(name),
        let value = parts.count == 2 ? parts[1] : rest.popFirst()
      else { return nil }
      options.append((name, value))
    }
    func value(_ name: String) -> String? { options.last { $0.name == name }?.value }
    guard let folder = value("metadata-dir") else { return nil }
    self.folder = folder
    let names = options.filter { $0.name == "target-name" }.map(\.value)
    switch (plain.first, plain.count, value("metadata-url")) {
    case ("init", 2, _):
      command = .start(rootFile: plain[1])
    case ("refresh", 1, let metadata?):
      command = .refresh(metadata: metadata)
    case ("download", 1, let metadata?):
      guard let targets = value("target-base-url"), let folder = value("target-dir"),
        !names.isEmpty
      else { return nil }
      command = .download(metadata: metadata, targets: targets, folder: folder, names: names)
    default:
      return nil
    }
  }

  private static let options = [
    "metadata-dir", "metadata-url", "target-name", "target-base-url", "target-dir",
  ]
}
