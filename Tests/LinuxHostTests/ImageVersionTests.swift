// SPDX-License-Identifier: Apache-2.0

import Testing
import Updates

@testable import LinuxHost

@Suite("The version that an image says itself")
struct ImageVersionTests {
  @Test(
    "it is what os-release has, as a shell would read it",
    arguments: [
      ("IMAGE_VERSION=2026.11.3\n", "2026.11.3"), ("IMAGE_VERSION=\"7\"", "7"),
      ("ID=shop\nIMAGE_VERSION='1.2.3.4'\nNAME=x\n", "1.2.3.4"),
      ("IMAGE_VERSION=1\nIMAGE_VERSION=2\n", "2"),
    ])
  func told(text: String, version: ByteString) {
    #expect(ImageVersion.of(Array(text.utf8)) == ReleaseVersion(version))
  }

  @Test(
    "what is no version of ours is none",
    arguments: [
      "", "IMAGE_VERSION=", "IMAGE_VERSION=\"\"", "IMAGE_VERSION=\"", "IMAGE_VERSION=\"1",
      "VERSION=1", "#IMAGE_VERSION=1", "IMAGE_VERSION=33-beta", "IMAGE_VERSION=1\nIMAGE_VERSION=x",
      "IMAGE_VERSION=1 ", "IMAGE_VERSION=1.2.3.4.5",
    ])
  func untold(text: String) {
    #expect(ImageVersion.of(Array(text.utf8)) == nil)
  }

  @Test("a file that is not there, or is no plain one, says nothing")
  func noFile() throws {
    let folder = try Folder()
    #expect(ImageVersion.read(folder.path + "/none") == nil)
    #expect(ImageVersion.read(folder.path) == nil)
    try folder.write("os-release", "IMAGE_VERSION=3.1\n")
    #expect(ImageVersion.read(folder.path + "/os-release") == ReleaseVersion("3.1"))
  }
}
