// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import PaymentCrypto
import Wire

struct Crypto: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute cases from standard input, a line each, to compare with other libraries.",
    discussion: "A line that is none ends the program; what is refused is answered with `fault`.")

  func run() throws {
    while let line = readLine() {
      do {
        print(Hex.text(try CryptoCase(line).result()))
      } catch is CryptoFault {
        print("fault")
      } catch is KeyBlockFault {
        print("fault")
      }
    }
  }
}
