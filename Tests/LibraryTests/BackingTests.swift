import Basics
import Foundation
import Mixing
import Sound
import Synthesis
import Testing
import TestSupport

@Suite("Backings")
struct BackingTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  @Test("synthesised backings are audible, fill their bars and have no gap at the seam")
  func synth() throws {
    var random = SeededRandom(seed: 1, "backings")
    for turn in 0..<12 {
      let backing = SynthBackings().draw(turn: turn, &random)
      let rendered = try backing.render()
      #expect(rendered.clip.frameCount == backing.frameCount && rendered.clip.channels.count == 2)
      #expect(rendered.clip.samplePeak > 0.05)
      #expect(Backing.tempi.contains(backing.bpm))
    }
  }

  @Test(
    "a recorded loop's length gives its tempo, or shows that it has none",
    arguments: [
      (8.0, 120.0, 4), (2.0, 120.0, 1), (480.0 / 97, 97.0, 2), (240.0 / 67.5, 67.5, 1), (20.0, 96.0, 8),
      (1.5, 0.0, 0), (1.87, 0.0, 0), (30.0, 0.0, 0),
    ] as [(Double, Double, Int)])
  func tempo(duration: Double, bpm: Double, bars: Int) throws {
    guard bars > 0 else {
      #expect(RecordedLoops.tempo(of: duration) == nil)
      return
    }
    let found = try #require(RecordedLoops.tempo(of: duration))
    #expect(abs(found.bpm - bpm) < 1e-9 && found.bars == bars)
  }

  @Test("recorded loops take turns, and a single bar is played twice")
  func recorded() throws {
    for (name, seconds) in [("a", 2.0), ("b", 4.2), ("odd", 1.5)] {
      let tone = (0..<Int(seconds * 22050)).map { 0.5 * Float(sin(2 * .pi * 220 * Double($0) / 22050)) }
      try AudioFile.write(
        Clip(mono: tone, sampleRate: 22050), to: folder.appending(path: "\(name).wav"), as: .wav16)
    }
    var broken = RawSounds.wav([Float](repeating: 0.25, count: 2 * 44100))
    try broken.dropLast(1000).write(to: folder.appending(path: "cut.wav"))
    broken = RawSounds.wav([Float](repeating: 0.25, count: 44100) + [.nan] + [Float](repeating: 0.25, count: 44099))
    try broken.write(to: folder.appending(path: "nan.wav"))
    try Data(count: 4096).write(to: folder.appending(path: "._a.wav"))
    let (loops, leftOut) = try RecordedLoops.inFolder(folder)
    #expect(loops.map(\.source) == ["a.wav", "b.wav"])
    #expect(
      leftOut.map { "\($0.place.map { URL(filePath: $0.file).lastPathComponent } ?? "") \($0.severity)" } == [
        "cut.wav warning", "nan.wav warning", "odd.wav warning",
      ])
    #expect(leftOut[0].what.contains("1.994 s of 2.000 s") && leftOut[1].what.contains("not numbers"))
    let source = try #require(RecordedLoops(loops))
    var random = SeededRandom(seed: 1, "backings")
    let first = source.draw(turn: 0, &random), second = source.draw(turn: 1, &random)
    #expect(first.bars == 2 && first.bpm == 120 && second.bars == 2)
    let rendered = try first.render()
    #expect(rendered.clip.frameCount == 4 * 44100 && rendered.clip.channels.count == 2)
    #expect(rendered.name == "loop a")
  }

  @Test("a folder without a suitable loop is reported; a missing folder is an error")
  func folders() throws {
    let notices = try BackingSources.all(folders: [folder]).notices
    #expect(notices.contains { $0.what.contains("no loop in this folder fits") })
    #expect(throws: Problem.self) { try BackingSources.all(folders: [folder.appending(path: "none")]) }
  }

  @Test("a missing soundfont for accompaniments is reported")
  func noSoundFont() {
    #expect { try Accompaniments(soundFont: nil) } throws: {
      "\($0)".contains("mma is not installed") || "\($0)".contains("soundfont")
    }
  }

  @Test(
    "mma's accompaniments have no drums, and are the same for the same seed",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/mma") && SoundFontFinder.find() != nil))
  func accompaniments() throws {
    let source = try Accompaniments(soundFont: SoundFontFinder.find())
    func render() throws -> (Backing, Backing.Rendered) {
      var random = SeededRandom(seed: 4, "backings")
      let backing = source.draw(turn: 0, &random)
      return (backing, try backing.render())
    }
    let (backing, one) = try render(), (_, two) = try render()
    #expect(one.clip.frameCount == backing.frameCount && one.clip.samplePeak > 0.01)
    #expect(one.clip == two.clip && one.name == two.name && one.name.hasPrefix("mma "))
  }
}
