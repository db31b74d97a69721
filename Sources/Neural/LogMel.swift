import Foundation
import Sound

/// The input of a network: the logarithm of a sound's power in mel bands over time.
///
/// Samples (mono, 44.1 kHz) are normalised in level and transformed by a periodic Hann window of `size` samples every
/// `hop` samples, centred, with silence before and after (`Spectrum`). Their power is summed in triangular mel bands,
/// compressed by a logarithm, and standardised by two constants of the settings.
public struct LogMel: Sendable {
  /// In hertz. Sounds at other rates are resampled.
  public static let sampleRate = 44100

  /// How the image is computed. A model file contains these settings.
  public struct Settings: Codable, Sendable, Hashable {
    /// The number by which a sound is divided first. Silence stays as it is.
    public enum Normalisation: String, Codable, Sendable, CaseIterable {
      case none
      /// The largest absolute sample.
      case peak
      /// Ten times the root mean square, which normalises a sound to −20 dB relative to full scale.
      case rms
    }

    /// How power is converted to a level.
    public enum Compression: String, Codable, Sendable, CaseIterable {
      /// `log(max(power, constant))`, natural logarithm.
      case floor
      /// `log(1 + constant · power)`, natural logarithm.
      case gain
    }

    /// The length of the window and of the transform, in samples.
    public var size: Int
    /// The distance between successive frames, in samples.
    public var hop: Int
    /// The number of bands.
    public var mels: Int
    /// The lower edge of the lowest band and the upper edge of the highest, in hertz.
    public var low, high: Double
    /// The formula that spaces the bands.
    public var scale: MelScale
    /// Whether bands have unit area over frequency (librosa's `norm="slaney"`) instead of a peak of 1.
    public var unitArea: Bool
    /// Whether low bands that contain hardly any bin are interpolated from neighbouring bins (`MelScale.filters`).
    public var fillsNarrow: Bool
    /// What the samples are divided by first.
    public var normalisation: Normalisation
    /// The form of the logarithm.
    public var compression: Compression
    /// The constant in `Compression`, from 1e-30 to 1e30.
    public var constant: Double
    /// Subtracted from the logarithms, which are then divided by `deviation`.
    public var mean, deviation: Double
    /// The number of frames of a one-shot, from its attack.
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

    /// The number of samples of a one-shot, from its attack, that give `hitFrames` frames.
    public var hitSamples: Int { (hitFrames - 1) * hop }

    /// Why no image can be computed with these settings. Nil if one can.
    func flaw() -> String? {
      guard (16...65536).contains(size), size % 2 == 0 else { return "size is \(size), not even and 16 to 65536" }
      guard (1...size).contains(hop) else { return "hop is \(hop), not 1 to \(size)" }
      guard (1...1024).contains(mels) else { return "mels is \(mels), not 1 to 1024" }
      guard low.isFinite, high.isFinite, low >= 0, low < high, high <= Double(LogMel.sampleRate) / 2 else {
        return "the bands go from \(low) to \(high) Hz, not upwards between 0 and \(LogMel.sampleRate / 2)"
      }
      guard (1e-30...1e30).contains(constant) else { return "constant is \(constant), not 1e-30 to 1e30" }
      guard mean.isFinite, deviation.isFinite, deviation > 0 else {
        return
          "mean and standard deviation are \(mean) and \(deviation); both must be finite, and the latter more than 0"
      }
      guard (1...100_000).contains(hitFrames) else { return "hitFrames is \(hitFrames), not 1 to 100000" }
      return nil
    }
  }

  /// The log-mel image of a sound: `values[mel * frames + frame]`, low bands first.
  public struct Image: Sendable, Equatable {
    /// The number of bands, and of frames.
    public var mels, frames: Int
    /// Indexed by `mel * frames + frame`.
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

  /// The parameters of every image.
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

  /// The image of a whole clip of any sample rate, from the mean of its channels: `1 + samples / hop` frames at 44.1
  /// kHz.
  public func features(of clip: Clip) throws -> Image {
    features(of: try Clip(mono: clip.mono, sampleRate: clip.sampleRate).resampled(to: LogMel.sampleRate).mono)
  }

  /// The image of a whole sound, mono at 44.1 kHz.
  public func features(of samples: [Float]) -> Image {
    let level = level(of: samples)
    let frames = power.frameCount(of: samples.count)
    var values = power(samples)
    // Dividing the samples by their level divides their power by the square of the level.
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

  /// The image of a one-shot, mono at 44.1 kHz: `settings.hitFrames` frames, see `hit(in:)`.
  public func hit(of samples: [Float]) -> Image { features(of: hit(in: samples)) }

  /// The part of a one-shot that the network hears: from 2 ms before its attack (`Attack`) or from its start, whichever
  /// is later, cut or padded with silence to `settings.hitSamples`.
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
