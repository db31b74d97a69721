import Study

/// Statistics of the stimuli of one role, to check how well they match.
public struct PreparationSummary: Sendable, Equatable {
  /// The role that all of them have.
  public var role: StimulusRequest.Role
  /// How many stimuli have the role, at least one.
  public var count: Int
  /// The total duration of all sounds, in seconds.
  public var duration: Double
  /// The smallest and largest loudness, in LUFS.
  public var loudness: ClosedRange<Double>
  /// The largest true peak, in dBTP.
  public var peak: Double
  /// The smallest and largest gain, in dB.
  public var gain: ClosedRange<Double>
  /// The stimuli that the true-peak ceiling keeps below the study's loudness, the quietest first.
  public var limited: [PreparedStimulus]
}

extension PreparedStimuli {
  /// One summary per role, queries first. Roles without stimuli are left out.
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
