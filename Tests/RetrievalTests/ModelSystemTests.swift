import Basics
import Foundation
import Neural
import Retrieval
import Sound
import Testing

@Suite("Trained models that rank", .serialized)
struct ModelSystemTests {
  static let world = Result { try MadeSounds.world(variants: 8, mixes: 3) }

  private func catalogue() throws -> Catalogue {
    let folder = try Self.world.get()
    return try Catalogue.read(library: folder, mixes: folder)
  }

  private func temporary() -> URL {
    FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  }

  @Test(
    "every query ranks each candidate of its class once, nearest first, with or without a cache",
    arguments: [ModelConfiguration.Kind.conditional, .perClass], [ModelConfiguration.Hearing.wholeMix, .hits])
  func ranks(kind: ModelConfiguration.Kind, hearing: ModelConfiguration.Hearing) throws {
    var catalogue = try catalogue()
    let system = ModelSystem(try MadeModel.model(kind, hearing: hearing))
    let rankings = try system.rank(catalogue, features: FeatureStore(folder: nil))
    #expect(rankings.count == 9 && rankings.allSatisfy { $0.system == kind.rawValue && $0.entries.count == 8 })
    for ranking in rankings {
      let distances = ranking.entries.compactMap(\.distance)
      #expect(distances == distances.sorted() && distances.allSatisfy { (0...2.001).contains($0) })
      #expect(Set(distances).count > 4)
    }
    let folder = temporary()
    for _ in 0..<2 { #expect(try system.rank(catalogue, features: FeatureStore(folder: folder)) == rankings) }
    var random = SeededRandom(seed: 1, "order")
    random.shuffle(&catalogue.candidates)
    #expect(try system.rank(catalogue, features: FeatureStore(folder: folder)) == rankings)
  }

  @Test("distances are those of the masked embeddings, computed here")
  func distances() throws {
    let catalogue = try catalogue()
    let model = try MadeModel.model()
    let system = ModelSystem(model), store = FeatureStore(folder: nil)
    let library = try system.encode(catalogue.candidates, features: store)
    let mel = LogMel(model.configuration.mel)
    func samples(_ file: URL) throws -> [Float] { try AudioFile.read(file).mono }
    let query = catalogue.queries[1]
    let heard = model.masked(
      model.encoder(.mix, for: query.condition).embedding(of: mel.features(of: try samples(query.file))),
      query.condition)
    let found = try library.distances(of: query, to: [5, 2])
    for (place, distance) in zip([5, 2], found) {
      let hit = mel.hit(of: try samples(catalogue.candidates[place].file))
      let other = model.masked(model.encoder(.hit, for: query.condition).embedding(of: hit), query.condition)
      let right = zip(heard, other).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
      #expect(abs(distance - right) < 1e-5)
    }
  }

  @Test("embeddings are cached unmasked: one per sound for all classes, whatever the model's name")
  func sharing() throws {
    let catalogue = try catalogue()
    let folder = temporary()
    func entries() throws -> Int {
      let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
      return try (files?.allObjects as? [URL] ?? []).count {
        try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
      }
    }
    let model = try MadeModel.model()
    _ = try ModelSystem(model).rank(catalogue, features: FeatureStore(folder: folder))
    // Each sound has its embedding, and a note that it is readable.
    #expect(try entries() == 2 * (24 + 3))
    _ = try ModelSystem(model, name: "another").rank(catalogue, features: FeatureStore(folder: folder))
    #expect(try entries() == 2 * (24 + 3))
  }

  @Test("the nearest neighbours of all classes are those of all distances")
  func nearest() throws {
    let catalogue = try catalogue()
    let library = try ModelSystem(try MadeModel.model()).encode(
      catalogue.candidates, features: FeatureStore(folder: nil))
    let all = Array(catalogue.candidates.indices)
    for (query, found) in zip(catalogue.queries, try library.nearest(5, to: catalogue.queries)) {
      let distances = try library.distances(of: query, to: all)
      let right = all.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(5)
      #expect(found.map(\.place) == Array(right) && found.map(\.distance) == right.map { distances[$0] })
    }
  }

  @Test("with transposition, a one-shot's distance is that at its nearest pitch")
  func transposed() throws {
    let catalogue = try catalogue(), model = try MadeModel.model(), store = FeatureStore(folder: nil)
    let plain = ModelSystem(model), system = ModelSystem(model, transpose: 2)
    let library = try system.encode(catalogue.candidates, features: store)
    let all = Array(catalogue.candidates.indices)
    let query = catalogue.queries[1]
    let heard = model.masked(
      try plain.mixEmbeddings(of: query.file, for: query.condition, features: store).values, query.condition)
    let mel = LogMel(model.configuration.mel)
    let distances = try library.distances(of: query, to: all)
    for place in all {
      // Playing faster raises the pitch, as if the sound had been recorded at another rate.
      let pitches = try (-2...2).map { semitones -> Double in
        let clip = try AudioFile.read(catalogue.candidates[place].file)
        let rate = (Double(clip.sampleRate) / pow(2, Double(semitones) / 12)).rounded()
        let hit = mel.hit(of: try Clip(mono: clip.mono, sampleRate: clip.sampleRate).resampled(to: Int(rate)).mono)
        let other = model.masked(model.encoder(.hit, for: query.condition).embedding(of: hit), query.condition)
        return zip(heard, other).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
      }
      #expect(abs(distances[place] - (pitches.min() ?? 9)) < 1e-5)
    }
    let straight = try plain.encode(catalogue.candidates, features: store).distances(of: query, to: all)
    #expect(zip(distances, straight).allSatisfy { $0 <= $1 + 1e-6 } && distances != straight)
    for (query, found) in zip(catalogue.queries, try library.nearest(5, to: catalogue.queries)) {
      let distances = try library.distances(of: query, to: all)
      let right = all.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(5)
      #expect(found.map(\.place) == Array(right) && found.map(\.distance) == right.map { distances[$0] })
    }
  }

  @Test("a class that the model does not know is reported with those that it knows")
  func unknown() throws {
    let catalogue = try catalogue()
    let library = try ModelSystem(try MadeModel.model()).encode(
      catalogue.candidates, features: FeatureStore(folder: nil))
    var query = catalogue.queries[0]
    query.condition = "hihatt"
    do {
      _ = try library.distances(of: query, to: [0])
      Issue.record("answered for a class unknown")
    } catch { #expect("\(error)".contains("does not know the class 'hihatt'") && "\(error)".contains("'hihat'")) }
  }

  @Test("the distance of a windowed mix to a one-shot is that of its nearest window", arguments: [0, 2])
  func windows(transpose: Int) throws {
    let catalogue = try catalogue(), store = FeatureStore(folder: nil)
    let model = try MadeModel.model(window: .init(frames: 12, hop: 5)), mel = LogMel(model.configuration.mel)
    let system = ModelSystem(model, transpose: transpose)
    let library = try system.encode(catalogue.candidates, features: store)
    let all = Array(catalogue.candidates.indices)
    for (query, found) in zip(catalogue.queries, try library.nearest(5, to: catalogue.queries)) {
      let heard = try system.mixEmbeddings(of: query.file, for: query.condition, features: store)
      let steps = model.configuration.shape.steps(of: try mel.features(of: AudioFile.read(query.file)).frames)
      #expect(heard.rows == model.configuration.shape.windows(of: steps).count && heard.rows > 3)
      let distances = try library.distances(of: query, to: all)
      let matches = try library.matches(of: query, to: all)
      let starts = model.configuration.shape.windows(of: steps).map { Double($0.lowerBound) * 2 * 2 * 0.01 }
      #expect(matches.map(\.distance) == distances && Set(matches.map(\.start)).isSubset(of: starts))
      for place in all where transpose == 0 {
        let hit = mel.hit(of: try AudioFile.read(catalogue.candidates[place].file).mono)
        let other = model.masked(model.encoder(.hit, for: query.condition).embedding(of: hit), query.condition)
        let each = (0..<heard.rows).map { row in
          zip(model.masked(Array(heard[row: row]), query.condition), other)
            .reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
        }
        #expect(abs(distances[place] - (each.min() ?? 9)) < 1e-5 && Set(each).count > 3)
        let found = try #require(starts.firstIndex { $0 == matches[place].start })
        #expect(each[found] - (each.min() ?? 9) < 1e-5)
      }
      let right = all.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(5)
      #expect(found.map(\.place) == Array(right) && found.map(\.distance) == right.map { distances[$0] })
    }
  }

  @Test("a ranking says in which window each one-shot was found, and nothing of mixes heard as a whole")
  func starts() throws {
    let catalogue = try catalogue(), store = FeatureStore(folder: nil), whole = try MadeModel.model()
    let system = ModelSystem(try whole.hearing(inWindowsOf: 0.4))
    var all: Set<Double> = []
    for ranking in try system.rank(catalogue, features: store) {
      let query = try #require(catalogue.queries.first { ($0.id, $0.condition) == (ranking.query, ranking.condition) })
      let length = try AudioFile.read(query.file).duration
      let starts = ranking.entries.compactMap(\.excerptStart)
      #expect(starts.count == ranking.entries.count)
      all.formUnion(starts)
      // A window ends with the mix at the latest, but for the frames at its edge.
      #expect(starts.allSatisfy { $0 >= 0 && $0 + 0.4 < length + 0.09 })
    }
    #expect(all.count > 2)
    let plain = try ModelSystem(whole).rank(catalogue, features: store)
    #expect(plain.allSatisfy { $0.entries.allSatisfy { $0.excerptStart == nil } })
    let again = try whole.hearing(inWindowsOf: 0.4).hearing(inWindowsOf: 0)
    #expect(try ModelSystem(again).rank(catalogue, features: store) == plain)
  }

  @Test(
    "vectors exported for a search elsewhere rank as the model does",
    arguments: [nil, NetworkShape.Window(frames: 12, hop: 5)])
  func vectors(window: NetworkShape.Window?) throws {
    let catalogue = try catalogue()
    let system = ModelSystem(try MadeModel.model(window: window)), store = FeatureStore(folder: nil)
    let file = temporary().appendingPathExtension("csv")
    defer { try? FileManager.default.removeItem(at: file) }
    try system.writeVectors(of: catalogue, to: file, features: store)
    let outside = VectorSystem(name: "outside", table: try VectorTable(file))
    #expect(outside.problems(in: catalogue).isEmpty)
    for (a, b) in zip(try system.rank(catalogue, features: store), try outside.rank(catalogue, features: store)) {
      #expect(a.entries.map(\.candidate) == b.entries.map(\.candidate))
      for (x, y) in zip(a.entries, b.entries) { #expect(abs((x.distance ?? 9) - (y.distance ?? -9)) < 1e-5) }
    }
  }
}
