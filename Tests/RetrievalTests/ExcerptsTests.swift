import Basics
import Foundation
import Retrieval
import Sound
import Study
import TestSupport
import Testing

@Suite("Long queries, in excerpts")
struct ExcerptsTests {
  private let folder: TemporaryFolder
  private let catalogue: Catalogue

  /// Makes a song of 24 s whose drums play only in its last third, and a short mix.
  init() throws {
    let folder = try TemporaryFolder()
    let world = try MadeSounds.world(variants: 6, mixes: 1)
    defer { try? FileManager.default.removeItem(at: world) }
    var made = try Catalogue.read(library: world, mixes: world)
    func kept(_ file: URL) throws -> URL {
      let url = folder.url.appending(path: file.lastPathComponent)
      if !FileManager.default.fileExists(atPath: url.path) { try FileManager.default.copyItem(at: file, to: url) }
      return url
    }
    for i in made.candidates.indices { made.candidates[i].file = try kept(made.candidates[i].file) }
    let short = Query(id: "mix0", condition: "kick", file: try kept(made.queries[0].file))
    let loop = MadeSounds.mix(seed: 0, variants: 0..<6).clip
    let quiet = MadeSounds.accompaniment(seed: 9, seconds: 24 - loop.duration, bpm: 90)
    let samples = quiet + loop.mono
    let song = folder.url.appending(path: "song.wav")
    try AudioFile.write(Clip(channels: [samples, samples], sampleRate: MadeSounds.rate), to: song, as: .wavFloat)
    self.folder = folder
    catalogue = Catalogue(
      candidates: made.candidates, queries: [Query(id: "song", condition: "kick", file: song), short])
  }

  private func excerpts() throws -> Excerpts {
    let parts = folder.url.appending(path: "parts")
    try FileManager.default.createDirectory(at: parts, withIntermediateDirectories: true)
    return try Excerpts(catalogue, seconds: 4, folder: parts)
  }

  private func rank(_ catalogue: Catalogue) throws -> [Ranking] {
    let system = try #require(Systems.all().first { $0.name == "mfcc" })
    return try system.rank(catalogue, features: FeatureStore(folder: nil))
  }

  @Test("excerpts cover long queries and overlap by half; short queries stay whole")
  func cutting() throws {
    let cut = try excerpts().catalogue.queries
    let lengths = try cut.map { try AudioFile.read($0.file).duration }
    #expect(cut.count == 12 && lengths.dropLast().allSatisfy { abs($0 - 4) < 1e-4 })
    #expect(cut.last == catalogue.queries.last)
  }

  @Test("a query may have the name that an excerpt would get")
  func names() throws {
    var whole = catalogue
    whole.queries[1].id = "0 1"
    let parts = folder.url.appending(path: "parts")
    try FileManager.default.createDirectory(at: parts, withIntermediateDirectories: true)
    let excerpts = try Excerpts(whole, seconds: 4, folder: parts)
    let merged = excerpts.merged(try rank(excerpts.catalogue))
    #expect(merged.map(\.query) == ["song", "0 1"])
    let plain = try self.excerpts()
    #expect(merged.map(\.entries) == plain.merged(try rank(plain.catalogue)).map(\.entries))
  }

  @Test("the files of excerpts do not contain the time, so that their features are found again")
  func timeless() throws {
    let file = try #require(try excerpts().catalogue.queries.first).file
    #expect(try Data(contentsOf: file).prefix(200).range(of: Data("PEAK".utf8)) == nil)
  }

  @Test("a one-shot's distance is that to the nearest excerpt, which is named")
  func nearest() throws {
    let excerpts = try excerpts()
    let parts = try rank(excerpts.catalogue)
    let merged = excerpts.merged(parts)
    #expect(merged.map(\.query) == ["song", "mix0"])
    #expect(merged[1] == (try rank(catalogue))[1] && merged[1].entries.allSatisfy { $0.excerptStart == nil })
    let entries = merged[0].entries
    #expect(entries.map(\.candidate).sorted() == (0..<6).map { "kick-\($0)" } && entries.map(\.rank) == Array(1...6))
    for entry in entries {
      let distances = parts.dropLast().map { part in part.entries.first { $0.candidate == entry.candidate }?.distance }
      #expect(entry.distance == distances.compactMap(\.self).min())
      let place = try #require(distances.firstIndex(of: entry.distance))
      #expect(entry.excerptStart == min(Double(place) * 2, 20))
    }
    // The same distances come out when they are requested one by one, as in an evaluation.
    let system = try #require(Systems.all().first { $0.name == "mfcc" })
    let prepared = try system.prepare(catalogue.candidates, features: FeatureStore(folder: nil), progress: nil)
    for (query, ranking) in zip(catalogue.queries, merged) {
      let places = catalogue.places(of: "kick")
      let distances = Dictionary(
        uniqueKeysWithValues: zip(
          places.map { catalogue.candidates[$0].id }, try excerpts.distances(of: query, by: prepared, to: places)))
      for entry in ranking.entries { #expect(distances[entry.candidate] == entry.distance) }
    }
  }

  @Test("a model with windows is told by window, not by excerpt")
  func windows() throws {
    let excerpts = try excerpts(), store = FeatureStore(folder: nil)
    let system = ModelSystem(try MadeModel.model().hearing(inWindowsOf: 0.5))
    let parts = try system.rank(excerpts.catalogue, features: store)
    for entry in excerpts.merged(parts)[0].entries {
      let starts = parts.dropLast().enumerated().compactMap { i, part -> Double? in
        let found = part.entries.first { $0.candidate == entry.candidate && $0.distance == entry.distance }
        return found?.excerptStart.map { $0 + min(Double(i) * 2, 20) }
      }
      #expect(entry.excerptStart == starts.first)
    }
  }

  @Test("the table states the excerpt, and is read like any other")
  func table() throws {
    let excerpts = try excerpts()
    let merged = excerpts.merged(try rank(excerpts.catalogue))
    let file = folder.url.appending(path: "rankings.csv")
    try Ranking.write(merged, to: file)
    #expect(try TableReader.rows(file)[0].number("excerpt_start_s") == merged[0].entries[0].excerptStart)
    #expect(try Ranking.read(file).map { $0.entries.map(\.candidate) } == merged.map { $0.entries.map(\.candidate) })
  }
}
