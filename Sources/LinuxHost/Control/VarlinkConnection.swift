// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Glibc

//   what comes                                       what is done
//   a message longer than the limit                  answered with InvalidParameter, "message", and
//                                                    thrown away up to its end
//   a message that is no call                        hung up
//   an end, while the caller still listens           what was asked before it is answered
//   an end, and nobody listens any more              closed; who was waited for is gone

/// One caller of the control interface: messages that end with a zero byte, answered in order, one
/// at a time. A caller that has sent many is served between the others and the devices.
final class VarlinkConnection: PollSource {
  /// The longest message.
  static let messageLimit = 65_536
  /// What may wait to be sent: a full recording as text, and some.
  private static let outgoingLimit = 6_291_456

  /// Called with the next call, when the last has been answered.
  var onCall: (VarlinkCall) -> Void = { _ in }
  /// Called once when the caller is gone.
  var onClose: () -> Void = {}
  private(set) var call: VarlinkCall?
  private var descriptor: Descriptor?
  private let number: Int32
  private var incoming: [UInt8] = []
  private var outgoing = SendQueue()
  /// Whether what has come in may hold a call that nothing else would bring up.
  private var isDue = false
  private var isSkipping = false
  private var hasInputEnded = false

  init(_ descriptor: consuming Descriptor) {
    number = descriptor.number
    self.descriptor = consume descriptor
  }

  var interests: [PollInterest] {
    if descriptor == nil { return [] }
    // While a call is being served, no more than one further message is taken in.
    let listens = !hasInputEnded && incoming.count < VarlinkConnection.messageLimit
    var events = listens ? POLLIN : 0
    if !outgoing.isEmpty { events |= POLLOUT }
    return [PollInterest(number, Int16(events))]
  }

  var deadline: Instant? { isDue ? .start : nil }
  func wake(at now: Instant) {
    takeNext()
    closeIfDone()
  }

  func ready(_ descriptor: Int32, _ events: Int16) {
    if events & Int16(POLLOUT) != 0 { flush() }
    // The number may already be another's.
    if self.descriptor == nil { return }
    if events & Int16(POLLIN) != 0, !hasInputEnded {
      guard case .success(let read) = readSome(number, limit: 16_384) else { return close() }
      guard let bytes = read else { return }
      if !bytes.isEmpty { return take(bytes) }
      // unix(7): with POLLHUP both directions are shut.
      if events & Int16(POLLHUP) != 0 { return close() }
      hasInputEnded = true
      closeIfDone()
    } else if events & Int16(POLLHUP | POLLERR) != 0 {
      close()
    } else {
      closeIfDone()
    }
  }

  /// Answers the present call.
  func reply(_ reply: VarlinkReply) {
    guard let call, descriptor != nil else { return }
    if !call.isOneWay { outgoing.add(reply.bytes) }
    // A caller that asks and never reads is not waited for.
    if outgoing.count > VarlinkConnection.outgoingLimit { return close() }
    flush()
    if case .step = reply { return }
    self.call = nil
    isDue = !incoming.isEmpty
    closeIfDone()
  }

  func close() {
    if descriptor == nil { return }
    isDue = false
    descriptor = nil
    call = nil
    outgoing.discard()
    onClose()
  }

  private func take(_ bytes: [UInt8]) {
    if isSkipping {
      guard let end = bytes.firstIndex(of: 0) else { return }
      isSkipping = false
      incoming += bytes[(end + 1)...]
    } else {
      incoming += bytes
    }
    takeNext()
  }

  /// Takes the next call, if none is being served: one, since many that are answered at once would
  /// keep everybody else waiting.
  private func takeNext() {
    isDue = false
    if call != nil || descriptor == nil { return }
    guard let end = incoming.firstIndex(of: 0) else {
      if incoming.count < VarlinkConnection.messageLimit { return }
      incoming = []
      isSkipping = true
      return refuseLength()
    }
    let message = Array(incoming[..<end])
    incoming.removeFirst(end + 1)
    if message.count > VarlinkConnection.messageLimit {
      isDue = !incoming.isEmpty
      return refuseLength()
    }
    guard let next = VarlinkCall(message) else { return close() }
    call = next
    onCall(next)
  }

  private func refuseLength() {
    outgoing.add(VarlinkReply.invalid("message").bytes)
    flush()
  }

  /// A caller that has said all it had to say is let go when it has been answered.
  private func closeIfDone() {
    if hasInputEnded, call == nil, !isDue, outgoing.isEmpty { close() }
  }

  private func flush() {
    if descriptor == nil || outgoing.isEmpty { return }
    guard case .success(let count) = writeSome(number, outgoing.bytes[...]) else { return close() }
    outgoing.sent(count)
  }
}
