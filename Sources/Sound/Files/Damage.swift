import Basics
import Foundation

/// What is missing or broken in a sound file, with the length it has and the length it should have.
struct Damage: Equatable {
  enum Kind: Equatable {
    /// It stops before its end.
    case cut
    /// Something in it cannot be decoded.
    case broken
  }

  var kind: Kind
  /// How much is intact, from the start, in seconds.
  var held: Double?
  /// How long it should be, in seconds. Nil if nothing in the file says so.
  var promised: Double?

  var words: String {
    let held = held.map(Self.seconds), promised = promised.map(Self.seconds)
    switch (kind, held, promised) {
    case (.cut, let held?, let promised?): return "ends early: it has only \(held) of \(promised)"
    case (.cut, let held?, nil): return "ends early: it has only \(held), and its end is missing"
    case (.cut, nil, _): return "ends early: its end is missing"
    case (.broken, let held?, let promised?): return "is damaged: only \(held) of \(promised) are intact in one piece"
    case (.broken, let held?, nil): return "is damaged: only \(held) are intact in one piece"
    case (.broken, nil, _): return "is damaged"
    }
  }

  static func seconds(_ value: Double) -> String { String(format: "%.3f s", value) }
}

extension SoundBytes {
  func problem(_ what: String, mend: String) -> Problem {
    Problem("the sound file \(what)", at: Place(file: path), mend: mend)
  }

  func problem(_ damage: Damage) -> Problem { problem(damage.words, mend: "Copy or export it again, or leave it out.") }
}
