/// Pieces cut out of a mix, for systems that only know isolated one-shots.
public enum HitPieces {
  /// The purest hits of a class, as pieces of `length` samples from each onset, the last fifth faded out. At least one
  /// piece, in order of time.
  /// - Parameter samples: mono at `SystemInput.sampleRate`.
  public static func pieces(of samples: [Float], condition: String, length: Int) -> [[Float]] {
    pieces(of: samples, condition: condition, count: FeatureSystem.hitCount, Cut(samples: length))
  }

  /// Each piece begins 2 ms before its onset.
  static func pieces(of samples: [Float], condition: String, count: Int, _ cut: Cut) -> [[Float]] {
    HitFinder(condition: condition).best(count, in: samples).map { cut(samples, at: max(0, $0.time - 0.002)) }
  }

  /// The element-wise median over rows of equal length, at least one.
  public static func median(_ rows: [[Float]]) -> [Float] {
    guard rows.count > 1 else { return rows[0] }
    return rows[0].indices.map { i in
      let sorted = rows.map { $0[i] }.sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
  }
}
