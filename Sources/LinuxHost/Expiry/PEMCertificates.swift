// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Updates

/// The certificates of a PEM file, each with its name and its last moment. What else is in the
/// file, a key for one, is passed over.
struct PEMCertificates {
  struct Certificate: Hashable, Sendable {
    /// The common name of its subject, or all of the subject where it has none.
    let name: String
    /// The last second in which it is valid, since 1970; nil for one that never ends (RFC 5280,
    /// 4.1.2.5: the last second of the year 9999).
    let end: Int64?
  }

  /// Why a file says nothing.
  enum Fault: Error, Hashable, Sendable {
    /// There is none, this user may not read it, or it is beyond the limit.
    case unreadable
    /// It holds no certificate in PEM.
    case none
    /// What stands behind so many certificates is damaged.
    case damaged(after: Int)

    /// For people.
    var text: String {
      switch self {
      case .unreadable: "cannot be read"
      case .none: "holds no certificate in PEM"
      case .damaged(let count): "is damaged behind certificate \(count)"
      }
    }
  }

  /// Bytes of a file: all of Debian's authorities have a quarter of it.
  static let limit = 1_048_576
  private static let never: Int64 = 253_402_300_799

  /// Reads a file.
  static func read(_ path: String) throws(Fault) -> [Certificate] {
    guard let bytes = FileSystem.read(path, limit: limit) else { throw .unreadable }
    return try parse(bytes)
  }

  /// What stands between the lines of a certificate; nothing else of the file is decoded.
  static func parse(_ bytes: [UInt8]) throws(Fault) -> [Certificate] {
    // libcurl reads the same list of errors: nothing of ours is left on it.
    defer { ERR_clear_error() }
    var found: [Certificate] = []
    var digits: [UInt8]?
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      if line.starts(with: "-----BEGIN ".utf8) {
        if digits != nil { throw .damaged(after: found.count) }
        if isCertificate(line) { digits = [] }
      } else if line.starts(with: "-----END ".utf8) {
        guard let whole = digits else { continue }
        guard isCertificate(line), let certificate = decode(whole) else {
          throw .damaged(after: found.count)
        }
        found.append(certificate)
        digits = nil
      } else {
        digits?.append(contentsOf: line.filter { $0 > 0x20 })
      }
    }
    if digits != nil { throw .damaged(after: found.count) }
    if found.isEmpty { throw .none }
    return found
  }

  /// The labels under which libcrypto takes a certificate (openssl/pem.h).
  private static func isCertificate(_ line: ArraySlice<UInt8>) -> Bool {
    let words = line.split(separator: 0x20, maxSplits: 1).last ?? []
    return ["CERTIFICATE-----", "X509 CERTIFICATE-----", "TRUSTED CERTIFICATE-----"]
      .contains { words.elementsEqual($0.utf8) }
  }

  private static func decode(_ digits: [UInt8]) -> Certificate? {
    guard !digits.isEmpty, digits.count % 4 == 0 else { return nil }
    var encoded = [UInt8](repeating: 0, count: digits.count / 4 * 3)
    // The file has a limit, so the count has one. Padding becomes zeroes, behind what counts.
    let count = unsafe EVP_DecodeBlock(&encoded, digits, Int32(digits.count))
    guard count >= 0 else { return nil }
    let made = unsafe encoded.withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      return unsafe d2i_X509(nil, &next, buffer.count)
    }
    guard let made = unsafe made else { return nil }
    defer { unsafe X509_free(made) }
    return unsafe certificate(made)
  }

  private static func certificate(_ x509: OpaquePointer) -> Certificate? {
    guard let last = unsafe X509_get0_notAfter(x509), let start = unsafe ASN1_TIME_set(nil, 0)
    else { return nil }
    defer { unsafe ASN1_STRING_free(start) }
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard unsafe ASN1_TIME_diff(&days, &seconds, start, last) == 1 else { return nil }
    let end = Int64(days) * 86_400 + Int64(seconds)
    return unsafe Certificate(name: name(x509), end: end >= never ? nil : end)
  }

  private static func name(_ x509: OpaquePointer) -> String {
    guard let subject = unsafe X509_get_subject_name(x509) else { return "without a name" }
    let place = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    if let entry = unsafe X509_NAME_get_entry(subject, place),
      let data = unsafe X509_NAME_ENTRY_get_data(entry)
    {
      var out: UnsafeMutablePointer<UInt8>?
      let count = unsafe ASN1_STRING_to_UTF8(&out, data)
      if count > 0, let start = unsafe out {
        defer { unsafe CRYPTO_free(start, #file, #line) }
        return unsafe shown(Array(UnsafeBufferPointer(start: start, count: Int(count))))
      }
    }
    guard let line = unsafe X509_NAME_oneline(subject, nil, 0) else { return "without a name" }
    defer { unsafe CRYPTO_free(line, #file, #line) }
    let whole = unsafe shown(Array(String(cString: line).utf8))
    return whole.isEmpty ? "without a name" : whole
  }

  /// A name comes from outside: it makes no line of its own, and no long one.
  private static func shown(_ bytes: [UInt8]) -> String {
    ByteString(Array(String(decoding: bytes, as: UTF8.self).prefix(64).utf8)).description
  }
}
