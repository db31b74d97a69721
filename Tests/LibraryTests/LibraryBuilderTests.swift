import Basics
import Foundation
import Library
import Sound
import Synthesis
import Testing

@Suite("Building a library")
struct LibraryBuilderTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")

  struct Clips: SoundSource {
    var name = "clips"
    var clips: [(String, DrumClass?, Clip)]
    func offers() -> [SoundOffer] {
      clips.map { name, condition, clip in
        SoundOffer(
          source: name, condition: condition, group: "g", tags: [], licence: "CC0-1.0", name: ["clip", name]
        ) { clip }
      }
    }
  }

  struct Broken: SoundSource {
    let name = "broken"
    func offers() throws -> [SoundOffer] { throw Problem("the source is away", mend: "Try later.") }
  }

  private func burst(_ seed: UInt64, seconds: Double = 0.2, gain: Float = 0.5) -> Clip {
    var random = SeededRandom(seed: seed, "burst")
    let count = Int(seconds * 44100)
    return Clip(
      mono: (0..<count).map { i in gain * Float(random.uniform(-1...1) * exp(-3 * Double(i) / Double(count))) },
      sampleRate: 44100)
  }

  @Test("the library keeps usable sounds, and says why the others are rejected")
  func rejections() throws {
    let good = burst(1)
    let doubled = Clip(channels: [good.channels[0], good.channels[0]], sampleRate: 44100).scaled(by: 0.5)
    let square = Clip(
      mono: (0..<8820).map { i in (i / 50).isMultiple(of: 2) ? 1 : -1 }, sampleRate: 44100)
    let clips: [(String, DrumClass?, Clip)] = [
      ("good", .kick, good), ("other", .snare, burst(2)), ("again", .snare, doubled),
      ("silent", .kick, good.scaled(by: 1e-4)), ("click", .kick, good.frames(0..<200)),
      ("long", .hihat, burst(3, seconds: 7)), ("square", .hihat, square), ("tom", nil, burst(4)),
    ]
    let outcome = try LibraryBuilder().build([Clips(clips: clips), Broken()], into: folder)
    #expect(outcome.library.oneShots.map(\.candidate) == ["clip-good", "clip-other"])
    #expect(
      outcome.rejections.map { "\($0.source) \($0.reason.rawValue)" } == [
        "again duplicate", "silent silent", "click too_short", "long too_long", "square clipped",
      ])
    #expect(outcome.unnamed == 1)
    #expect(outcome.failures.map(\.what) == ["the source is away"])
    #expect(outcome.counts.map { $0.count } == [[.kick: 1, .snare: 1], [:]])
    let table = try String(contentsOf: folder.appending(path: "rejected.csv"), encoding: .utf8)
    #expect(table.split(separator: "\n").count == 6 && table.contains("again,duplicate,sounds as good"))

    let library = try LibraryTable.read(folder)
    #expect(library.oneShots == outcome.library.oneShots)
    for shot in library.oneShots {
      let clip = try AudioFile.read(library.url(of: shot))
      #expect(SoundFingerprint.exact(clip) == shot.sha256, "the hash is that of the file as it decodes")
    }
  }

  @Test("a copy at another level or a little later is a duplicate; another take is not")
  func twins() throws {
    let first = burst(1, seconds: 0.3)
    let quiet = Clip(mono: [Float](repeating: 0, count: 500) + first.channels[0].map { 0.137 * $0 }, sampleRate: 44100)
    let clips: [(String, DrumClass?, Clip)] = [("a", .snare, first), ("b", .snare, quiet), ("c", .snare, burst(2))]
    let outcome = try LibraryBuilder().build([Clips(clips: clips)], into: folder)
    #expect(outcome.library.oneShots.map(\.candidate) == ["clip-a", "clip-c"])
    #expect(outcome.rejections == [Rejection(source: "b", reason: .duplicate, detail: "sounds as a")])
  }

  @Test("a second build leaves nothing of the first")
  func rebuild() throws {
    _ = try LibraryBuilder().build([Clips(clips: [("a", .kick, burst(1))])], into: folder)
    _ = try LibraryBuilder().build([Clips(clips: [("b", .kick, burst(2))])], into: folder)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "sounds").path) == ["clip-b.flac"])
  }

  @Test("the synthesiser's library is the same in every build, and none of it is rejected")
  func synth() throws {
    let first = try LibraryBuilder().build([SynthSource(perClass: 16)], into: folder)
    let again = folder.appending(path: "again")
    let second = try LibraryBuilder().build([SynthSource(perClass: 16)], into: again)
    #expect(first.library.oneShots == second.library.oneShots)
    #expect(first.library.oneShots.count == 48 && first.rejections.isEmpty)
    #expect(first.library.oneShots.allSatisfy { !$0.tags.isEmpty })
  }
}
