// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// How every target is compiled: the compiler is our linter.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // The tests run on the code that terminals run, and look inside it; what nothing uses and what is
  // there twice is found by the linker, function by function.
  .unsafeFlags(
    ["-enable-testing", "-Xfrontend", "-function-sections"],
    .when(platforms: [.linux], configuration: .release)),
  // A module is read once, not once for its interface and once for its code.
  .unsafeFlags(["-no-emit-module-separately-wmo"], .when(configuration: .release)),
]

/// A target in `Sources/`.
func part(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// A driver machine or a transport in `Drivers/`.
func driver(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = ["README.md"]
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Drivers/\(name)", exclude: exclude,
    swiftSettings: strict)
}

/// A program. Terminals have no Swift of their own, so what they run has it inside; ArgumentParser
/// wants two parts of Foundation that the compiler does not look for by itself. Functions that are
/// the same to the byte are one.
func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, swiftSettings: strict,
    linkerSettings: [
      .unsafeFlags(
        [
          "-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims", "-Xlinker",
          "--icf=all",
        ],
        .when(configuration: .release))
    ])
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies,
    swiftSettings: strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))])
}

func library(_ name: String, _ pkgConfig: String?, in folder: String = "Sources") -> Target {
  .systemLibrary(name: name, path: "\(folder)/\(name)", pkgConfig: pkgConfig)
}

