import Basics
import Foundation
import Study
import Testing

@Suite("The tables of a study")
struct StudyTablesTests {
  /// One invalid change to a table, and its problem.
  @Test(
    "an invalid table is reported",
    arguments: [
      (
        "queries", "loop1,kick,loop1.flac,kick1", "loop1,kick,loop1.flac,kcik1",
        "queries.csv:2:23: error: the reference 'kcik1' is not among the candidates. Did you mean 'kick1'?"
      ),
      (
        "queries", "loop1,kick,loop1.flac,kick1", "loop1,kick,loop1.flac,snare1",
        "the reference 'snare1' is a snare, and the query asks for 'kick'"
      ),
      ("queries", "loop1,kick,loop1.flac,kick1", "loop1,kick,loop1.flac,", "'loop1' and 'kick' has no reference"),
      (
        "queries", "loop1,snare,loop1.flac", "loop1,kick,loop1.flac",
        "'loop1' is listed twice for 'kick', first in line 2"
      ),
      ("queries", "loop1,snare,loop1.flac", "loop1,snare,loop2.flac", "'loop1' has a different file in line 2"),
      ("queries", "loop1.flac", "gone.flac", "there is no sound file"),
      ("queries", "reference\n", "ref\n", "has no reference"),
      ("queries", "query,", "name,", "queries.csv:1: error: the table lacks the column query"),
      (
        "candidates", "snare2,snare", "snare1,snare",
        "candidates.csv:9:1: error: 'snare1' is listed twice, first in line 8"
      ),
      (
        "candidates", "kick2,kick,kick2.flac", "kick2,kick,none.flac",
        "candidates.csv:3:12: error: there is no sound file"
      ),
      (
        "candidates", "kick2,kick", "kick2,snare",
        "warning: 2 of the first candidates of mine have a different condition"
      ),
      ("candidates", "kick2,", "anchor:x,", "the name 'anchor:x' contains a colon"),
      (
        "rankings", "loop1,kick,mine,1,kick2", "loop9,kick,mine,1,kick2",
        "rankings.csv:2:1: error: there is no query 'loop9'. Did you mean 'loop1'?"
      ),
      (
        "rankings", "loop1,kick,mine,1,kick2", "loop1,kick,mine,1,kick9",
        "rankings.csv:2:19: error: there is no candidate 'kick9'. Did you mean 'kick1'?"
      ),
      ("rankings", "loop1,kick,mine,", "loop1,kick,yours,", "mine has no ranking for 'loop1' and 'kick'"),
      (
        "rankings", "loop1,kick,mine,", "loop1,,mine,", "the ranking does not say for which condition it is (in 6 rows)"
      ),
      ("rankings", "loop1,kick,mine,", "loop1,clap,mine,", "the query is not asked for 'clap' (in 6 rows)"),
      ("rankings", "loop1,kick,mine,", "loop1,kick,anchor,", "'anchor' is not a system that ranks (in 6 rows)"),
      ("rankings", "mine,1,kick2", "mine,1,kick1", "'kick1' is ranked twice by mine for loop1"),
    ])
  func wrong(table: String, old: String, new: String, told: String) throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try fixture.edit("sounds/\(table).csv", old, new)
    let problems = fixture.problems()
    #expect(problems.contains { $0.contains(told) }, "\(problems.joined(separator: "\n"))")
  }

  @Test("a completely wrong table of rankings is reported in few lines")
  func flood() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try fixture.write(
      "sounds/rankings.csv",
      "query,condition,system,rank,candidate\n" + (1...500).map { "loop1,kick,mine,\($0),other-\($0)\n" }.joined())
    let problems = fixture.problems()
    #expect(problems.count == 21)
    #expect(problems.last?.contains("480 more names in the column 'candidate' are unknown") == true)
  }

  @Test("tables and study files in other programs' formats are read as the same study, with warnings")
  func otherPrograms() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    let items = try fixture.load().items
    for table in ["queries", "candidates", "rankings"] {
      let path = fixture.folder.appending(path: "sounds/\(table).csv")
      let text = try String(contentsOf: path, encoding: .utf8)
      try fixture.write(
        "sounds/\(table).csv", "\u{feff}sep=;\r\n" + text.replacing(",", with: ";").replacing("\n", with: "\r\n"))
    }
    try fixture.edit("study.yaml", "title: T", "\u{feff}title: T\ntrials: {queries: ['loop1 ', loop2]}")
    #expect(try fixture.load().items == items)
    let told = fixture.problems()
    #expect(told.count { $0.contains("warning: the table is read with semicolons between its cells") } == 3)
    try fixture.edit("sounds/candidates.csv", "kick2;", "kick2\u{a0};")
    try fixture.edit("sounds/queries.csv", ";kick1", ";kick1 ")
    #expect(try fixture.load().items == items)
    #expect(fixture.problems().contains { $0.contains("warning: 1 cell of 'candidate'") && $0.contains("‹U+00A0›") })
  }

  @Test("similar names are reported")
  func alike() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try fixture.edit("sounds/candidates.csv", "kick3,", "KICK2,")
    try fixture.edit("sounds/rankings.csv", "kick3", "KICK2")
    #expect(fixture.problems().contains { $0.contains("candidates that look alike: 'kick2', 'KICK2'") })
    try fixture.edit("sounds/rankings.csv", ",kick4", ",kick4.wav")
    #expect(
      fixture.problems().contains { $0.contains("there is no candidate 'kick4.wav'") && $0.contains("mean 'kick4'?") })
  }

  @Test("a sound that cannot be decoded is reported at its cell")
  func unreadable() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    let problems = fixture.problems { request, _, _ in
      if request.file.lastPathComponent == "kick2.flac" { throw Problem("not a sound", mend: "Convert it.") }
    }
    #expect(problems == ["sounds/candidates.csv:3:12: error: 'kick2.flac': not a sound. Convert it."])
  }

  @Test("a study without conditions needs no column for them")
  func plain() throws {
    let fixture = try StudyFixture(
      "title: T\nconsent: {text: Yes}\npool: {hidden_reference: false, anchor_lowpass_hz: none}\ntrials: {catches: 0}\n"
    )
    defer { fixture.remove() }
    try fixture.write("sounds/queries.csv", "query,file\nloop1,loop1.flac\nloop2,loop2.flac\n")
    try fixture.write("sounds/candidates.csv", "candidate,file\na,kick1.flac\nb,kick2.flac\nc,kick3.flac\n")
    try fixture.write(
      "sounds/rankings.csv", "query,system,candidate,distance\nloop1,m,a,1\nloop1,m,b,2\nloop2,m,c,1\nloop2,m,a,2\n")
    #expect(fixture.problems().filter { $0.contains("error") } == [])
    #expect(try fixture.load().items.map { Set($0.candidates.map(\.candidate)) } == [["a", "b"], ["a", "c"]])
  }

  @Test("rankings need not name the condition of a query that has only one")
  func oneCondition() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try fixture.write("sounds/queries.csv", "query,condition,file,reference\nloop1,kick,loop1.flac,kick1\n")
    try fixture.write("sounds/rankings.csv", "query,system,rank,candidate\nloop1,m,1,kick2\nloop1,m,2,kick3\n")
    try fixture.study("title: T\nconsent: {text: Yes}\ntrials: {repeats: 0}\n")
    #expect(try fixture.load().items[0].candidates.count == 4)
  }
}
