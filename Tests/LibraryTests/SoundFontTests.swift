import Basics
import Foundation
import Library
import Sound
import Synthesis
import Testing

@Suite("Soundfonts", .enabled(if: SoundFontFinder.find() != nil))
struct SoundFontTests {
  let file: URL

  init() throws { file = try #require(SoundFontFinder.find()) }

  @Test("soundfonts give the drums of their kits by key, the same in every rendering")
  func drums() throws {
    let source = SoundFontSource(name: "font", file: file, licence: "GPL-2.0-only")
    let first = try source.offers(), second = try source.offers()
    for condition in DrumClass.allCases { #expect(first.contains { $0.condition == condition }) }
    #expect(first.allSatisfy { !$0.group.lowercased().contains("orch") })
    for (a, b) in zip(first, second) { #expect(try a.decode() == b.decode()) }
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    let outcome = try LibraryBuilder().build([source], into: folder)
    #expect(outcome.library.oneShots.count < first.count, "kits share samples, and those are kept once")
    for condition in DrumClass.allCases { #expect(!outcome.library[condition].isEmpty) }
  }

  @Test("a file that is not a soundfont is reported with its path")
  func broken() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString).sf2")
    try Data("RIFF but no more".utf8).write(to: url)
    #expect { try FluidSynth(url, effects: false) } throws: { "\($0)".contains("not a soundfont") }
  }
}
