import Basics
import EmbeddingMap
import Foundation
import Retrieval
import Sound
import Testing

/// A library of synthetic sounds with known vectors: three classes in three corners.
struct MadeLibrary {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  static let classes = ["kick", "snare", "hihat"]

  init(each count: Int = 9) throws {
    try FileManager.default.createDirectory(at: folder.appending(path: "lib/sounds"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(at: folder.appending(path: "mix"), withIntermediateDirectories: true)
    var random = SeededRandom(seed: 5)
    var library = "candidate,condition,file,group,tags,source,split\n", vectors = "name,condition,a,b,c\n"
    for (corner, condition) in Self.classes.enumerated() {
      for i in 0..<count {
        let id = "\(condition)\(i)", file = "sounds/\(id) no. 1.wav"
        let tone = (0..<4410).map { Float(sin(Double($0) * 0.02 * Double(corner + 1))) * 0.5 }
        try AudioFile.write(
          Clip(mono: tone, sampleRate: 44100), to: folder.appending(path: "lib/\(file)"), as: .wav16)
        library +=
          "\(id),\(condition),\(file),g\(i / 2),\(i % 2 == 0 ? "wet 808" : "wet"),\(i % 3 == 0 ? "box: a/b" : "synthesised voice"),\(i < 6 ? "train" : "test")\n"
        let place = (0..<3).map { ($0 == corner ? 3.0 : 0) + 0.3 * random.normal() }
        vectors += "\(id),,\(place.map { String($0) }.joined(separator: ","))\n"
        for (own, mask) in Self.classes.enumerated() {
          let left = place.enumerated().map { $0.offset == own ? $0.element : 0 }
          vectors += "\(id),\(mask),\(left.map { String($0) }.joined(separator: ","))\n"
        }
      }
    }
    try AudioFile.write(
      Clip(mono: Array(repeating: 0.1, count: 44100), sampleRate: 44100), to: folder.appending(path: "mix/m.wav"),
      as: .wav16)
    let mixes = "query,condition,file,reference\nm,kick,m.wav,kick4\nm,snare,m.wav,snare0\n"
    vectors += "m,kick,2.9,0,0\nm,snare,0,9,0\n"
    for (name, text) in [("lib/library.csv", library), ("mix/mixes.csv", mixes), ("vectors.csv", vectors)] {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  var sounds: [MapSound] { get throws { try MapSound.read(folder.appending(path: "lib")) } }
  var mixes: [MapMix] {
    get throws {
      MapMix.all(
        of: try Catalogue.read(library: folder.appending(path: "lib"), mixes: folder.appending(path: "mix")))
    }
  }
  var table: VectorTable { get throws { try VectorTable(folder.appending(path: "vectors.csv")) } }

  func atlas() throws -> Atlas {
    let sounds = try sounds, mixes = try mixes
    return try Atlas(
      try Embedding(try table, name: "made", sounds: sounds, mixes: mixes), sounds: sounds, mixes: mixes)
  }
}

@Suite("Maps of an embedding")
struct AtlasTests {
  @Test("with vectors under every class's mask and none without, there is no space of the whole")
  func masksAlone() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let url = made.folder.appending(path: "vectors.csv")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.contains(",,") }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: url)
    let embedding = try Embedding(made.table, name: "made", sounds: made.sounds, mixes: made.mixes)
    #expect(embedding.spaces.map(\.name) == MadeLibrary.classes)
    #expect(embedding.asked[0].map(\.space) == [0, 1])
  }

  @Test("there is a view of the whole and of each mask, in both projections, with their figures")
  func views() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let atlas = try made.atlas()
    #expect(atlas.views.map(\.name) == ["whole", "kick", "snare", "hihat"])
    #expect(atlas.views.allSatisfy { $0.maps.map(\.projection) == [.neighbours, .components] })
    #expect(atlas.views.allSatisfy { $0.maps.allSatisfy { $0.points.count == 27 } })
    let whole = atlas.views[0]
    let own = try #require(whole.ownClass)
    // Nine sounds per class and ten neighbours: at most eight can be of the same class; by chance, 8 of 26 are.
    #expect(abs(own.value - 0.8) < 1e-9 && abs(own.chance - 8.0 / 26) < 1e-9)
    #expect(try #require(whole.maps[0].quality).trustworthiness > 0.9)
    #expect(try #require(whole.maps[1].explained).x > 0.3)
    // Under the mask of kicks, snares and hi-hats coincide.
    #expect(try #require(atlas.views[1].ownClass).value < own.value)
    #expect(atlas.summary.contains("whole") && atlas.summary.contains("80 % (31 %)"))
  }

