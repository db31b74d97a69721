/// How far training mixes stray. The defaults are wider than what `Mixer` makes in level, and lighter than
/// `MasteringRanges.hard` in mastering: a model is to meet in a test what it has never met in training.
public struct TrainingRecipe: Sendable, Equatable, Codable {
  /// One-shots are played up to so many semitones higher or lower, by resampling.
  public var pitch = 5.0
  /// The share of one-shots that are changed at all; the others play as they are, but for their level.
  public var augmented = 0.85
  /// An exponential laid over a one-shot, in dB a second: down to the first (shorter) or up to the second (longer).
  public var decay = -200.0...12.0
  /// Gain of the low and of the high shelf and of a bell between them, in dB either way.
  public var tilt = 6.0
  /// The share of one-shots that are drawn from those tagged `synthetic`, where there are both.
  public var synthetic = 0.4
  /// The share of one-shots that are driven into saturation, and by how much, in dB.
  public var driven = 0.3
  public var drive = 3.0...15.0
  /// The share of one-shots that have another of their class mixed in 6 to 15 dB below, which makes a drum that no kit
  /// has.
  public var layered = 0.15
  /// Loudness of a full stroke against a backing at 0 dB, in dB.
  public var kick = -5.0...7.0
  public var snare = -5.0...7.0
  public var hihat = -15.0 ... -1.0
  /// The share of mixes that have a backing; its level against the usual one, in dB, and how far it is transposed (and
  /// with it its tempo), in semitones.
  public var backed = 0.93
  public var backing = -8.0...3.0
  public var transposed = 4.0
  /// The share of mixes whose backing is turned down further, by up to so many dB: easy ones, in which drums are heard
  /// almost alone.
  public var easy = 0.3
  public var easier = 20.0
  /// In beats a minute.
  public var tempo = 67.5...126.0
  /// The share of steps of a rhythm that are changed: a stroke that is left out or put in.
  public var mutated = 0.04
  /// The share of mixes in which each drum plays the rhythm of another style.
  public var crossed = 0.3
  /// The share of mixes that are mastered.
  public var mastered = 0.85

  public init() {}

  /// What mixes cannot be made by, or nil.
  public func flaw() -> String? {
    let shares = [
      ("augmented", augmented), ("synthetic", synthetic), ("driven", driven), ("layered", layered), ("backed", backed),
      ("easy", easy), ("mutated", mutated), ("crossed", crossed), ("mastered", mastered),
    ]
    for (name, value) in shares where !(0...1).contains(value) {
      return "the share '\(name)' is \(value), not 0 to 1"
    }
    for (name, value) in [("pitch", pitch), ("transposed", transposed)] where !(0...24).contains(value) {
      return "'\(name)' is \(value) semitones, not 0 to 24"
    }
    if !(0...24).contains(tilt) { return "'tilt' is \(tilt) dB, not 0 to 24" }
    if !(0...60).contains(easier) { return "'easier' is \(easier) dB, not 0 to 60" }
    let ranges = [
      ("decay", decay, -1000.0...100.0), ("drive", drive, 0.0...60.0), ("kick", kick, -60.0...60.0),
      ("snare", snare, -60.0...60.0), ("hihat", hihat, -60.0...60.0), ("backing", backing, -60.0...60.0),
      ("tempo", tempo, 20.0...400.0),
    ]
    for (name, value, wide) in ranges where value.lowerBound < wide.lowerBound || value.upperBound > wide.upperBound {
      return
        "'\(name)' goes from \(value.lowerBound) to \(value.upperBound), not within \(wide.lowerBound) to \(wide.upperBound)"
    }
    return nil
  }

  /// Loudness of a class's full stroke against the backing's, in dB.
  func level(_ condition: DrumClass) -> ClosedRange<Double> {
    switch condition {
    case .kick: kick
    case .snare: snare
    case .hihat: hihat
    }
  }
}
