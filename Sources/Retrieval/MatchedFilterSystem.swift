import Basics
import Foundation
import Sound

/// Ranks by a matched filter: by how closely the start of a one-shot itself, sample by sample, plays somewhere in the mix. It
/// does not use the class.
struct MatchedFilterSystem: RankingSystem {
  /// Also look for each one-shot transposed by up to this many semitones up and down.
  var transpose: Int

  let name = "matched-filter"
  let hears = Hearing.wholeMix
  let summary =
    "the first 100 ms of a one-shot, looked for sample by sample in the whitened mix: one minus their highest correlations"

  func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) throws
    -> any PreparedSystem
  {
    let starts = HitStarts(candidates, transpose: transpose, features: features)
    try starts.prepare(progress: progress)
    return Prepared(starts: starts)
  }

  private struct Prepared: PreparedSystem {
    var starts: HitStarts

    func distances(of query: Query, to places: [Int]) throws -> [Double] {
      try matches(of: query, to: places).map(\.distance)
    }

    func matches(of query: Query, to places: [Int]) throws -> [Match] {
      // The class asked for comes first: an evaluation asks a mix for all classes at once, and what one thread has found the
      // others need not look for.
      let own = places.indices.filter { starts.candidates[places[$0]].condition == query.condition }
      let others = places.indices.filter { starts.candidates[places[$0]].condition != query.condition }
      var matches = [Match](repeating: Match(distance: 1), count: places.count)
      let mix = HitStarts.Mix(query.file)
      for i in own + others {
        let found = try starts.find(places[i], in: mix)
        matches[i] = Match(distance: 1 - found.correlation, start: found.time)
      }
      return matches
    }
  }
}

/// Another system, whose nearest one-shots of the class asked for are looked for in the mix itself by a matched filter. What is
/// found comes nearer: its distance is multiplied by the third power of one minus the excess of its correlation
/// (`MatchedFilter.Found.excess`). The others keep their distance, those of other classes as well: they may play, too, but were not
/// asked for. Knowing the classes of the library makes a refined system look better where all classes are ranked together, so it
/// is to be compared with others among the class asked for.
public struct RefinedSystem: RankingSystem {
  /// The system whose distances are refined.
  public let base: any RankingSystem
  public let name: String
  /// How many one-shots are looked for.
  public let count: Int
  /// Also look for them transposed by up to this many semitones up and down. The highest correlation counts.
  public let transpose: Int

  /// - Parameter base: its distances must not be negative.
  public init(_ base: any RankingSystem, count: Int, transpose: Int) {
    precondition(count > 0 && (0...ModelSystem.mostTranspose).contains(transpose))
    self.base = base
    self.count = count
    self.transpose = transpose
    let (family, run) = RunName.parts(of: base.name)
    name = "\(family)-refined\(run)"
  }

  public var hears: Hearing { base.hears }
  public var summary: String { "\(base.summary); its \(count) nearest looked for in the mix by a matched filter" }

  public func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) throws
    -> any PreparedSystem
  {
    Prepared(
      base: try base.prepare(candidates, features: features, progress: progress),
      starts: HitStarts(candidates, transpose: transpose, features: features), count: count)
  }

  private struct Prepared: PreparedSystem {
    var base: any PreparedSystem
    var starts: HitStarts
    var count: Int

    func distances(of query: Query, to places: [Int]) throws -> [Double] {
      try matches(of: query, to: places).map(\.distance)
    }

    func matches(of query: Query, to places: [Int]) throws -> [Match] {
      var matches = try base.matches(of: query, to: places)
      let own = places.indices.filter { starts.candidates[places[$0]].condition == query.condition }
      let nearest = own.sorted {
        (matches[$0].distance, starts.candidates[places[$0]].id) < (
          matches[$1].distance, starts.candidates[places[$1]].id
        )
      }
      let mix = HitStarts.Mix(query.file)
      for i in nearest.prefix(count) {
        let found = try starts.find(places[i], in: mix), rest = 1 - found.excess
        guard rest < 1 else { continue }
        matches[i] = Match(distance: matches[i].distance * rest * rest * rest, start: found.time)
      }
      return matches
    }
  }
}