  @Test("neighbours of one group do not count as of one origin, neither as found nor by chance")
  func origins() throws {
    // Vectors that say nothing: 60 groups of four equal sounds, 20 groups from each of three origins.
    var random = SeededRandom(seed: 5)
    var sounds: [MapSound] = [], vectors: [[Float]] = []
    for group in 0..<60 {
      let vector = (0..<20).map { _ in Float(random.normal()) }
      for layer in 0..<4 {
        sounds.append(
          MapSound(
            id: "\(group)-\(layer)", group: "\(group)", source: "source\(group % 3): \(group)-\(layer).wav",
            file: URL(filePath: "/x.wav")))
        vectors.append(vector.map { $0 + 0.01 * Float(random.normal()) })
      }
    }
    let embedding = Embedding(name: "m", summary: "", spaces: [.init(name: "whole", part: .whole, vectors: vectors)])
    let own = try #require(try Atlas(embedding, sounds: sounds).views[0].ownSource)
    #expect(abs(own.chance - 76.0 / 236) < 1e-9 && abs(own.value - own.chance) < 0.1, "\(own)")
  }

  @Test("a mix is a query for each of its drums, under that drum's mask")
  func neighbours() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let atlas = try made.atlas()
    let asked = atlas.neighbours[0]
    #expect(asked.map(\.condition) == ["kick", "snare"] && asked.map(\.view) == [1, 2])
    #expect(asked[0].nearest.count == Atlas.listed)
    #expect(asked[0].nearest.prefix(9).allSatisfy { atlas.sounds[$0.sound].condition == "kick" })
    let distances = asked[0].nearest.map(\.distance)
    #expect(distances == distances.sorted())
    let reference = try #require(asked[0].reference), rank = try #require(asked[0].rank)
    #expect(atlas.sounds[reference].id == "kick4")
    #expect(asked[0].nearest[rank - 1].sound == reference)
  }

  @Test("colours divide sounds into a few groups, by their rarest tag first")
  func colourings() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let colourings = Colouring.all(of: try made.sounds)
    #expect(colourings.map(\.name) == ["class", "tag", "source", "split"])
    #expect(colourings[0].kinds.map(\.label) == MadeLibrary.classes)
    #expect(colourings[1].kinds.map(\.label) == ["808", "wet"])
    #expect(colourings[1].kinds.map(\.count) == [15, 12])
    #expect(colourings[2].kinds.map(\.label) == ["synthesised", "box"])
    #expect(colourings[3].kinds.map(\.label) == ["train", "test"])
    let many = (0..<40).map { MapSound(id: "\($0)", tags: ["t\($0 % 11)"], file: URL(filePath: "/x")) }
    let tags = try #require(Colouring.all(of: many).first { $0.name == "tag" })
    #expect(tags.kinds.count == Colouring.most + 1 && tags.kinds.last?.isRest == true)
    #expect(tags.kinds.reduce(0) { $0 + $1.count } == 40)
  }

  @Test("the folder has the page, a figure for each map, and the tables")
  func files() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let atlas = try made.atlas(), out = made.folder.appending(path: "out")
    let files = try atlas.write(to: out, version: "1")
    #expect(files.count == 1 + 8 + 2 + 3 && files[0].lastPathComponent == "index.html")
    let places = try TableReader.rows(out.appending(path: "map.csv"))
    #expect(places.count == 27 * 8)
    #expect(try places[0].number("x") != nil && places[0]["tags"] == "wet 808")
    #expect(try TableReader.rows(out.appending(path: "quality.csv")).count == 8)
    let near = try TableReader.rows(out.appending(path: "neighbours.csv"))
    #expect(near.count == 2 * Atlas.listed)
    #expect(near.count { $0["is_reference"] == "true" } <= 2)

    let again = made.folder.appending(path: "again")
    for (one, other) in zip(files, try made.atlas().write(to: again, version: "1")) {
      #expect(try Data(contentsOf: one) == Data(contentsOf: other), "\(one.lastPathComponent)")
    }
  }

  @Test("figures describe what they show in words, and name their axes")
  func figures() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let out = made.folder.appending(path: "out")
    _ = try made.atlas().write(to: out, sounds: .none, colouring: "tag", version: "1")
    func figure(_ name: String) throws -> String {
      try String(contentsOf: out.appending(path: name), encoding: .utf8)
    }
    let one = try figure("map-kick-pca.svg"), all = try figure("maps-t-sne.svg")
    #expect(one.contains("width=\"88mm\"") && all.contains("width=\"180mm\""))
    #expect(one.contains("PC 1 (") && one.contains("% of variance)") && one.contains("mask: kick"))
    #expect(all.contains(">a</tspan> whole embedding") && all.contains(">d</tspan> mask: hi-hat"))
    #expect(one.contains("<desc>mask: kick: PCA shows") && one.contains("808 (15)"))
    // Every sound appears once, with the marker of its class; the legend has its own markers.
    #expect(one.components(separatedBy: "<circle ").count - 1 == 9 + 2 + 1)
    #expect(throws: Problem.self) { try made.atlas().write(to: out, colouring: "mood", version: "1") }
  }

  @Test("the page forbids outside content, and no name can end its data")
  func page() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let out = made.folder.appending(path: "out")
    let evil = "</script><img src=x onerror=alert(1)>"
    var atlas = try made.atlas()
    atlas.sounds[3].id = evil
    atlas.mixes[0].id = evil
    atlas.embedding.name = evil
    _ = try atlas.write(to: out, version: "1")
    let html = try String(contentsOf: out.appending(path: "index.html"), encoding: .utf8)
    #expect(!html.contains("<img"))
    #expect(html.matches(of: /<script/).count == 3)
    #expect(html.contains("default-src &#39;none&#39;") && html.contains("script-src &#39;sha256-"))
    #expect(html.matches(of: /(?:src|href)=["']?https?:/).isEmpty)
    #expect(html.contains("of a sound&#39;s 10 nearest neighbours are of its own class (31 % by chance)"))
    #expect(html.contains("../lib/sounds/kick0%20no.%201.wav"), "links start at the page")
  }

  @Test("sounds are linked, copied or embedded as requested")
  func sounds() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let atlas = try made.atlas()
    func page(_ how: MapSounds) throws -> (html: String, folder: URL) {
      let out = made.folder.appending(path: how.rawValue)
      _ = try atlas.write(to: out, sounds: how, version: "1")
      return (try String(contentsOf: out.appending(path: "index.html"), encoding: .utf8), out)
    }
    let copied = try page(.copy)
    #expect(copied.html.contains("\"map-sounds/kick0%20no.%201.wav\"") && copied.html.contains("\"map-mixes/m.wav\""))
    let copy = try AudioFile.read(copied.folder.appending(path: "map-sounds/hihat8 no. 1.wav"))
    #expect(copy.frameCount == 4410)
    #expect(try page(.embed).html.matches(of: /"ZkxhQ/).count == 28, "FLAC in base 64")
    #expect(!(try page(.none).html.contains(".wav\"")))
  }

  @Test("problems are reported at once, with a fix")
  func problems() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let sounds = try made.sounds
    var more = sounds
    more.append(MapSound(id: "kick99", condition: "kick", file: URL(filePath: "/x")))
    more.append(MapSound(id: "kick98", condition: "kick", file: URL(filePath: "/x")))
    let error = #expect(throws: Problems.self) { try Embedding(try made.table, name: "made", sounds: more) }
    #expect(error?.list.first?.description.contains("2 of 29 one-shots have no vector: kick99, kick98") == true)
    #expect(throws: Problem.self) { try MapSound.read(made.folder.appending(path: "lib"), split: "tset") }
    #expect(try MapSound.read(made.folder.appending(path: "lib"), split: "test").count == 9)
    let few = Array(sounds.prefix(5))
    let tooFew = #expect(throws: Problem.self) {
      try Atlas(try Embedding(try made.table, name: "made", sounds: few), sounds: few)
    }
    #expect(tooFew?.what == "5 sounds are too few for a map")
    let flat = Embedding(
      name: "flat", summary: "", spaces: [.init(name: "whole", part: .whole, vectors: sounds.map { _ in [1, 2] })])
    #expect(throws: Problem.self) { try Atlas(flat, sounds: sounds) }
  }
}
