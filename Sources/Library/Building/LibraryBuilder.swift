import Basics
import Foundation
import Sound

/// Makes a library folder out of sources: decodes what they offer on all cores, leaves out what cannot serve, and
/// writes `library.csv`, `rejected.csv` and the sounds.
public struct LibraryBuilder: Sendable {
  public var check = SoundCheck()
  /// How the library is divided; nil leaves it whole.
  public var splitter: Splitter?

  public init() {}

  /// What was built and what was not.
  public struct Outcome: Sendable {
    public var library: LibraryTable
    public var rejections: [Rejection]
    /// How many one-shots of each class each source gave, in the order of the sources.
    public var counts: [(source: String, count: [DrumClass: Int])]
    /// The source of each candidate, by name.
    public var sourceOf: [String: String]
    /// Sound files of packages that the naming rule gave no class.
    public var unnamed: Int
    /// Sources that failed altogether; the others went on.
    public var failures: [Problem]
    /// Of a split library.
    public var leakCheck: LeakCheck?
  }

  private struct Kept: Sendable {
    var source: Int
    var shot: OneShot
    var kit: String?
    var isTrainingOnly: Bool
    var clip: Clip
  }

  /// Builds into `folder`, which is replaced when it holds a library already.
  ///
  /// Of sounds that are the same to a listener the first is kept, in the order of the sources. The result does not
  /// depend on the number of cores.
  public func build(
    _ sources: [any SoundSource], into folder: URL, progress: ProgressHandler? = nil
  ) throws -> Outcome {
    struct Entry: Sendable {
      var source: Int
      var offer: SoundOffer
    }
    struct Decoded: Sendable {
      var verdict: (reason: Rejection.Reason, detail: String)?
      var audible = ""
      var clip: Clip?
    }
    var entries: [Entry] = []
    var failures: [Problem] = []
    var unnamed = 0
    var rejections: [Rejection] = []
    let offered = try parallelMap(Array(sources)) { source -> Result<([SoundOffer], [Rejection]), Problem> in
      do { return .success((try source.offers(), try source.others())) } catch let problem as Problem {
        return .failure(problem)
      }
    }
    for (i, offers) in offered.enumerated() {
      switch offers {
      case .success((let offers, let others)):
        rejections += others
        let nameless = offers.filter { $0.condition == nil }
        if sources[i].isOwn {
          rejections += nameless.map {
            Rejection(source: $0.source, reason: .noClass, detail: "its name says no drum class")
          }
        } else {
          unnamed += nameless.count
        }
        entries += offers.filter { $0.condition != nil }.map { Entry(source: i, offer: $0) }
      case .failure(let problem): failures.append(problem)
      }
    }
    let check = check
    let decoded = try parallelMap(entries, progress: progress) { entry -> Decoded in
      do {
        let clip = try entry.offer.decode()
        if let verdict = check.verdict(on: clip) { return Decoded(verdict: verdict) }
        return Decoded(
          audible: SoundFingerprint.audible(clip), clip: clip)
      } catch let problem as Problem { return Decoded(verdict: (.unreadable, problem.what)) }
    }

    var first: [String: String] = [:]
    var twins: [DrumClass: TwinFinder] = [:]
    var names: Set<String> = []
    var kept: [Kept] = []
    for (entry, sound) in zip(entries, decoded) {
      let offer = entry.offer
      guard let clip = sound.clip, let condition = offer.condition else {
        if let verdict = sound.verdict {
          rejections.append(Rejection(source: offer.source, reason: verdict.reason, detail: verdict.detail))
        }
        continue
      }
      // A variant may come out as its preset: it does no harm where there is nothing but training.
      if !offer.isTrainingOnly,
        let twin = first[sound.audible] ?? twins[condition, default: TwinFinder()].twin(of: clip, name: offer.source)
      {
        rejections.append(Rejection(source: offer.source, reason: .duplicate, detail: "sounds as \(twin)"))
        continue
      }
      first[sound.audible] = offer.source
      let candidate = Self.unused(Self.slug(offer.name), &names)
      kept.append(
        Kept(
          source: entry.source,
          shot: OneShot(
            candidate: candidate, condition: condition, file: "sounds/\(candidate).flac", group: offer.group,
            tags: offer.tags, licence: offer.licence, source: offer.source,
            duration: (clip.duration * 10000).rounded() / 10000, sampleRate: clip.sampleRate,
            channelCount: clip.channels.count, sha256: ""),
          kit: offer.kit, isTrainingOnly: offer.isTrainingOnly, clip: clip
        ))
    }
    kept.sort { ($0.shot.condition, $0.shot.candidate) < ($1.shot.condition, $1.shot.candidate) }

    var leakCheck: LeakCheck?
    if let splitter {
      let prints = try Self.split(&kept, by: splitter, rejections: &rejections)
      leakCheck = LeakCheck(kept.map(\.shot), prints: prints)
    }

    try Self.clear(folder)
    let oneShots = try parallelMap(kept) { kept in
      let url = folder.appending(path: kept.shot.file)
      try AudioFile.write(kept.clip, to: url, as: .flac24)
      var shot = kept.shot
      // Of what a reader of the library will decode, rather than of what was meant to be written.
      shot.sha256 = SoundFingerprint.exact(try AudioFile.read(url))
      return shot
    }
    let library = LibraryTable(folder: folder, oneShots: oneShots)
    try Rejection.write(rejections, into: folder)
    try library.write()
    let counts = sources.enumerated().map { i, source in
      (
        source: source.name,
        count: Dictionary(grouping: kept.filter { $0.source == i }, by: \.shot.condition).mapValues(\.count)
      )
    }
    return Outcome(
      library: library, rejections: rejections, counts: counts,
      sourceOf: Dictionary(uniqueKeysWithValues: kept.map { ($0.shot.candidate, sources[$0.source].name) }),
      unnamed: unnamed, failures: failures, leakCheck: leakCheck)
  }

  /// Gives every sound its split. What is for training only goes where its kit is not for training, and where it came
  /// out too near to a sound that is held out.
  /// - Returns: the prints of those that stay.
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
        : near[i].map { "too near to \(all[$0].shot.candidate), which is held out" } ?? ""
      rejections.append(Rejection(source: sound.shot.source, reason: .heldOut, detail: detail))
    }
    kept = staying.map { all[$0] }
    return staying.map { prints[$0] }
  }

  /// Takes away the sounds of an earlier build and nothing else.
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

  /// Lower-case letters, digits and single hyphens: `hydrogen-tr808emulationkit-808-kick-long`.
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
