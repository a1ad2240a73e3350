// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

extension Doctor {
  /// The layers below TLS on the way to a host, each tried: name, connection, and when one fails
  /// the cable and the address, which may be its cause.
  public func network(host: String, port: UInt16, seconds: Int32 = 5) -> [Finding] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, String(port), &hints, &list)
    guard code == 0, let first = unsafe list else {
      let why = unsafe String(cString: gai_strerror(code))
      return below(Finding("network", "NET-003", host + ": " + why))
    }
    defer { unsafe freeaddrinfo(first) }
    var fault: Int32 = 0
    var next: UnsafeMutablePointer<addrinfo>? = unsafe first
    while let address = unsafe next {
      fault = unsafe connectionFault(address.pointee, seconds)
      if fault == 0 { return [] }
      unsafe next = address.pointee.ai_next
    }
    let text = SystemFault(code: fault).text
    return below(Finding("network", "NET-004", "\(host):\(port): " + text))
  }

  /// The lowest layer that fails is the cause of those above it.
  private func below(_ finding: Finding) -> [Finding] {
    let cards = system.names("/sys/class/net").filter { $0 != "lo" }
    let live = cards.filter { system.text("/sys/class/net/\($0)/carrier") == "1" }
    if cards.isEmpty || live.isEmpty {
      let names = cards.joined(separator: ", ")
      let seen = cards.isEmpty ? "no network interface" : "no link at " + names
      return [Finding("network", "NET-001", seen)]
    }
    if !hasAddress(live) {
      return [Finding("network", "NET-002", "no address at " + live.joined(separator: ", "))]
    }
    return [finding]
  }

  private func hasAddress(_ cards: [String]) -> Bool {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return true }
    defer { unsafe freeifaddrs(list) }
    var next = unsafe list
    while let entry = unsafe next {
      let name = unsafe String(cString: entry.pointee.ifa_name)
      if let address = unsafe entry.pointee.ifa_addr, cards.contains(name) {
        // Every address begins with its family (socket(7)).
        let family = unsafe Int32(UnsafeRawPointer(address).load(as: sa_family_t.self))
        if family == AF_INET || family == AF_INET6 { return true }
      }
      unsafe next = entry.pointee.ifa_next
    }
    return false
  }

  /// The system's error number of a connection; 0 when it stands.
  private func connectionFault(_ address: addrinfo, _ seconds: Int32) -> Int32 {
    let number = unsafe socket(
      address.ai_family, address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard let descriptor = Descriptor(number) else { return errno }
    if unsafe connect(descriptor.number, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
    if errno != EINPROGRESS { return errno }
    var entry = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
    if unsafe poll(&entry, 1, seconds * 1_000) <= 0 { return ETIMEDOUT }
    var fault: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 else {
      return errno
    }
    return fault
  }
}
