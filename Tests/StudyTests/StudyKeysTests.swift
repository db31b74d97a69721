import Basics
import Foundation
import Keys
import Study
import Testing

@Suite("The keys of study.yaml")
struct StudyKeysTests {
  @Test("every key states its allowed values, its meaning and an example")
  func documented() {
    #expect(StudyKeys.all.count > 50)
    #expect(Set(StudyKeys.all.map(\.path)).count == StudyKeys.all.count)
    for key in StudyKeys.all {
      #expect(key.type != "" && key.meaning.hasSuffix("."), "\(key.path)")
      let name = key.path.split(separator: ".").last.map(String.init) ?? ""
      if !key.isSection { #expect(key.example.hasPrefix("\(name): "), "\(key.path)") }
    }
  }

  @Test("every example can be read", arguments: StudyKeys.all.filter { !$0.isSection }.map(\.path))
  func examples(path: String) throws {
    let key = try #require(StudyKeys.all.first { $0.path == path })
    var yaml = key.example
    for section in path.split(separator: ".").dropLast().reversed() {
      yaml =
        section.hasSuffix("[]")
        ? "\(section.dropLast(2)):\n  - \(yaml)" : "\(section):\n  \(yaml)"
    }
    let fixture = try StudyFixture("\(yaml)\n")
    defer { fixture.remove() }
    try fixture.write("texts/welcome.md", "W")
    try fixture.write("texts/consent.md", "C")
    try fixture.write("texts/en/instructions.md", "I")
    // The example itself is valid, even though the fixture lacks the systems, queries and tables that it names.
    let words = ["there is no key", "not a", "Write a", "Write it as", "is neither", "this is not YAML", "from "]
    let problems = fixture.problems().filter { problem in words.contains { problem.contains($0) } }
    #expect(problems.filter { !$0.contains("is missing") && !$0.contains("not a language") } == [])
  }

  @Test("the page for terminals keeps its width")
  func width() {
    let lines = KeyReference.text(of: StudyKeys.all, width: 96).split(separator: "\n")
    // The limit holds for prose; a key with its default, and an example, stay on one line.
    let long = lines.filter { $0.count > 96 && !$0.contains("  (") && !$0.contains(": ") }
    #expect(long == [])
  }
}
