import Basics
import Foundation
import Sound

/// Builds a library folder from sources: decodes what they offer on all cores, leaves out what is unusable, and writes
/// `library.csv`, `rejected.csv` and the sounds.
public struct LibraryBuilder: Sendable {
  /// What a sound must satisfy to be taken in.
  public var check = SoundCheck()
  /// How the library is split. Nil does not split it.
  public var splitter: Splitter?

  public init() {}

  /// What was built and what was left out.
  public struct Outcome: Sendable {
    /// What was written as `library.csv`.
    public var library: LibraryTable
    /// What was written as `rejected.csv`.
    public var rejections: [Rejection]
    /// How many one-shots of each class came from each source, in the order of the sources.
    public var counts: [(source: String, count: [DrumClass: Int])]
    /// The source of each candidate, by name.
    public var sourceOf: [String: String]
    /// How many sound files of packages the naming rule could not assign to a class.
    public var unnamed: Int
    /// Sources that failed completely. The others were still used.
    public var failures: [Problem]
    /// The leak check of a split library.
    public var leakCheck: LeakCheck?
  }

  /// An offer, and the source it came from.
  private struct Entry: Sendable {
    var source: Int
    var offer: SoundOffer
  }

  private enum Decoded: Sendable {
    case clip(Clip, audible: String)
    case rejected(Rejection.Reason, detail: String)
  }

  private struct Kept: Sendable {
    var source: Int
    var shot: OneShot
    var kit: String?
    var isTrainingOnly: Bool
    var clip: Clip
  }

  /// Builds into `folder`, replacing any library that is already there.
  ///
  /// Of sounds that a listener cannot distinguish, the first is kept, in the order of the sources. The result does not
  /// depend on the number of cores.
  public func build(
    _ sources: [any SoundSource], into folder: URL, progress: ProgressHandler? = nil
  ) throws -> Outcome {
    var outcome = Outcome(
      library: LibraryTable(folder: folder, oneShots: []), rejections: [], counts: [], sourceOf: [:], unnamed: 0,
      failures: [], leakCheck: nil)
    let entries = try Self.entries(of: sources, &outcome)
    let check = check
    let decoded = try parallelMap(entries, progress: progress) { entry -> Decoded in
      do {
        let clip = try entry.offer.decode()
        if let (reason, detail) = check.verdict(on: clip) { return .rejected(reason, detail: detail) }
        return .clip(clip, audible: SoundFingerprint.audible(clip))
      } catch let problem as Problem { return .rejected(.unreadable, detail: problem.what) }
    }
    var kept = Self.distinct(entries, decoded, rejections: &outcome.rejections)
    if let splitter {
      let prints = try Self.split(&kept, by: splitter, rejections: &outcome.rejections)
      outcome.leakCheck = LeakCheck(kept.map(\.shot), prints: prints)
    }
    outcome.library.oneShots = try Self.write(kept, into: folder)
    try Rejection.write(outcome.rejections, into: folder)
    try outcome.library.write()
    outcome.counts = sources.enumerated().map { i, source in
      let own = kept.filter { $0.source == i }
      return (source: source.name, count: Dictionary(grouping: own, by: \.shot.condition).mapValues(\.count))
    }
    outcome.sourceOf = Dictionary(uniqueKeysWithValues: kept.map { ($0.shot.candidate, sources[$0.source].name) })
    return outcome
  }

  /// All offers that have a class. The others are counted or rejected.
  private static func entries(of sources: [any SoundSource], _ outcome: inout Outcome) throws -> [Entry] {
    let offered = try parallelMap(Array(sources)) { source -> Result<([SoundOffer], [Rejection]), Problem> in
      do { return .success((try source.offers(), try source.others())) } catch let problem as Problem {
        return .failure(problem)
      }
    }
    var entries: [Entry] = []
    for (i, offers) in offered.enumerated() {
      switch offers {
      case .success((let offers, let others)):
        outcome.rejections += others
        let nameless = offers.filter { $0.condition == nil }
        if sources[i].isOwn {
          outcome.rejections += nameless.map {
            Rejection(source: $0.source, reason: .noClass, detail: "its name states no drum class")
          }
        } else {
          outcome.unnamed += nameless.count
        }
        entries += offers.filter { $0.condition != nil }.map { Entry(source: i, offer: $0) }
      case .failure(let problem): outcome.failures.append(problem)
      }
    }
    return entries
  }

