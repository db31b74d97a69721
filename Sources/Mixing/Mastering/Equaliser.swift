import Sound

/// Three bands: a low shelf at 110 Hz, a bell, and a high shelf at 7 kHz.
struct Equaliser: Processor {
  private var chains: [BiquadChain]

  /// - Parameters:
  ///   - low, mid, high: gains of the three bands, in dB.
  ///   - midFrequency: centre of the bell, in hertz.
  init(low: Double, mid: Double, midFrequency: Double, high: Double, channels: Int, sampleRate: Int) {
    let chain = BiquadChain([
      .lowShelf(110, gain: low, sampleRate: sampleRate),
      .peak(midFrequency, gain: mid, q: 0.9, sampleRate: sampleRate),
      .highShelf(7000, gain: high, sampleRate: sampleRate),
    ])
    chains = Array(repeating: chain, count: channels)
  }

  mutating func process(_ channels: inout [[Float]]) {
    for c in channels.indices { chains[c].process(&channels[c]) }
  }
}
