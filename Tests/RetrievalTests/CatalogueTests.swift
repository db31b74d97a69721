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

  @Test("where several drums of a class play, chance is that of the first of them, as the score is")
  func chanceOfSeveral() throws {
    let library = (0..<12).map { "k\($0),kick,a.flac\n" }.joined()
    try write("library.csv", "candidate,condition,file\n" + library)
    let mixes = (0..<2000).flatMap { mix in (0..<3).map { "m\(mix),kick,a.flac,k\($0)\n" } }.joined()
    try write("mixes.csv", "query,condition,file,reference\n" + mixes)
    let catalogue = try Catalogue.read(library: folder, mixes: folder)
    var random = SeededRandom(seed: 5)
    let rankings = catalogue.queries.map { query in
      Ranking(
        query: query.id, condition: query.condition, system: "blind",
        entries: catalogue.candidates.map(\.id).shuffled(using: &random).enumerated().map {
          .init(rank: $0 + 1, candidate: $1)
        })
    }
    let score = try #require(ReferenceScore.scores(of: rankings, in: catalogue).first)
    // 1 − C(9, k) / C(12, k)
    #expect(abs(score.chance.hit1 - 0.25) < 1e-12 && abs(score.chance.hit5 - (1 - 126.0 / 792)) < 1e-12)
    // Σ 1/j · C(12 − j, 2) / C(12, 3)
    var expected = 0.0
    for j in 1...10 { expected += Double((12 - j) * (11 - j) / 2) / 220 / Double(j) }
    #expect(abs(score.chance.mrr - expected) < 1e-12)
    for (figure, chance) in [
      (score.hit1, score.chance.hit1), (score.hit5, score.chance.hit5), (score.mrr, score.chance.mrr),
    ] { #expect(abs(figure.value - chance) < 0.03) }
  }

  @Test("intervals of few mixes are wider than plain percentiles")
  func fewMixes() throws {
    try write("library.csv", "candidate,condition,file\n" + (0..<9).map { "k\($0),kick,a.flac\n" }.joined())
    try write("mixes.csv", "query,condition,file,reference\n" + (0..<9).map { "m\($0),kick,a.flac,k\($0)\n" }.joined())
    let catalogue = try Catalogue.read(library: folder, mixes: folder)
    let rankings = catalogue.queries.enumerated().map { place, query in
      // The right one is at place + 1.
      let others = catalogue.candidates.map(\.id).filter { $0 != "k\(place)" }
      let order = others.prefix(place) + ["k\(place)"] + others.dropFirst(place)
      return Ranking(
        query: query.id, condition: query.condition, system: "a",
        entries: order.enumerated().map { .init(rank: $0 + 1, candidate: $1) })
    }
    let interval = try #require(ReferenceScore.scores(of: rankings, in: catalogue).first?.mrr.interval)
    let values = (1...9).map { 1 / Double($0) }, mean = values.reduce(0, +) / 9
    let error = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8 / 9).squareRoot()
    // As wide as Student's interval of these nine, about.
    #expect(interval.high - interval.low > 1.8 * 2.306 * error)
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
