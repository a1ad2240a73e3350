// SPDX-License-Identifier: Apache-2.0

/// A data object as it came: what a signature covers must not be encoded anew, for a length may have
/// been written longer than it needs.
public struct TLVSlice: Hashable, Sendable {
  /// The tag.
  public let tag: TLVTag
  /// The content, of a constructed object too.
  public let value: [UInt8]
  /// Tag, length and content as received.
  public let bytes: [UInt8]

  /// The outermost objects of some bytes, in order, without the padding between them.
  public static func all(
    of bytes: [UInt8], limits: TLV.Limits = TLV.Limits()
  ) throws(WireFault) -> [TLVSlice] {
    var reader = ByteReader(bytes)
    var found: [TLVSlice] = []
    while let next = reader.next {
      if next == 0 {
        try reader.skip(1)
        continue
      }
      let start = reader.offset
      if found.count == limits.objects { throw .tooLong(offset: start, limit: limits.objects) }
      let tag = try TLVTag(&reader)
      let length = try TLV.readLength(&reader, limits)
      let value = try reader.read(length)
      found.append(
        TLVSlice(tag: tag, value: value, bytes: Array(bytes[start..<reader.offset])))
    }
    return found
  }
}
