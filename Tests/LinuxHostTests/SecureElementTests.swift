// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import LinuxHost
import PaymentCrypto
import Testing
import Wire

/// One after the other: all tokens are one module in one program.
@Suite("The secret store", .serialized)
struct SecureElementTests {
  static let one = SecretBytes((0..<32).map { UInt8($0) })
  static let other = SecretBytes((0..<48).map { UInt8(255 - $0) })

  @Test(
    "what is kept is given out, as it was, and by its own name alone", arguments: Backend.allCases)
  func keeps(_ backend: Backend) throws {
    let element = try SecretStore(backend).open()
    #expect(element.perform(.open(.seal)) == .absent)
    #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
    #expect(element.perform(.open(.seal)) == .secret(SecureElementTests.one))
    for name in SecretName.allCases where name != .seal {
      #expect(element.perform(.open(name)) == .absent)
    }
  }

  @Test(
    "secrets of 1 and of 512 bytes are kept, none and 513 are refused", arguments: Backend.allCases)
  func lengths(_ backend: Backend) throws {
    let element = try SecretStore(backend).open()
    for count in [1, SecureOrder.secretLimit] {
      let secret = SecretBytes([UInt8](repeating: 7, count: count))
      #expect(element.perform(.keep(.recorder, secret)) == .kept)
      #expect(element.perform(.open(.recorder)) == .secret(secret))
    }
    let former = element.perform(.open(.recorder))
    for count in [0, SecureOrder.secretLimit + 1] {
      let secret = SecretBytes([UInt8](repeating: 8, count: count))
      #expect(
        element.perform(.keep(.recorder, secret)) == .failed(.wrongSecretLength(count)))
    }
    #expect(element.perform(.open(.recorder)) == former)
  }

  @Test(
    "a secret survives a restart, and so does the one that replaced it", arguments: Backend.allCases
  )
  func replaces(_ backend: Backend) throws {
    let store = try SecretStore(backend)
    for secret in [SecureElementTests.one, SecureElementTests.other, SecureElementTests.one] {
      #expect(try store.open().perform(.keep(.transport, secret)) == .kept)
      #expect(try store.open().perform(.open(.transport)) == .secret(secret))
    }
  }

  @Test("a secret that is erased is gone, twice is as good as once", arguments: Backend.allCases)
  func erases(_ backend: Backend) throws {
    let store = try SecretStore(backend)
    let element = try store.open()
    #expect(element.perform(.erase(.seal)) == .erased)
    #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
    #expect(element.perform(.keep(.recorder, SecureElementTests.other)) == .kept)
    #expect(element.perform(.erase(.seal)) == .erased)
    #expect(element.perform(.open(.seal)) == .absent)
    #expect(try store.open().perform(.open(.seal)) == .absent)
    #expect(element.perform(.open(.recorder)) == .secret(SecureElementTests.other))
  }

  @Test("the identity is made once and stays the same", arguments: Backend.allCases)
  func identity(_ backend: Backend) throws {
    let store = try SecretStore(backend)
    let digest = sha256([1])
    #expect(try store.open().perform(.sign(digest: digest)) == .absent)
    let point = try SecureElementTests.point(store.open())
    #expect(point.count == 65 && point[0] == 4)
    #expect(try SecureElementTests.point(store.open()) == point)
    // Another terminal has another one.
    #expect(try SecureElementTests.point(SecretStore(backend).open()) != point)
  }

  @Test(
    "its signature is right for this digest and this terminal alone", arguments: Backend.allCases)
  func signature(_ backend: Backend) throws {
    let store = try SecretStore(backend)
    let point = try SecureElementTests.point(store.open())
    let stranger = try SecureElementTests.point(SecretStore(backend).open())
    for round in 0..<20 {
      let digest = sha256([UInt8(round)])
      guard case .signature(var signature) = try store.open().perform(.sign(digest: digest))
      else { throw Surprise() }
      #expect(signature.count == 64)
      func isRight(_ digest: [UInt8], _ point: [UInt8]) -> Bool {
        P256.verifies(signature: signature, digest: digest, point: point)
      }
      #expect(isRight(digest, point))
      #expect(!isRight(sha256([99, UInt8(round)]), point))
      #expect(!isRight(digest, stranger))
      #expect(!isRight(digest, Array(point.dropLast())))
      signature[round * 3] ^= 0x10
      #expect(!isRight(digest, point))
      signature.removeLast()
      #expect(!isRight(digest, point))
    }
  }

  @Test("a digest that is not of 32 bytes is not signed", arguments: Backend.allCases)
  func digestLength(_ backend: Backend) throws {
    let element = try SecretStore(backend).open()
    _ = try SecureElementTests.point(element)
    for count in [0, 20, 31, 33, 64] {
      let digest = [UInt8](repeating: 1, count: count)
      #expect(element.perform(.sign(digest: digest)) == .failed(.wrongDigestLength(count)))
    }
  }

  @Test("counters begin at 0, go up only, and survive a restart", arguments: Backend.allCases)
  func counters(_ backend: Backend) throws {
    let store = try SecretStore(backend)
    let element = try store.open()
    #expect(element.perform(.readCounter(.firmwareVersion)) == .counter(0))
    #expect(element.perform(.advance(.firmwareVersion, to: 0)) == .counter(0))
    #expect(element.perform(.advance(.firmwareVersion, to: 5)) == .counter(5))
    #expect(element.perform(.advance(.firmwareVersion, to: 5)) == .counter(5))
    #expect(element.perform(.advance(.firmwareVersion, to: 4)) == .failed(.counterBackwards(5)))
    #expect(element.perform(.advance(.firmwareVersion, to: 0)) == .failed(.counterBackwards(5)))
    #expect(try store.open().perform(.readCounter(.firmwareVersion)) == .counter(5))
    #expect(element.perform(.readCounter(.metadataVersion)) == .counter(0))
    #expect(element.perform(.advance(.metadataVersion, to: .max)) == .counter(.max))
    #expect(try store.open().perform(.readCounter(.metadataVersion)) == .counter(.max))
    #expect(
      try store.open().perform(.advance(.metadataVersion, to: .max - 1))
        == .failed(.counterBackwards(.max)))
  }

  @Test("a wipe takes secrets and identity, and leaves the counters", arguments: Backend.allCases)
  func wipe(_ backend: Backend) throws {
    let store = try SecretStore(backend)
    let element = try store.open()
    for name in SecretName.allCases {
      #expect(element.perform(.keep(name, SecureElementTests.one)) == .kept)
    }
    for name in CounterName.allCases {
      #expect(
        element.perform(.advance(name, to: 10 + UInt64(name.rawValue)))
          == .counter(10 + UInt64(name.rawValue)))
    }
    let point = try SecureElementTests.point(element)
    #expect(element.perform(.wipe) == .wiped)
    #expect(element.perform(.wipe) == .wiped)
    let next = try store.open()
    for name in SecretName.allCases { #expect(next.perform(.open(name)) == .absent) }
    #expect(next.perform(.sign(digest: sha256([]))) == .absent)
    for name in CounterName.allCases {
      #expect(next.perform(.readCounter(name)) == .counter(10 + UInt64(name.rawValue)))
    }
    #expect(try SecureElementTests.point(next) != point)
    #expect(next.perform(.keep(.seal, SecureElementTests.other)) == .kept)
  }

  @Test("two that use one store see each other's work", arguments: Backend.allCases)
  func two(_ backend: Backend) throws {
    let store = try SecretStore(backend)
    let (left, right) = (try store.open(), try store.open())
    #expect(left.perform(.keep(.seal, SecureElementTests.one)) == .kept)
    #expect(right.perform(.open(.seal)) == .secret(SecureElementTests.one))
    #expect(right.perform(.keep(.seal, SecureElementTests.other)) == .kept)
    #expect(left.perform(.open(.seal)) == .secret(SecureElementTests.other))
    #expect(left.perform(.advance(.parameterVersion, to: 3)) == .counter(3))
    #expect(
      right.perform(.advance(.parameterVersion, to: 2)) == .failed(.counterBackwards(3)))
    #expect(try SecureElementTests.point(left) == SecureElementTests.point(right))
    #expect(right.perform(.wipe) == .wiped)
    #expect(left.perform(.open(.seal)) == .absent)
  }

  /// An answer that no test has asked for.
  struct Surprise: Error {}

  static func point(_ element: any SecureElement) throws -> [UInt8] {
    guard case .identity(let point) = element.perform(.readIdentity) else { throw Surprise() }
    return point
  }

  /// The fault with which a store does not open.
  static func fault(_ open: () throws(SecureFault) -> any SecureElement) -> SecureFault? {
    do throws(SecureFault) {
      _ = try open()
      return nil
    } catch {
      return error
    }
  }
}
