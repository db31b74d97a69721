import Basics

/// The chords of a loop in one key, one chord per bar.
struct Harmony: Sendable {
  enum Quality: String, Sendable {
    case major = "", minor = "m", seventh = "7", majorSeventh = "M7", minorSeventh = "m7"

    /// The notes of the chord, in semitones above the root.
    var intervals: [Int] {
      switch self {
      case .major: [0, 4, 7]
      case .minor: [0, 3, 7]
      case .seventh: [0, 4, 7, 10]
      case .majorSeventh: [0, 4, 7, 11]
      case .minorSeventh: [0, 3, 7, 10]
      }
    }
  }

  struct Chord: Sendable {
    /// Semitones above C, 0 to 11.
    var root: Int
    var quality: Quality

    static let names = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]

    /// The chord as MMA writes it, as in `Ebm7`.
    var name: String { Self.names[root] + quality.rawValue }
  }

  var chords: [Chord]

  /// Progressions of four chords, each chord in semitones above the key's root. Shorter loops use the first chords.
  private static let progressions: [[(Int, Quality)]] = [
    [(0, .major), (7, .major), (9, .minor), (5, .major)],
    [(9, .minor), (5, .major), (0, .major), (7, .major)],
    [(0, .major), (9, .minor), (5, .major), (7, .seventh)],
    [(2, .minorSeventh), (7, .seventh), (0, .majorSeventh), (9, .minorSeventh)],
    [(0, .minor), (8, .major), (3, .major), (10, .major)],
    [(0, .minor), (5, .minor), (8, .major), (7, .seventh)],
    [(0, .minorSeventh), (5, .seventh), (0, .minorSeventh), (5, .seventh)],
    [(0, .major), (5, .major), (0, .major), (7, .major)],
    [(0, .seventh), (5, .seventh), (0, .seventh), (7, .seventh)],
    [(5, .majorSeventh), (4, .minorSeventh), (2, .minorSeventh), (0, .majorSeventh)],
    [(0, .minor), (10, .major), (8, .major), (10, .major)],
    [(0, .major), (4, .minor), (5, .major), (5, .minor)],
  ]

  static func draw(bars: Int, _ random: inout SeededRandom) -> Harmony {
    let key = random.below(12)
    let four = random.pick(progressions)
    return Harmony(
      chords: (0..<bars).map { bar in
        let (degree, quality) = four[bar % 4]
        return Chord(root: (key + degree) % 12, quality: quality)
      })
  }
}
