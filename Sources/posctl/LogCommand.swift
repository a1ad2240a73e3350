// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Log: Query {
  static let configuration = CommandConfiguration(
    abstract: "The last lines of posd's log; also in safe mode.")
  static let method = "GetLog"
  @OptionGroup var common: Common

  func show(_ answer: JSON) {
    for line in answer["lines"]?.array ?? [] { Screen.line(line.text ?? "") }
  }
}
