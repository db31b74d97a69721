/// What is cut out of a mix for systems that know only how one-shots sound.
public enum HitPieces {
  /// The purest hits of a class, a piece of so many samples from each onset on, the last fifth of them faded out; at
  /// least one, in the order of time.
  /// - Parameter samples: mono at `Ear.sampleRate`.
  public static func pieces(of samples: [Float], condition: String, length: Int) -> [[Float]] {
    // Half a sample more, so that rounding takes none away.
    let cut = Cut(length: (Double(length) + 0.5) / Double(Ear.sampleRate))
    return HitFinder(condition: condition).best(FeatureSystem.hitCount, in: samples).map {
      cut(samples, at: max(0, $0.time - 0.002))
    }
  }
}
