// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

@Suite("Signatures")
struct SignatureTests {
  private static let text = Array("message digest".utf8)

  @Test("Ed25519 (RFC 8032, 7.1, tests 1 to 3)")
  func ed25519() throws {
    let cases = [
      (
        "9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60",
        "D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A", "",
        "E5564300C360AC729086E2CC806E828A84877F1EB8E5D974D873E065224901555FB88215"
          + "90A33BACC61E39701CF9B4"
          + "6BD25BF5F0595BBE24655141438E7A100B"
      ),
      (
        "4CCD089B28FF96DA9DB6C346EC114E0F5B8A319F35ABA624DA8CF6ED4FB8A6FB",
        "3D4017C3E843895A92B70AA74D1B7EBC9C982CCF2EC4968CC0CD55F12AF4660C", "72",
        "92A009A9F0D4CAB8720E820B5F642540A2B27B5416503F8FB3762223EBDB69DA085AC1E4"
          + "3E15996E458F3613D0F11D"
          + "8C387B2EAEB4302AEEB00D291612BB0C00"
      ),
    ]
    for (seed, open, message, signature) in cases {
      let key = try Ed25519PrivateKey(seed: SecretBytes(hex(seed)))
      #expect(Hex.text(try key.publicKey().bytes) == open)
      #expect(Hex.text(try key.sign(hex(message))) == signature)
      let publicKey = try Ed25519PublicKey(hex(open))
      #expect(publicKey.verifies(try hex(signature), over: try hex(message)))
      #expect(!publicKey.verifies(try hex(signature), over: try hex(message) + [0]))
      for index in 0..<64 {
        var changed = try hex(signature)
        changed[index] ^= 0x01
        #expect(!publicKey.verifies(changed, over: try hex(message)))
      }
    }
    #expect(throws: CryptoFault.wrongLength(31)) {
      try Ed25519PublicKey([UInt8](repeating: 1, count: 31))
    }
  }

  @Test("ECDSA on P-256 with SHA-256 (RFC 6979, A.2.5)")
  func p256() throws {
    let point = try hex(
      "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE"
        + "1008B8BC99A41AE9E95628"
        + "BC64F2F1B20C2D7E9F5177A3C294D4462299")
    let numbers = try hex(
      "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C94"
        + "2D657C41D436C7A1B6E29F"
        + "65F3E900DBB9AFF4064DC4AB2F843ACDA8")
    let key = try P256PublicKey(point: point)
    let signature = try P256PublicKey.der(numbers)
    let message = Array("sample".utf8)
    #expect(key.verifies(signature, over: message, .sha256))
    #expect(!key.verifies(signature, over: Array("Sample".utf8), .sha256))
    #expect(!key.verifies(signature, over: message, .sha384))
    for index in signature.indices {
      var changed = signature
      changed[index] ^= 0x01
      #expect(!key.verifies(changed, over: message, .sha256))
    }
    var off = point
    off[64] ^= 1
    #expect(throws: CryptoFault.outOfRange) { try P256PublicKey(point: off) }
    #expect(throws: CryptoFault.wrongLength(64)) { try P256PublicKey(point: Array(off.dropLast())) }
  }

  @Test("SM2 (GM/T 0003.5-2012, Annex A): the signature and the decryption of its example")
  func sm2() throws {
    let point = try hex(
      "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA49"
        + "0CE26775A52DC6EA718CC1"
        + "AA600AED05FBF35E084A6632F6072DA9AD13")
    let numbers = try hex(
      "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3B1B6AA29"
        + "DF212FD8763182BC0D421C"
        + "A1BB9038FD1F7F42D4840B69C485BBC1AA")
    let key = try SM2PublicKey(point: point)
    let signature = try P256PublicKey.der(numbers)
    #expect(key.verifies(signature, over: SignatureTests.text))
    #expect(!key.verifies(signature, over: Array("message Digest".utf8)))
    #expect(!key.verifies(signature, over: SignatureTests.text, identity: Array("other".utf8)))
    let scalar = try hex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
    let own = try SM2PrivateKey(scalar: SecretBytes(scalar), publicKey: key)
    let cipher = try hex(
      "0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73E858F9"
        + "D81E5430A57B36DAAB8F950A"
        + "3C64E6EE6A63094D99283AFF767E124DF059983C18F809E262923C53AEC295D30383B54E"
        + "39D609D160AFCB1908"
        + "D0BD876621886CA989CA9C7D58087307CA93092D651EFA")
    #expect(try own.decrypt(cipher) == Array("encryption standard".utf8))
    for index in cipher.indices {
      var changed = cipher
      changed[index] ^= 0x01
      #expect(throws: CryptoFault.self) { try own.decrypt(changed) }
    }
  }

  @Test("RSA: what a signature recovers to, and what is no block of the key")
  func recovery() throws {
    // 61 * 53 has no modulus long enough; a modulus of 512 bits whose cube root is known has.
    let modulus = [UInt8](repeating: 0xFF, count: 64)
    let key = try RSAPublicKey(modulus: modulus, exponent: [3])
    let block = [UInt8](repeating: 0, count: 63) + [5]
    #expect(try key.recover(block) == [UInt8](repeating: 0, count: 63) + [125])
    #expect(throws: CryptoFault.wrongLength(63)) { try key.recover(Array(block.dropFirst())) }
    #expect(throws: CryptoFault.outOfRange) { try key.recover(modulus) }
    for exponent in [[], [0], [1], [2], [1, 0, 0, 0, 1]] as [[UInt8]] {
      #expect(throws: CryptoFault.outOfRange) {
        try RSAPublicKey(modulus: modulus, exponent: exponent)
      }
    }
    #expect(throws: CryptoFault.wrongLength(63)) {
      try RSAPublicKey(modulus: Array(modulus.dropFirst()), exponent: [3])
    }
    #expect(throws: CryptoFault.outOfRange) {
      try RSAPublicKey(modulus: Array(modulus.dropLast()) + [0xFE], exponent: [3])
    }
  }
}
