// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

/// The list of a slot's files, written last of all: a slot that has it was complete once.
public struct SlotManifest: Hashable, Sendable {
  /// One file.
  struct File: Hashable, Sendable {
    var path: ByteString
    var size: Int64
    var digest: [UInt8]
  }

  /// Its name in the slot.
  public static let name: ByteString = "MANIFEST"
  /// Bytes of it.
  public static let limit = 2_097_152

  let version: ReleaseVersion
  let compatible: ByteString
  let epoch: Int64
  /// SHA-256 of the manifest of the bundle it was made from.
  let digest: [UInt8]
  var files: [File] = []

  init(version: ReleaseVersion, compatible: ByteString, epoch: Int64, digest: [UInt8]) {
    self.version = version
    self.compatible = compatible
    self.epoch = epoch
    self.digest = digest
  }

  /// As it is written, with its own digest at the end.
  var text: [UInt8] {
    let head: ByteString = "posd-slot 1\nversion " + version.text + "\ncompatible "
    let rest: ByteString = "\nepoch " + ByteString(epoch) + "\nbundle "
    var out = (head + compatible + rest + MetadataDigits.lowerCase(digest)).bytes + [0x0A]
    for file in files {
      let line: ByteString =
        "file " + ByteString(file.size) + " " + MetadataDigits.lowerCase(file.digest) + " "
      out += (line + file.path).bytes + [0x0A]
    }
    let sum: ByteString = "sum " + MetadataDigits.lowerCase(sha256(out))
    return out + sum.bytes + [0x0A]
  }

  /// Reads one; nil where it is torn or none.
  init?(_ bytes: [UInt8]) {
    guard bytes.count <= SlotManifest.limit, bytes.last == 0x0A else { return nil }
    var lines = bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.count >= 6, let last = lines.popLast() else { return nil }
    let body = Array(bytes.prefix(bytes.count - last.count - 1))
    let sum: ByteString = "sum " + MetadataDigits.lowerCase(sha256(body))
    guard last.elementsEqual(sum.bytes), ByteString(Array(lines[0])) == "posd-slot 1",
      let version = SlotManifest.value(lines[1], "version ").flatMap({ ReleaseVersion($0) }),
      let compatible = SlotManifest.value(lines[2], "compatible "),
      let epoch = SlotManifest.value(lines[3], "epoch ").flatMap({ SlotManifest.number($0) }),
      let bundle = SlotManifest.value(lines[4], "bundle "),
      let digest = try? Hex.decode(bundle.bytes)
    else { return nil }
    self.init(version: version, compatible: compatible, epoch: epoch, digest: digest)
    files.reserveCapacity(lines.count - 5)
    for line in lines.dropFirst(5) {
      let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        .map { ByteString(Array($0)) }
      guard words.count == 4, words[0] == "file", let size = SlotManifest.number(words[1]),
        let digest = try? Hex.decode(words[2].bytes), Target.isUsable(words[3])
      else { return nil }
      files.append(File(path: words[3], size: size, digest: digest))
    }
  }

  private static func value(_ line: ArraySlice<UInt8>, _ key: ByteString) -> ByteString? {
    let line = ByteString(Array(line))
    return line.hasPrefix(key) ? ByteString(Array(line.bytes.dropFirst(key.bytes.count))) : nil
  }

  private static func number(_ word: ByteString) -> Int64? {
    guard (1...18).contains(word.bytes.count),
      word.bytes.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return word.bytes.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }
}
