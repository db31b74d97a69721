import Foundation
import Sound
import Testing

@Suite("Filters")
struct FilterTests {
  /// The gain in dB that a long sine actually gets.
  func measured(_ chain: BiquadChain, at frequency: Double, rate: Int) -> Double {
    let sine = (0..<rate).map { Float(sin(2 * .pi * frequency * Double($0) / Double(rate))) }
    let out = Clip(mono: sine, sampleRate: rate).filtered(by: chain).channels[0]
    let power = out[(rate / 2)...].reduce(0.0) { $0 + Double($1 * $1) } / Double(rate - rate / 2)
    return 10 * log10(power * 2)
  }

  @Test("each design has its stated gain at its frequencies", arguments: [44100, 48000])
  func designs(rate: Int) {
    func gain(_ biquad: Biquad, _ frequency: Double) -> Double { biquad.gain(at: frequency, sampleRate: rate) }
    let low = Biquad.lowpass(1000, sampleRate: rate), high = Biquad.highpass(1000, sampleRate: rate)
    for filter in [low, high] { #expect(abs(gain(filter, 1000) + 3.0103) < 1e-3) }
    #expect(abs(gain(low, 20)) < 0.01 && gain(low, 10000) < -38)
    #expect(abs(gain(high, 15000)) < 0.01 && gain(high, 100) < -38)
    let band = Biquad.bandpass(1000, q: 2, sampleRate: rate)
    #expect(abs(gain(band, 1000)) < 1e-9 && gain(band, 50) < -20 && gain(band, 15000) < -20)
    for db in [-9.0, 4.5] {
      let peak = Biquad.peak(2000, gain: db, q: 1.4, sampleRate: rate)
      #expect(abs(gain(peak, 2000) - db) < 1e-9 && abs(gain(peak, 20)) < 0.02)
      let shelves = (
        Biquad.lowShelf(300, gain: db, sampleRate: rate), Biquad.highShelf(6000, gain: db, sampleRate: rate)
      )
      #expect(abs(gain(shelves.0, 1) - db) < 0.01 && abs(gain(shelves.0, 300) - db / 2) < 1e-6)
      #expect(abs(gain(shelves.0, 15000)) < 0.01)
      #expect(abs(gain(shelves.1, 21000) - db) < 0.05 && abs(gain(shelves.1, 6000) - db / 2) < 1e-6)
      #expect(abs(gain(shelves.1, 20)) < 0.01)
    }
  }

  @Test("a sine gets the stated gain, and processing in pieces gives the same as in one go")
  func processing() {
    let chain = BiquadChain([
      .peak(700, gain: 6, sampleRate: 44100), .highShelf(5000, gain: -8, sampleRate: 44100),
    ])
    for frequency in [100.0, 700, 3000, 9000] {
      #expect(abs(measured(chain, at: frequency, rate: 44100) - chain.gain(at: frequency, sampleRate: 44100)) < 0.01)
    }
    let noise = (0..<1000).map { i in
      let level = (i * 7919) % 2001 - 1000
      return Float(level) / 1000
    }
    var whole = noise
    var one = chain
    one.process(&whole)
    var first = Array(noise[..<333]), second = Array(noise[333...])
    var two = chain
    two.process(&first)
    two.process(&second)
    #expect(first + second == whole)
  }

  @Test("the anchor meets the mask of BS.1534", arguments: [44100, 48000], [3500.0, 7000, 2000])
  func anchor(rate: Int, cutoff: Double) {
    let chain = BiquadChain.anchorLowpass(cutoff, sampleRate: rate)
    for frequency in stride(from: 20, through: cutoff, by: 20) {
      let gain = chain.gain(at: frequency, sampleRate: rate)
      #expect(gain < 1e-6 && gain > -0.1 - 1e-6)
    }
    for frequency in stride(from: cutoff * 8 / 7, to: 20000, by: 50) {
      #expect(chain.gain(at: frequency, sampleRate: rate) < (frequency < cutoff * 9 / 7 ? -25 : -50))
    }
    #expect(abs(measured(chain, at: cutoff / 2, rate: rate) - chain.gain(at: cutoff / 2, sampleRate: rate)) < 0.01)
  }

  @Test("nothing sounds before the attack, and the delay is small")
  func causal() {
    var click = [Float](repeating: 0, count: 4000)
    click[1000] = 1
    let out = Clip(mono: click, sampleRate: 44100)
      .filtered(by: .anchorLowpass(3500, sampleRate: 44100)).channels[0]
    #expect(out[..<1000].allSatisfy { $0 == 0 })
    let loudest = out.indices.max { abs(out[$0]) < abs(out[$1]) } ?? 0
    #expect(loudest - 1000 < 44)  // 1 ms
  }
}
