import Library

/// How much training mixes vary. The defaults span wider levels than `Mixer`, and lighter mastering than
/// `MasteringRanges.hard`, so that a test confronts a model with what it never heard in training.
///
/// Every share and chance is between 0 and 1. Ranges are drawn from uniformly unless stated otherwise.
public struct TrainingRecipe: Sendable, Equatable, Codable {
  /// Largest change of a one-shot's pitch, up or down, by resampling, in semitones.
  public var pitch = 5.0
  /// The share of one-shots that are altered at all. The others differ in level only.
  public var augmented = 0.85
  /// Slope of an exponential envelope applied to a one-shot, in dB per second: negative shortens the sound, positive
  /// lengthens it. Each sign comes in half of the draws, and among negative slopes small ones are more likely.
  public var decay = -200.0...12.0
  /// Largest gain or cut of the low shelf, the high shelf and a bell between them, in dB.
  public var tilt = 6.0
  /// The share of one-shots that are drawn from those tagged `synthetic`, if the class has both kinds.
  public var synthetic = 0.4
  /// The share of altered one-shots that are driven into saturation, and the gain into it, in dB.
  public var driven = 0.3, drive = 3.0...15.0
  /// The share of one-shots into which another of their class is mixed, 6 to 15 dB below. This makes a drum that no kit
  /// has.
  public var layered = 0.15
  /// Loudness of a full stroke of each class relative to a backing at its usual level, in dB.
  public var kick = -5.0...7.0, snare = -5.0...7.0, hihat = -15.0 ... -1.0
  /// The share of mixes that have a backing, the backing's level relative to the usual one in dB, and the largest
  /// transposition in semitones, up or down, which changes its tempo too.
  public var backed = 0.93, backing = -8.0...3.0, transposed = 4.0
  /// The share of easy mixes, whose backing is turned down further, so that the drums are heard almost alone, and the
  /// largest such reduction, in dB.
  public var easy = 0.3, easier = 20.0
  /// Tempo in beats per minute, drawn on a logarithmic scale.
  public var tempo = 67.5...126.0
  /// The share of a rhythm's steps that are altered: a stroke is left out or added.
  public var mutated = 0.04
  /// The share of mixes in which each drum plays the rhythm of another style.
  public var crossed = 0.3
  /// The share of mixes that are mastered.
  public var mastered = 0.85

  // What songs do to samples and mixes beyond that. With every share after `songs` at 0, which is the default, mixes
  // are bit-identical to those made before songs were introduced. The target of retrieval is the one-shot before a song
  // alters it.

  /// The share of mixes that are songs, to which the settings below apply. The others are made without them.
  public var songs = 1.0
  /// The chance, drawn twice for each class, that one more drum of the class plays, on steps of its own.
  public var companions = 0.0
  /// The share of drums that are played at another pitch, up to 7 semitones away; among them, the share that may be
  /// further away; and by how many semitones at most.
  public var pitched = 0.0, pitchedFar = 0.0, farthest = 24.0
  /// The share of drums whose notes start late in the sample, and by how much, in seconds.
  public var offset = 0.0, offsetBy = 0.002...0.03
  /// The share of drums whose notes are cut, and after how long, in seconds, drawn on a logarithmic scale.
  public var cut = 0.0, cutAfter = 0.03...0.4
  /// The share of drums with an envelope, its attack in seconds (half of them have none), and its fall in dB per
  /// second.
  public var enveloped = 0.0, attack = 0.002...0.03, fall = -120.0 ... -10.0
  /// The share of drums through a resonant filter, which moves in half of them; its frequency in hertz and its Q, both
  /// drawn on a logarithmic scale.
  public var filtered = 0.0, cutoff = 200.0...12000.0, resonance = 0.5...6.0
  /// The share of drums with reduced resolution, their bit depth, and their sample rate in hertz (logarithmic scale),
  /// without an anti-aliasing filter.
  public var crushed = 0.0, bits = 6.0...12.0, reduced = 8000.0...22050.0
  /// The shares of drums with an echo of their own, with a room of their own, and with a widened stereo image (two
  /// channels apart in time).
  public var echoed = 0.0, roomed = 0.0, widened = 0.0
  /// The share of drums that are quieter than usual for their class, and by how many dB at most.
  public var quiet = 0.0, quieter = 15.0
  /// The share of drums whose softer strokes are also duller, as with velocity layers.
  public var softened = 0.0
  /// The share of drums with ghost notes, and the level of these relative to a full stroke, in dB.
  public var ghosted = 0.0, ghosts = -24.0 ... -10.0
  /// The share of mixes whose backing ducks at each kick, and by how many dB.
  public var pumped = 0.0, pumping = 3.0...18.0
  /// The share of mixes with a bass that plays with most of the kicks, and its level relative to the usual level of
  /// backings, in dB.
  public var bassed = 0.0, bass = -6.0...4.0
  /// The share of mixes with a second backing over the first.
  public var dense = 0.0
  /// The share of mixes with one to three sounds of percussion that belongs to no class, and their loudness relative to
  /// a backing at its usual level, in dB.
  public var others = 0.0, other = -12.0...3.0

  public init() {}

  /// The settings that turn on what songs do, all of them shares or chances.
  private static let ofSongs: [WritableKeyPath<TrainingRecipe, Double> & Sendable] = [
    \.companions, \.pitched, \.offset, \.cut, \.enveloped, \.filtered, \.crushed, \.echoed, \.roomed, \.widened,
    \.quiet, \.softened, \.ghosted, \.pumped, \.bassed, \.dense, \.others,
  ]

  /// The recipe without anything that songs do.
  var withoutSongs: TrainingRecipe {
    var plain = self
    for share in Self.ofSongs { plain[keyPath: share] = 0 }
    return plain
  }

  /// Loudness of a full stroke of a class relative to a backing at its usual level, in dB.
  func level(_ condition: DrumClass) -> ClosedRange<Double> {
    switch condition {
    case .kick: kick
    case .snare: snare
    case .hihat: hihat
    }
  }
}
