import Foundation
import Sound

/// What a network hears: the logarithm of a sound's power in mel bands over time.
///
/// Samples (mono, 44.1 kHz) are brought to one level, taken apart by a periodic Hann window of `size` samples every
/// `hop`, centred, with silence before and after (`Spectrum`), their power summed in triangular mel bands, compressed by a
/// logarithm, and moved to zero mean and unit deviation by two constants of the settings.
public struct LogMel: Sendable {
  /// In hertz; other sounds are resampled.
  public static let sampleRate = 44100

  /// How the image is made. A model file carries them.
  public struct Settings: Codable, Sendable, Hashable {
    /// By which number a sound is divided before all else. Silence stays as it is.
    public enum Normalisation: String, Codable, Sendable {
      case none
      /// The largest absolute sample.
      case peak
      /// Ten times the root mean square, which brings a sound to −20 dB re full scale.
      case rms
    }

    /// How power becomes a level.
    public enum Compression: String, Codable, Sendable {
      /// `log(max(power, constant))`, natural.
      case floor
      /// `log(1 + constant · power)`, natural.
      case gain
    }

    /// Samples a window, which is also the length of the transform.
    public var size: Int
    /// Samples from one frame to the next.
    public var hop: Int
    public var mels: Int
    /// In hertz: where the lowest band begins and the highest ends.
    public var low, high: Double
    public var scale: MelScale
    /// Whether bands have unit area over frequency (librosa's `norm="slaney"`) instead of a peak of 1.
    public var unitArea: Bool
    /// Whether low bands in which hardly a bin falls are interpolated from the bins around (`MelScale.filters`).
    public var fillsNarrow: Bool
    public var normalisation: Normalisation
    public var compression: Compression
    /// Of the compression, 1e-30…1e30.
    public var constant: Double
    /// Taken away from the logarithms, which are then divided by the deviation.
    public var mean, deviation: Double
    /// Frames of a one-shot, from its attack.
    public var hitFrames: Int

    public init(
      size: Int = 1024, hop: Int = 256, mels: Int = 64, low: Double = 30, high: Double = 16000,
      scale: MelScale = .slaney, unitArea: Bool = true, fillsNarrow: Bool = true,
      normalisation: Normalisation = .rms,
      compression: Compression = .floor, constant: Double = 1e-5, mean: Double = 0, deviation: Double = 1,
      hitFrames: Int = 87
    ) {
      self.size = size
      self.hop = hop
      self.mels = mels
      self.low = low
      self.high = high
      self.scale = scale
      self.unitArea = unitArea
      self.fillsNarrow = fillsNarrow
      self.normalisation = normalisation
      self.compression = compression
      self.constant = constant
      self.mean = mean
      self.deviation = deviation
      self.hitFrames = hitFrames
    }

    /// Samples of a one-shot from its attack: they give `hitFrames` frames.
    public var hitSamples: Int { (hitFrames - 1) * hop }

    /// What no image can be made of, or nil.
    func flaw() -> String? {
      guard (16...65536).contains(size), size % 2 == 0 else { return "size is \(size), not even and 16 to 65536" }
      guard (1...size).contains(hop) else { return "hop is \(hop), not 1 to \(size)" }
      guard (1...1024).contains(mels) else { return "mels is \(mels), not 1 to 1024" }
      guard low.isFinite, high.isFinite, low >= 0, low < high, high <= Double(LogMel.sampleRate) / 2 else {
        return "the bands go from \(low) to \(high) Hz, not upwards within 0 to \(LogMel.sampleRate / 2)"
      }
      guard (1e-30...1e30).contains(constant) else { return "constant is \(constant), not 1e-30 to 1e30" }
      guard mean.isFinite, deviation.isFinite, deviation > 0 else {
        return "mean and deviation are \(mean) and \(deviation), not finite and the latter more than 0"
      }
      guard (1...100_000).contains(hitFrames) else { return "hitFrames is \(hitFrames), not 1 to 100000" }
      return nil
    }
  }

  /// A picture of a sound: `values[mel * frames + frame]`, low bands first.
  public struct Image: Sendable, Equatable {
    public var mels, frames: Int
    public var values: [Float]

    public init(mels: Int, frames: Int, values: [Float]) {
      precondition(values.count == mels * frames)
      self.mels = mels
      self.frames = frames
      self.values = values
    }

    /// The frames in `range`.
    public func frames(_ range: Range<Int>) -> Image {
      Image(
        mels: mels, frames: range.count,
        values: (0..<mels).flatMap { values[$0 * frames + range.lowerBound..<$0 * frames + range.upperBound] })
    }
  }

  public let settings: Settings
  private let power: BandPower

  public init(_ settings: Settings) {
    self.settings = settings
    power = BandPower(
      in: settings.scale.filters(
        settings.mels, size: settings.size, sampleRate: LogMel.sampleRate, from: settings.low, to: settings.high,
        unitArea: settings.unitArea, fillsNarrow: settings.fillsNarrow),
      settings: .init(size: settings.size, hop: settings.hop))
  }

  /// Of a whole clip of any sample rate, its channels' mean: `1 + samples / hop` frames at 44.1 kHz.
  public func features(of clip: Clip) throws -> Image {
    features(of: try Clip(mono: clip.mono, sampleRate: clip.sampleRate).resampled(to: LogMel.sampleRate).mono)
  }

  /// Of a whole sound, mono at 44.1 kHz.
  public func features(of samples: [Float]) -> Image {
    let level = level(of: samples)
    let frames = power.frameCount(of: samples.count)
    var values = power(samples)
    // Power of the samples divided by their level is their power divided by the level's square.
    let scale = 1 / (level * level)
    let (mean, factor) = (Float(settings.mean), Float(1 / settings.deviation))
    let constant = Float(settings.constant), floor = SIMD4(repeating: constant)
    switch settings.compression {
    case .floor:
      Logarithm.of(&values) {
        let power = $0 * scale
        return power.replacing(with: floor, where: power .< floor)
      } then: {
        ($0 - mean) * factor
      }
    case .gain:
      Logarithm.of(&values) {
        1 + $0 * (scale * constant)
      } then: {
        ($0 - mean) * factor
      }
    }
    return Image(mels: settings.mels, frames: frames, values: values)
  }

  /// Of a one-shot, mono at 44.1 kHz: `settings.hitFrames` frames, see `hit(in:)`.
  public func hit(of samples: [Float]) -> Image { features(of: hit(in: samples)) }

  /// The samples of a one-shot that are heard: from 2 ms before its attack (`Attack`) or from its start, whichever is
  /// later, cut or filled up with silence to `settings.hitSamples`.
  public func hit(in samples: [Float]) -> [Float] {
    let start =
      samples.isEmpty
      ? 0 : Attack.find(in: Clip(mono: samples, sampleRate: LogMel.sampleRate))?.kept.lowerBound ?? 0
    let heard = samples[start...].prefix(settings.hitSamples)
    return Array(heard) + [Float](repeating: 0, count: settings.hitSamples - heard.count)
  }

  private func level(of samples: [Float]) -> Float {
    let level: Float
    switch settings.normalisation {
    case .none: return 1
    case .peak: level = samples.reduce(0) { max($0, abs($1)) }
    case .rms: level = 10 * (samples.reduce(0) { $0 + $1 * $1 } / Float(max(1, samples.count))).squareRoot()
    }
    return level > 1e-9 ? level : 1
  }
}