let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "posd",
  products: [
    .executable(name: "posd", targets: ["posd"]),
    .executable(name: "posctl", targets: ["posctl"]),
    .executable(name: "possim", targets: ["possim"]),
    .executable(name: "posd-boot", targets: ["posd-boot"]),
    .executable(name: "tuf-client", targets: ["tuf-client"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // The ground.
    part("Wire"),
    part("Clockwork", ["Wire"]),

    // The trade.
    part("Devices", ["Wire", "Clockwork"]),
    part("ISO8583", ["Wire"]),
    part("PaymentCrypto", ["Wire", "COpenSSL"]),
    part("PINPadCrypto", ["Wire", "PaymentCrypto"]),
    part("EMVKernel", ["Wire", "Clockwork", "Devices", "PaymentCrypto"]),
    part("Receipts", ["Wire", "Devices"]),
    part("Management", ["Wire", "Devices", "CJansson"]),
    part("Updates", ["Wire", "Clockwork", "PaymentCrypto", "CJansson"]),

    // The hands.
    driver("CardReaderHID", ["Devices", "Clockwork", "Wire"]),
    driver(
      "PrinterESCPOS", ["Devices", "Clockwork", "Wire"], exclude: ["README.md", "make_gbk.py"]),
    driver("PINPadSerial", ["Devices", "Clockwork", "Wire"]),

    // The brain and the firmware.
    part(
      "TerminalCore",
      [
        "Wire", "Clockwork", "Devices", "ISO8583", "PaymentCrypto", "Receipts", "Management",
        "EMVKernel",
      ]),
    part(
      "Assembly",
      [
        "Wire", "Clockwork", "Devices", "PaymentCrypto", "Management", "TerminalCore",
        "CardReaderHID", "PrinterESCPOS", "PINPadSerial",
      ]),

    // The world.
    part(
      "Simulator",
      [
        "Wire", "Clockwork", "Devices", "ISO8583", "PaymentCrypto", "PINPadCrypto", "Receipts",
        "Management", "CardReaderHID", "PrinterESCPOS", "PINPadSerial", "TerminalCore", "Assembly",
        "EMVKernel", "Updates", "COpenSSL",
      ]),

    // The edges: the only code that does I/O.
    part(
      "LinuxHost",
      [
        "Wire", "Clockwork", "Devices", "ISO8583", "PaymentCrypto", "Management", "Receipts",
        "TerminalCore", "Assembly", "CardReaderHID", "PrinterESCPOS", "PINPadSerial", "EMVKernel",
        "Updates", "SlotFiles",
        "CLinux", "CCurl", "CSQLite", "CYAML", "CJansson", "CSystemd", "COpenSSL", "CPKCS11",
        "CTLS", logging,
      ],
      // The interface file is what callers are shown, so it cannot go out of date.
      resources: [.embedInCode("Control/org.posd.terminal.varlink")]),
    driver(
      "SerialTransport", ["Wire", "Clockwork", "Devices", "LinuxHost", "CSerialPort", "CLinux"]),
    driver("USBTransport", ["Wire", "Clockwork", "Devices", "LinuxHost", "CUSB"]),

    // What is erased when it is given back.
    .target(name: "CErase"),
    // What counts allocations.
    .target(name: "CCount"),

    // The slots on a disk: apart from LinuxHost, since what starts a slot is never updated with it.
    part("SlotFiles", ["Wire", "Clockwork", "PaymentCrypto", "Updates", "CLinux"]),

    // The executables.
    tool("posd-boot", ["Clockwork", "SlotFiles"]),
    tool(
      "posd",
      [
        "Wire", "Clockwork", "Devices", "Receipts", "TerminalCore", "Assembly", "LinuxHost",
        "PaymentCrypto", "SerialTransport", "USBTransport", "Updates", "CErase", "CLinux", logging,
      ]),
    tool(
      "posctl",
      [
        "Wire", "Clockwork", "Devices", "Management", "Receipts", "TerminalCore", "Assembly",
        "EMVKernel", "LinuxHost", "CPNG", "CFreeType", "CQREncode", arguments,
      ]),
    tool(
      "possim",
      [
        "Wire", "Clockwork", "Devices", "ISO8583", "PaymentCrypto", "Management", "TerminalCore",
        "Assembly", "Simulator", "LinuxHost", "PINPadCrypto", "EMVKernel", "Receipts",
        "PrinterESCPOS", "COpenSSL", "CTLS", "CLinux", "CSQLite", "CCount", "Updates", arguments,
      ]),
    tool("tuf-client", ["Clockwork", "Updates", "LinuxHost"]),

    // Debian's libraries.
    library("COpenSSL", "libcrypto"),
    library("CTLS", "libssl"),
    library("CLinux", nil),
    library("CCurl", "libcurl"),
    library("CSQLite", "sqlite3"),
    library("CYAML", "yaml-0.1"),
    library("CJansson", "jansson"),
    library("CSystemd", "libsystemd"),
    library("CPKCS11", nil),
    library("CPNG", "libpng"),
    library("CFreeType", "freetype2"),
    library("CQREncode", "libqrencode"),
    library("CUSB", "libusb-1.0", in: "Drivers"),
    library("CSerialPort", "libserialport", in: "Drivers"),

    // The tests.
    tests("Wire", ["Wire", "Clockwork"]),
    tests("Clockwork", ["Clockwork", "Wire"]),
    tests("ISO8583", ["ISO8583", "Wire", "Clockwork"]),
    tests("PaymentCrypto", ["PaymentCrypto", "PINPadCrypto", "Clockwork", "Wire"]),
    tests(
      "EMVKernel",
      [
        "EMVKernel", "Simulator", "PaymentCrypto", "PINPadCrypto", "Devices", "Clockwork", "Wire",
      ]),
    tests("Receipts", ["Receipts", "Devices", "Wire"]),
    tests("Management", ["Management", "Clockwork"]),
    tests("SlotFiles", ["SlotFiles", "Updates", "Simulator", "PaymentCrypto"]),
    tests("Updates", ["Updates", "Simulator", "PaymentCrypto", "Clockwork", "Wire"]),
    tests(
      "CardReaderHID",
      ["CardReaderHID", "Simulator", "PaymentCrypto", "Devices", "Clockwork", "Wire"]),
    tests(
      "PrinterESCPOS",
      ["PrinterESCPOS", "Simulator", "Devices", "Clockwork", "Wire", "CQREncode"]),
    tests(
      "PINPadSerial",
      [
        "PINPadSerial", "Simulator", "PaymentCrypto", "PINPadCrypto", "Devices", "Clockwork",
        "Wire",
      ]),
    tests(
      "TerminalCore",
      [
        "TerminalCore", "Simulator", "Wire", "Clockwork", "Devices", "ISO8583", "PaymentCrypto",
        "PINPadCrypto", "Management", "EMVKernel", "Receipts",
      ]),
    tests(
      "Assembly",
      [
        "Assembly", "Simulator", "TerminalCore", "PaymentCrypto", "Management", "Wire",
        "Clockwork", "Devices",
      ]),
    tests(
      "Simulator",
      [
        "Simulator", "Wire", "Clockwork", "Devices", "Assembly", "TerminalCore", "ISO8583",
        "PaymentCrypto", "PINPadCrypto", "EMVKernel", "Management",
      ]),
    .target(name: "CFailingDisk", path: "Tests/CFailingDisk"),
    tests(
      "LinuxHost",
      [
        "CFailingDisk", "LinuxHost", "Wire", "Clockwork", "Devices", "Receipts", "TerminalCore",
        "CardReaderHID", "Assembly", "ISO8583", "PaymentCrypto", "Management", "Simulator",
        "EMVKernel", "Updates", "CSQLite",
      ]),
    tests(
      "Transport",
      ["SerialTransport", "USBTransport", "LinuxHost", "CLinux", "Clockwork", "Devices"]),
    tests("Tidy", []),
  ]
)
