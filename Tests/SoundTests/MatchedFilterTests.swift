import Basics
import Foundation
import Sound
import Testing

@Suite("Matched filter")
struct MatchedFilterTests {
  static let rate = Double(MatchedFilter.sampleRate)

  private func noise(_ count: Int, _ name: String) -> [Float] {
    var random = SeededRandom(seed: 1, name)
    return (0..<count).map { _ in Float(random.normal()) }
  }

  /// The mix with the sound added at some samples.
  private func hiding(_ sound: [Float], in mix: [Float], at places: [Int], gain: Float = 1) -> [Float] {
    var mix = mix
    for place in places { for (i, sample) in sound.enumerated() { mix[place + i] += gain * sample } }
    return mix
  }

  @Test("a sound is found where it plays, at the correlation its level gives, whatever its gain and polarity")
  func hidden() {
    let sound = noise(MatchedFilter.longest, "sound"), places = [30000, 61111]
    let mix = hiding(sound, in: noise(90000, "mix"), at: places, gain: 0.75)
    let filter = MatchedFilter(mix)
    let found = filter.find(sound)
    // Of two independent noises, the sound has this share of the amplitude, where whitening adds half a filter on either side.
    let length = Double(MatchedFilter.longest)
    let energy = length * 0.75 * 0.75
    #expect(abs(found.correlation - (energy / (energy + length + 1024)).squareRoot()) < 0.03)
    #expect(places.contains { abs(found.time - Double($0) / Self.rate) < 1e-9 })
    let another = filter.find(noise(MatchedFilter.longest, "another"))
    #expect(another.correlation < 0.12 && another.excess < 0.02 && found.excess > 0.3)
    for gain: Float in [-1, 1e-6, 1e6] {
      let again = filter.find(sound.map { gain * $0 })
      #expect(abs(again.correlation - found.correlation) < 1e-4 && again.time == found.time)
    }
    // What comes after the longest stretch makes no difference.
    #expect(filter.find(sound + noise(9000, "end")) == found)
  }

  @Test("a loud tone does not drown what is above it")
  func whitened() {
    let sound = noise(MatchedFilter.longest, "sound")
    let tone = (0..<90000).map { Float(100 * sin(2 * Double.pi * 80 * Double($0) / Self.rate)) }
    let noise = noise(90000, "mix")
    let found = MatchedFilter(hiding(sound, in: zip(tone, noise).map(+), at: [20000, 50000])).find(sound)
    #expect(
      found.correlation > 0.6 && min(abs(found.time * Self.rate - 20000), abs(found.time * Self.rate - 50000)) < 2)
  }

  @Test("correlations are those of the definition, computed one by one", arguments: [MatchedFilter.longest, 700])
  func definition(length: Int) {
    let count = 9000, sound = noise(length, "sound"), taps = 1024
    // Coloured noise, so that whitening has something to do.
    var mix = noise(count, "mix")
    for i in 1..<count { mix[i] += 0.9 * mix[i - 1] }
    // The second one begins almost as late as it may.
    mix = Array(hiding(sound, in: mix + noise(2000, "after"), at: [1500, 7890], gain: 1.5).prefix(count))
    // Whitening: the mean power of frames of 1,024, one over its square root as a symmetric filter.
    let silence = [Float](repeating: 0, count: taps)
    let spectrum = Spectrum(
      of: silence + mix + silence, sampleRate: MatchedFilter.sampleRate, settings: .init(size: taps, hop: taps / 2))
    let bins = spectrum.binCount
    let power = (0..<bins).map { k in
      stride(from: k, to: spectrum.power.count, by: bins).reduce(0.0) { $0 + Double(spectrum.power[$1]) }
    }
    let top = power.max() ?? 1, response = power.map { 1 / ($0 / top + 1e-6).squareRoot() }
    let filter = (-taps / 2...taps / 2).map { n in
      let sum = (0..<bins).reduce(0.0) { sum, k in
        sum + (k == 0 || k == bins - 1 ? 1 : 2) * response[k] * cos(2 * Double.pi * Double(k * n) / Double(taps))
      }
      return sum / Double(taps) * (abs(n) == taps / 2 ? 0.5 : 1)
    }
    /// The products of `a` with what begins at a place in `b`, summed.
    func product(_ a: [Double], _ b: [Double], at place: Int) -> Double {
      var sum = 0.0, i = 0
      let count = a.count
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          while i < count {
            sum += a[i] * b[place + i]
            i += 1
          }
        }
      }
      return sum
    }
    // Half a filter longer on either side than the samples.
    func white(_ samples: [Float]) -> [Double] {
      let rest = [Double](repeating: 0, count: taps), padded = rest + samples.map(Double.init) + rest
      return (0..<samples.count + taps).map { product(filter, padded, at: $0) }
    }
    let s = white(sound), own = s.reduce(0) { $0 + $1 * $1 }
    let x = white(mix) + [Double](repeating: 0, count: s.count)
    let energies = x.reduce(into: [0.0]) { $0.append($0[$0.count - 1] + $1 * $1) }
    let correlations = (0..<count - MatchedFilter.longest / 2).map { place -> Double in
      abs(product(s, x, at: place)) / (own * (energies[place + s.count] - energies[place])).squareRoot()
    }
    let first = correlations.indices.max { correlations[$0] < correlations[$1] } ?? 0
    let second =
      correlations.indices.filter { abs($0 - first) >= MatchedFilter.longest }.map { correlations[$0] }.max() ?? 0
    let found = MatchedFilter(mix).find(sound)
    let background = correlations.reduce(0) { $0 + $1 * $1 } / Double(correlations.count)
    #expect(abs(found.correlation - (correlations[first] + second) / 2) < 1e-5)
    #expect(abs(found.background - background.squareRoot()) < 1e-3)
    #expect(found.excess == max(0, found.correlation - 5 * found.background))
    #expect(found.time == Double(first) / Self.rate)
  }

  @Test("the ringing at the end of a mix that ends abruptly is not taken for a sound")
  func ends() {
    // A sound that begins at full level, as the ringing does.
    let sound = (0..<MatchedFilter.longest).map { Float(cos(0.05 * Double($0)) * exp(-Double($0) / 300)) }
    for count in [9000, 20000] {
      let tone = (0..<count).map { Float(sin(0.021 * Double($0) + 1)) }
      let found = MatchedFilter(zip(tone, noise(count, "hiss")).map { $0 + 0.01 * $1 }).find(sound)
      #expect(found.correlation < 0.6)
    }
  }

  @Test("very short sounds are not found everywhere", arguments: [1, 5, 110])
  func clicks(length: Int) {
    let found = MatchedFilter(noise(220_500, "mix")).find(noise(length, "click"))
    #expect(found.correlation < 0.25 && found.excess < 0.1)
  }

  @Test("silence, nothing, single samples and extreme levels give numbers from 0 to 1")
  func extremes() {
    let sounds: [[Float]] = [
      [], [0], [1], [Float](repeating: 0, count: 5000), noise(20, "short"), noise(5000, "long"), [1e-38, 1e-38],
      [1e30, -1e30],
    ]
    for mix in sounds + [noise(30000, "mix"), [Float](repeating: 0.5, count: 30000)] {
      let filter = MatchedFilter(mix)
      for sound in sounds {
        let found = filter.find(sound)
        #expect((0...1).contains(found.correlation) && (0...1).contains(found.background))
        #expect(found.time >= 0 && found.time <= Double(mix.count) / Self.rate)
        if mix.allSatisfy({ $0 == 0 }) || sound.allSatisfy({ $0 == 0 }) { #expect(found.correlation == 0) }
      }
    }
  }
}
