// SPDX-License-Identifier: Apache-2.0

public import Devices

/// What keeps the terminal's secrets, its identity and its counters.
///
/// The words are those of `Devices`; a backend is a thin shell that follows one order at a time and
/// answers before it returns. It is asked at the start and at rare moments, never inside a sale, so
/// that a token of half a second keeps nobody waiting.
public protocol SecureElement: AnyObject {
  /// Follows one order, wholly or not at all.
  func perform(_ order: SecureOrder) -> SecureReport
}
