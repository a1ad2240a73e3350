// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import Glibc
import LinuxHost
import Testing

@Suite("The loop, its descriptors and its sockets")
struct LoopTests {
  /// Something that waits.
  private final class Waiter: PollSource {
    var interests: [PollInterest] = []
    var deadline: Instant?
    var bytes: [UInt8] = []
    var wakes = 0
    var onReady: () -> Void = {}

    func ready(_ descriptor: Int32, _ events: Int16) {
      if case .success(let read?) = readSome(descriptor) { bytes += read }
      onReady()
    }

    func wake(at now: Instant) {
      wakes += 1
      deadline = nil
    }
  }

  private static func pipes() -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    let result = unsafe pipe(&ends)
    precondition(result == 0, "a test machine has two descriptors left")
    _ = setNonBlocking(ends[0])
    return (ends[0], ends[1])
  }

  @Test("a source hears of its bytes, and of its moment once")
  func turns() {
    let loop = EventLoop()
    let waiter = Waiter()
    let ends = LoopTests.pipes()
    waiter.interests = [PollInterest(ends.read, Int16(POLLIN))]
    loop.add(waiter)
    _ = writeSome(ends.write, [1, 2, 3])
    loop.turn(atMost: .milliseconds(100))
    #expect(waiter.bytes == [1, 2, 3])
    waiter.deadline = SystemClock.now + .milliseconds(5)
    while waiter.wakes == 0 { loop.turn(atMost: .milliseconds(100)) }
    loop.turn(atMost: .zero)
    #expect(waiter.wakes == 1)
    _ = close(ends.read)
    _ = close(ends.write)
  }

  @Test("a source that another one has taken away in the same turn is left alone")
  func removed() {
    let loop = EventLoop()
    let one = Waiter()
    let other = Waiter()
    let first = LoopTests.pipes()
    let second = LoopTests.pipes()
    one.interests = [PollInterest(first.read, Int16(POLLIN))]
    other.interests = [PollInterest(second.read, Int16(POLLIN))]
    one.onReady = { loop.remove(other) }
    loop.add(one)
    loop.add(other)
    _ = writeSome(first.write, [1])
    _ = writeSome(second.write, [2])
    loop.turn(atMost: .milliseconds(100))
    #expect(one.bytes == [1])
    #expect(other.bytes.isEmpty)
    for number in [first.read, first.write, second.read, second.write] { _ = close(number) }
  }

  @Test("reading says nothing now, the end, and what broke apart")
  func reading() {
    let ends = LoopTests.pipes()
    guard case .success(nil) = readSome(ends.read) else {
      Issue.record("an empty pipe has nothing now")
      return
    }
    _ = close(ends.write)
    // A program that another test is starting has the other end until it has begun.
    var hangUp = pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0)
    #expect(unsafe poll(&hangUp, 1, 1_000) == 1)
    guard case .success(let end?) = readSome(ends.read) else {
      Issue.record("a closed pipe has an end")
      return
    }
    #expect(end.isEmpty)
    _ = close(ends.read)
    // The number of a closed one may be another test's by now.
    guard case .failure(let fault) = readSome(Int32.max) else {
      Issue.record("a closed descriptor cannot be read")
      return
    }
    #expect(fault.code == EBADF)
    #expect(!fault.text.isEmpty)
  }

  @Test("a socket is this group's alone, gone when it is closed, and absurd paths are refused")
  func sockets() throws {
    let folder = try Folder()
    let path = folder.path + "/a.sock"
    do {
      let listener = try UnixSocket.listen(path, .packets)
      var about = stat()
      let result = unsafe stat(path, &about)
      #expect(result == 0)
      #expect(about.st_mode & 0o777 == 0o660)
      let caller = try UnixSocket.connect(path, .packets)
      let accepted = UnixSocket.accept(listener.number)
      let isThere = accepted != nil
      #expect(isThere)
      #expect(caller.number >= 0)
    }
    #expect(throws: SystemFault(code: ENOENT)) { _ = try UnixSocket.connect(path, .packets) }
    #expect(throws: SystemFault(code: ENAMETOOLONG)) {
      _ = try UnixSocket.connect(String(repeating: "x", count: 200), .stream)
    }
  }

  @Test("a socket that a killed program left is replaced; one that is listened on never is")
  func taken() throws {
    let folder = try Folder()
    let path = folder.path + "/a.sock"
    let first = try UnixSocket.listen(path, .stream)
    for kind in [UnixSocket.Kind.stream, .packets] {
      #expect(throws: SystemFault(code: EADDRINUSE)) { _ = try UnixSocket.listen(path, kind) }
    }
    // Nor by who does not find the first one's lock, nor while its queue is full.
    #expect(unsafe unlink(path + ".lock") == 0)
    for kind in [UnixSocket.Kind.packets, .stream] {
      #expect(throws: SystemFault(code: EADDRINUSE)) { _ = try UnixSocket.listen(path, kind) }
    }
    let caller = try UnixSocket.connect(path, .stream)
    #expect(caller.number >= 0)
    // What a kill leaves: the name, and nobody behind it.
    #expect(unsafe link(path, folder.path + "/stale.sock") == 0)
    _ = consume first
    let second = try UnixSocket.listen(folder.path + "/stale.sock", .stream)
    let again = try UnixSocket.connect(folder.path + "/stale.sock", .stream)
    #expect(again.number != second.number)
    // What is no socket is somebody's file.
    let file = try folder.write("b.sock", "a diary")
    #expect(throws: SystemFault(code: EEXIST)) { _ = try UnixSocket.listen(file, .stream) }
    #expect(folder.bytes("b.sock") == Array("a diary".utf8))
  }

  @Test("a lock of a program that is ending is waited for")
  func ending() throws {
    let path = try Folder().path + ".sock"
    let lock = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { unsafe _ = unlink(path + ".lock") }
    #expect(flock(lock, LOCK_EX) == 0)
    Thread.detachNewThread {
      usleep(50_000)
      _ = close(lock)
    }
    let listener = try UnixSocket.listen(path, .stream)
    #expect(listener.number >= 0)
  }

  @Test("the pauses between attempts grow to five seconds and begin again after a success")
  func backoff() {
    var backoff = Backoff()
    let pauses = (0..<6).map { _ in backoff.next().milliseconds }
    #expect(pauses == [500, 1_000, 2_000, 5_000, 5_000, 5_000])
    backoff.reset()
    #expect(backoff.next() == .milliseconds(500))
  }

  @Test("a queue gives up what has left and keeps the rest")
  func queue() {
    var queue = SendQueue()
    queue.add([1, 2, 3])
    queue.add([4])
    queue.sent(3)
    #expect(queue.bytes == [4])
    queue.discard()
    #expect(queue.isEmpty)
  }

  @Test("a secret file is this user's alone and never replaced")
  func files() throws {
    let folder = try Folder()
    let path = folder.path + "/key"
    #expect(FileSystem.create(path, [1, 2]))
    #expect(!FileSystem.create(path, [3]))
    #expect(FileSystem.read(path, limit: 10) == [1, 2])
    #expect(FileSystem.read(path, limit: 1) == nil)
    #expect(FileSystem.read(folder.path + "/none", limit: 1) == nil)
    var about = stat()
    let result = unsafe stat(path, &about)
    #expect(result == 0)
    #expect(about.st_mode & 0o777 == 0o600)
  }
}
