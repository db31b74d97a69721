import Keys

extension TrainingRecipe {
  private typealias Key = KeyReader<TrainingRecipe>
  private typealias Part = WritableKeyPath<TrainingRecipe, Double> & Sendable
  private typealias Ends = WritableKeyPath<TrainingRecipe, ClosedRange<Double>> & Sendable

  /// The keys of `mixing` in the settings of a training.
  package static let keys: [KeyReader<TrainingRecipe>] = drums + levels + mixes + songKeys

  private static let drums = [
    number("pitch", \.pitch, 0...24, " semitones", "How far a one-shot's pitch may change, up or down.", "pitch: 3"),
    share("augmented", \.augmented, "Share of one-shots that are altered at all; the others differ in level only."),
    range(
      "decay", \.decay, -1000...100, " dB per second",
      "Slope of an envelope applied to a one-shot: below 0 it shortens the sound, above 0 it lengthens it.",
      "decay: [-100, 6]"),
    number("tilt", \.tilt, 0...24, " dB", "Largest gain or cut of a low shelf, a high shelf and a bell.", "tilt: 3"),
    share("synthetic", \.synthetic, "Share of one-shots from those tagged synthetic, if the class has both kinds."),
    share("driven", \.driven, "Share of altered one-shots that are driven into saturation."),
    range("drive", \.drive, 0...60, " dB", "Gain into that saturation.", "drive: [3, 9]"),
    share("layered", \.layered, "Share of one-shots with another of their class mixed in, 6 to 15 dB below."),
  ]

  private static let levels = [
    level("kick", \.kick, "a full stroke of the kick"), level("snare", \.snare, "a full stroke of the snare"),
    level("hihat", \.hihat, "a full stroke of the hi-hat"),
  ]

  private static let mixes = [
    share("backed", \.backed, "Share of mixes with a backing."),
    range("backing", \.backing, -60...60, " dB", "Level of the backing relative to the usual one.", "backing: [-6, 3]"),
    number(
      "transposed", \.transposed, 0...24, " semitones",
      "How far a backing may be transposed, up or down, which changes its tempo too.", "transposed: 2"),
    share("easy", \.easy, "Share of easy mixes, whose backing is turned down further."),
    number("easier", \.easier, 0...60, " dB", "By how much at most it is turned down in them.", "easier: 12"),
    range(
      "tempo", \.tempo, 20...400, " beats per minute", "The tempo, drawn on a logarithmic scale.", "tempo: [80, 140]"),
    share("mutated", \.mutated, "Share of a rhythm's steps at which a stroke is left out or added."),
    share("crossed", \.crossed, "Share of mixes in which each drum plays the rhythm of another style."),
    share("mastered", \.mastered, "Share of mixes that are mastered."),
    share(
      "songs", \.songs,
      "Share of mixes that are songs, to which all settings below apply; the others have none of them."),
  ]

  private static let songKeys = [
    share(
      "companions", \.companions,
      "The chance, drawn twice for each class, that one more drum of the class plays, on steps of its own."),
    share("pitched", \.pitched, "Share of drums that are played at another pitch, up to 7 semitones away."),
    share("pitchedFar", \.pitchedFar, "Share of those that may be further away."),
    number("farthest", \.farthest, 0...24, " semitones", "How far away those may be.", "farthest: 12"),
    share("offset", \.offset, "Share of drums whose notes start late in the sample."),
    range("offsetBy", \.offsetBy, 0...1, " seconds", "How late they start.", "offsetBy: [0.002, 0.01]"),
    share("cut", \.cut, "Share of drums whose notes are cut."),
    range(
      "cutAfter", \.cutAfter, 0.01...2, " seconds", "After how long, drawn on a logarithmic scale.",
      "cutAfter: [0.05, 0.4]"),
    share("enveloped", \.enveloped, "Share of drums with an amplitude envelope."),
    range("attack", \.attack, 0...1, " seconds", "Its attack, which half of them have.", "attack: [0.002, 0.01]"),
    range("fall", \.fall, -1000...0, " dB per second", "Its fall.", "fall: [-60, -10]"),
    share("filtered", \.filtered, "Share of drums through a resonant filter, which moves in half of them."),
    range(
      "cutoff", \.cutoff, 20...20000, " Hz", "The filter's frequency, drawn on a logarithmic scale.",
      "cutoff: [400, 8000]"),
    range(
      "resonance", \.resonance, 0.3...30, "", "The filter's Q, drawn on a logarithmic scale.", "resonance: [0.7, 4]"),
    share("crushed", \.crushed, "Share of drums with reduced resolution."),
    range("bits", \.bits, 2...24, " bits", "Their bit depth.", "bits: [8, 12]"),
    range(
      "reduced", \.reduced, 1000...44100, " Hz",
      "Their sample rate, drawn on a logarithmic scale, without an anti-aliasing filter.", "reduced: [8000, 22050]"),
    share("echoed", \.echoed, "Share of drums with an echo of their own."),
    share("roomed", \.roomed, "Share of drums with a room of their own."),
    share("widened", \.widened, "Share of drums whose two channels are apart in time."),
    share("quiet", \.quiet, "Share of drums that are quieter than usual for their class."),
    number("quieter", \.quieter, 0...60, " dB", "By how much at most.", "quieter: 9"),
    share("softened", \.softened, "Share of drums whose softer strokes are also duller."),
    share("ghosted", \.ghosted, "Share of drums with ghost notes."),
    range("ghosts", \.ghosts, -60...0, " dB", "Level of these relative to a full stroke.", "ghosts: [-20, -12]"),
    share("pumped", \.pumped, "Share of mixes whose backing ducks at each kick."),
    range("pumping", \.pumping, 0...60, " dB", "By how much it ducks.", "pumping: [3, 9]"),
    share("bassed", \.bassed, "Share of mixes with a bass that plays with most of the kicks."),
    range("bass", \.bass, -60...60, " dB", "Its level relative to the usual level of backings.", "bass: [-6, 0]"),
    share("dense", \.dense, "Share of mixes with a second backing over the first."),
    share("others", \.others, "Share of mixes with one to three sounds of percussion that belongs to no class."),
    range(
      "other", \.other, -60...60, " dB", "Their loudness relative to a backing at its usual level.", "other: [-12, 0]"),
  ]

  private static func share(_ name: String, _ path: Part, _ meaning: String) -> Key {
    .number(name, path, 0...1, meaning, "\(name): 0.25")
  }

  private static func number(
    _ name: String, _ path: Part, _ range: ClosedRange<Double>, _ unit: String, _ meaning: String, _ example: String
  ) -> Key { .number(name, path, range, unit: unit, meaning, example) }

  private static func range(
    _ name: String, _ path: Ends, _ range: ClosedRange<Double>, _ unit: String, _ meaning: String, _ example: String
  ) -> Key { .range(name, path, within: range, unit: unit, meaning, example) }

  private static func level(_ name: String, _ path: Ends, _ what: String) -> Key {
    range(
      name, path, -60...60, " dB", "Loudness of \(what), relative to a backing at its usual level.", "\(name): [-6, 6]")
  }

  /// Why mixes cannot be made by this recipe, or nil if they can.
  public func flaw() -> String? { KeyReader.problems(of: self, Self.keys).first?.what }
}
