import Library

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

  // What songs do to samples and mixes beyond that. With all shares 0, as they are where nothing is said, mixes are
  // those of before there were songs, to the last bit. The drum that is looked for is the one-shot before it is played.

  /// The share of mixes that are songs, in which what follows may happen; the others are as they were before.
  public var songs = 1.0
  /// The chance of each class of a mix for a second drum, and then for a third, on steps of its own.
  public var companions = 0.0
  /// The share of drums that are played at another pitch, up to 7 semitones away; and the share of those that may be up to
  /// `farthest` semitones away.
  public var pitched = 0.0
  public var pitchedFar = 0.0
  public var farthest = 24.0
  /// The share of drums whose notes start late in the sample, and by how much, in seconds.
  public var offset = 0.0
  public var offsetBy = 0.002...0.03
  /// The share of drums whose notes are cut, and after how long, in seconds.
  public var cut = 0.0
  public var cutAfter = 0.03...0.4
  /// The share of drums with an envelope: its rise in seconds (half of them have none), and its fall in dB a second.
  public var enveloped = 0.0
  public var attack = 0.002...0.03
  public var fall = -120.0 ... -10.0
  /// The share of drums through a resonant filter, half of them moving; its frequency in hertz and its Q.
  public var filtered = 0.0
  public var cutoff = 200.0...12000.0
  public var resonance = 0.5...6.0
  /// The share of drums in few bits and at a low rate, in hertz, without a filter before it.
  public var crushed = 0.0
  public var bits = 6.0...12.0
  public var reduced = 8000.0...22050.0
  /// The share of drums with an echo of their own, with a room of their own, and with two sides apart in time.
  public var echoed = 0.0
  public var roomed = 0.0
  public var widened = 0.0
  /// The share of drums that are quieter than the class usually is, and by up to how many dB.
  public var quiet = 0.0
  public var quieter = 15.0
  /// The share of drums whose softer strokes are duller too, as velocity layers are.
  public var softened = 0.0
  /// The share of drums with ghost notes, and their level against a full stroke, in dB.
  public var ghosted = 0.0
  public var ghosts = -24.0 ... -10.0
  /// The share of mixes whose backing goes down at each kick, and by how much, in dB.
  public var pumped = 0.0
  public var pumping = 3.0...18.0
  /// The share of mixes with a bass that is struck with the kick now and then, and its level against the backing's, in dB.
  public var bassed = 0.0
  public var bass = -6.0...4.0
  /// The share of mixes with a second backing over the first.
  public var dense = 0.0
  /// The share of mixes with percussion of no class, one to three of them, and its level, in dB.
  public var others = 0.0
  public var other = -12.0...3.0

  public init() {}

  /// The shares and chances of all that songs do.
  private static let ofSongs: [(name: String, share: WritableKeyPath<TrainingRecipe, Double> & Sendable)] = [
    ("companions", \.companions), ("pitched", \.pitched), ("offset", \.offset), ("cut", \.cut),
    ("enveloped", \.enveloped), ("filtered", \.filtered), ("crushed", \.crushed), ("echoed", \.echoed),
    ("roomed", \.roomed), ("widened", \.widened), ("quiet", \.quiet), ("softened", \.softened),
    ("ghosted", \.ghosted), ("pumped", \.pumped), ("bassed", \.bassed), ("dense", \.dense), ("others", \.others),
  ]

  /// The same without anything that songs do.
  var withoutSongs: TrainingRecipe {
    var plain = self
    for (_, share) in Self.ofSongs { plain[keyPath: share] = 0 }
    return plain
  }

  /// What mixes cannot be made by, or nil.
  public func flaw() -> String? {
    let shares = [
      ("augmented", augmented), ("synthetic", synthetic), ("driven", driven), ("layered", layered), ("backed", backed),
      ("easy", easy), ("mutated", mutated), ("crossed", crossed), ("mastered", mastered), ("songs", songs),
      ("pitchedFar", pitchedFar),
    ]
    for (name, value) in shares + Self.ofSongs.map({ ($0, self[keyPath: $1]) }) where !(0...1).contains(value) {
      return "the share '\(name)' is \(value), not 0 to 1"
    }
    for (name, value) in [("pitch", pitch), ("transposed", transposed), ("farthest", farthest)]
    where !(0...24).contains(value) {
      return "'\(name)' is \(value) semitones, not 0 to 24"
    }
    if !(0...24).contains(tilt) { return "'tilt' is \(tilt) dB, not 0 to 24" }
    for (name, value) in [("easier", easier), ("quieter", quieter)] where !(0...60).contains(value) {
      return "'\(name)' is \(value) dB, not 0 to 60"
    }
    let ranges = [
      ("decay", decay, -1000.0...100.0), ("drive", drive, 0.0...60.0), ("kick", kick, -60.0...60.0),
      ("snare", snare, -60.0...60.0), ("hihat", hihat, -60.0...60.0), ("backing", backing, -60.0...60.0),
      ("tempo", tempo, 20.0...400.0), ("offsetBy", offsetBy, 0.0...1.0), ("cutAfter", cutAfter, 0.01...2.0),
      ("attack", attack, 0.0...1.0), ("fall", fall, -1000.0...0.0), ("cutoff", cutoff, 20.0...20000.0),
      ("resonance", resonance, 0.3...30.0), ("bits", bits, 2.0...24.0), ("reduced", reduced, 1000.0...44100.0),
      ("ghosts", ghosts, -60.0...0.0), ("pumping", pumping, 0.0...60.0), ("bass", bass, -60.0...60.0),
      ("other", other, -60.0...60.0),
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
