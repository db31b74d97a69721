import Study

/// What the stimuli of one role have in common, for a look at how well they match.
public struct PreparationSummary: Sendable, Equatable {
  public var role: StimulusRequest.Role
  public var count: Int
  /// Of all sounds together, in seconds.
  public var duration: Double
  /// Smallest and largest, in LUFS.
  public var loudness: ClosedRange<Double>
  /// Largest, in dBTP.
  public var peak: Double
  /// Smallest and largest, in dB.
  public var gain: ClosedRange<Double>
  /// Those that the true-peak ceiling keeps below the study's loudness, the quietest first.
  public var limited: [PreparedStimulus]
}

extension PreparedStimuli {
  /// One summary a role, queries first; roles without stimuli are left out.
  public var summaries: [PreparationSummary] {
    [StimulusRequest.Role.query, .candidate].compactMap { role in
      let list = stimuli.filter { $0.role == role }
      guard let first = list.first else { return nil }
      var summary = PreparationSummary(
        role: role, count: list.count, duration: 0, loudness: first.loudness...first.loudness, peak: first.peak,
        gain: first.gain...first.gain, limited: list.filter(\.isLimited).sorted { $0.loudness < $1.loudness })
      for stimulus in list {
        summary.duration += stimulus.duration
        summary.peak = max(summary.peak, stimulus.peak)
        summary.loudness = summary.loudness.widened(to: stimulus.loudness)
        summary.gain = summary.gain.widened(to: stimulus.gain)
      }
      return summary
    }
  }
}

extension ClosedRange<Double> {
  fileprivate func widened(to value: Double) -> Self {
    Swift.min(lowerBound, value)...Swift.max(upperBound, value)
  }
}
