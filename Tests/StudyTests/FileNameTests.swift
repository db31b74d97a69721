import Basics
import Foundation
import Study
import Testing
import Trials

@Suite("Files that a study names")
struct FileNameTests {
  @Test(
    "names are the same in both Unicode forms, for sounds, tables and texts",
    arguments: [
      ("Tr\u{f6}mmel \u{e9}", "Tro\u{308}mmel e\u{301}"), ("Tro\u{308}mmel e\u{301}", "Tr\u{f6}mmel \u{e9}"),
    ])
  func unicode(inTable: String, onDisk: String) throws {
    let fixture = try StudyFixture(
      """
      title: T
      consent: {text: {file: "\(inTable)/\(inTable).md"}}
      sounds: {queries: sounds/queries.csv, candidates: "\(inTable)/\(inTable).csv", rankings: sounds/rankings.csv}
      """)
    defer { fixture.remove() }
    try fixture.write("\(onDisk)/\(onDisk).md", "Yes")
    try fixture.edit("sounds/candidates.csv", "kick2.flac", "\(inTable).flac")
    let sounds = fixture.folder.appending(path: "sounds"), other = fixture.folder.appending(path: onDisk)
    for name in try FileManager.default.contentsOfDirectory(atPath: sounds.path) where name.hasSuffix(".flac") {
      try FileManager.default.copyItem(at: sounds.appending(path: name), to: other.appending(path: name))
    }
    try FileManager.default.moveItem(
      at: other.appending(path: "kick2.flac"), to: other.appending(path: "\(onDisk).flac"))
    try FileManager.default.moveItem(
      at: sounds.appending(path: "candidates.csv"), to: other.appending(path: "\(onDisk).csv"))
    #expect(fixture.problems() == [])
    #expect(try fixture.load().definition.consent.text == ["en": "Yes"])
  }

  @Test("a name that differs in case is reported with the name on disk")
  func capitals() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try fixture.edit("sounds/candidates.csv", "kick2.flac", "Kick2.FLAC")
    #expect(fixture.problems().count == 1)
    #expect(fixture.problems().first?.contains("There is 'kick2.flac', which differs in capital letters") == true)
    try fixture.study("title: T\nconsent: {text: Yes}\nsounds: {queries: Sounds/queries.csv}\n")
    #expect(fixture.problems().contains { $0.contains("There is 'sounds', which differs in capital letters") })
  }

  @Test("absolute paths are accepted in study.yaml and in the tables")
  func absolute() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    let path = fixture.folder.path
    try fixture.write("yes.md", "Yes")
    try fixture.study(
      """
      title: T
      consent: {text: {file: "\(path)/yes.md"}}
      sounds:
        queries: "\(path)/sounds/queries.csv"
        candidates: "\(path)/sounds/candidates.csv"
        rankings: "\(path)/sounds/rankings.csv"
      """)
    try fixture.edit("sounds/candidates.csv", "kick2.flac", "\(path)/sounds/kick2.flac")
    #expect(fixture.problems() == [])
  }

  @Test("sounds are checked whatever else is wrong, and each problem is reported once")
  func everything() throws {
    let fixture = try StudyFixture("title: T\nconsent: {text: Yes}\ntrials: {conditions: [kick, kik]}\n")
    defer { fixture.remove() }
    func problems() -> [String] {
      fixture.problems { request, hash, rules in
        #expect(hash.count == 64 && rules.sampleRate == 44100)
        if request.file.lastPathComponent == "kick1.flac" { throw Problem("it is silent", mend: "Replace it.") }
      }
    }
    #expect(
      problems() == [
        "study.yaml:3:29: error: no query is asked for 'kik'. Did you mean 'kick'?",
        "sounds/candidates.csv:2:12: error: 'kick1.flac': it is silent. Replace it.",
      ])
    try fixture.edit("sounds/rankings.csv", "loop1,kick,mine,1,kick2", "loop1,kick,mine,1,kick9")
    #expect(problems().count == 2)
    #expect(problems().contains { $0.contains("there is no candidate 'kick9'") })
    #expect(problems().contains { $0.contains("it is silent") })
  }

  @Test("warnings do not stop a study")
  func warnings() throws {
    let fixture = try StudyFixture("title: T\nconsent: {text: Yes}\ntexts: {conditions: {tom: tom-tom}}\n")
    defer { fixture.remove() }
    let reading = StudyReading(folder: fixture.folder)
    #expect(reading.errors.isEmpty && reading.problems.count == 1 && reading.design != nil)
  }

  @Test("a name shared by a query and a candidate is reported, as preparation would do")
  func sharedName() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try fixture.edit("sounds/candidates.csv", "kick2,kick", "loop1,kick")
    try fixture.edit("sounds/rankings.csv", ",kick2\n", ",loop1\n")
    #expect(fixture.problems().contains { $0.contains("'loop1' names both a query and a candidate") })
  }
}
