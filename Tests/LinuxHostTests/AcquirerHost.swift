// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Foundation
import Glibc
import Testing

@testable import LinuxHost

/// Authorities, certificates and TLS hosts made by Debian's own openssl(1), which is the judge.
///
/// One shell runs them all. A child has the descriptors of this program, and so its locks on
/// ledgers, until it has begun: each one more could make another test's ledger look taken.
final class Papers {
  /// What openssl refused.
  struct Fault: Error {
    var text: String
  }

  let folder: Folder
  private let shell = Process()
  private let input = Pipe()
  private var count = 0

  /// An authority `ca`, another one `other`, hosts `good`, `expired`, `elsewhere` of the first and
  /// `stranger` of the second, clients `client` of the first and `intruder` of the second, and the
  /// host `early` of the first, whose time has not come.
  init() throws {
    folder = try Folder()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    shell.standardInput = input
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    // The shell ends with this program.
    try say("trap 'rm -rf \"$PWD\"' EXIT")
    try folder.write("host.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    try folder.write("elsewhere.ext", "subjectAltName=DNS:elsewhere.example\n")
    let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    for name in ["ca", "other"] {
      try run(
        "openssl req -x509 \(newKey) -keyout \(name).key -out \(name).pem -subj /CN=\(name)"
          + " -days 30")
    }
    for (name, authority, days, names) in [
      ("good", "ca", "30", "host"), ("expired", "ca", "-1", "host"),
      ("elsewhere", "ca", "30", "elsewhere"), ("stranger", "other", "30", "host"),
      ("client", "ca", "30", "host"), ("intruder", "other", "30", "host"),
    ] {
      try run("openssl req -new \(newKey) -keyout \(name).key -out csr -subj /CN=\(name)")
      try run(
        "openssl x509 -req -in csr -CA \(authority).pem -CAkey \(authority).key"
          + " -CAcreateserial -days \(days) -extfile \(names).ext -out \(name).pem")
    }
    try folder.write(
      "ca.conf",
      "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\npolicy=p\n"
        + "[p]\ncommonName=supplied\n")
    try folder.write("index.txt", "")
    try folder.write("serial", "01\n")
    try run("openssl req -new \(newKey) -keyout early.key -out csr -subj /CN=early")
    try run(
      "openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca.key -in csr -out early.pem"
        + " -startdate 20990101000000Z -enddate 20990201000000Z -notext -md sha256"
        + " -extfile host.ext")
  }

  func path(_ name: String) -> String { folder.path + "/" + name }

  func client(_ name: String) -> AcquirerConnection.ClientCertificate {
    AcquirerConnection.ClientCertificate(
      certificateFile: path(name + ".pem"), keyFile: path(name + ".key"))
  }

  /// The pin of a certificate's key.
  func pin(_ name: String) throws -> String {
    let digest = try run(
      "openssl x509 -in \(name).pem -noout -pubkey | openssl pkey -pubin -outform DER"
        + " | openssl dgst -sha256 -binary | base64")
    return "sha256//" + digest.filter { $0 != "\n" }
  }

  /// Whether openssl's own client gets through to a host with these options.
  func connects(to port: UInt16, _ options: String) throws -> Bool {
    let text = try run(
      "openssl s_client -connect 127.0.0.1:\(port) -CAfile ca.pem \(options) </dev/null")
    return text.contains("Verify return code: 0 (ok)")
  }

  /// Runs a command to its end; what it wrote.
  @discardableResult
  func run(_ command: String) throws -> String {
    count += 1
    try say("{ \(command); } >\(count).out 2>\(count).err; echo $? >\(count).tmp")
    try say("mv \(count).tmp \(count).code")
    let code = wait("\(count).code")
    let text = String(decoding: folder.bytes("\(count).out"), as: UTF8.self)
    if code != "0\n" { throw Fault(text: command) }
    return text
  }

  /// Starts a host, which waits on its input for ever; its number and the file it writes.
  fileprivate func serve(_ options: String) throws -> (process: pid_t, log: String) {
    count += 1
    try say("sleep 120 | openssl s_server -accept 127.0.0.1:0 \(options) >\(count).log 2>&1 &")
    try say("echo $! >\(count).tmp; mv \(count).tmp \(count).pid")
    guard let process = pid_t(wait("\(count).pid").filter { $0.isNumber }) else {
      throw Fault(text: options)
    }
    return (process, "\(count).log")
  }

  private func say(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  private func wait(_ file: String) -> String {
    let end = Date().addingTimeInterval(20)
    while folder.bytes(file).isEmpty, Date() < end { usleep(2_000) }
    return String(decoding: folder.bytes(file), as: UTF8.self)
  }
}

/// A host that answers nothing, on a port of its own.
final class AcquirerHost {
  private let papers: Papers
  private let process: pid_t
  private let log: String
  private(set) var port: UInt16 = 0

  init(_ papers: Papers, _ name: String = "good", _ options: String = "") throws {
    self.papers = papers
    (process, log) = try papers.serve("-cert \(name).pem -key \(name).key \(options)")
    let end = Date().addingTimeInterval(10)
    while port == 0, Date() < end {
      usleep(2_000)
      let line = said.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }
      port = line?.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
    }
    if port == 0 { throw Papers.Fault(text: said) }
  }

  /// Everything the host has written.
  var said: String { String(decoding: papers.folder.bytes(log), as: UTF8.self) }

  var endpoint: Endpoint { Endpoint(host: "localhost", port: port, usesTLS: true) }

  // A test's thread has signals blocked, and what it starts inherits that.
  deinit { _ = kill(process, SIGKILL) }
}

/// A connection that is kept open.
final class Knocker {
  private let descriptor: Descriptor
  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// A port at which connections are taken, and nothing is said.
final class SilentHost {
  let listener: Descriptor
  let port: UInt16

  init() throws {
    guard let listener = Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) else {
      throw SystemFault(code: errno)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = listener.number
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(number, $0, size) == 0 && listen(number, 1) == 0
          && getsockname(number, $0, &size) == 0
      }
    }
    if !isBound { throw SystemFault(code: errno) }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
  }

  /// Somebody who wants a connection and does not wait for it.
  func knock() throws -> Knocker {
    guard let descriptor = Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)),
      setNonBlocking(descriptor.number)
    else { throw SystemFault(code: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    let number = descriptor.number
    unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe _ = connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return Knocker(descriptor)
  }
}

/// The edge's connection in a loop of its own.
final class Caller {
  let connection: AcquirerConnection
  private let loop = EventLoop()
  private let transfers: Transfers
  private(set) var events: [AcquirerEvent] = []

  init(_ settings: AcquirerConnection.Settings) throws {
    transfers = try #require(Transfers())
    connection = AcquirerConnection(transfers: transfers, settings: settings)
    loop.add(transfers)
    loop.add(connection)
    connection.onEvent = { [unowned self] in events.append($0) }
  }

  /// Connects and says something; what happened until the connection was up, or failed.
  func call(_ endpoint: Endpoint) -> AcquirerEvent? {
    events = []
    connection.perform(.connect(endpoint))
    turn { !events.isEmpty }
    return events.first
  }

  /// Says something on the connection that is up, and turns until something comes or so long.
  func say(_ text: String, atMost limit: Interval = .seconds(5)) {
    let count = events.count
    connection.perform(.send(Array(text.utf8)))
    turn(limit) { events.count > count }
  }

  func turn(_ limit: Interval = .seconds(10), until isDone: () -> Bool) {
    let end = SystemClock.now + limit
    while !isDone(), SystemClock.now < end { loop.turn(atMost: .milliseconds(20)) }
  }
}
