// SPDX-License-Identifier: Apache-2.0

//   report leaves ─▶ posd has it ─▶ entry synced ─▶ connection up ─▶ first byte at the acquirer
//             reader           entry          connection        request
//
// The shop and posd read one clock, and posd's trace says when each event came.

/// Where the time went from a swipe to its request, microseconds.
struct RequestDelay {
  /// From the reader's last packet to posd's turn with the whole report.
  let reader: Int64
  /// From there to the synced entry: the card is read, the request made, the entry written.
  let entry: Int64
  /// From there to a connection that is up; 0 where there was one.
  let connection: Int64
  /// From there to the acquirer's turn with the first bytes: sealed, sent, opened.
  let request: Int64

  /// All of it.
  var whole: Int64 { reader + entry + connection + request }

  /// The parts by their names.
  var told: String {
    let parts = [
      ("reader's port", reader), ("card read, request made and entry synced", entry),
      ("connection made", connection), ("request sealed, sent and taken", request),
    ]
    return parts.filter { $0.1 > 0 }
      .map { Figures.milliseconds($0.1, digits: 2) + " " + $0.0 }.joined(separator: ", ")
  }

  /// From the lines of posd's trace between the two moments; nil where they do not tell it.
  init?(left: Int64, came: Int64, trace: [String]) {
    var times: [String: Int64] = [:]
    for line in trace {
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count > 1, let time = Int64(words[0]), (left...came).contains(time) else {
        continue
      }
      let kind = String(words[1])
      // Of the report's packets the last, of the entries the first behind it.
      if kind == "reader" || times[kind] == nil { times[kind] = time }
    }
    guard let read = times["reader"], let synced = times["journalled"] else { return nil }
    let connected = max(synced, times["acquirer-connected"] ?? synced)
    reader = read - left
    entry = synced - read
    connection = connected - synced
    request = came - connected
  }
}
