import Basics
import Foundation
import Sound
import Synthesis
import Testing

@Suite("DrumSynth presets")
struct DrumSynthTests {
  static let presets = URL(filePath: "\(#filePath)/../../../analysis/drumsynth/presets").standardized
  static let names = ["crushed", "hihat", "kick", "modulated", "ring", "snare"]

  private func preset(_ name: String) throws -> DrumSynthPreset {
    try DrumSynthFile.read(Self.presets.appending(path: "\(name).ds"))
  }

  /// Mean power in dB, in 20 bands and in time spans that double, as in analysis/drumsynth/lmms.py.
  private func energies(_ samples: [Float]) -> [[Double]] {
    let edges = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256], hop = 256, bands = 20
    let padded = Array(samples.prefix(255 * hop)) + [Float](repeating: 0, count: max(0, 255 * hop - samples.count))
    let spectrum = Spectrum(of: padded, sampleRate: 44100, settings: .init(size: 1024, hop: hop))
    let power = spectrum.power(
      in: MelScale.slaney.filters(bands, size: 1024, sampleRate: 44100, from: 40, to: 16000))
    return zip(edges, edges.dropFirst()).map { from, to in
      (0..<bands).map { b in
        let sum = (from..<to).reduce(0.0) { $0 + Double(power[$1 * bands + b]) }
        return 10 * log10(max(sum / Double(to - from), 1e-12))
      }
    }
  }

  /// The mean distance in dB over everything less than 60 dB below the maximum.
  private func distance(_ a: [[Double]], _ b: [[Double]]) -> Double {
    let top = a.joined().max() ?? 0
    let pairs = zip(a.joined(), b.joined()).map { (max($0, top - 60), max($1, top - 60)) }
      .filter { max($0, $1) > top - 60 }
    return pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / Double(pairs.count)
  }

  @Test("presets sound as in LMMS", arguments: names)
  func asLMMS(name: String) throws {
    let rows = try TableReader.rows(Self.presets.appending(path: "lmms.csv")).filter { $0["preset"] == name }
    let reference = try rows.map { row in try (1...20).map { try #require(try row.number("band\($0)_db")) } }
    let clip = DrumSynthRenderer().render(try preset(name), seed: 1)
    let far = distance(reference, energies(clip.channels[0]))
    // Without noise only rounding differs; noise is different every time. LMMS cuts a driven sound into slightly
    // different steps.
    let limit = ["modulated": 0.1, "ring": 0.3, "crushed": 0.8][name] ?? 1.6
    #expect(far < limit, "\(name) is \(far) dB from LMMS")
    // The measure must detect a drift: a tenth of an octave, or a decay that is a fifth longer.
    for change in [{ $0.tuning += 1.2 }, { $0.stretch *= 1.2 }] as [(inout DrumSynthPreset) -> Void] {
      var drifted = try preset(name)
      change(&drifted)
      let other = DrumSynthRenderer().render(drifted, seed: 1)
      #expect(distance(reference, energies(other.channels[0])) > far + 0.1, "a drift of \(name) goes unseen")
    }
  }

  @Test("sounds end with the longest envelope, within full scale, and depend on the seed only", arguments: names)
  func format(name: String) throws {
    let preset = try preset(name)
    let clip = DrumSynthRenderer().render(preset, seed: 3)
    #expect(clip.channels.count == 1 && clip.sampleRate == 44100)
    #expect(abs(clip.duration - preset.duration) < 1e-4)
    #expect(clip.samplePeak <= 1 && clip.samplePeak > 0.05)
    #expect(clip == DrumSynthRenderer().render(preset, seed: 3))
    #expect(DrumSynthRenderer().render(preset, seed: 3, longest: 0.1).frameCount == 4410)
  }

  @Test("variants are other drums of the same design, seeded, and usable", arguments: names)
  func variants(name: String) throws {
    let preset = try preset(name)
    var one = SeededRandom(seed: 1, name), two = SeededRandom(seed: 1, name)
    for _ in 0..<40 {
      let varied = preset.varied(&one)
      #expect(varied == preset.varied(&two) && varied != preset)
      #expect((varied.tone == nil) == (preset.tone == nil) && varied.bands.count == preset.bands.count)
      let clip = DrumSynthRenderer().render(varied, seed: 1)
      #expect(clip.channels[0].allSatisfy { $0.isFinite && abs($0) <= 1 } && clip.samplePeak > 0.01)
    }
  }

  @Test("all problems of a file are reported with their line")
  func problems() throws {
    let text = """
      [General]
      Version=DrumSynth v2.0
      what is this
      Tuning=high
      [Tone]
      On=1
      Envelope=0,100 900,50 300,0
      [Overtones]
      On=1
      Wave1=9
      Envelope1=0,100 4000
      """
    let problems = try #require(throws: Problems.self) { try DrumSynthFile.parse(text, name: "odd.ds") }
    #expect(problems.list.compactMap { $0.place?.line }.sorted() == [3, 4, 7, 10, 11])
    #expect(problems.list.allSatisfy { $0.place?.file == "odd.ds" && !$0.mend.isEmpty })
    #expect { try DrumSynthFile.parse("[Tone]\nOn=0\n", name: "mute.ds") } throws: { "\($0)".contains("mute.ds") }
    #expect { try DrumSynthFile.read(Self.presets.appending(path: "none.ds")) } throws: {
      "\($0)".contains("there is no such file")
    }
  }

  @Test("missing keys have DrumSynth's defaults, and any line end will do")
  func defaults() throws {
    let text = "[Tone]\r\nOn=1\r\nEnvelope=0,100 4410,0\r\n\r\n[Unknown]\r\nKey=1\r\n"
    let preset = try DrumSynthFile.parse(text, name: "short.ds")
    #expect(preset.stretch == 1 && preset.tuning == 0 && preset.filter == nil && preset.noise == nil)
    #expect(preset.tone?.level == 1 && preset.tone?.start == 200 && preset.duration == 0.1)
  }

  @Test("as a source, presets get a class by name, machines are kits, and variants are for training only")
  func source() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    for path in ["tr808/Kick.ds", "misc_hats/fedora.ds", "misc/Saber_fight.ds"] {
      let url = folder.appending(path: path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: Self.presets.appending(path: "kick.ds"), to: url)
    }
    let offers = try DrumSynthSource(folder: folder, licence: "x").offers()
    #expect(offers.map(\.condition) == [nil, .hihat, .kick])
    #expect(offers.map(\.kit) == [nil, nil, "drumsynth/tr808"])
    #expect(offers.allSatisfy { !$0.isTrainingOnly && $0.tags.contains("synthetic") })
    let variants = try DrumSynthSource(folder: folder, licence: "x", variants: 3, seed: 2).offers()
    #expect(variants.count == 9 && variants.allSatisfy { $0.isTrainingOnly && $0.tags.contains("variant") })
    #expect(Set(variants.map(\.group)) == Set(offers.map(\.group)))
    let clips = try variants.filter { $0.condition == .kick }.map { try $0.decode() }
    #expect(clips[0] != clips[1] && clips[1] != clips[2])
    #expect(try variants.filter { $0.condition == .kick }.map { try $0.decode() } == clips)
  }
}
