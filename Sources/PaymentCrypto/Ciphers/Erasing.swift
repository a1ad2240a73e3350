// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Overwrites bytes that held a secret, in a way that the compiler does not leave out.
package func erase(_ bytes: inout [UInt8]) {
  let count = bytes.count
  unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, count) }
  bytes = []
}
