import Basics
import Foundation
import Study
import Testing

@Suite("The version of a study")
struct StudyVersionTests {
  func version(_ change: (StudyFixture) throws -> Void = { _ in }) throws -> String {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try change(fixture)
    return try fixture.load().version
  }

  @Test("the same content gives the same version, wherever the folder is and however the file is laid out")
  func same() throws {
    let version = try version()
    #expect(try version == self.version())
    #expect(
      try version
        == self.version { try $0.study("# a remark\nconsent:\n  text: Yes\ntitle: \"T\"\nscale: {max: 100}\n") })
    #expect(try version == self.version { try $0.write("sounds/unused.flac", "x") })
  }

  @Test("another text, table or sound gives another version")
  func other() throws {
    let versions = try [
      version(),
      version { try $0.study("title: U\nconsent: {text: Yes}\n") },
      version { try $0.study("title: T\nconsent: {text: No}\n") },
      version { try $0.study("title: T\nconsent: {text: Yes}\nscale: {max: 90}\n") },
      version { try $0.study("title: T\nconsent: {text: Yes}\nquestionnaire: [{id: a, text: A}]\n") },
      version { try $0.study("title: T\nconsent: {text: Yes}\nquestionnaire: [{id: b, text: A}]\n") },
      version { try $0.edit("sounds/rankings.csv", "random,1,", "random,01,") },
      version { try $0.write("sounds/kick2.flac", "other") },
      version { try $0.write("sounds/loop2.flac", "other") },
    ]
    #expect(Set(versions).count == versions.count)
  }
}
