// SPDX-License-Identifier: Apache-2.0

import Wire

/// What the issuer sends to the card with its answer: 91, 71 and 72 (EMV 4.4 Book 4, 12.1).
struct IssuerData: Hashable, Sendable {
  /// Eight to sixteen bytes (91), or none.
  let authenticationData: [UInt8]?
  /// In the order received.
  let scripts: [IssuerScript]

  /// Nil for an answer that is malformed: the transaction then goes on as if there were none.
  init?(_ bytes: [UInt8], scriptBytes: Int) {
    var authenticationData: [UInt8]?
    var scripts: [IssuerScript] = []
    var left = scriptBytes
    var walk = TLVWalk(bytes)
    do throws(WireFault) {
      while let object = try walk.next() {
        switch object.tag {
        case .issuerAuthenticationData where !object.value.isEmpty:
          if !(8...16).contains(object.value.count) || authenticationData != nil { return nil }
          authenticationData = Array(bytes[object.value])
        case .scriptBefore, .scriptAfter:
          if scripts.count == KernelLimits.scripts { return nil }
          // EMV 4.4 Book 4, 12.2.4: counted over all scripts, with tags and lengths. One that is
          // too long is left out; those behind it are not.
          let size = object.value.upperBound - object.start
          let isShort = size <= left
          if isShort { left -= size }
          scripts.append(
            IssuerScript(
              bytes, object.value, isPreliminary: object.tag == .scriptBefore, isShort: isShort))
        default: break
        }
      }
    } catch {
      return nil
    }
    self.authenticationData = authenticationData
    self.scripts = scripts
  }
}

/// A script of the issuer's (EMV 4.4 Book 3, 10.10, Annex E).
struct IssuerScript: Hashable, Sendable {
  /// Whether it comes before the final GENERATE AC: 71.
  let isPreliminary: Bool
  /// Four bytes (9F18), or zeros; read even of a script that is not carried out.
  let identifier: [UInt8]
  /// The commands; none of a script that is not carried out.
  let commands: [CardCommand]
  /// Whether it can be carried out. All of it is read before anything is sent.
  let isSound: Bool

  init(_ bytes: [UInt8], _ range: Range<Int>, isPreliminary: Bool, isShort: Bool) {
    var identifier: [UInt8] = [0, 0, 0, 0]
    var commands: [CardCommand] = []
    var isSound = isShort
    var walk = TLVWalk(bytes, in: range)
    do throws(WireFault) {
      while let object = try walk.next() {
        let value = Array(bytes[object.value])
        switch object.tag {
        case .scriptIdentifier where value.count == 4: identifier = value
        case .scriptCommand:
          if let command = CardCommand(whole: value), value.count <= 261 {
            commands.append(command)
          } else {
            isSound = false
          }
        // Anything else is nothing that an issuer may write there.
        default: isSound = false
        }
      }
    } catch {
      isSound = false
    }
    self.isPreliminary = isPreliminary
    self.identifier = identifier
    self.commands = isSound ? commands : []
    self.isSound = isSound
  }
}
