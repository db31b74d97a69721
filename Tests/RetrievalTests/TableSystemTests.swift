import Basics
import Foundation
import Retrieval
import Testing

@Suite("Rankings of the whole library from outside")
struct TableSystemTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  let catalogue: Catalogue

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let nowhere = URL(filePath: "/nowhere")
    catalogue = Catalogue(
      candidates: [("k1", "kick"), ("k2", "kick"), ("s1", "snare")].map {
        Candidate(id: $0.0, condition: $0.1, file: nowhere)
      },
      queries: ["kick", "snare"].map { Query(id: "m1", condition: $0, file: nowhere) })
  }

  private func read(_ rows: String) throws -> [TableSystem] {
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "rankings.csv")
    try Data(("query,condition,system,rank,candidate\n" + rows).utf8).write(to: url)
    return try TableSystem.read(url, for: catalogue)
  }

  private static let whole = "m1,kick,mine,1,k2\nm1,kick,mine,2,s1\nm1,kick,mine,2,k1\nm1,kick,mine,9,other\n"

  @Test("a candidate's distance is its rank, whatever its class")
  func distances() throws {
    let systems = try read(Self.whole + "m1,snare,mine,1,s1\nm1,snare,mine,2,k1\nm1,snare,mine,3,k2\n")
    let system = try #require(systems.first)
    #expect(systems.count == 1 && system.name == "mine")
    let prepared = system.prepare(catalogue.candidates, features: FeatureStore(folder: nil), progress: nil)
    #expect(try prepared.distances(of: catalogue.queries[0], to: [0, 1, 2]) == [2, 1, 2])
    #expect(try prepared.distances(of: catalogue.queries[1], to: [2, 0]) == [1, 2])
  }

  @Test(
    "what is missing is reported",
    arguments: [
      (whole, "'mine' ranks nothing for 1 of 2 queries, the first of them 'm1' (snare)"),
      (whole + "m1,snare,mine,1,s1\n", "'mine' leaves out 2 of 3 one-shots for 'm1' (snare), the first of them 'k1'"),
      ("m1,kick,reference,1,k1\n", "no system can be called 'reference'"), ("", "the table has no rankings"),
    ])
  func lacks(rows: String, told: String) throws {
    let error = try #require(throws: (any Error).self) { try read(rows) }
    #expect("\(error)".contains(told), "\(error)")
  }
}
