import Basics
import Foundation
import Library
import Sound
import Synthesis
import Testing

@Suite("The synthesiser")
struct SynthTests {
  @Test("the same seed gives the same samples, another seed others", arguments: DrumClass.allCases)
  func seeded(condition: DrumClass) {
    for kit in SynthKit.all {
      let one = kit.render(condition, take: 0, seed: 1)
      #expect(one == kit.render(condition, take: 0, seed: 1))
      #expect(one != kit.render(condition, take: 0, seed: 2))
      #expect(one != kit.render(condition, take: 1, seed: 1))
    }
  }

  @Test("every voice peaks at -1 dBFS, starts with its attack and ends in silence", arguments: DrumClass.allCases)
  func shape(condition: DrumClass) throws {
    for kit in SynthKit.all {
      for take in 0..<3 {
        let clip = kit.render(condition, take: take, seed: 5)
        #expect(abs(Double(clip.samplePeak) - pow(10, -1 / 20)) < 1e-4)
        #expect((0.015...3).contains(clip.duration), "\(kit.name) \(condition) lasts \(clip.duration) s")
        let samples = clip.channels[0]
        let onset = try #require(samples.firstIndex { abs($0) > 0.1 * clip.samplePeak })
        #expect(onset < 441, "\(kit.name) \(condition) starts \(onset) frames late")
        #expect(abs(try #require(samples.last)) < 1e-6)
      }
    }
  }

  @Test("kicks are low, hi-hats are high, snares are between")
  func brightness() {
    func median(_ condition: DrumClass) -> Double {
      let all = SynthKit.all.flatMap { kit in
        (0..<3).map { zeroCrossings(kit.render(condition, take: $0, seed: 1)) }
      }.sorted()
      return all[all.count / 2]
    }
    let (kick, snare, hihat) = (median(.kick), median(.snare), median(.hihat))
    #expect(kick < 400 && kick < snare / 3 && snare < hihat && hihat > 10_000, "\(kick) \(snare) \(hihat)")
  }

  @Test("as many of each class as requested are offered, over all kits")
  func offers() {
    let offers = SynthSource(perClass: 40, seed: 1).offers()
    for condition in DrumClass.allCases {
      let own = offers.filter { $0.condition == condition }
      #expect(own.count == 40)
      #expect(Set(own.map(\.group)).count == SynthKit.all.count)
    }
  }

  /// Zero crossings per second, which increase with the spectral centroid.
  private func zeroCrossings(_ clip: Clip) -> Double {
    let samples = clip.channels[0]
    let crossings = zip(samples, samples.dropFirst()).count { ($0 < 0) != ($1 < 0) }
    return Double(crossings) / clip.duration
  }
}
