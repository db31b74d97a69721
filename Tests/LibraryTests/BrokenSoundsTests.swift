import Basics
import Foundation
import Library
import Mixing
import Sound
import Synthesis
import Testing
import TestSupport

@Suite("Broken sounds in the user's own folder")
struct BrokenSoundsTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)/Mine")

  private func add(_ path: String, _ content: Data) throws {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try content.write(to: url)
  }

  private func hit(_ seed: UInt64) -> [Float] {
    var random = SeededRandom(seed: seed, "hit")
    return (0..<6000).map { 0.5 * Float(random.uniform(-1...1) * exp(-Double($0) / 1000)) }
  }

  @Test("each file is in library.csv or, with a reason, in rejected.csv; the rest is built")
  func all() throws {
    let good = hit(1)
    var first = good, last = good, vast = good, loud = good
    first[0] = .nan
    last[5999] = .infinity
    vast[3000] = 3e38
    loud[3000] = 1e6
    try add("Kick good.wav", RawSounds.wav(good))
    try add("kit/Snare one.AIFC", RawSounds.aiff(hit(2).map { Int16($0 * 32767) }))
    try add("Kick first.wav", RawSounds.wav(first))
    try add("Kick last.wav", RawSounds.wav(last))
    try add("Kick vast.wav", RawSounds.wav(vast))
    try add("Kick loud.wav", RawSounds.wav(loud))
    try add("Kick side.wav", RawSounds.wav(zip(good, last).flatMap { [$0, $1] }, channels: 2))
    try add("Kick cut.wav", RawSounds.wav(good).dropLast(9000))
    try add("Kick six.wav", RawSounds.wav(good, channels: 6))
    try add("Kick fast.wav", RawSounds.wav(good, rate: 10_000_000))
    try add("Kick empty.wav", Data())
    try add("Kick coded.m4a", Data("ftypM4A ".utf8))
    try add("Kick.xyz", Data("?".utf8))
    try add("._Kick good.wav", Data(count: 4096))
    try add(".DS_Store", Data(count: 10))
    try add("readme.txt", Data("Hello".utf8))
    try add("Tom.wav", RawSounds.wav(hit(3)))
    let out = folder.deletingLastPathComponent().appending(path: "library")
    let outcome = try LibraryBuilder().build([FolderSource(folder), SynthSource(perClass: 1)], into: out)
    #expect(
      outcome.library.oneShots.filter { $0.source.hasPrefix("Mine") }.map(\.candidate) == [
        "mine-kick-good", "mine-kit-snare-one",
      ])
    #expect(outcome.library.oneShots.count == 5)
    let told = Dictionary(
      uniqueKeysWithValues: outcome.rejections.map { ($0.source.replacing("Mine: ", with: ""), $0) })
    #expect(told.count == 15)
    for (file, reason, detail) in [
      ("Kick first.wav", .unreadable, "not numbers"), ("Kick last.wav", .unreadable, "not numbers"),
      ("Kick vast.wav", .unreadable, "not numbers"), ("Kick side.wav", .unreadable, "not numbers"),
      ("Kick loud.wav", .clipped, "120.0 dBFS"), ("Kick cut.wav", .unreadable, "0.085 s of 0.136 s"),
      ("Kick six.wav", .unreadable, "6 channels"), ("Kick fast.wav", .unreadable, "10000000 Hz"),
      ("Kick empty.wav", .unreadable, ""), ("Kick coded.m4a", .unreadable, "not a sound file that can be read"),
      ("Kick.xyz", .notSound, ".xyz"), ("._Kick good.wav", .sidecar, "macOS"), (".DS_Store", .notSound, ""),
      ("readme.txt", .notSound, ".txt"), ("Tom.wav", .noClass, "no drum class"),
    ] as [(String, Rejection.Reason, String)] {
      let found = told[file]
      #expect(found?.reason == reason, "\(file): \(String(describing: found))")
      #expect(detail.isEmpty || found?.detail.contains(detail) == true, "\(file): \(String(describing: found))")
    }
    let table = try String(contentsOf: out.appending(path: "rejected.csv"), encoding: .utf8)
    #expect(table.split(separator: "\n").count == 16)
    #expect(LibraryReport.text(outcome).contains("3 not a sound"))
  }

  @Test("a mix with an unreadable drum names all such drums, and earlier mixes stay")
  func mixes() throws {
    let library = try LibraryBuilder().build([SynthSource(perClass: 1)], into: folder).library
    let out = folder.appending(path: "mixes")
    let mixer = try Mixer(library: library, backings: [SynthBackings()])
    let before = try mixer.make(1, seed: 1, into: out)
    var samples = hit(1)
    samples[5] = .nan
    try RawSounds.wav(samples).write(to: library.url(of: library[.kick][0]))
    try Data(contentsOf: library.url(of: library[.snare][0])).dropLast(500).write(
      to: library.url(of: library[.snare][0]))
    do {
      _ = try mixer.make(2, seed: 1, into: out)
      Issue.record("mixed from broken drums")
    } catch let problems as Problems {
      #expect(problems.list.count == 2)
      #expect(
        problems.description.contains(library[.kick][0].candidate) && problems.description.contains("not numbers"))
      #expect(problems.description.contains(library[.snare][0].candidate))
    }
    #expect(try MixTable.read(out).mixes == before.mixes)
  }
}
