import Foundation
import Retrieval
import Testing

@Suite("Hits in a mix")
struct HitFinderTests {
  static let mixes = (0..<12).map { MadeSounds.mix(seed: UInt64($0), variants: 0..<20) }

  @Test(
    "known onsets in made mixes are found within 20 ms", arguments: [("kick", 0.8), ("snare", 0.95), ("hihat", 0.85)])
  func found(condition: String, share: Double) {
    var found = 0, all = 0
    for mix in Self.mixes {
      let hits = HitFinder(condition: condition).hits(in: mix.clip.mono)
      for onset in mix.onsets[condition, default: []] {
        all += 1
        if hits.contains(where: { abs($0.time - onset) < 0.02 }) { found += 1 }
      }
    }
    #expect(Double(found) >= share * Double(all), "\(found) of \(all)")
  }

  @Test("hits chosen for cutting out are of the class", arguments: [("kick", 0.8), ("snare", 0.65), ("hihat", 0.95)])
  func best(condition: String, share: Double) {
    var right = 0, all = 0
    for mix in Self.mixes {
      for hit in HitFinder(condition: condition).best(5, in: mix.clip.mono) {
        all += 1
        if mix.onsets[condition, default: []].contains(where: { abs($0 - hit.time) < 0.02 }) { right += 1 }
      }
    }
    #expect(Double(right) >= share * Double(all), "\(right) of \(all)")
  }

  @Test("silence has no hits, and its best hit is its start")
  func silence() {
    let finder = HitFinder(condition: "kick")
    let silence = [Float](repeating: 0, count: 44100)
    #expect(finder.hits(in: silence).isEmpty)
    #expect(finder.best(5, in: silence).map(\.time) == [0])
    #expect(finder.best(5, in: [0.5]).count == 1)
  }
}
