// SPDX-License-Identifier: Apache-2.0

/// One header of an archive (ustar), of the two kinds that a bundle may hold.
struct BundleHeader: Hashable, Sendable {
  let path: ByteString
  let size: Int64
  let isFolder: Bool
  let isExecutable: Bool

  init(_ block: [UInt8]) throws(BundleFault) {
    // "ustar", NUL, "00": GNU's archives have blanks there, and their own meaning of fields.
    guard block[257..<265].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0x00, 0x30, 0x30]) else {
      throw .badHeader
    }
    guard let sum = BundleHeader.octal(block[148..<156]), sum == BundleHeader.sum(block) else {
      throw .badHeader
    }
    switch block[156] {
    case 0x30: isFolder = false
    case 0x35: isFolder = true
    default: throw .forbiddenMember
    }
    if block[157..<257].contains(where: { $0 != 0 }) { throw .forbiddenMember }
    guard let mode = BundleHeader.octal(block[100..<108]),
      let size = BundleHeader.octal(block[124..<136])
    else { throw .badHeader }
    switch (isFolder, mode) {
    case (true, 0o755): isExecutable = true
    case (false, 0o755): isExecutable = true
    case (false, 0o644): isExecutable = false
    default: throw .forbiddenMember
    }
    self.size = size
    let name = BundleHeader.text(block[0..<100])
    let prefix = BundleHeader.text(block[345..<500])
    path = ByteString(prefix.isEmpty ? name : prefix + [0x2F] + name)
    if path.bytes.isEmpty { throw .badHeader }
  }

  /// The sum of all bytes, where the field of the sum itself counts as blanks.
  private static func sum(_ block: [UInt8]) -> Int64 {
    var sum: Int64 = 0
    for (index, byte) in block.enumerated() {
      sum += (148..<156).contains(index) ? 0x20 : Int64(byte)
    }
    return sum
  }

  /// Octal digits, ended by NUL or a blank; blanks may lead.
  private static func octal(_ field: ArraySlice<UInt8>) -> Int64? {
    let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    let rest = field[digits.endIndex...]
    guard !digits.isEmpty, rest.allSatisfy({ $0 == 0 || $0 == 0x20 }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int64($1 - 0x30) }
  }

  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
    Array(field.prefix { $0 != 0 })
  }
}
