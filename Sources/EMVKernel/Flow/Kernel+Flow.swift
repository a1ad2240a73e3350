// SPDX-License-Identifier: Apache-2.0

extension Kernel {
  mutating func react(to event: Event) -> [Effect]? { nil }
}