/// Looks for the starts of one-shots in mixes. What was found of late is known, so that an evaluation, which asks each mix for all
/// classes, looks for each one-shot about once.
private final class HitStarts: Sendable {
  let candidates: [Candidate]
  private let extractor: HitStart
  private let features: FeatureStore
  private let starts = Recent<Int, Features>(capacity: 256 << 20) { 4 * $0.values.count }
  private let mixes = Recent<URL, MatchedFilter>(capacity: 256 << 20, size: \.byteCount)
  private let found = Recent<Asked, MatchedFilter.Found>(capacity: 1 << 20)

  private struct Asked: Hashable {
    var place: Int
    var mix: URL
  }

  /// A mix that is being asked, and its filter as soon as it is needed.
  final class Mix {
    let file: URL
    fileprivate var filter: MatchedFilter?

    init(_ file: URL) { self.file = file }
  }

  init(_ candidates: [Candidate], transpose: Int, features: FeatureStore) {
    self.candidates = candidates
    self.features = features
    extractor = HitStart(transpose: transpose)
  }

  /// Reads all one-shots.
  func prepare(progress: ProgressHandler?) throws {
    _ = try parallelMapTellingAll(Array(candidates.indices), progress: progress) { _ = try self.start(of: $0) }
  }

  /// Where a one-shot is heard best in a mix, at its best pitch.
  func find(_ place: Int, in mix: Mix) throws -> MatchedFilter.Found {
    let asked = Asked(place: place, mix: mix.file)
    if let known = found[asked] { return known }
    let filter = try mix.filter ?? filter(of: mix.file), start = try start(of: place)
    mix.filter = filter
    var best = filter.find(Array(start[row: 0]))
    for row in 1..<start.rows {
      let found = filter.find(Array(start[row: row]))
      if found.correlation > best.correlation { best = found }
    }
    found[asked] = best
    return best
  }

  private func start(of place: Int) throws -> Features {
    if let known = starts[place] { return known }
    let start = try features.features(of: candidates[place].file, by: extractor)
    starts[place] = start
    return start
  }

  private func filter(of mix: URL) throws -> MatchedFilter {
    if let known = mixes[mix] { return known }
    let clip = try AudioFile.read(mix)
    let mono = try Clip(mono: clip.mono, sampleRate: clip.sampleRate).resampled(to: MatchedFilter.sampleRate).mono
    let filter = MatchedFilter(mono)
    mixes[mix] = filter
    return filter
  }
}

/// The start of a one-shot as `MatchedFilter` looks for it, its last fifth faded out: one row for each pitch, the lowest first.
private struct HitStart: FeatureExtractor {
  var transpose: Int

  var identity: String { "start for a matched filter 1 \(transpose)" }

  func features(of samples: [Float]) -> Features {
    let first = Int(Cut.start(of: samples) * Double(SystemInput.sampleRate))
    let rows = (-transpose...transpose).map { played(samples[min(first, samples.count)...], semitones: $0) }
    return Features(columns: MatchedFilter.longest, values: rows.flatMap(\.self))
  }

  /// As in a sampler, a higher pitch makes the sound shorter.
  private func played(_ samples: ArraySlice<Float>, semitones: Int) -> [Float] {
    let longest = MatchedFilter.longest, fade = longest / 5
    let rate = Int((Double(MatchedFilter.sampleRate) / pow(2, Double(semitones) / 12)).rounded())
    // A little more than what is kept, for the filter's sake.
    let enough = Int(Double(longest + 200) * Double(SystemInput.sampleRate) / Double(rate))
    let piece = Clip(mono: samples.isEmpty ? [0] : Array(samples.prefix(enough)), sampleRate: SystemInput.sampleRate)
    // What cannot be resampled could not be read either.
    let sound = (try? piece.resampled(to: rate).mono) ?? piece.mono
    return (0..<longest).map { i in
      let left = longest - i
      let gain: Float = left < fade ? 0.5 - 0.5 * cosf(Float.pi * Float(left) / Float(fade)) : 1
      return i < sound.count ? sound[i] * gain : 0
    }
  }
}
