import Basics
import Foundation
import Library
import Mixing
import Sound
import Synthesis
import TestSupport
import Testing

@Suite("Mixes for training")
struct TrainingMixerTests {
  /// 16 one-shots a class and four backings, made once.
  static let world = Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    return (
      library: try LibraryBuilder().build([SynthSource(perClass: 16)], into: folder.appending(path: "library")).library,
      loops: try BackingStore(folder: folder).loops(4, from: [SynthBackings()], seed: 1)
    )
  }

  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  let library: LibraryTable
  let loops: [TrainingBacking]

  init() throws { (library, loops) = try Self.world.get() }

  private func mixer(_ change: (inout TrainingRecipe) -> Void = { _ in }) throws -> TrainingMixer {
    var recipe = TrainingRecipe()
    change(&recipe)
    return try TrainingMixer(library, backings: loops, recipe: recipe)
  }

  @Test("each mix has the requested length, stays within full scale, and contains hits of all three drums")
  func properties() throws {
    let mixer = try mixer()
    let conditions = Dictionary(uniqueKeysWithValues: library.oneShots.map { ($0.candidate, $0.condition) })
    for seed in 0..<300 as Range<UInt64> {
      let seconds = [0.5, 1, 2, 3.7][Int(seed % 4)]
      let mix = mixer.mix(seed: seed, seconds: seconds)
      #expect(mix.samples.count == Int((seconds * 44100).rounded()))
      #expect(peak(mix.samples) <= 1)
      #expect(mix.parts.map(\.condition) == DrumClass.allCases)
      for part in mix.parts {
        #expect(conditions[part.candidate] == part.condition)
        #expect(!part.onsets.isEmpty && part.onsets == part.onsets.sorted())
        #expect(part.onsets.allSatisfy { (0..<seconds).contains($0) } && part.onsets[0] <= seconds - 0.2)
        let highest = peak(part.samples)
        #expect((0.5...1.0001).contains(highest), "seed \(seed): peak \(highest)")
        #expect(Double(part.samples.count) <= 44100 * TrainingMixer.longest)
      }
    }
  }

  /// Sets every effect of songs to always happen.
  private func sing(_ recipe: inout TrainingRecipe) {
    (recipe.companions, recipe.pitched, recipe.pitchedFar, recipe.offset, recipe.cut) = (1, 1, 1, 1, 1)
    (recipe.enveloped, recipe.filtered, recipe.crushed, recipe.echoed, recipe.roomed) = (1, 1, 1, 1, 1)
    (recipe.widened, recipe.quiet, recipe.softened, recipe.ghosted, recipe.pumped) = (1, 1, 1, 1, 1)
    (recipe.bassed, recipe.dense, recipe.others) = (1, 1, 1)
  }

  @Test("in a song each class may have three drums with their own steps, and a sampler changes only the sound")
  func songs() throws {
    let plain = try mixer(), songs = try mixer(sing), companions = try mixer { $0.companions = 1 }
    for seed in 0..<20 as Range<UInt64> {
      let mix = songs.mix(seed: seed, seconds: 2), without = plain.mix(seed: seed, seconds: 2)
      #expect(mix.parts.map(\.condition) == DrumClass.allCases.flatMap { [$0, $0, $0] })
      #expect(peak(mix.samples) <= 1 && mix.samples != without.samples)
      for condition in DrumClass.allCases {
        let drums = mix.parts.filter { $0.condition == condition }
        #expect(Set(drums.map(\.onsets)).count == 3 && drums.allSatisfy { !$0.onsets.isEmpty })
        // The first drum is the one that plays without the song, and the search targets are the samples it was made
        // from.
        #expect(drums[0].samples == without[condition]?.samples && drums[0].onsets == without[condition]?.onsets)
      }
      #expect(companions.mix(seed: seed, seconds: 2).parts.count == 9)
      #expect(songs.mix(seed: seed, seconds: 2).samples == mix.samples)
    }
  }

  @Test("if the shares are zero, nothing of a song is heard, whatever the ranges")
  func noSongs() throws {
    let plain = try mixer()
    let ranges = try mixer {
      ($0.farthest, $0.quieter, $0.cutAfter, $0.fall, $0.bits) = (1, 1, 0.5...1, -1...0, 4...5)
      ($0.cutoff, $0.ghosts, $0.pumping, $0.bass, $0.other) = (20...30, -1...0, 1...2, 0...1, 0...1)
    }
    for seed in 0..<10 as Range<UInt64> {
      #expect(plain.mix(seed: seed, seconds: 1).samples == ranges.mix(seed: seed, seconds: 1).samples)
    }
  }

  @Test("only the requested share of mixes are songs; the others are plain")
  func shareOfSongs() throws {
    let plain = try mixer(),
      half = try mixer {
        sing(&$0)
        $0.songs = 0.5
      }
    let songs = (0..<60 as Range<UInt64>).filter { seed in
      let mix = half.mix(seed: seed, seconds: 1)
      let isSong = mix.parts.count == 9
      #expect(isSong || mix.parts.count == 3 && mix.samples == plain.mix(seed: seed, seconds: 1).samples)
      return isSong
    }
    #expect((18...42).contains(songs.count))
  }

  @Test("each effect of a song on its drums is audible on its own")
  func eachOfSongs() throws {
    let changes: [(String, (inout TrainingRecipe) -> Void)] = [
      ("pitched", { $0.pitched = 1 }), ("offset", { $0.offset = 1 }), ("cut", { $0.cut = 1 }),
      ("enveloped", { $0.enveloped = 1 }), ("filtered", { $0.filtered = 1 }), ("crushed", { $0.crushed = 1 }),
      ("echoed", { $0.echoed = 1 }), ("roomed", { $0.roomed = 1 }), ("widened", { $0.widened = 1 }),
      ("quiet", { $0.quiet = 1 }), ("softened", { $0.softened = 1 }), ("ghosted", { $0.ghosted = 1 }),
      ("pumped", { $0.pumped = 1 }), ("bassed", { $0.bassed = 1 }), ("dense", { $0.dense = 1 }),
      ("others", { $0.others = 1 }),
    ]
    let plain = try mixer { $0.backed = 1 }
    for (name, change) in changes {
      let mixer = try mixer {
        $0.backed = 1
        change(&$0)
      }
      let heard = (0..<6 as Range<UInt64>).filter {
        mixer.mix(seed: $0, seconds: 2).samples != plain.mix(seed: $0, seconds: 2).samples
      }
      #expect(heard.count >= 5, "\(name)")
    }
  }

  @Test("the widest accepted recipes still make valid mixes, and wider ones are refused by name")
  func widest() throws {
    func wide(_ recipe: inout TrainingRecipe) {
      (recipe.pitch, recipe.transposed, recipe.tilt, recipe.easier) = (24, 24, 24, 60)
      (recipe.augmented, recipe.driven, recipe.layered, recipe.easy, recipe.mutated) = (1, 1, 1, 1, 1)
      (recipe.decay, recipe.drive, recipe.backing, recipe.tempo) = (-1000...100, 0...60, -60...60, 20...400)
      (recipe.kick, recipe.snare, recipe.hihat) = (-60...60, -60...60, -60...60)
      sing(&recipe)
      (recipe.offsetBy, recipe.cutAfter, recipe.attack, recipe.fall) = (0...1, 0.01...2, 0...1, -1000...0)
      (recipe.cutoff, recipe.resonance, recipe.bits, recipe.reduced) = (20...20000, 0.3...30, 2...24, 1000...44100)
      (recipe.ghosts, recipe.pumping, recipe.bass, recipe.other) = (-60...0, 0...60, -60...60, -60...60)
      recipe.quieter = 60
    }
    var recipe = TrainingRecipe()
    #expect(recipe.flaw() == nil)
    wide(&recipe)
    #expect(recipe.flaw() == nil)
    let mixer = try mixer(wide)
    for seed in 0..<60 as Range<UInt64> {
      let mix = mixer.mix(seed: seed, seconds: 1)
      #expect(peak(mix.samples) <= 1, "seed \(seed)")
      #expect(mix.parts.allSatisfy { !$0.samples.contains { !$0.isFinite } }, "seed \(seed)")
    }
    let wider: [(String, (inout TrainingRecipe) -> Void)] = [
      ("pitch", { $0.pitch = -1 }), ("transposed", { $0.transposed = 25 }), ("tilt", { $0.tilt = -0.1 }),
      ("easier", { $0.easier = -1 }), ("mastered", { $0.mastered = 1.1 }), ("synthetic", { $0.synthetic = -0.1 }),
      ("tempo", { $0.tempo = 0...100 }), ("drive", { $0.drive = -1...3 }), ("decay", { $0.decay = -200...101 }),
      ("companions", { $0.companions = 1.1 }), ("farthest", { $0.farthest = 25 }), ("bits", { $0.bits = 1...8 }),
      ("reduced", { $0.reduced = 0...22050 }), ("fall", { $0.fall = -10...1 }), ("quieter", { $0.quieter = 61 }),
    ]
    for (name, change) in wider {
      var recipe = TrainingRecipe()
      change(&recipe)
      #expect(recipe.flaw()?.contains("'\(name)") == true)
    }
  }

  @Test("a mix depends on its seed only, whatever was made before and on whichever thread")
  func pure() throws {
    let mixer = try mixer(), again = try self.mixer()
    let seeds = (0..<24 as Range<UInt64>).map(\.self)
    let one = try parallelMap(seeds) { mixer.mix(seed: $0, seconds: 1).samples }
    let two = seeds.reversed().map { again.mix(seed: $0, seconds: 1).samples }
    #expect(one == Array(two.reversed()))
    #expect(Set(one).count == seeds.count)
  }

  @Test("a twin is the same one-shot with other changes, and does not change the mix")
  func twins() throws {
    // So that only intended changes differ.
    let mixer = try mixer { $0.layered = 0 }
    for seed in 0..<20 as Range<UInt64> {
      let mix = mixer.mix(seed: seed, seconds: 1, hasTwins: true), plain = mixer.mix(seed: seed, seconds: 1)
      #expect(mix.samples == plain.samples)
      #expect(zip(mix.parts, plain.parts).allSatisfy { $0.samples == $1.samples && $1.twin == nil })
      for part in mix.parts {
        let twin = try #require(part.twin)
        #expect(twin != part.samples && twin.allSatisfy(\.isFinite))
        #expect((0.5...1.0001).contains(twin.lazy.map(abs).max() ?? 0))
      }
    }
  }

  @Test("levels vary widely, and every one-shot and every kit is used")
  func variety() throws {
    let mixer = try mixer {
      $0.backed = 0; $0.mastered = 0
    }
    var names: Set<String> = []
    var drumShare: [Float] = []
    for seed in 0..<400 as Range<UInt64> {
      let mix = mixer.mix(seed: seed, seconds: 1)
      names.formUnion(mix.parts.map(\.candidate))
      drumShare.append(mix.samples.reduce(0) { $0 + $1 * $1 })
    }
    #expect(names.count == library.oneShots.count)
    drumShare.sort()
    #expect(drumShare[360] > 4 * drumShare[40], "the ninth tenth is not 6 dB above the first")
  }

  @Test("unchanged one-shots are the library's own, and each is heard where the mix says")
  func onsets() throws {
    let mixer = try mixer {
      $0.augmented = 0; $0.layered = 0; $0.backed = 0; $0.mastered = 0
      // One drum is much louder, so that its hits can be told from the others'.
      $0.snare = 20...20; $0.kick = -40 ... -40; $0.hihat = -40 ... -40
    }
    for seed in 0..<20 as Range<UInt64> {
      let mix = mixer.mix(seed: seed, seconds: 2)
      let part = try #require(mix[.snare])
      let shot = try #require(library.oneShots.first { $0.candidate == part.candidate })
      let clip = try AudioFile.read(library.url(of: shot))
      let attack = try #require(Attack.find(in: clip)).frame
      let own = clip.channels[0][attack...], peak = clip.samplePeak
      #expect(zip(part.samples, own).prefix(2000).allSatisfy { abs($0 - $1 / peak) < 1e-4 })
      for onset in part.onsets where onset > 0.02 && onset < 1.9 {
        let frame = Int((onset * 44100).rounded())
        func energy(_ range: Range<Int>) -> Float { mix.samples[range].reduce(0) { $0 + $1 * $1 } }
        let before = energy(frame - 220..<frame), after = energy(frame..<frame + 440)
        #expect(after > 2 * before, "seed \(seed): nothing at \(onset)")
      }
    }
  }

  @Test("without backings there are only drums; a missing class is named")
  func poor() throws {
    let mix = try TrainingMixer(library, backings: []).mix(seed: 1, seconds: 1)
    #expect(mix.samples.contains { $0 != 0 })
    let poor = LibraryTable(folder: library.folder, oneShots: library[.kick])
    #expect { try TrainingMixer(poor, backings: []) } throws: { "\($0)".contains("no snare and no hihat") }
  }

  @Test("trainings that start together share the loops: one makes them, the others wait")
  func togetherLoops() throws {
    func mixes(_ loops: [TrainingBacking]) throws -> [[Float]] {
      let mixer = try TrainingMixer(library, backings: loops)
      return (0..<8 as Range<UInt64>).map { mixer.mix(seed: $0, seconds: 0.5).samples }
    }
    let alone = try mixes(
      BackingStore(folder: folder.appending(path: "alone")).loops(3, from: [SynthBackings()], seed: 1))
    let shared = BackingStore(folder: folder.appending(path: "together"))
    let together = try parallelMap([3, 3, 2, 3]) { try shared.loops($0, from: [SynthBackings()], seed: 1) }
    #expect(together.map(\.count) == [3, 3, 2, 3])
    for loops in together where loops.count == 3 { #expect(try mixes(loops) == alone) }
  }

  @Test("backings are made once and read back the second time")
  func store() throws {
    _ = try BackingStore(folder: folder).loops(4, from: [SynthBackings()], seed: 1)
    let file = folder.appending(path: "backings/backing0001.flac")
    let before = try ContentHash.ofFile(file)
    try Data().write(to: folder.appending(path: "backings/mark"))
    _ = try BackingStore(folder: folder).loops(4, from: [SynthBackings()], seed: 1)
    #expect(try ContentHash.ofFile(file) == before)
    _ = try BackingStore(folder: folder).loops(4, from: [SynthBackings()], seed: 2)
    #expect(try ContentHash.ofFile(file) != before)
    let rows = try TableReader.rows(folder.appending(path: "backings.csv"), require: ["licence", "bpm"])
    #expect(rows.count == 4 && rows.allSatisfy { $0["licence"] == "CC0-1.0" })
  }
}
