import Basics
import Foundation
import Retrieval
import Study
import Testing

@Suite("What is to be ranked")
struct CatalogueTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: folder.appending(path: "a.flac"))
  }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  @Test("folders and tables give the same catalogue; the truth is kept apart")
  func read() throws {
    try write("library.csv", "candidate,condition,file,licence\nk1,kick,a.flac,CC0\ns1,snare,a.flac,CC0\n")
    try write("mixes.csv", "query,condition,file,reference\nm1,kick,a.flac,k1\nm1,snare,a.flac,\n")
    for url in [folder, folder.appending(path: "library.csv")] {
      let catalogue = try Catalogue.read(library: url, mixes: folder)
      #expect(catalogue.candidates.map(\.id) == ["k1", "s1"] && catalogue.queries.count == 2)
      #expect(catalogue.references == [catalogue.queries[0]: ["k1"]])
      #expect(catalogue.places(of: "snare") == [1])
    }
  }

  @Test("other programs' tables give the same, with a warning")
  func otherPrograms() throws {
    try write("library.csv", "candidate,condition,file\nk1,kick,a.flac\ns1,snare,a.flac\n")
    try write("mixes.csv", "query,condition,file,reference\nm1,kick,a.flac,k1\nm1,snare,a.flac,\n")
    let clean = try Catalogue.read(library: folder, mixes: folder)
    try write("library.csv", "candidate\tcondition\tfile\rk1\u{a0}\tkick\ta.flac \rs1\tsnare\ta.flac\r")
    try write("mixes.csv", "\u{feff}query;condition;file;reference;\nm1;kick;a.flac; k1;\nm1 ;snare;a.flac;NA;\n;;;;\n")
    let notes = TableNotes()
    let catalogue = try Catalogue.read(library: folder, mixes: folder, notes: notes)
    #expect(catalogue.candidates == clean.candidates && catalogue.queries == clean.queries)
    #expect(catalogue.references == clean.references)
    #expect(notes.all.map(\.kind) == [.dialect, .names, .dialect, .missing, .names, .names])
  }

  @Test("if several drums of a class play, the query is asked once, and all of them are right")
  func severalRight() throws {
    try write("library.csv", "candidate,condition,file\nk1,kick,a.flac\nk2,kick,a.flac\nk3,kick,a.flac\n")
    try write("mixes.csv", "query,condition,file,reference\nm1,kick,a.flac,k3\nm1,kick,a.flac,k1\n")
    let catalogue = try Catalogue.read(library: folder, mixes: folder)
    #expect(catalogue.queries.count == 1 && catalogue.references[catalogue.queries[0]] == ["k3", "k1"])
    let ranking = Ranking(
      query: "m1", condition: "kick", system: "a",
      entries: ["k2", "k1", "k3"].enumerated().map { .init(rank: $0 + 1, candidate: $1) })
    #expect(ReferenceScore.scores(of: [ranking], in: catalogue).map(\.mrr.value) == [0.5])
  }

  @Test("all problems of both tables are reported at once, with their lines")
  func problems() throws {
    try write("library.csv", "candidate,condition,file\nk1,kick,a.flac\nk1,kick,a.flac\nk2,kick,none.flac\n")
    try write(
      "mixes.csv",
      "query,condition,file,reference\nm1,kick,a.flac,k9\nm1,tom,a.flac,\nm2,kick,a.flac,k1\nm2,kick,a.flac,k1\n")
    let error = try #require(throws: Problems.self) { try Catalogue.read(library: folder, mixes: folder) }
    let lines = error.list.map { "\($0)" }
    #expect(lines.count == 5)
    #expect(lines[0].contains("library.csv:3:1") && lines[0].contains("'k1' is listed twice, first in line 2"))
    #expect(lines[1].contains("library.csv:4:9") && lines[1].contains("there is no file 'none.flac'"))
    #expect(lines[2].contains("mixes.csv:2:16") && lines[2].contains("'k9' is not in the library"))
    #expect(lines[3].contains("mixes.csv:3:4") && lines[3].contains("no candidate has the class 'tom'"))
    #expect(lines[4].contains("mixes.csv:5:1") && lines[4].contains("is listed twice for"))
  }
}
