// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto

/// Who else may say which files there are (TUF 4.5, TAP 15).
public struct Delegations: Hashable, Sendable {
  /// A role that is asked next.
  struct Child: Hashable, Sendable {
    let name: ByteString
    let isTerminating: Bool
  }

  private enum Form: Hashable, Sendable {
    /// Named roles in the order in which they are asked.
    case roles([DelegatedRole])
    /// A power of two of roles, among which the paths are spread by their digest.
    case bins(HashBins)
  }

  let keys: KeyRing
  private let form: Form

  init(_ value: MetadataValue) throws(MetadataFault) {
    guard case .object = value else { throw MetadataFault(.wrongType) }
    let members = try value.object("keys")
    keys = try within("keys") { () throws(MetadataFault) in try KeyRing(members) }
    switch (value["roles"], value["succinct_roles"]) {
    case (nil, nil): throw MetadataFault(.missing, at: "roles")
    case (.some, .some): throw MetadataFault(.ambiguous, at: "succinct_roles")
    case (nil, let bins?):
      form = .bins(try within("succinct_roles") { () throws(MetadataFault) in try HashBins(bins) })
    case (.some, nil):
      let elements = try value.array("roles")
      form = .roles(
        try within("roles") { () throws(MetadataFault) in try Delegations.roles(elements) })
    }
  }

  private static func roles(
    _ elements: [MetadataValue]
  ) throws(MetadataFault) -> [DelegatedRole] {
    var roles: [DelegatedRole] = []
    for (index, element) in elements.enumerated() {
      let role = try within(ByteString(Int64(index))) { () throws(MetadataFault) in
        try DelegatedRole(element)
      }
      roles.append(role)
    }
    let names = roles.map { $0.name }
    if names.hasRepetition { throw MetadataFault(.repeated) }
    return roles
  }

  /// The roles to ask for a path, in their order, up to the first that ends the search (TUF
  /// 5.6.7.2).
  func children(for path: ByteString) -> (children: [Child], isCut: Bool) {
    switch form {
    case .bins(let bins):
      // The one bin of a path: nothing behind it could have the path, as python-tuf has it too.
      return ([Child(name: bins.name(for: path), isTerminating: true)], true)
    case .roles(let roles):
      var children: [Child] = []
      for role in roles where role.paths.match(path) {
        children.append(Child(name: role.name, isTerminating: role.isTerminating))
        if role.isTerminating { return (children, true) }
      }
      return (children, false)
    }
  }

  /// Who may sign for a role, if it is delegated to here.
  func signers(for name: ByteString) -> Signers? {
    switch form {
    case .bins(let bins): bins.contains(name) ? bins.signers : nil
    case .roles(let roles): roles.first { $0.name == name }?.signers
    }
  }
}

/// A role that another one trusts with some paths.
struct DelegatedRole: Hashable, Sendable {
  let name: ByteString
  let signers: Signers
  /// Whether a matching path is looked for in no later role.
  let isTerminating: Bool
  let paths: PathRule

  init(_ value: MetadataValue) throws(MetadataFault) {
    guard case .object = value else { throw MetadataFault(.wrongType) }
    name = try value.text("name")
    if name.bytes.isEmpty || TopLevelRole.allNames.contains(name) {
      throw MetadataFault(.outOfRange, at: "name")
    }
    signers = try Signers(value)
    isTerminating = try value.boolean("terminating")
    paths = try PathRule(value)
  }
}

/// Which paths a role is trusted with.
enum PathRule: Hashable, Sendable {
  case patterns([PathPattern])
  /// Lower-case digits that the path's SHA-256 begins with.
  case digestPrefixes([ByteString])

  /// Of a delegated role's object, which has one of the two forms.
  init(_ value: MetadataValue) throws(MetadataFault) {
    switch (value["paths"], value["path_hash_prefixes"]) {
    case (nil, nil): throw MetadataFault(.missing, at: "paths")
    case (.some, .some): throw MetadataFault(.ambiguous, at: "path_hash_prefixes")
    case (.some, nil): self = .patterns(try PathPattern.list(value))
    case (nil, .some): self = .digestPrefixes(try value.texts("path_hash_prefixes"))
    }
  }

  func match(_ path: ByteString) -> Bool {
    switch self {
    case .patterns(let patterns): return patterns.contains { $0.matches(path) }
    case .digestPrefixes(let prefixes):
      let digest = PathRule.digest(path)
      return prefixes.contains { digest.hasPrefix($0) }
    }
  }

  private static func digest(_ path: ByteString) -> ByteString {
    MetadataDigits.lowerCase(sha256(path.bytes))
  }
}

/// Succinct hash bins: 2^bits roles that share their signers (TAP 15).
struct HashBins: Hashable, Sendable {
  let signers: Signers
  private let bits: Int64
  private let prefix: ByteString

  init(_ value: MetadataValue) throws(MetadataFault) {
    signers = try Signers(value)
    bits = try value.number("bit_length", atLeast: 1)
    if bits > 32 { throw MetadataFault(.outOfRange, at: "bit_length") }
    prefix = try value.text("name_prefix")
  }

  private var digitCount: Int { Int((bits + 3) / 4) }

  /// The bin of a path: the first bits of its digest.
  func name(for path: ByteString) -> ByteString {
    let first = sha256(path.bytes).prefix(4).reduce(0) { $0 << 8 | UInt64($1) }
    return name(first >> UInt64(32 - bits))
  }

  /// Whether this is the name of one of the bins, spelt as they are spelt.
  func contains(_ name: ByteString) -> Bool {
    guard name.hasPrefix(prefix + "-") else { return false }
    let digits = name.bytes.dropFirst(prefix.bytes.count + 1)
    guard digits.count == digitCount else { return false }
    var number: UInt64 = 0
    for digit in digits {
      switch digit {
      case 0x30...0x39: number = number << 4 | UInt64(digit - 0x30)
      case 0x61...0x66: number = number << 4 | UInt64(digit - 0x61 + 10)
      default: return false
      }
    }
    return number < 1 << UInt64(bits)
  }

  private func name(_ number: UInt64) -> ByteString {
    var digits: [UInt8] = []
    for place in (0..<digitCount).reversed() {
      digits.append(MetadataDigits.lowerCase(UInt8(number >> UInt64(place * 4) & 0x0F)))
    }
    return prefix + "-" + ByteString(digits)
  }
}
