import Sound

/// MFCC statistics of the percussive part of a sound's spectrum (`HarmonicPercussive`), over the 200 ms after an onset:
/// of a one-shot's start, or the median over the hits of a class in a mix.
///
/// Frames are 2,048 samples (46 ms), every 256. The median over time spans 0.4 s, longer than a drum fills a bin, so
/// that a kick's body is not mistaken for a tone; the median over frequency spans 194 Hz, so that it is not mistaken
/// for a partial. A one-shot is separated with two fifths of a second of silence on either side, as if it stood alone
/// in a mix.
struct PercussiveMFCC: FeatureExtractor {
  /// The class whose hits are searched in a mix. Nil for a one-shot.
  var condition: String?
  var count = FeatureSystem.hitCount
  var length = FeatureSystem.hitCut.length
  var settings = Spectrum.Settings(size: 2048, hop: 256)
  var separation = HarmonicPercussive(frames: 69, bins: 9)
  var inner = MFCCStatistics()

  var identity: String {
    "percussive 1 \(condition ?? "start") \(count) \(length) \(settings.size) \(settings.hop) \(separation.frames) "
      + "\(separation.bins) of [\(inner.identity)]"
  }

  func features(of samples: [Float]) -> Features {
    let rate = Double(SystemInput.sampleRate)
    var samples = samples
    let times: [Double]
    if let condition {
      times = HitFinder(condition: condition).best(count, in: samples).map { max(0, $0.time - 0.002) }
    } else {
      let silence = [Float](repeating: 0, count: Int(0.4 * rate))
      times = [Cut.start(of: samples) + Double(silence.count) / rate]
      samples = silence + samples + silence
    }
    let spectrum = separation.percussive(Spectrum(of: samples, sampleRate: SystemInput.sampleRate, settings: settings))
    let frames = Int(length * rate) / settings.hop
    return .median(
      times.map { time in
        inner.features(of: spectrum.frames(from: Int((time * rate).rounded()) / settings.hop, count: frames))
      })
  }
}

extension FeatureSystem {
  /// Like `mfcc-hit`, but with tonal parts removed from the mix and the one-shots alike.
  static let percussiveMFCCHit = FeatureSystem(
    name: "hpss-mfcc-hit", hears: .hit,
    summary: "mfcc-hit on the percussive part, separated from the harmonic one by median filters",
    ofCandidate: { _ in PercussiveMFCC(condition: nil) }, ofQuery: { PercussiveMFCC(condition: $0) },
    measure: .standardisedEuclidean)
}
