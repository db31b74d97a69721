import Foundation
import Sound

/// The loudness of a sound in each critical band over time, after Pampalk, Herrera & Goto, "Computational Models of
/// Similarity for Drum Samples" (IEEE TASLP 16(2), 2008), who found that such images predict listeners' similarity
/// ratings of drum samples well. Their optimised parameters differ per class; here, one set serves all:
///
/// - power spectrum, Hann frames of 1,024 samples (23 ms) every 256 (5.8 ms), at 44.1 kHz;
/// - for a hit in a mix, the power of what sounded just before it is subtracted in each bin;
/// - outer ear after Terhardt (1979), 24 critical bands (Zwicker), spreading after Schroeder et al. (1979);
/// - levels in decibels, with the loudest band of the loudest frame set to 70 dB, so that the gain of a sound does not
///   matter;
/// - loudness in sone (Bladon & Lindblom);
/// - alignment: the image starts 2 frames before the first frame whose summed loudness reaches a quarter of the
///   largest;
/// - `frames` frames, with silence after the sound's end: images of short and long sounds differ by the tail of the
///   long one.
struct AuditoryImage: FeatureExtractor {
  var frames: Int
  var settings = Spectrum.Settings(size: 1024, hop: 256)
  var loudest: Float = 70
  /// How the sounds were cut. What sounds in the cut's lead is subtracted.
  var cut: Cut

  var identity: String { "auditory image 2 \(frames) \(settings.size) \(settings.hop) \(loudest) \(cut.lead)" }

  func features(of samples: [Float]) -> Features {
    let filters = BarkScale.filters(size: settings.size, sampleRate: SystemInput.sampleRate)
    let bands = filters.count
    let spectrum = cut.spectrum(of: samples, settings)
    let power = spectrum.power(in: filters)
    let spreading = BarkScale.spreading(bands)
    var image = [Float](repeating: 0, count: power.count)
    for t in 0..<spectrum.frameCount {
      for i in 0..<bands {
        var sum: Float = 0
        for j in 0..<bands { sum += spreading[i][j] * power[t * bands + j] }
        image[t * bands + i] = sum
      }
    }
    let top = image.max() ?? 0
    guard top > 0 else { return Features(columns: frames * bands, values: .init(repeating: 0, count: frames * bands)) }
    for i in image.indices {
      image[i] = BarkScale.sone(decibels: loudest + 10 * log10f(max(image[i] / top, 1e-12)))
    }
    let totals = (0..<spectrum.frameCount).map { t in image[t * bands..<(t + 1) * bands].reduce(0, +) }
    let quarter = 0.25 * (totals.max() ?? 0)
    let start = max(0, (totals.firstIndex { $0 >= quarter } ?? 0) - 2)
    var aligned = [Float](repeating: 0, count: frames * bands)
    let kept = min(frames, spectrum.frameCount - start) * bands
    aligned.replaceSubrange(0..<kept, with: image[start * bands..<start * bands + kept])
    return Features(columns: frames * bands, values: aligned)
  }
}

extension FeatureSystem {
  private static let imageCut = Cut(length: 0.5)
  private static let imageHitCut = Cut(length: hitCut.length, lead: 0.06)

  /// Images of half a second: of the one-shot, and of the mix at each of its attacks, whatever drum or note it is. The
  /// best match counts, so the system hears everything that sounds at that moment and does not use the class.
  static let auditoryImage = FeatureSystem(
    name: "auditory-image", hears: .wholeMix,
    summary:
      "loudness in critical bands over 500 ms, mean absolute difference at the best-matching attack of the mix",
    ofCandidate: { _ in OfStart(cut: imageCut, inner: AuditoryImage(frames: 86, cut: imageCut)) },
    ofQuery: { _ in OfAttacks(cut: imageCut, inner: AuditoryImage(frames: 86, cut: imageCut)) }, measure: .meanAbsolute)

  /// Images of 200 ms: of the one-shot, and of the hits found in the mix, minus what sounded in the 60 ms before.
  static let auditoryImageHit = FeatureSystem(
    name: "auditory-image-hit", hears: .hit,
    summary:
      "loudness in critical bands over the first 200 ms of a one-shot and of the hits found in the mix, minus the background",
    ofCandidate: { _ in OfStart(cut: imageHitCut, inner: AuditoryImage(frames: 34, cut: imageHitCut)) },
    ofQuery: {
      OfHits(condition: $0, count: hitCount, cut: imageHitCut, inner: AuditoryImage(frames: 34, cut: imageHitCut))
    },
    measure: .meanAbsolute)
}
