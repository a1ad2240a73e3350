// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Glibc

/// One attribute of an object, with its value as the token wants it.
struct PKCS11Attribute {
  let type: CK_ATTRIBUTE_TYPE
  let value: [UInt8]

  init(_ type: CK_ATTRIBUTE_TYPE, _ value: [UInt8]) {
    self.type = type
    self.value = value
  }

  init(_ type: CK_ATTRIBUTE_TYPE, _ text: String) { self.init(type, Array(text.utf8)) }

  init(_ type: CK_ATTRIBUTE_TYPE, _ flag: Bool) { self.init(type, [flag ? 1 : 0]) }

  init(_ type: CK_ATTRIBUTE_TYPE, number: CK_ULONG) {
    self.init(type, unsafe withUnsafeBytes(of: number) { unsafe Array($0) })
  }
}

/// A list of attributes in memory that is erased at its end: values of secrets are among them.
@safe struct PKCS11Template: ~Copyable {
  /// Every value begins where a CK_ULONG may.
  private static let alignment = MemoryLayout<CK_ULONG>.alignment

  private let values: UnsafeMutableRawBufferPointer
  private let list: UnsafeMutableBufferPointer<CK_ATTRIBUTE>

  init(_ attributes: [PKCS11Attribute]) {
    let step = PKCS11Template.alignment
    let rooms = attributes.map { ($0.value.count + step - 1) / step * step }
    unsafe values = UnsafeMutableRawBufferPointer.allocate(
      byteCount: rooms.reduce(step, +), alignment: step)
    unsafe list = UnsafeMutableBufferPointer.allocate(capacity: attributes.count)
    var offset = 0
    for (index, attribute) in attributes.enumerated() {
      let place = unsafe UnsafeMutableRawBufferPointer(rebasing: values[offset...])
      unsafe place.copyBytes(from: attribute.value)
      unsafe list.initializeElement(
        at: index,
        to: CK_ATTRIBUTE(
          type: attribute.type, pValue: place.baseAddress,
          ulValueLen: CK_ULONG(attribute.value.count)))
      offset += rooms[index]
    }
  }

  deinit {
    if let start = unsafe values.baseAddress { unsafe explicit_bzero(start, values.count) }
    unsafe values.deallocate()
    unsafe list.deallocate()
  }

  var count: CK_ULONG { unsafe CK_ULONG(list.count) }

  func use<Result>(_ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?) -> Result) -> Result {
    unsafe body(list.baseAddress)
  }
}
