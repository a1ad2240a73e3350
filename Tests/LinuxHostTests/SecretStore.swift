// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import LinuxHost
import Testing

/// The two kinds of secure elements.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
  case file
  case token

  var testDescription: String { rawValue }
}

/// One store of secrets, which can be opened again and again.
final class SecretStore {
  let folder: Folder
  let settings: SecureElementSettings

  init(_ backend: Backend) throws {
    folder = try Folder()
    switch backend {
    case .file: settings = .file(deviceSecret: folder.path + "/device.secret")
    case .token:
      let pin = try folder.write("token.pin", SoftToken.pin + "\n", mode: 0o600)
      settings = .pkcs11(
        module: SoftToken.module, token: try SoftToken.taken(), pinFile: pin)
    }
  }

  var label: String {
    if case .pkcs11(_, let token, _) = settings { token } else { "" }
  }

  func open() throws -> any SecureElement {
    Opened(self, try settings.open(stateFolder: folder.path))
  }

  /// An element whose folder stays as long as it does.
  private final class Opened: SecureElement {
    private let store: SecretStore
    private let element: any SecureElement

    init(_ store: SecretStore, _ element: any SecureElement) {
      self.store = store
      self.element = element
    }

    func perform(_ order: SecureOrder) -> SecureReport {
      element.perform(order)
    }
  }
}

extension Folder {
  /// The mode of a file or folder, as in `ls -l`.
  func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  func setMode(_ name: String, _ mode: Int) throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: path + "/" + name)
  }

  func write(_ name: String, _ text: String, mode: Int) throws -> String {
    let file = try write(name, text)
    try setMode(name, mode)
    return file
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + name)
  }

  func names(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/" + name).sorted()
  }
}

/// Tokens in software, which stand in for a chip: SoftHSM, a PKCS #11 module of Debian.
///
/// SoftHSM reads its settings and its tokens once a program, at its first C_Initialize. So all of
/// them lie in one folder and are made before it; each test takes one.
enum SoftToken {
  static let module = "/usr/lib/softhsm/libsofthsm2.so"
  static let pin = "73519046"
  static let officerPIN = "0294715836"
  private static let tool = "/usr/bin/softhsm2-util"
  private static let count = 30

  /// The label of a token that nobody else has.
  static func taken() throws -> String {
    try labels.get().take()
  }

  private static let labels = Result { try Labels() }

  private final class Labels: @unchecked Sendable {
    private let lock = NSLock()
    private var free: [String]

    init() throws {
      #expect(FileManager.default.fileExists(atPath: module), "install softhsm2")
      let folder = FileManager.default.temporaryDirectory.path + "/posd-test-tokens-\(getpid())"
      try FileManager.default.createDirectory(
        atPath: folder + "/tokens", withIntermediateDirectories: true)
      unsafe SoftToken.leftover = folder
      #expect(atexit { SoftToken.tidy() } == 0)
      let settings = """
        directories.tokendir = \(folder)/tokens
        objectstore.backend = file
        log.level = ERROR

        """
      try settings.write(toFile: folder + "/softhsm2.conf", atomically: true, encoding: .utf8)
      unsafe setenv("SOFTHSM2_CONF", folder + "/softhsm2.conf", 1)
      free = (1...count).map { "posd \($0)" }
      // Two of one name.
      try SoftToken.make(free + ["twin", "twin"])
    }

    func take() throws -> String {
      let label = lock.withLock { free.popLast() }
      return try #require(label, "make more tokens")
    }
  }

  /// Written once, before anybody reads it.
  nonisolated(unsafe) private static var leftover = ""

  private static func tidy() {
    try? FileManager.default.removeItem(atPath: unsafe leftover)
  }

  /// One shell makes them all: while a program is started it has this one's descriptors, and so its
  /// locks and its ends of sockets.
  private static func make(_ labels: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let each = #""$0" --init-token --free --label "$label" --pin \#(pin) --so-pin \#(officerPIN)"#
    process.arguments = ["-c", #"for label; do \#(each) || exit; done"#, tool] + labels
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "softhsm2-util has made the tokens")
  }
}

/// The hand that pulls a token out while others hold it: the module itself, spoken to directly.
enum TokenHand {
  private typealias GetSlots =
    @convention(c) (UInt8, UnsafeMutablePointer<UInt>?, UnsafeMutablePointer<UInt>) -> UInt
  private typealias OneNumber = @convention(c) (UInt) -> UInt
  private typealias InitToken =
    @convention(c) (UInt, UnsafePointer<UInt8>, UInt, UnsafePointer<UInt8>) -> UInt
  private typealias TokenInfo = @convention(c) (UInt, UnsafeMutablePointer<UInt8>) -> UInt

  /// Closes every session of a token, as when it is pulled out and put in again.
  static func closeSessions(of label: String) throws {
    let close = unsafe unsafeBitCast(try symbol("C_CloseAllSessions"), to: OneNumber.self)
    #expect(close(try slot(label)) == 0)
  }

  /// Logs the user out behind everybody's back; a session is enough.
  static func logout(_ session: UInt) throws {
    let logout = unsafe unsafeBitCast(try symbol("C_Logout"), to: OneNumber.self)
    #expect(logout(session) == 0)
  }

  /// Puts another token in its place.
  static func exchange(_ label: String) throws {
    try closeSessions(of: label)
    let start = unsafe unsafeBitCast(try symbol("C_InitToken"), to: InitToken.self)
    let pin = Array(SoftToken.officerPIN.utf8)
    let other = padded("a stranger")
    #expect(unsafe start(try slot(label), pin, UInt(pin.count), other) == 0)
  }

  private static func slot(_ label: String) throws -> UInt {
    let list = unsafe unsafeBitCast(try symbol("C_GetSlotList"), to: GetSlots.self)
    let info = unsafe unsafeBitCast(try symbol("C_GetTokenInfo"), to: TokenInfo.self)
    var slots = [UInt](repeating: 0, count: 64)
    var count = UInt(slots.count)
    #expect(unsafe list(1, &slots, &count) == 0)
    let found = slots.prefix(Int(count)).first { slot in
      // CK_TOKEN_INFO begins with the label and has some 200 bytes.
      var facts = [UInt8](repeating: 0, count: 512)
      return unsafe info(slot, &facts) == 0 && Array(facts.prefix(32)) == padded(label)
    }
    return try #require(found)
  }

  private static func padded(_ label: String) -> [UInt8] {
    Array(label.utf8) + [UInt8](repeating: 0x20, count: 32 - label.utf8.count)
  }

  private static func symbol(_ name: String) throws -> UnsafeMutableRawPointer {
    let library = unsafe dlopen(SoftToken.module, RTLD_NOW)
    return unsafe try #require(unsafe dlsym(library, name))
  }
}
