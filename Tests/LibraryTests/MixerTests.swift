import Basics
import Foundation
import Library
import Mixing
import Sound
import Synthesis
import Testing

@Suite("Mixes")
struct MixerTests {
  /// Eight one-shots a class, made once.
  static let library = Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    return try LibraryBuilder().build([SynthSource(perClass: 8)], into: folder).library
  }

  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  let library: LibraryTable

  init() throws {
    library = try Self.library.get()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func mix(_ count: Int, seed: UInt64 = 3, into name: String = "mixes") throws -> MixTable {
    try Mixer(library: library, backings: [SynthBackings()]).make(count, seed: seed, into: folder.appending(path: name))
  }

  @Test("mixes match the table: stereo, 44.1 kHz, whole bars, below the ceiling")
  func format() throws {
    let table = try mix(6)
    for mix in table.mixes {
      let clip = try AudioFile.read(table.url(of: mix))
      #expect(clip.channels.count == 2 && clip.sampleRate == 44100)
      #expect(Backing.tempi.contains(mix.bpm) && mix.bars >= 2)
      #expect(clip.frameCount == Int((Double(mix.bars) * 240 / mix.bpm * 44100).rounded()))
      let loudness = try Loudness.measure(Clip(channels: clip.channels.map { $0 + $0 }, sampleRate: 44100))
      #expect(loudness.truePeak <= mix.chain.limiterCeiling + 0.01)
      #expect((-24 ... -6).contains(loudness.integrated), "\(mix.query) has \(loudness.integrated) LUFS")
    }
  }

  @Test("a silent one-shot is named before anything is replaced")
  func silence() throws {
    let before = try mix(1)
    let copy = folder.appending(path: "library")
    try FileManager.default.copyItem(at: library.folder, to: copy)
    let quiet = try LibraryTable.read(copy)
    let silenced = try #require(quiet[.snare].first)
    for oneShot in quiet.oneShots where oneShot.condition == .snare {
      let clip = try AudioFile.read(quiet.url(of: oneShot)).scaled(by: 0)
      try AudioFile.write(clip, to: quiet.url(of: oneShot), as: .flac16)
    }
    let mixer = try Mixer(library: quiet, backings: [SynthBackings()])
    do {
      _ = try mixer.make(8, seed: 3, into: before.folder)
      Issue.record("a silent one-shot was mixed")
    } catch { #expect("\(error)".contains("the one-shot '\(silenced.candidate)' is silent"), "\(error)") }
    #expect(try MixTable.read(before.folder).mixes == before.mixes)
  }

  @Test("the table reads back as it was made")
  func roundTrip() throws {
    let table = try mix(3)
    let read = try MixTable.read(table.folder)
    #expect(read.mixes == table.mixes)
    #expect(read.mixes.allSatisfy { $0.parts.map(\.condition) == DrumClass.allCases })
  }

  @Test("the same seed gives the same bytes, another seed other loops")
  func seeded() throws {
    let one = try mix(3, into: "one"), two = try mix(3, into: "two"), other = try mix(3, seed: 4, into: "other")
    #expect(one.mixes == two.mixes && one.mixes != other.mixes)
    for mix in one.mixes {
      #expect(try ContentHash.ofFile(one.url(of: mix)) == ContentHash.ofFile(two.url(of: mix)))
    }
  }

  @Test("hits are in order, inside the loop, and audible where the table says")
  func onsets() throws {
    let table = try mix(6)
    var heard = 0, all = 0
    for mix in table.mixes {
      let length = Double(mix.bars) * 240 / mix.bpm
      let clip = try AudioFile.read(table.url(of: mix))
      for part in mix.parts {
        #expect(part.onsets.count >= mix.bars && part.velocities.count == part.onsets.count)
        #expect(part.onsets == part.onsets.sorted() && part.onsets.allSatisfy { (0..<length).contains($0) })
        #expect(part.velocities.allSatisfy { $0 <= 0 })
      }
      // Only hi-hats reach the top of the spectrum, so their hits can be told from everything else.
      var top = clip.mono
      var highpass = BiquadChain([.highpass(9000, sampleRate: 44100), .highpass(9000, sampleRate: 44100)])
      highpass.process(&top)
      let onsets = try #require(mix[.hihat].first).onsets
      func energy(_ start: Double) -> Float {
        let first = Int(start * 44100)
        return (first..<first + 441).reduce(0) {
          $0 + top[($1 + top.count) % top.count] * top[($1 + top.count) % top.count]
        }
      }
      all += onsets.count
      heard += onsets.count { energy($0) > 2 * energy($0 - 0.012) }
    }
    #expect(Double(heard) > 0.85 * Double(all), "\(heard) of \(all) hi-hat hits are heard")
  }

  @Test("every one-shot is used once before any is used twice")
  func balanced() throws {
    let table = try mix(16)
    for condition in DrumClass.allCases {
      let times = Dictionary(grouping: table.mixes.flatMap { $0[condition].map(\.reference) }, by: \.self).mapValues(
        \.count)
      #expect(times.count == 8 && times.values.allSatisfy { $0 == 2 })
    }
  }

  @Test("a library that lacks a class is refused, and the class is named")
  func missingClass() {
    let poor = LibraryTable(folder: folder, oneShots: library[.kick])
    #expect { try Mixer(library: poor, backings: [SynthBackings()]) } throws: {
      "\($0)".contains("no snare and no hihat")
    }
  }

  @Test("a table with problems lists all of them")
  func problems() throws {
    let text = """
      query,condition,file,reference,onsets_s
      a,kick,a.flac,k,0 x
      a,snare,a.flac,s,0
      a,snare,a.flac,s,0
      b,tom,b.flac,t,0
      """
    let url = folder.appending(path: "mixes.csv")
    try Data(text.utf8).write(to: url)
    let problems = try #require(throws: Problems.self) { try MixTable.read(url) }
    #expect(problems.list.map { $0.place?.line } == [2, 4, 5])
  }
}
