import Sound

/// Features computed from a sound, as rows of equal length.
public struct Features: Sendable, Equatable {
  /// The length of a row.
  public var columns: Int
  /// One row after another.
  public var values: [Float]

  public init(columns: Int, values: [Float]) {
    precondition(columns > 0 && values.count % columns == 0)
    self.columns = columns
    self.values = values
  }

  public var rows: Int { values.count / columns }

  /// Whether all values are finite numbers.
  var areNumbers: Bool { values.allSatisfy(\.isFinite) }

  /// One row of `columns` values.
  public subscript(row row: Int) -> ArraySlice<Float> { values[row * columns..<(row + 1) * columns] }
}

/// Computes features of a sound. It must be a pure function of the samples.
public protocol FeatureExtractor: Sendable {
  /// Identifies the method, its version and every parameter that affects the result. The cache relies on it.
  var identity: String { get }

  /// - Parameter samples: mono at `SystemInput.sampleRate`, at least one.
  func features(of samples: [Float]) -> Features
}

/// How systems hear a sound file: as one channel at 44.1 kHz.
public enum SystemInput {
  /// In hertz.
  public static let sampleRate = 44100

  static func samples(of clip: Clip) throws -> [Float] {
    try Clip(mono: clip.mono, sampleRate: clip.sampleRate).resampled(to: sampleRate).mono
  }
}
