import Basics
import Foundation
import Library
import Mixing
import Sound
import Synthesis
import TestSupport
import Testing

@Suite("Splits")
struct SplitterTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")

  /// Drums of ringing noise, each its own group. Each has a second hit under another name, softer and duller, and a
  /// variant for training.
  struct Drums: SoundSource {
    let name = "drums"
    var perClass = 30

    func offers() -> [SoundOffer] {
      var offers: [SoundOffer] = []
      for condition in DrumClass.allCases {
        for i in 0..<perClass {
          let drum = "\(condition.rawValue) \(i)"
          for layer in ["hard", "soft", "variant"] {
            let offer = SoundOffer(
              source: "\(drum) \(layer)", condition: condition, group: layer == "soft" ? "other \(drum)" : drum,
              tags: [],
              licence: "CC0-1.0", name: [condition.rawValue, String(i), layer], isTrainingOnly: layer == "variant"
            ) { Self.stroke(condition, i, layer) }
            offers.append(offer)
          }
        }
      }
      return offers
    }

    static func stroke(_ condition: DrumClass, _ i: Int, _ layer: String) -> Clip {
      var drum = SeededRandom(seed: 1, condition.rawValue, String(i)), noise = SeededRandom(seed: 2, "\(i)", layer)
      let (low, high) = (200 * pow(10, drum.unit()), 1000 * pow(10, drum.unit()))
      let bands = [low, high].map { frequency in
        let decay = drum.uniform(0.02...0.15), level = drum.uniform(0.3...1)
        let burst = Clip(
          mono: samples(8820) { level * noise.normal() * exp(-Double($0) / 44100 / decay) }, sampleRate: 44100)
        let band = Biquad.bandpass(frequency, q: 2.5, sampleRate: 44100)
        return burst.filtered(by: BiquadChain([band])).channels[0]
      }
      let sum = Clip(
        mono: samples(bands[0].count) { 0.2 * Double(bands[0][$0] + bands[1][$0]) }, sampleRate: 44100)
      let treble = layer == "soft" ? -3.0 : layer == "variant" ? 9 : 0
      return sum.filtered(by: BiquadChain([.highShelf(3000, gain: treble, sampleRate: 44100)]))
    }
  }

  private func build(seed: UInt64 = 1, into name: String = "library") throws -> LibraryBuilder.Outcome {
    var builder = LibraryBuilder()
    builder.splitter = Splitter(seed: seed)
    return try builder.build([Drums()], into: folder.appending(path: name))
  }

  @Test("no group, and no layer of a drum under another name, is in two splits; splits have the requested sizes")
  func parts() throws {
    let outcome = try build()
    let library = outcome.library
    let splits = Dictionary(grouping: library.oneShots) { shot in
      shot.candidate.split(separator: "-").prefix(2).joined(separator: "-")
    }
    for (drum, shots) in splits { #expect(Set(shots.map(\.split)).count == 1, "\(drum) is parted") }
    for condition in DrumClass.allCases {
      // 60 sounds may be targets, so at most half of them are.
      let test = try library.only(.test)[condition].count
      #expect((27...32).contains(test), "\(test) test sounds of \(condition)")
      #expect(try library.only(.validation)[condition].count >= 4)
    }
    #expect(outcome.leakCheck?.isClean == true)
    #expect(try LeakCheck(library).isClean)
  }

  @Test("training-only sounds are never held out, and the report says what was left out")
  func trainingOnly() throws {
    let outcome = try build()
    let variants = outcome.library.oneShots.filter { $0.candidate.hasSuffix("variant") }
    #expect(!variants.isEmpty && variants.allSatisfy { $0.split == .train })
    #expect(outcome.rejections.contains { $0.reason == .heldOut })
    #expect(LibraryReport.text(outcome).contains("No leak"))
  }

  @Test("the same seed gives the same split, another seed another one")
  func seeded() throws {
    let one = try build().library.oneShots, two = try build(into: "again").library.oneShots
    #expect(one == two)
    #expect(try one.map(\.split) != build(seed: 2, into: "other").library.oneShots.map(\.split))
  }

  @Test("a layer in another split is found by its sound, and a divided group by its name")
  func plantedCrossing() throws {
    var library = try build().library
    let held = try #require(library.oneShots.first { $0.split == .test && $0.candidate.hasSuffix("hard") })
    let layer = held.candidate.replacing("hard", with: "soft")
    let i = try #require(library.oneShots.firstIndex { $0.candidate == layer })
    library.oneShots[i].split = .train
    try library.write()
    let check = try LeakCheck(LibraryTable.read(library.folder))
    #expect(!check.isClean)
    #expect(check.leaks.contains { $0.sound == held.candidate && $0.other == layer })
    #expect(check.parted.isEmpty, "the names alone do not tell")
    #expect(LibraryReport.splits(library, check).contains("Leak: \(held.candidate)"))

    library.oneShots[i].group = held.group
    try library.write()
    #expect(try LeakCheck(LibraryTable.read(library.folder)).parted == [held.group])
  }

  @Test("only a split library has the column, and it reads back")
  func column() throws {
    let split = try build().library
    #expect(try LibraryTable.read(split.folder).oneShots == split.oneShots)
    let whole = try LibraryBuilder().build([SynthSource(perClass: 2)], into: folder.appending(path: "whole")).library
    let header = try String(contentsOf: whole.folder.appending(path: "library.csv"), encoding: .utf8).prefix {
      $0 != "\n"
    }
    #expect(header.hasSuffix("channels,sha256"))
    #expect { try whole.only(.test) } throws: { "\($0)".contains("is not split") }
  }

  @Test("an unknown split is reported with its place")
  func unknownSplit() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let url = folder.appending(path: "library.csv")
    try Data("candidate,condition,file,split\na,kick,a.flac,exam\n".utf8).write(to: url)
    let problems = try #require(throws: Problems.self) { try LibraryTable.read(url) }
    #expect(problems.list.map { $0.place?.line } == [2] && "\(problems)".contains("train, validation, test"))
  }

  @Test("mixes of a split use its one-shots only, and the hard chain is harder")
  func mixes() throws {
    let test = try build().library.only(.test)
    let mixer = try Mixer(library: test, backings: [SynthBackings()], chain: MasteringHand.hard.ranges)
    let mixes = try mixer.make(4, seed: 1, into: folder.appending(path: "mixes")).mixes
    let names = Set(test.oneShots.map(\.candidate))
    #expect(mixes.allSatisfy { $0.parts.allSatisfy { names.contains($0.reference) } })
    let (usual, hard) = (MasteringRanges.usual, MasteringRanges.hard)
    #expect(hard.high.reverbSend > usual.high.reverbSend && hard.high.limiterDrive > usual.high.limiterDrive)
    #expect(hard.low.compressorThreshold < usual.low.compressorThreshold)
  }

  @Test("recorded loops differ between splits, and loops of one family stay together")
  func backings() throws {
    let instruments = ["bass", "organ", "pad", "strum"], versions = ["a", "b", "c"]
    let loops = (0..<60).map { i in
      let file = "/loops/\(instruments[i % 4])\(versions[i % 3])_\(i).wav"
      return RecordedLoops.Loop(file: URL(filePath: file), licence: "CC0-1.0", source: "x", bpm: 100, bars: 2)
    }
    let source = try #require(RecordedLoops(loops))
    let parts = Split.allCases.map { (source.limited(to: $0) as? RecordedLoops)?.loops ?? [] }
    #expect(parts.joined().count == 60)
    for family in ["bass a", "pad c", "strum b"] {
      let stem = family.replacing(" ", with: "")
      let places = parts.map { $0.filter { $0.file.lastPathComponent.hasPrefix(stem) }.count }
      #expect(places.count { $0 > 0 } <= 1)
    }
    #expect(SynthBackings().limited(to: .test) == nil)
    let (sources, notices) = BackingSources.limited([SynthBackings()], to: .test)
    #expect(sources.count == 1 && notices.map(\.severity) == [.warning])
  }
}
