import Basics
import Foundation
import Sound

/// Checks a split library for leaks: whether a drum, or one too similar to tell apart, is in two splits. It looks only
/// at the decoded files, so it finds what names hide: a velocity layer under another name, or a sample that two
/// soundfonts share.
public struct LeakCheck: Sendable {
  /// Two sounds of one class in different splits that are too similar.
  public struct Leak: Sendable, Equatable {
    /// The class of both.
    public var condition: DrumClass
    /// The two candidates. The first is the one in the later split.
    public var sound, other: String
    /// Their distance by `SoundPrint`, in dB.
    public var distance: Double
  }

  /// The leaks, with the most similar pairs first.
  public var leaks: [Leak]
  /// Groups that are in more than one split, sorted by name.
  public var parted: [String]
  /// For each test sound, the distance to the nearest training sound of its class, in dB, in ascending order.
  public var distances: [DrumClass: [Double]]

  /// Whether nothing is in two splits.
  public var isClean: Bool { leaks.isEmpty && parted.isEmpty }

  /// Decodes every sound of a split library, and compares each with all sounds of its class in other splits.
  /// - Throws: `Problems`, with all sounds that cannot be read.
  public init(_ library: LibraryTable, progress: ProgressHandler? = nil) throws {
    let shots = library.oneShots.filter { $0.split != nil }
    let prints = try parallelMapTellingAll(shots, progress: progress) {
      try SoundPrint(AudioFile.read(library.url(of: $0)))
    }
    self.init(shots, prints: prints)
  }

  /// - Parameter prints: one per one-shot.
  init(_ shots: [OneShot], prints: [SoundPrint]) {
    let order: [Split: Int] = [.train: 0, .validation: 1, .test: 2]
    let places = shots.map { $0.split.flatMap { order[$0] } ?? 0 }
    let splits = Dictionary(grouping: shots, by: \.group).mapValues { Set($0.map(\.split)) }
    parted = splits.filter { $0.value.count > 1 }.keys.sorted()
    let found =
      (try? parallelMap(Array(shots.indices)) { i -> (leaks: [Leak], nearest: Double) in
        var leaks: [Leak] = []
        var nearest = Double.infinity
        for j in shots.indices where shots[j].condition == shots[i].condition && places[j] < places[i] {
          let distance = prints[i].distance(to: prints[j])
          if shots[j].split == .train { nearest = min(nearest, distance) }
          if distance < Splitter.nearness {
            leaks.append(
              Leak(
                condition: shots[i].condition, sound: shots[i].candidate, other: shots[j].candidate, distance: distance)
            )
          }
        }
        return (leaks, nearest)
      }) ?? []
    leaks = found.flatMap(\.leaks).sorted { ($0.distance, $0.sound) < ($1.distance, $1.sound) }
    distances = Dictionary(
      grouping: zip(shots, found).filter { $0.0.split == .test && $0.1.nearest.isFinite }, by: \.0.condition
    ).mapValues { $0.map(\.1.nearest).sorted() }
  }
}
