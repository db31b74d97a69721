import Basics
import Foundation
import Retrieval
import Study
import Testing

@Suite("Vectors from outside")
struct VectorSystemTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  let catalogue: Catalogue

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let nowhere = URL(filePath: "/nowhere")
    catalogue = Catalogue(
      candidates: ["k1", "k2", "k3"].map { Candidate(id: $0, condition: "kick", file: nowhere) }
        + [Candidate(id: "s1", condition: "snare", file: nowhere)],
      queries: ["kick", "snare"].map { Query(id: "m1", condition: $0, file: nowhere) })
  }

  private func write(_ name: String, _ text: String) throws -> URL {
    let url = folder.appending(path: name)
    try Data(text.utf8).write(to: url)
    return url
  }

  @Test("a query has one vector per class or one for all classes", arguments: [true, false])
  func ranks(perClass: Bool) throws {
    let queries = perClass ? "m1,kick,3,4\nm1,snare,9,9\n" : "m1,,3,4\n"
    let table = try VectorTable(
      write("v.csv", "name,condition,x,y\nk1,,0,0\nk2,,3,5\nk3,,-3,-4\ns1,,3,4\n" + queries))
    #expect(table.dimensions == 2)
    let system = VectorSystem(name: "mine", table: table)
    #expect(system.problems(in: catalogue).isEmpty)
    let rankings = try system.rank(catalogue, features: FeatureStore(folder: nil))
    #expect(rankings[0].entries.map(\.candidate) == ["k2", "k1", "k3"])
    #expect(rankings[0].entries.map(\.distance) == [1, 5, 10])
    #expect(rankings[1].entries[0].distance == (perClass ? 61.0.squareRoot() : 0))
    let cosine = try VectorSystem(name: "mine", table: table, metric: .cosine).rank(
      catalogue, features: FeatureStore(folder: nil))
    #expect(cosine[0].entries.map(\.candidate) == ["k2", "k1", "k3"])
    let distances = cosine[0].entries.compactMap(\.distance)
    #expect(distances[0] < 0.02 && distances[1] == 1 && abs(distances[2] - 2) < 1e-12)
  }

  @Test("other programs' tables give the same vectors, with a warning")
  func otherPrograms() throws {
    let clean = try VectorTable(write("v.csv", "name,x,y\nk1,0.5,1.25\nm1,-2.5,3\n"))
    for text in [
      ";name;x;y;\r\n0;k1;0,5;1,25;\r\n1;m1;-2,5;3,0;\r\n;;;;\r\n",
      "sep=\t\nname\tx\ty\rk1\u{a0}\t0.5\t1.25\rm1\t-2.5\t3",
      "\u{feff}\"\",\"name\",\"x\",\"y\"\n\"1\",\"k1\",0.5,1.25\n\"2\",\"m1\",-2.5,3\n",
    ] {
      let notes = TableNotes()
      let table = try VectorTable(write("o.csv", text), notes: notes)
      #expect(table.vectors == clean.vectors && table.dimensions == 2 && !notes.all.isEmpty)
    }
    // A missing number is refused, whatever word stands for it.
    let error = try #require(throws: Problems.self) { try VectorTable(write("m.csv", "name,x\nk1,NA\nk2,1\n")) }
    #expect(error.list[0].what == "'x' is missing")
  }

  @Test("one-shots with a vector for each class are compared under the requested class")
  func everyClass() throws {
    let head = "name,condition,x\nm1,kick,0\nm1,snare,0\n"
    let own = "k1,kick,1\nk2,kick,2\nk3,kick,3\ns1,snare,5\n"
    let table = try VectorTable(write("e.csv", head + own + "k1,snare,9\nk2,snare,8\nk3,snare,0.5\ns1,kick,1.5\n"))
    let system = VectorSystem(name: "mine", table: table)
    #expect(system.problems(in: catalogue).isEmpty)
    let prepared = try system.prepare(catalogue.candidates, features: FeatureStore(folder: nil), progress: nil)
    #expect(try prepared.distances(of: catalogue.queries[0], to: [0, 1, 2, 3]) == [1, 2, 3, 1.5])
    #expect(try prepared.distances(of: catalogue.queries[1], to: [0, 1, 2, 3]) == [9, 8, 0.5, 5])
    // Otherwise half of them would be compared differently from the rest.
    let half = try VectorTable(write("h.csv", head + own + "k1,snare,9\n"))
    let told = VectorSystem(name: "mine", table: half).problems(in: catalogue).map { "\($0)" }
    #expect(
      told.count == 1 && told[0].contains("2 of 3 one-shots of other classes under 'snare' have no vector: k2, k3"))
    // Vectors for their own class alone are enough to rank within this class.
    #expect(
      VectorSystem(name: "mine", table: try VectorTable(write("o.csv", head + own))).problems(in: catalogue).isEmpty)
  }

  /// Written by numpy.save: [[1, 0.5, -2], [0, 3, 4]] as float32 and as float64.
  static let single =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAAPwAAAMAAAAAAAABAQAAA"
    + "gEA="
  static let double =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwPwAAAAAAAOA/AAAAAAAA"
    + "AMAAAAAAAAAAAAAAAAAAAAhAAAAAAAAAEEA="

  @Test("NumPy's files are read, with names from the table beside them", arguments: [single, double])
  func numPy(base64: String) throws {
    let url = folder.appending(path: "a.npy")
    try #require(Data(base64Encoded: base64)).write(to: url)
    #expect { try VectorTable(url) } throws: { "\($0)".contains("a.csv") && "\($0)".contains("no names") }
    _ = try write("a.csv", "name\nk1\nm1\n")
    let table = try VectorTable(url)
    #expect(table.dimensions == 3)
    #expect(
      table.vectors == [.init(name: "k1", condition: ""): [1, 0.5, -2], .init(name: "m1", condition: ""): [0, 3, 4]])
    _ = try write("a.csv", "name\nk1\n")
    #expect { try VectorTable(url) } throws: { "\($0)".contains("1 name for 2 vectors") }
  }

  @Test("a file that is damaged in any way is refused, and never read beyond its end")
  func broken() throws {
    let right = try #require(Data(base64Encoded: Self.single))
    let url = folder.appending(path: "b.npy")
    _ = try write("b.csv", "name\nk1\nm1\n")
    for length in 0..<right.count {
      try right.prefix(length).write(to: url)
      #expect(throws: Problem.self) { try VectorTable(url) }
    }
    var random = SeededRandom(seed: 1, "broken")
    for _ in 0..<300 {
      var bytes = right
      bytes[random.below(128)] = UInt8(random.below(256))
      try bytes.write(to: url)
      _ = try? VectorTable(url)
    }
  }

  @Test("a header with extreme numbers is refused")
  func extremes() throws {
    let url = folder.appending(path: "e.npy")
    _ = try write("e.csv", "name\nk1\nm1\n")
    let numbers = [
      "0", "-1", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551615",
      "99999999999999999999", "1e3", "\u{663}",
    ]
    for (rows, columns) in numbers.flatMap({ a in numbers.map { (a, $0) } }) + numbers.map({ ($0, "3") }) {
      for (order, descr) in [("False", "<f4"), ("False", "<f8")] {
        let text = "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': (\(rows), \(columns)), }\n"
        for length in [text.utf8.count, 0xffff, 0] {
          var bytes = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8 & 255)])
          bytes += Data(text.utf8) + Data(count: 24)
          try bytes.write(to: url)
          #expect(throws: Problem.self, "\(text)") { try VectorTable(url) }
        }
        // Format 2 has a length of four bytes.
        for length in [UInt32.max, 0x7fff_ffff, 0x8000_0000, UInt32(text.utf8.count)] {
          var bytes = Data([0x93] + Array("NUMPY".utf8) + [2, 0])
          withUnsafeBytes(of: length.littleEndian) { bytes.append(contentsOf: $0) }
          try (bytes + Data(text.utf8) + Data(count: 24)).write(to: url)
          #expect(throws: Problem.self, "\(text)") { try VectorTable(url) }
        }
      }
    }
  }

  @Test("missing or wrong vectors are reported at once")
  func problems() throws {
    let table = try VectorTable(write("c.csv", "name,condition,x\nk1,,0\nm1,snare,1\n"))
    let problems = VectorSystem(name: "mine", table: table).problems(in: catalogue).map { "\($0)" }
    #expect(problems.count == 2)
    #expect(problems[0].contains("3 of 4 candidates have no vector: k2, k3, s1"))
    #expect(problems[1].contains("1 of 2 queries have no vector: m1 (kick)"))
    let url = try write("d.csv", "name,x,y\nk1,1,\nk2,a,1\nk3,1,2\nk3,1,2\n")
    let error = try #require(throws: Problems.self) { try VectorTable(url) }
    #expect(error.list.map { $0.place?.line } == [2, 3, 5])
  }
}