  /// The usable sounds, in the order of classes and names. Of sounds that a listener cannot distinguish, only the first
  /// is kept.
  private static func distinct(
    _ entries: [Entry], _ decoded: [Decoded], rejections: inout [Rejection]
  ) -> [Kept] {
    var first: [String: String] = [:]
    var twins: [DrumClass: TwinFinder] = [:]
    var names: Set<String> = []
    var kept: [Kept] = []
    for (entry, sound) in zip(entries, decoded) {
      let offer = entry.offer
      guard case .clip(let clip, let audible) = sound, let condition = offer.condition else {
        if case .rejected(let reason, let detail) = sound {
          rejections.append(Rejection(source: offer.source, reason: reason, detail: detail))
        }
        continue
      }
      // A variant may sound the same as its preset, which does no harm among sounds that are only for training.
      if !offer.isTrainingOnly,
        let twin = first[audible] ?? twins[condition, default: TwinFinder()].twin(of: clip, name: offer.source)
      {
        rejections.append(Rejection(source: offer.source, reason: .duplicate, detail: "sounds as \(twin)"))
        continue
      }
      first[audible] = offer.source
      let candidate = unused(slug(offer.name), &names)
      let shot = OneShot(
        candidate: candidate, condition: condition, file: "sounds/\(candidate).flac", group: offer.group,
        tags: offer.tags, licence: offer.licence, source: offer.source,
        duration: (clip.duration * 10000).rounded() / 10000, sampleRate: clip.sampleRate,
        channelCount: clip.channels.count, sha256: "")
      kept.append(
        Kept(source: entry.source, shot: shot, kit: offer.kit, isTrainingOnly: offer.isTrainingOnly, clip: clip))
    }
    return kept.sorted { ($0.shot.condition, $0.shot.candidate) < ($1.shot.condition, $1.shot.candidate) }
  }

  /// Writes the sounds, replacing those of an earlier build.
  private static func write(_ kept: [Kept], into folder: URL) throws -> [OneShot] {
    try clear(folder)
    return try parallelMap(kept) { kept in
      let url = folder.appending(path: kept.shot.file)
      try AudioFile.write(kept.clip, to: url, as: .flac24)
      var shot = kept.shot
      // The hash of what readers of the library will decode, rather than of what should have been written.
      shot.sha256 = SoundFingerprint.exact(try AudioFile.read(url))
      return shot
    }
  }

  /// Assigns a split to every sound. Training-only sounds are removed if their kit is not in the training split, or if
  /// they turn out too similar to a held-out sound.
  /// - Returns: the prints of the sounds that stay.
  private static func split(
    _ kept: inout [Kept], by splitter: Splitter, rejections: inout [Rejection]
  ) throws -> [SoundPrint] {
    let prints = try parallelMap(kept) { try SoundPrint($0.clip) }
    let splits = try splitter.assign(
      kept.map {
        Splitter.Sound(
          condition: $0.shot.condition, group: $0.shot.group, kit: $0.kit, isTrainingOnly: $0.isTrainingOnly)
      }, prints: zip(kept, prints).map { $0.isTrainingOnly ? nil : $1 })
    for i in kept.indices { kept[i].shot.split = splits[i] }
    let heldOut = kept.indices.filter { splits[$0] != .train && !kept[$0].isTrainingOnly }
    let all = kept
    let near = try parallelMap(Array(kept.indices)) { i -> Int? in
      guard all[i].isTrainingOnly else { return nil }
      return heldOut.first {
        all[$0].shot.condition == all[i].shot.condition && prints[$0].distance(to: prints[i]) < Splitter.nearness
      }
    }
    var staying: [Int] = []
    for (i, sound) in kept.enumerated() {
      guard sound.isTrainingOnly, splits[i] != .train || near[i] != nil else {
        staying.append(i)
        continue
      }
      let detail =
        splits[i] != .train
        ? "its kit is for \(splits[i].rawValue)"
        : near[i].map { "too close to \(all[$0].shot.candidate), which is held out" } ?? ""
      rejections.append(Rejection(source: sound.shot.source, reason: .heldOut, detail: detail))
    }
    kept = staying.map { all[$0] }
    return staying.map { prints[$0] }
  }

  /// Removes the sounds of an earlier build and nothing else.
  private static func clear(_ folder: URL) throws {
    let sounds = folder.appending(path: "sounds")
    do {
      for table in [LibraryTable.fileName, Rejection.fileName] {
        try OutputFile.discard(folder.appending(path: table))
      }
      try FileManager.default.createDirectory(at: sounds, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: sounds.path) where name.hasSuffix(".flac") {
        try FileManager.default.removeItem(at: sounds.appending(path: name))
      }
    } catch {
      throw Problem(
        "cannot write a library here", at: Place(file: folder.path), mend: "Check that the folder may be yours.")
    }
  }

  /// Lower-case letters, digits and single hyphens, such as `hydrogen-tr808emulationkit-808-kick-long`.
  static func slug(_ words: [String]) -> String {
    let letters = words.joined(separator: "-").lowercased().unicodeScalars.map { scalar -> Character in
      ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "-"
    }
    return String(letters).split(separator: "-").joined(separator: "-")
  }

  private static func unused(_ slug: String, _ names: inout Set<String>) -> String {
    var name = slug
    var n = 2
    while !names.insert(name).inserted {
      name = "\(slug)-\(n)"
      n += 1
    }
    return name
  }
}
