import Basics
import Foundation
import HTTP
import Sound
import Study

/// The headphone check of Woods, Siegel, Traer & McDermott (2017, Attention, Perception & Psychophysics 79): three
/// tones of 200 Hz, one of them 6 dB quieter, and one of the loud ones in opposite phase in the two channels. Over
/// loudspeakers that one cancels itself and seems the quietest; over headphones it does not.
///
/// There are six ways to place the two, each a file. Which way a round of a session has follows from a code that only
/// the server can make.
struct HeadphoneCheck: Sendable {
  static let intervals = 3
  /// Quiet interval and opposite-phase interval, both from 1.
  static let ways: [(quiet: Int, opposite: Int)] = [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)]

  private let sounds: [Stage.Sound]
  private let doorkeeper: Doorkeeper
  /// Bytes of the largest file.
  let largest: Int

  /// Writes the files, once, below `folder`, at a loudness in LUFS.
  init(folder: URL, loudness: Double, doorkeeper: Doorkeeper) throws {
    self.doorkeeper = doorkeeper
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    sounds = try HeadphoneCheck.ways.enumerated().map { i, way in
      let clip = HeadphoneCheck.tones(quiet: way.quiet, opposite: way.opposite, loudness: loudness)
      let file = folder.appending(path: "\(i).flac")
      try AudioFile.write(clip, to: file, as: .flac16)
      let bytes = try InputFile.data(file)
      return Stage.Sound(item: .init(path: file.path, size: bytes.count), hash: ContentHash.of(bytes))
    }
    largest = sounds.map(\.item.size).max() ?? 0
  }

  private func way(_ sitting: Sitting, round: Int) -> Int {
    let bytes = doorkeeper.code("headphones \(sitting.session.id) \(round)").prefix(8)
    return Int(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % UInt64(HeadphoneCheck.ways.count))
  }

  /// The right answer of a round, from 1. It never leaves the server.
  func quietest(_ sitting: Sitting, round: Int) -> Int { HeadphoneCheck.ways[way(sitting, round: round)].quiet }

  func sound(_ sitting: Sitting, round: Int) -> Stage.Sound { sounds[way(sitting, round: round)] }

  /// Tones of one second with ramps of 100 ms, half a second apart. A tone in both channels of amplitude a has a
  /// loudness of 20 log a − 0.691 LUFS (ITU-R BS.1770; its filter leaves 200 Hz nearly as it is).
  static func tones(quiet: Int, opposite: Int, loudness: Double) -> Clip {
    let rate = 16_000
    let (tone, gap, ramp) = (rate, rate / 2, rate / 10)
    let amplitude = min(0.5, pow(10, (loudness + 0.691) / 20))
    var left: [Float] = []
    var right: [Float] = []
    for interval in 1...intervals {
      if interval > 1 {
        left += [Float](repeating: 0, count: gap)
        right += [Float](repeating: 0, count: gap)
      }
      let level = interval == quiet ? amplitude * pow(10, -6.0 / 20) : amplitude
      for i in 0..<tone {
        let edge = min(1, Double(min(i, tone - 1 - i)) / Double(ramp))
        let value = Float(level * 0.5 * (1 - cos(.pi * edge)) * sin(2 * .pi * 200 * Double(i) / Double(rate)))
        left.append(value)
        right.append(interval == opposite ? -value : value)
      }
    }
    return Clip(channels: [left, right], sampleRate: rate)
  }
}
