import Sound

/// What was computed from a sound: rows of equally many numbers.
public struct Features: Sendable, Equatable {
  public var columns: Int
  /// Row after row.
  public var values: [Float]

  public init(columns: Int, values: [Float]) {
    precondition(columns > 0 && values.count % columns == 0)
    self.columns = columns
    self.values = values
  }

  public var rows: Int { values.count / columns }

  /// Whether none of the values is infinite or not a number.
  var areNumbers: Bool { values.allSatisfy(\.isFinite) }

  /// One row of `columns` values.
  public subscript(row row: Int) -> ArraySlice<Float> { values[row * columns..<(row + 1) * columns] }
}

/// Computes features of a sound: a pure function of its samples.
public protocol FeatureExtractor: Sendable {
  /// Names the method, its version and every parameter that changes a result: the cache believes it.
  var identity: String { get }

  /// - Parameter samples: mono at `Ear.sampleRate`, at least one.
  func features(of samples: [Float]) -> Features
}

/// How systems hear a sound file: one channel at 44.1 kHz.
public enum Ear {
  public static let sampleRate = 44100

  static func samples(of clip: Clip) throws -> [Float] {
    try Clip(mono: clip.mono, sampleRate: clip.sampleRate).resampled(to: sampleRate).mono
  }
}
