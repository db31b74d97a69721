import Basics
import Foundation
import Retrieval
import Sound
import Study
import TestSupport
import Testing

@Suite("Systems that rank", .serialized)
struct SystemsTests {
  /// 12 one-shots per class and 8 mixes, made once.
  static let world = Result { try MadeSounds.world(variants: 12, mixes: 8) }
  /// Their features, which are computed once.
  static let features = FeatureStore(
    folder: FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)"))

  private func catalogue() throws -> Catalogue {
    let folder = try Self.world.get()
    return try Catalogue.read(library: folder, mixes: folder)
  }

  private func system(_ name: String, seed: UInt64 = 0) throws -> any RankingSystem {
    try #require(Systems.all(seed: seed).first { $0.name == name })
  }

  @Test("names are unique and none is reserved")
  func names() throws {
    let names = Systems.all().map(\.name)
    #expect(
      names == [
        "random", "mfcc", "mfcc-hit", "hpss-mfcc-hit", "band-mfcc-hit", "auditory-image", "auditory-image-hit",
        "matched-filter",
      ])
    #expect(Systems.reserved.isDisjoint(with: names))
    let model = try MadeModel.model()
    #expect(Systems.all(model: model).map(\.name) == names + ["conditional"])
  }

  @Test(
    "every query ranks each candidate of its class once, nearest first",
    arguments: Systems.all().map(\.name))
  func complete(name: String) throws {
    let catalogue = try catalogue()
    let rankings = try system(name).rank(catalogue, features: Self.features)
    #expect(rankings.map(\.query) == catalogue.queries.map(\.id))
    #expect(rankings.map(\.condition) == catalogue.queries.map(\.condition))
    for ranking in rankings {
      let ids = catalogue.candidates.filter { $0.condition == ranking.condition }.map(\.id)
      #expect(ranking.system == name && Set(ranking.entries.map(\.candidate)) == Set(ids))
      #expect(ranking.entries.count == ids.count && ranking.entries[0].rank == 1)
      let distances = ranking.entries.compactMap(\.distance)
      #expect(distances == distances.sorted() && distances.count == ids.count && distances.allSatisfy(\.isFinite))
    }
  }

  @Test(
    "distances are the same with a cache, without one, and from a shuffled library",
    arguments: ["random", "mfcc-hit", "band-mfcc-hit", "auditory-image", "matched-filter"])
  func repeatable(name: String) throws {
    var catalogue = try catalogue()
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    let first = try system(name).rank(catalogue, features: FeatureStore(folder: nil))
    for _ in 0..<2 { #expect(try system(name).rank(catalogue, features: FeatureStore(folder: folder)) == first) }
    var random = SeededRandom(seed: 1, "order")
    random.shuffle(&catalogue.candidates)
    let shuffled = try system(name).rank(catalogue, features: FeatureStore(folder: folder))
    for (a, b) in zip(first, shuffled) { #expect(a.entries.map(\.candidate) == b.entries.map(\.candidate)) }
  }

  @Test("another seed gives another random order for each query")
  func seeds() throws {
    let catalogue = try catalogue()
    func orders(_ seed: UInt64) throws -> [[String]] {
      try system("random", seed: seed).rank(catalogue, features: FeatureStore(folder: nil)).map {
        $0.entries.map(\.candidate)
      }
    }
    let one = try orders(1)
    #expect(try orders(1) == one)
    #expect(Set(try orders(2)).isDisjoint(with: one) && Set(one).count == one.count)
  }

  @Test("a one-shot on its own finds itself at distance zero, even if it is louder")
  func itself() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var catalogue = try catalogue()
    catalogue.queries = try catalogue.candidates.filter { $0.id.hasSuffix("-3") }.map { candidate in
      let louder = folder.appending(path: "\(candidate.id).wav")
      try AudioFile.write(try AudioFile.read(candidate.file).scaled(by: 2), to: louder, as: .wavFloat)
      return Query(id: candidate.id, condition: candidate.condition, file: louder)
    }
    for ranking in try system("mfcc").rank(catalogue, features: FeatureStore(folder: nil)) {
      #expect(ranking.entries[0].candidate == ranking.query && ranking.entries[0].distance ?? 1 < 0.01)
    }
  }

  @Test("hits cut out of the mix do better than chance")
  func useful() throws {
    let catalogue = try catalogue()
    let rankings = try ["mfcc-hit", "auditory-image-hit", "hpss-mfcc-hit", "band-mfcc-hit", "random"].flatMap {
      try system($0).rank(catalogue, features: Self.features)
    }
    let scores = ReferenceScore.scores(of: rankings, in: catalogue).filter { $0.condition.isEmpty }
    #expect(scores[0].mrr.value > 1.1 * scores[0].chance.mrr)
    #expect(scores[1].mrr.value > 1.3 * scores[1].chance.mrr)
    #expect(scores[2].mrr.value > 1.2 * scores[2].chance.mrr)
    #expect(scores[3].mrr.value > 1.3 * scores[3].chance.mrr)
  }

  @Test("a matched filter finds the one-shot itself, and where it plays")
  func matched() throws {
    let catalogue = try catalogue()
    let rankings = try system("matched-filter").rank(catalogue, features: Self.features)
    let scores = ReferenceScore.scores(of: rankings, in: catalogue).filter { $0.condition.isEmpty }
    #expect(scores[0].mrr.value > 0.95)
    for (i, query) in catalogue.queries.enumerated() {
      let made = MadeSounds.mix(seed: UInt64(i / 3), variants: 0..<12), first = rankings[i].entries[0]
      guard first.candidate == catalogue.references[query]?.first else { continue }
      let start = try #require(first.excerptStart), distance = try #require(first.distance)
      #expect((0...1).contains(distance))
      // One-shots are looked for from 2 ms before their attack on.
      #expect(made.onsets[query.condition, default: []].contains { abs($0 - start) < 0.005 })
    }
  }

  @Test("a one-shot that plays at another pitch is found where other pitches are looked for")
  func matchedAtOtherPitches() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var catalogue = try catalogue()
    catalogue.queries = []
    catalogue.references = [:]
    for variant in 0..<6 {
      // Four semitones up, as a sampler plays it.
      let hit = Clip(mono: MadeSounds.hit("snare", variant: variant), sampleRate: MadeSounds.rate)
      let higher = try hit.resampled(to: Int(Double(MadeSounds.rate) / pow(2, 4.0 / 12))).mono
      var samples = MadeSounds.accompaniment(seed: UInt64(variant), seconds: 3, bpm: 100)
      for start in [20000, 80000] { for (i, sample) in higher.enumerated() { samples[start + i] += sample } }
      let query = Query(id: "\(variant)", condition: "snare", file: folder.appending(path: "\(variant).wav"))
      try AudioFile.write(Clip(mono: samples, sampleRate: MadeSounds.rate), to: query.file, as: .wavFloat)
      catalogue.queries.append(query)
      catalogue.references[query] = ["snare-\(variant)"]
    }
    func found(_ transpose: Int) throws -> Double {
      let system = try #require(Systems.all(transpose: transpose).first { $0.name == "matched-filter" })
      return ReferenceScore.scores(of: try system.rank(catalogue, features: Self.features), in: catalogue)[0].hit1.value
    }
    #expect(try found(5) == 1)
    #expect(try found(0) < 1)
  }

  @Test("a refined system looks for its nearest one-shots of the class asked for, and changes no other distance")
  func refined() throws {
    let catalogue = try catalogue(), base = try system("random")
    let refined = RefinedSystem(base, count: 5, transpose: 0)
    #expect(refined.name == "random-refined" && refined.hears == base.hears && refined.summary.contains("5 nearest"))
    let before = try base.prepare(catalogue.candidates, features: Self.features, progress: nil)
    let after = try refined.prepare(catalogue.candidates, features: Self.features, progress: nil)
    let all = Array(catalogue.candidates.indices)
    var nearer = 0
    for (i, query) in catalogue.queries.enumerated() {
      let old = try before.distances(of: query, to: all), new = try after.matches(of: query, to: all)
      let looked = Set(catalogue.places(of: query.condition).sorted { old[$0] < old[$1] }.prefix(5))
      let made = MadeSounds.mix(seed: UInt64(i / 3), variants: 0..<12)
      for place in all {
        guard let start = new[place].start else {
          #expect(new[place].distance == old[place])
          continue
        }
        nearer += 1
        #expect(looked.contains(place) && new[place].distance < old[place] && start >= 0)
        guard catalogue.candidates[place].id == catalogue.references[query]?.first else { continue }
        // The drum that plays is where it plays.
        #expect(made.onsets[query.condition, default: []].contains { abs($0 - start) < 0.005 })
        #expect(new[place].distance < 0.5 * old[place])
      }
    }
    #expect(nearer > 5)
    // Where all are looked for, they are found, although the base knows nothing.
    let rankings = try RefinedSystem(base, count: 100, transpose: 2).rank(catalogue, features: Self.features)
    #expect(ReferenceScore.scores(of: rankings, in: catalogue)[0].mrr.value > 0.7)
  }

  @Test("runs are named after their family")
  func runs() {
    for (name, family, run) in [
      ("conditional", "conditional", ""), ("a-b-s12", "a-b", "-s12"), ("a-seed3", "a", "-seed3"),
      ("a-seed-3", "a", "-seed-3"),
      ("s1", "s1", ""), ("a-s", "a-s", ""),
    ] {
      let parts = RunName.parts(of: name)
      #expect(parts.family == family && parts.run == run)
    }
  }

  @Test(
    "unreadable sounds are all named before anything is ranked", arguments: ["mfcc", "band-mfcc-hit", "matched-filter"])
  func broken(name: String) throws {
    var catalogue = try catalogue()
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let tone = [Float](repeating: 0.25, count: 9000)
    for (file, content) in [
      ("last.wav", RawSounds.wav(tone + [.nan])), ("vast.wav", RawSounds.wav(tone + [3e38] + tone)),
      ("loop.wav", RawSounds.wav(tone + [.infinity])), ("cut.wav", RawSounds.wav(tone).dropLast(9000)),
    ] {
      try content.write(to: folder.appending(path: file))
    }
    catalogue.candidates[3].file = folder.appending(path: "last.wav")
    catalogue.candidates[7].file = folder.appending(path: "vast.wav")
    catalogue.queries[0].file = folder.appending(path: "loop.wav")
    catalogue.queries[1].file = folder.appending(path: "loop.wav")
    catalogue.queries[4].file = folder.appending(path: "cut.wav")
    do {
      _ = try system(name).rank(catalogue, features: FeatureStore(folder: nil))
      Issue.record("broken sounds were ranked")
    } catch let problems as Problems {
      let files = problems.list.compactMap { $0.place.map { URL(filePath: $0.file).lastPathComponent } }
      #expect(files == ["last.wav", "vast.wav", "loop.wav", "cut.wav"])
    }
  }

  @Test("a distance that is not a number is neither ranked nor written")
  func undefined() throws {
    struct Wild: RankingSystem, PreparedSystem {
      let name = "wild", hears = Hearing.outside, summary = ""
      func prepare(_: [Candidate], features: FeatureStore, progress: ProgressHandler?) -> any PreparedSystem { self }
      func distances(of query: Query, to places: [Int]) -> [Double] { places.map { $0 % 5 == 4 ? .nan : 1 } }
    }
    let catalogue = try catalogue()
    #expect { try Wild().rank(catalogue, features: FeatureStore(folder: nil)) } throws: {
      "\($0)".contains("a distance that is not a number")
    }
    let url = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString).csv")
    let ranking = Ranking(
      query: "q", condition: "kick", system: "s", entries: [.init(rank: 1, candidate: "c", distance: .infinity)])
    #expect { try Ranking.write([ranking], to: url) } throws: { "\($0)".contains("from 'q' to 'c'") }
    #expect(!FileManager.default.fileExists(atPath: url.path))
  }

  @Test("equal distances share a rank and are ordered by name")
  func ties() throws {
    struct Flat: RankingSystem, PreparedSystem {
      let name = "flat", hears = Hearing.nothing, summary = ""
      func prepare(_: [Candidate], features: FeatureStore, progress: ProgressHandler?) -> any PreparedSystem { self }
      func distances(of query: Query, to places: [Int]) -> [Double] { places.map { $0 % 2 == 0 ? 1 : 2 } }
    }
    let catalogue = try catalogue()
    let entries = try Flat().rank(catalogue, features: FeatureStore(folder: nil))[0].entries
    #expect(entries.map(\.rank) == Array(repeating: 1, count: 6) + Array(repeating: 7, count: 6))
    let names = entries.prefix(6).map(\.candidate)
    #expect(names == names.sorted())
    let score = ReferenceScore.scores(
      of: try Flat().rank(catalogue, features: FeatureStore(folder: nil)), in: catalogue)
    #expect(score[0].hit1.value <= 1.0 / 6)
  }
}
