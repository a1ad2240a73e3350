// SPDX-License-Identifier: Apache-2.0

import Clockwork
import LinuxHost
import Simulator

/// The person before the terminal: swipes again and again, as people do, or puts the card into the
/// slot as long as there is one, and types the PIN of the card.
struct Cardholder {
  /// What the person does.
  enum Act {
    case present(card: Int)
    case press(PadKey)
  }

  /// How the person answers the question for the PIN.
  enum Manner: String {
    case right, wrong, cancel, none
  }

  /// Before the first key.
  var patience = Interval.milliseconds(400)
  /// Between two swipes. A reader that was opened in the midst of one finds its step in the silence
  /// behind it, which is a quarter of a second: nobody swipes faster, however much he hurries.
  var swipePause = Interval.milliseconds(400)
  /// Between two keys.
  var keyPause = Interval.milliseconds(30)

  var card = 0
  var manner = Manner.right
  /// Whether the person swipes without being told.
  var isEager = true
  private var nextSwipe: Instant? = SystemClock.now
  private var keys: [(at: Instant, key: PadKey)] = []

  var deadline: Instant? { earlier(isEager ? nextSwipe : nil, keys.first?.at) }

  mutating func askedForPIN(at now: Instant) {
    // Nobody swipes while typing.
    nextSwipe = now + patience + patience + patience
    var pressed: [PadKey]
    switch manner {
    case .right: pressed = SimulatedShop.accounts[card].pin.map { .digit($0) } + [.enter]
    case .wrong: pressed = [.digit(9), .digit(9), .digit(9), .digit(9), .enter]
    case .cancel: pressed = [.cancel]
    case .none: pressed = []
    }
    var moment = now + patience
    keys = []
    while !pressed.isEmpty {
      keys.append((moment, pressed.removeFirst()))
      moment = moment + keyPause
    }
  }

  mutating func acts(at now: Instant) -> [Act] {
    var acts: [Act] = []
    if isEager, let due = nextSwipe, due <= now {
      acts.append(.present(card: card))
      nextSwipe = now + swipePause
    }
    while let first = keys.first, first.at <= now {
      acts.append(.press(first.key))
      keys.removeFirst()
    }
    return acts
  }
}
