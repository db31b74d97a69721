import Basics

extension SynthKit {
  /// Every kit of the synthesiser.
  public static let all: [SynthKit] = [
    SynthKit(
      name: "808-like", tags: ["808", "electronic"],
      kick: { r in
        KickVoice(
          startPitch: r.uniform(90...160), endPitch: r.uniform(43...58), pitchDecay: r.uniform(0.012...0.035),
          decay: r.uniform(0.35...1.4), overtone: 0, click: r.uniform(0.05...0.3), clickPitch: r.uniform(1200...3200),
          skin: 0, drive: r.uniform(0...0.18))
      },
      snare: { r in
        SnareVoice(
          mode: r.uniform(165...195), modeRatio: r.uniform(1.75...2.0), bend: r.uniform(0...0.15),
          toneDecay: r.uniform(0.09...0.22), tone: r.uniform(0.5...1), noiseLow: r.uniform(900...2200),
          noiseHigh: r.uniform(7000...11000), noiseDecay: r.uniform(0.12...0.34), noise: r.uniform(0.5...1), stick: 0,
          drive: r.uniform(0...0.08))
      },
      hihat: { r in
        HiHatVoice(
          pitch: r.uniform(195...220), scatter: 0.01, noise: 0.02, cut: r.uniform(6000...7800),
          ring: r.uniform(8500...11000), decay: decay(&r, closed: 0.04...0.09, open: 0.3...0.8), chick: 0, drive: 0)
      },
      treatment: Treatment()),
    SynthKit(
      name: "909-like", tags: ["909", "electronic"],
      kick: { r in
        KickVoice(
          startPitch: r.uniform(190...320), endPitch: r.uniform(46...62), pitchDecay: r.uniform(0.02...0.045),
          decay: r.uniform(0.25...0.55), overtone: 0, click: r.uniform(0.4...0.9), clickPitch: r.uniform(2500...5500),
          skin: r.uniform(0...0.04), drive: r.uniform(0.1...0.35))
      },
      snare: { r in
        SnareVoice(
          mode: r.uniform(185...225), modeRatio: r.uniform(1.5...1.7), bend: r.uniform(0.2...0.5),
          toneDecay: r.uniform(0.08...0.16), tone: r.uniform(0.6...1), noiseLow: r.uniform(700...1500),
          noiseHigh: r.uniform(9000...14000), noiseDecay: r.uniform(0.16...0.32), noise: r.uniform(0.8...1.3),
          stick: r.uniform(0.1...0.4), drive: r.uniform(0.02...0.15))
      },
      hihat: { r in
        HiHatVoice(
          pitch: r.uniform(280...420), scatter: 0.05, noise: r.uniform(0.3...0.5), cut: r.uniform(6000...8500),
          ring: r.uniform(9000...13000), decay: decay(&r, closed: 0.06...0.12, open: 0.35...0.9),
          chick: r.uniform(0...0.4), drive: 0)
      },
      treatment: Treatment()),
    SynthKit(
      name: "acoustic-like", tags: ["acoustic"],
      kick: { r in
        KickVoice(
          startPitch: r.uniform(105...170), endPitch: r.uniform(52...78), pitchDecay: r.uniform(0.006...0.016),
          decay: r.uniform(0.18...0.4), overtone: r.uniform(0.25...0.6), click: r.uniform(0.5...1.2),
          clickPitch: r.uniform(2200...5200), skin: r.uniform(0.06...0.2), drive: r.uniform(0...0.08))
      },
      snare: { r in
        SnareVoice(
          mode: r.uniform(170...260), modeRatio: r.uniform(1.5...1.9), bend: r.uniform(0.02...0.12),
          toneDecay: r.uniform(0.1...0.3), tone: r.uniform(0.35...0.8), noiseLow: r.uniform(500...1800),
          noiseHigh: r.uniform(8000...15000), noiseDecay: r.uniform(0.15...0.35), noise: r.uniform(0.6...1.2),
          stick: r.uniform(0.4...1), drive: 0)
      },
      hihat: { r in
        HiHatVoice(
          pitch: r.uniform(420...800), scatter: 0.2, noise: r.uniform(0.6...0.85), cut: r.uniform(3200...6500),
          ring: r.uniform(7000...11000), decay: decay(&r, closed: 0.07...0.16, open: 0.5...1.2),
          chick: r.uniform(0.6...1.6), drive: 0)
      },
      treatment: Treatment(lowpass: 10000...15000, room: (level: 0.04...0.12, decay: 0.15...0.3))),
    SynthKit(
      name: "vintage", tags: ["vintage", "electronic"],
      kick: { r in
        KickVoice(
          startPitch: r.uniform(80...110), endPitch: r.uniform(58...78), pitchDecay: r.uniform(0.008...0.02),
          decay: r.uniform(0.12...0.26), overtone: 0, click: r.uniform(0...0.15), clickPitch: r.uniform(700...1600),
          skin: 0, drive: r.uniform(0...0.1))
      },
      snare: { r in
        SnareVoice(
          mode: r.uniform(210...290), modeRatio: r.uniform(1.3...1.6), bend: 0, toneDecay: r.uniform(0.04...0.1),
          tone: r.uniform(0.3...0.7), noiseLow: r.uniform(2000...3600), noiseHigh: r.uniform(6000...9000),
          noiseDecay: r.uniform(0.08...0.18), noise: r.uniform(0.8...1.2), stick: 0, drive: 0)
      },
      hihat: { r in
        HiHatVoice(
          pitch: r.uniform(500...900), scatter: 0.1, noise: r.uniform(0.2...0.9), cut: r.uniform(4500...7000),
          ring: r.uniform(6000...8000), decay: decay(&r, closed: 0.03...0.07, open: 0.15...0.35), chick: 0, drive: 0)
      },
      treatment: Treatment(lowpass: 7500...11000)),
    SynthKit(
      name: "lo-fi", tags: ["lo-fi", "vintage"],
      kick: { r in
        KickVoice(
          startPitch: r.uniform(110...200), endPitch: r.uniform(50...75), pitchDecay: r.uniform(0.01...0.03),
          decay: r.uniform(0.15...0.4), overtone: r.uniform(0...0.4), click: r.uniform(0.3...0.9),
          clickPitch: r.uniform(1200...3000), skin: r.uniform(0.02...0.15), drive: r.uniform(0.1...0.4))
      },
      snare: { r in
        SnareVoice(
          mode: r.uniform(160...240), modeRatio: r.uniform(1.5...1.9), bend: r.uniform(0...0.2),
          toneDecay: r.uniform(0.08...0.2), tone: r.uniform(0.4...0.9), noiseLow: r.uniform(500...1500),
          noiseHigh: r.uniform(4000...7000), noiseDecay: r.uniform(0.1...0.28), noise: r.uniform(0.7...1.2),
          stick: r.uniform(0.2...0.7), drive: r.uniform(0.1...0.3))
      },
      hihat: { r in
        HiHatVoice(
          pitch: r.uniform(350...700), scatter: 0.15, noise: r.uniform(0.4...0.8), cut: r.uniform(3000...4800),
          ring: r.uniform(4500...6500), decay: decay(&r, closed: 0.05...0.12, open: 0.25...0.5),
          chick: r.uniform(0.2...0.8), drive: r.uniform(0...0.3))
      },
      treatment: Treatment(bits: 6...9, hold: 11000...20000, lowpass: 5000...8500)),
    SynthKit(
      name: "glitch", tags: ["glitch", "electronic"],
      kick: { r in
        KickVoice(
          startPitch: r.uniform(400...1600), endPitch: r.uniform(40...95), pitchDecay: r.uniform(0.004...0.02),
          decay: r.uniform(0.06...0.22), overtone: r.uniform(0...0.8), click: r.uniform(0.3...1.5),
          clickPitch: r.uniform(1500...9000), skin: 0, drive: r.uniform(0.1...0.8))
      },
      snare: { r in
        SnareVoice(
          mode: r.uniform(240...520), modeRatio: r.uniform(1.3...2.9), bend: r.uniform(0.2...1.5),
          toneDecay: r.uniform(0.02...0.09), tone: r.uniform(0.2...1), noiseLow: r.uniform(1200...4000),
          noiseHigh: r.uniform(6000...16000), noiseDecay: r.uniform(0.03...0.13), noise: r.uniform(0.5...1.4),
          stick: r.uniform(0...1), drive: r.uniform(0.1...0.7))
      },
      hihat: { r in
        HiHatVoice(
          pitch: r.uniform(900...2600), scatter: 0.4, noise: r.uniform(0...0.6), cut: r.uniform(5000...9000),
          ring: r.uniform(8000...14000), decay: decay(&r, closed: 0.03...0.06, open: 0.1...0.25),
          chick: r.uniform(0...1), drive: r.uniform(0.2...0.8))
      },
      treatment: Treatment(bits: 5...10, hold: 14000...40000)),
    SynthKit(
      name: "impact", tags: ["impact", "electronic"],
      kick: { r in
        KickVoice(
          startPitch: r.uniform(160...420), endPitch: r.uniform(36...50), pitchDecay: r.uniform(0.03...0.09),
          decay: r.uniform(0.5...1.2), overtone: r.uniform(0.1...0.5), click: r.uniform(0.6...1.5),
          clickPitch: r.uniform(1500...4500), skin: r.uniform(0.05...0.25), drive: r.uniform(0.4...1))
      },
      snare: { r in
        SnareVoice(
          mode: r.uniform(140...200), modeRatio: r.uniform(1.5...1.9), bend: r.uniform(0.3...0.9),
          toneDecay: r.uniform(0.15...0.35), tone: r.uniform(0.7...1.2), noiseLow: r.uniform(300...900),
          noiseHigh: r.uniform(9000...16000), noiseDecay: r.uniform(0.3...0.6), noise: r.uniform(0.9...1.5),
          stick: r.uniform(0.5...1.2), drive: r.uniform(0.3...0.8))
      },
      hihat: { r in
        HiHatVoice(
          pitch: r.uniform(260...600), scatter: 0.3, noise: r.uniform(0.4...0.8), cut: r.uniform(3500...6000),
          ring: r.uniform(6000...10000), decay: decay(&r, closed: 0.1...0.2, open: 0.6...1.3),
          chick: r.uniform(0.5...1.5), drive: r.uniform(0.3...0.9))
      },
      treatment: Treatment(lowpass: 9000...14000, room: (level: 0.08...0.25, decay: 0.25...0.5))),
    SynthKit(
      name: "wet", tags: ["wet", "acoustic"],
      kick: { r in
        KickVoice(
          startPitch: r.uniform(100...160), endPitch: r.uniform(48...68), pitchDecay: r.uniform(0.008...0.02),
          decay: r.uniform(0.2...0.5), overtone: r.uniform(0.1...0.5), click: r.uniform(0.3...0.9),
          clickPitch: r.uniform(1800...4000), skin: r.uniform(0.03...0.12), drive: 0)
      },
      snare: { r in
        SnareVoice(
          mode: r.uniform(165...230), modeRatio: r.uniform(1.5...1.8), bend: r.uniform(0...0.15),
          toneDecay: r.uniform(0.1...0.25), tone: r.uniform(0.4...0.8), noiseLow: r.uniform(500...1500),
          noiseHigh: r.uniform(8000...13000), noiseDecay: r.uniform(0.15...0.3), noise: r.uniform(0.6...1.1),
          stick: r.uniform(0.3...0.8), drive: 0)
      },
      hihat: { r in
        HiHatVoice(
          pitch: r.uniform(400...700), scatter: 0.2, noise: r.uniform(0.5...0.8), cut: r.uniform(4000...6500),
          ring: r.uniform(7000...10000), decay: decay(&r, closed: 0.06...0.14, open: 0.4...0.9),
          chick: r.uniform(0.3...1), drive: 0)
      },
      treatment: Treatment(lowpass: 9000...13000, room: (level: 0.3...0.6, decay: 0.5...1.1))),
  ]

  /// The decay of a hi-hat: closed in two out of three draws, otherwise open.
  private static func decay(
    _ random: inout SeededRandom, closed: ClosedRange<Double>, open: ClosedRange<Double>
  ) -> Double {
    let isOpen = random.unit() < 1.0 / 3
    return random.uniform(isOpen ? open : closed)
  }
}
