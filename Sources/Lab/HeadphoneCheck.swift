import Basics
import Foundation
import HTTP
import Sound
import Stimuli
import Study

/// The headphone check. Each round has three intervals, one of which is to be found. There is one file for each variant of
/// a round (which interval is right, and what else differs). Which variant a session gets follows from a code that only the
/// server can compute.
struct HeadphoneCheck: Sendable {
  static let intervals = HeadphoneRound.intervals

  /// A variant of a round.
  struct Way {
    /// The interval to find, from 1.
    var right: Int
    /// The interval in opposite phase; for noises, which of two noises it is.
    var other: Int
  }

  static func ways(_ kind: StudyDefinition.Headphones.Kind) -> [Way] {
    switch kind {
    case .antiphase: [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)].map { Way(right: $0, other: $1) }
    case .huggins: (1...intervals).flatMap { [Way(right: $0, other: 1), Way(right: $0, other: 2)] }
    }
  }

  private let asked: StudyDefinition.Headphones
  /// Variants of the rounds that check left and right, and of the others.
  private let sides: [(way: Way, sound: Stage.Sound)]
  private let others: [(way: Way, sound: Stage.Sound)]
  private let doorkeeper: Doorkeeper
  /// The size of the largest file, in bytes.
  let largest: Int

  /// Writes the files once below `folder`, at a loudness in LUFS.
  init(_ asked: StudyDefinition.Headphones, folder: URL, loudness: Double, doorkeeper: Doorkeeper) throws {
    self.asked = asked
    self.doorkeeper = doorkeeper
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func written(_ clip: Clip, as name: String) throws -> Stage.Sound {
      let file = folder.appending(path: "\(name).flac")
      try AudioFile.write(clip, to: file, as: .flac16)
      let bytes = try InputFile.data(file)
      return Stage.Sound(item: .init(path: file.path, size: bytes.count), hash: ContentHash.of(bytes))
    }
    others = try HeadphoneCheck.ways(asked.kind).enumerated().map { i, way in
      let clip =
        switch asked.kind {
        case .antiphase: HeadphoneRound.tones(quiet: way.right, opposite: way.other, loudness: loudness)
        case .huggins: try HeadphoneRound.noises(pitched: way.right, seed: UInt64(i), loudness: loudness)
        }
      return (way, try written(clip, as: "\(i)"))
    }
    sides = try (asked.sides ? Array(1...HeadphoneCheck.intervals) : []).map { left in
      (
        Way(right: left, other: 0),
        try written(try HeadphoneRound.sided(left: left, loudness: loudness), as: "left-\(left)")
      )
    }
    largest = (others + sides).map(\.sound.item.size).max() ?? 0
  }

  private func round(_ sitting: Sitting, _ round: Int) -> (way: Way, sound: Stage.Sound) {
    let bytes = doorkeeper.code("headphones \(sitting.session.id) \(round)").prefix(8)
    let rounds = asked.tellsSides(round: round) ? sides : others
    return rounds[Int(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % UInt64(rounds.count))]
  }

  /// The right answer of a round, from 1. It never leaves the server.
  func right(_ sitting: Sitting, round: Int) -> Int { self.round(sitting, round).way.right }

  func sound(_ sitting: Sitting, round: Int) -> Stage.Sound { self.round(sitting, round).sound }
}
