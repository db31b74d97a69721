import Basics
import Foundation
import Sound
import Stimuli
import Study
import Synchronization
import TestSupport
import Testing

/// Studies of synthetic sounds in a temporary folder, which is removed with this object.
final class SoundFolder {
  let root = FileManager.default.temporaryDirectory.appending(path: "earshot-stimuli-\(UUID().uuidString)")
  var data: URL { root.appending(path: "data") }

  init() throws { try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: root) }

  /// Silence, then a decaying mixture of a tone and noise.
  static func hit(
    _ seed: UInt64, rate: Int = 44100, seconds: Double = 0.4, silence: Int = 0, level: Float = 0.5
  ) -> [Float] {
    var random = SeededRandom(seed: seed, "hit")
    let frequency = random.uniform(50...4000), decay = random.uniform(0.02...0.15)
    let sound = (0..<Int(seconds * Double(rate))).map { (i: Int) -> Float in
      let time = Double(i) / Double(rate)
      let wave = cos(2 * .pi * frequency * time) + random.uniform(-0.3...0.3)
      return level * Float(exp(-time / decay) * wave / 1.3)
    }
    return [Float](repeating: 0, count: silence) + sound
  }

  static func loop(_ seed: UInt64, rate: Int = 44100, seconds: Double = 2) -> Clip {
    var random = SeededRandom(seed: seed, "loop")
    let frequency = random.uniform(100...900)
    let channels = (0..<2).map { c in
      (0..<Int(seconds * Double(rate))).map { (i: Int) -> Float in
        let time = Double(i) / Double(rate)
        return 0.2 * Float(sin(2 * .pi * frequency * time + Double(c)) + random.uniform(-0.2...0.2))
      }
    }
    return Clip(channels: channels, sampleRate: rate)
  }

  func write(_ clip: Clip, _ name: String) throws -> URL {
    let url = root.appending(path: name)
    try AudioFile.write(clip, to: url, as: .wavFloat)
    return url
  }

  func request(
    _ name: String, _ clip: Clip, _ role: StimulusRequest.Role = .candidate, lowpass: Double? = nil
  ) throws -> StimulusRequest {
    StimulusRequest(
      stimulus: name, role: role, condition: role == .query ? "" : "kick", file: try write(clip, "\(name).wav"),
      lowpass: lowpass, licence: "CC0-1.0", source: "synthesised, for \"tests\"")
  }

  func design(_ requests: [StimulusRequest], _ change: (inout StudyDefinition.Sounds) -> Void = { _ in }) -> StudyDesign
  {
    var definition = StudyDefinition()
    definition.sounds.queryLoudness = -23
    definition.sounds.candidateLoudness = -26
    definition.sounds.candidateMaxDuration = 1
    change(&definition.sounds)
    return StudyDesign(definition: definition, version: "v", items: [], stimuli: requests)
  }

  /// Candidates of all kinds: sample rates, channels, silence, lengths; an anchor; two loops.
  func mixture() throws -> [StimulusRequest] {
    let twoSided = Clip(channels: [Self.hit(3), Self.hit(4, level: 0.3)], sampleRate: 44100)
    return [
      try request("mix-1", Self.loop(1), .query),
      try request("mix-2", Self.loop(2, rate: 48000, seconds: 3), .query),
      try request("plain", Clip(mono: Self.hit(1), sampleRate: 44100)),
      try request("late", Clip(mono: Self.hit(2, rate: 48000, silence: 9000), sampleRate: 48000)),
      try request("wide", twoSided),
      try request("long", Clip(mono: Self.hit(5, rate: 22050, seconds: 4), sampleRate: 22050)),
      try request("short", Clip(mono: Self.hit(6, seconds: 0.03), sampleRate: 44100)),
      try request("anchor:plain", Clip(mono: Self.hit(1), sampleRate: 44100), lowpass: 3500),
    ]
  }

  func served(_ prepared: PreparedStimuli) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for stimulus in prepared.stimuli {
      let url = try #require(prepared.file(of: stimulus.stimulus))
      files[stimulus.stimulus] = try Data(contentsOf: url)
    }
    return files
  }

  func names() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: data.appending(path: "stimuli").path))
  }
}

@Suite("Prepared stimuli")
struct PreparedStimuliTests {
  let folder: SoundFolder

  init() throws { folder = try SoundFolder() }

  @Test("every sound is stereo, at the study's rate and loudness, below its ceiling, and starts with its attack")
  func prepared() throws {
    let prepared = try PreparedStimuli.prepare(folder.design(try folder.mixture()), into: folder.data)
    #expect(prepared.freshCount == 8)
    for stimulus in prepared.stimuli {
      let clip = try AudioFile.read(try #require(prepared.file(of: stimulus.stimulus)))
      #expect(clip.sampleRate == 44100 && clip.channels.count == 2)
      let loudness = try Loudness.measure(clip)
      let reached = stimulus.role == .query ? loudness.integrated : loudness.maximumMomentary
      #expect(abs(reached - stimulus.loudness) < 0.02)
      #expect(abs(loudness.truePeak - stimulus.peak) < 0.02)
      #expect(loudness.truePeak < -1 + 0.01)
      if !stimulus.isLimited { #expect(abs(reached - (stimulus.role == .query ? -23 : -26)) < 0.02) }
      #expect(abs(stimulus.duration - clip.duration) < 1e-5)
      if stimulus.role == .candidate {
        #expect(clip.duration <= 1)
        let attack = try #require(Attack.find(in: clip))
        #expect(attack.frame <= 89)
      }
    }
    #expect(prepared.file(of: "nobody") == nil)
    let mixes = prepared.stimuli.filter { $0.role == .query }
    #expect(mixes.map(\.duration) == [2, 3])
  }

  @Test("a study's own rate, loudness and ceiling are met")
  func ownRules() throws {
    let design = folder.design(try folder.mixture()) {
      $0.sampleRate = 48000
      $0.candidateLoudness = -14
      $0.truePeakCeiling = -6
    }
    let prepared = try PreparedStimuli.prepare(design, into: folder.data)
    #expect(prepared.stimuli.allSatisfy { $0.sampleRate == 48000 && $0.peak <= -5.999 })
    let limited = prepared.stimuli.filter(\.isLimited)
    #expect(!limited.isEmpty)
    for stimulus in limited {
      #expect(abs(stimulus.peak + 6) < 0.002)
      #expect(stimulus.loudness < (stimulus.role == .query ? -23 : -14))
    }
  }

  @Test("the attack equals the source's, sample for sample, up to gain and rounding")
  func attack() throws {
    let source = SoundFolder.hit(9, silence: 3000)
    let prepared = try PreparedStimuli.prepare(
      folder.design([try folder.request("a", Clip(mono: source, sampleRate: 44100))]), into: folder.data)
    let clip = try AudioFile.read(try #require(prepared.file(of: "a")))
    let gain = Float(pow(10, prepared.stimuli[0].gain / 20))
    for channel in clip.channels {
      for i in 0..<2000 { #expect(abs(channel[i] - source[3000 - 88 + i] * gain) < 6e-5) }
    }
  }

  @Test("an anchor is the reference without its treble")
  func anchor() throws {
    var random = SeededRandom(seed: 1, "noise")
    let noise = Clip(mono: (0..<44100).map { _ in Float(random.uniform(-0.5...0.5)) }, sampleRate: 44100)
    let prepared = try PreparedStimuli.prepare(
      folder.design([try folder.request("anchor:n", noise, lowpass: 3500)]), into: folder.data)
    let clip = try AudioFile.read(try #require(prepared.file(of: "anchor:n")))
    var treble = clip.channels[0]
    var highpass = BiquadChain(
      [Biquad](repeating: .highpass(6000, sampleRate: 44100), count: 4))
    highpass.process(&treble)
    func power(_ samples: [Float]) -> Double { samples.reduce(0) { $0 + Double($1 * $1) } }
    #expect(power(treble) < 1e-4 * power(clip.channels[0]))
  }

  @Test("stimuli.csv has the design's columns and one row per stimulus, in order")
  func table() throws {
    let prepared = try PreparedStimuli.prepare(folder.design(try folder.mixture()), into: folder.data)
    let reader = try TableReader(prepared.table)
    #expect(
      reader.columns == [
        "stimulus", "role", "condition", "file", "sha256", "duration_s", "sample_rate_hz", "channels", "loudness_lufs",
        "peak_dbtp", "gain_db", "licence", "source",
      ])
    let rows = try TableReader.rows(prepared.table)
    #expect(rows.map { $0["stimulus"] } == prepared.stimuli.map(\.stimulus))
    for row in rows {
      let file = folder.data.appending(path: try row.text("file"))
      #expect(try ContentHash.ofFile(file) == (try row.text("sha256")))
      #expect(row["licence"] == "CC0-1.0" && row["source"] == "synthesised, for \"tests\"")
      #expect(row["condition"] == (row["role"] == "query" ? nil : "kick"))
    }
  }

  @Test("files have opaque names, and contain only what a decoder needs")
  func bare() throws {
    let prepared = try PreparedStimuli.prepare(folder.design(try folder.mixture()), into: folder.data)
    let files = try folder.served(prepared)
    for name in try folder.names() { #expect(name.wholeMatch(of: /[0-9a-f]{32}\.flac/) != nil) }
    for (name, bytes) in files {
      // STREAMINFO as the last block, then audio frames; no padding and no text of any kind.
      #expect(bytes[0..<8] == Data([0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34]))
      #expect(bytes[42] == 0xff && bytes[43] & 0xfc == 0xf8)
      #expect(prepared.item(of: name)?.size == bytes.count)
      for word in [name, "libFLAC", "plain", "anchor"] { #expect(bytes.range(of: Data(word.utf8)) == nil) }
    }
    // The same sounds in another folder: the same bytes, other names.
    let other = folder.root.appending(path: "other")
    let again = try PreparedStimuli.prepare(folder.design(try folder.mixture()), into: other)
    #expect(again.stimuli.map(\.sha256) == prepared.stimuli.map(\.sha256))
    #expect(Set(again.stimuli.map(\.file)).isDisjoint(with: prepared.stimuli.map(\.file)))
  }

  @Test("a second call reads the tables and touches nothing")
  func idle() throws {
    let design = folder.design(try folder.mixture())
    let first = try PreparedStimuli.prepare(design, into: folder.data)
    func state() throws -> [String: Date] {
      var dates: [String: Date] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder.data.path) {
        let path = folder.data.appending(path: name).path
        dates[name] = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      }
      return dates
    }
    let before = try state()
    let second = try PreparedStimuli.prepare(design, into: folder.data) { _, _ in
      Issue.record("nothing is to be prepared")
    }
    #expect(second.freshCount == 0 && second.stimuli == first.stimuli)
    #expect(try state() == before)
  }

  @Test("what a server sends stays when another design is prepared beside it")
  func beside() throws {
    let folder = try SoundFolder()
    let requests = try folder.mixture()
    let served = try PreparedStimuli.prepare(folder.design(requests), into: folder.data)
    let sent = try #require(served.file(of: requests[0].stimulus)).path
    let other = folder.design(Array(requests.dropFirst()))
    var lock = try FolderLock(folder.data, name: "serving.lock")
    #expect(lock != nil)
    _ = try PreparedStimuli.prepare(other, into: folder.data)
    #expect(FileManager.default.fileExists(atPath: sent))
    lock = nil
    _ = try PreparedStimuli.prepare(other, into: folder.data)
    #expect(!FileManager.default.fileExists(atPath: sent))
  }

  @Test("processes that prepare the same sounds at once do it once, and leave each other's files alone")
  func atOnce() throws {
    let folder = try SoundFolder()
    let (design, data) = (folder.design(try folder.mixture()), folder.data)
    let fresh = Mutex<[Int]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      do {
        let prepared = try PreparedStimuli.prepare(design, into: data)
        fresh.withLock { $0.append(prepared.freshCount) }
        for sound in design.stimuli {
          let file = try #require(prepared.file(of: sound.stimulus))
          #expect(FileManager.default.fileExists(atPath: file.path))
        }
      } catch { Issue.record(error) }
    }
    #expect(fresh.withLock { $0.sorted() } == [0, 0, 0, design.stimuli.count])
  }

  @Test("what changed is prepared anew, and only that")
  func changes() throws {
    var requests = try folder.mixture()
    let first = try PreparedStimuli.prepare(folder.design(requests), into: folder.data)

    // A missing file, a damaged one of the same size, and another source.
    try FileManager.default.removeItem(at: try #require(first.file(of: "plain")))
    let damaged = try #require(first.file(of: "wide"))
    var bytes = try Data(contentsOf: damaged)
    bytes[bytes.count - 50] ^= 1
    try bytes.write(to: damaged)
    _ = try folder.request("late", Clip(mono: SoundFolder.hit(77), sampleRate: 44100))
    let second = try PreparedStimuli.prepare(folder.design(requests), into: folder.data)
    #expect(second.freshCount == 3)
    #expect(try folder.names().count == 8)
    let kept = first.stimuli.filter { !["plain", "wide", "late"].contains($0.stimulus) }
    #expect(kept.allSatisfy { second.stimuli.contains($0) })
    #expect(second.stimuli[2].sha256 == first.stimuli[2].sha256 && second.stimuli[4].sha256 == first.stimuli[4].sha256)
    #expect(second.stimuli[3].sha256 != first.stimuli[3].sha256)

    // A new licence changes only the table; a touched source with the same content changes nothing.
    requests[2].licence = "CC-BY-4.0"
    try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: requests[3].file.path)
    let third = try PreparedStimuli.prepare(folder.design(requests), into: folder.data)
    #expect(third.freshCount == 0 && third.stimuli[2].licence == "CC-BY-4.0")
    #expect(try TableReader.rows(third.table)[2]["licence"] == "CC-BY-4.0")

    // Another loudness for candidates leaves the loops alone; a removed stimulus loses its file.
    requests.removeLast()
    let fourth = try PreparedStimuli.prepare(
      folder.design(requests) { $0.candidateLoudness = -30 }, into: folder.data)
    #expect(fourth.freshCount == 5)
    #expect(Array(fourth.stimuli[0..<2]) == Array(third.stimuli[0..<2]))
    #expect(try folder.names() == Set(fourth.stimuli.map { String($0.file.dropFirst(8)) }))
  }

  @Test("files that an earlier version padded to one size lose their padding, without being prepared again")
  func padded() throws {
    let design = folder.design(try folder.mixture())
    let first = try PreparedStimuli.prepare(design, into: folder.data)
    // The older state: a PADDING block after STREAMINFO, and the padded size in the table.
    let record = folder.data.appending(path: "prepared.csv")
    var table = try String(contentsOf: record, encoding: .utf8)
    for stimulus in first.stimuli {
      let file = try #require(first.file(of: stimulus.stimulus))
      let bare = try Data(contentsOf: file)
      var padded = bare
      padded[4] = 0
      padded.insert(contentsOf: [0x81, 0, 0x10, 0] + [UInt8](repeating: 0, count: 4096), at: 42)
      try padded.write(to: file)
      table = table.replacing(stimulus.sha256, with: ContentHash.of(padded))
      // The last three columns: bytes, changed_ns, bare_bytes.
      table =
        table.split(separator: "\n").map { line in
          guard line.contains(stimulus.file) else { return String(line) }
          var cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
          cells[cells.count - 3] = "\(padded.count)"
          return cells.joined(separator: ",")
        }.joined(separator: "\n") + "\n"
    }
    try Data(table.utf8).write(to: record)
    let second = try PreparedStimuli.prepare(design, into: folder.data)
    #expect(second.freshCount == 0)
    #expect(second.stimuli.map(\.sha256) == first.stimuli.map(\.sha256))
    #expect(Set(second.stimuli.map(\.file)).isDisjoint(with: first.stimuli.map(\.file)))
    #expect(try folder.names().count == 8)
    let third = try PreparedStimuli.prepare(design, into: folder.data)
    #expect(third.stimuli == second.stimuli)
  }

  @Test("an interrupted call leaves nothing behind that disturbs the next one")
  func interrupted() throws {
    let design = folder.design(try folder.mixture())
    let first = try PreparedStimuli.prepare(design, into: folder.data)
    let stimuli = folder.data.appending(path: "stimuli")
    // As if killed between writing files and tables, and between the two tables.
    let orphan = String(repeating: "ab", count: 16)
    try Data("half".utf8).write(to: stimuli.appending(path: "\(orphan).flac"))
    try Data("half".utf8).write(to: stimuli.appending(path: ".\(orphan).part"))
    try FileManager.default.createDirectory(
      at: stimuli.appending(path: ".parts"), withIntermediateDirectories: true)
    try Data("half".utf8).write(to: stimuli.appending(path: ".parts/1.flac"))
    try Data("someone's own".utf8).write(to: stimuli.appending(path: "notes.txt"))
    try FileManager.default.removeItem(at: first.table)
    let second = try PreparedStimuli.prepare(design, into: folder.data)
    #expect(second.freshCount == 0 && second.stimuli == first.stimuli)
    #expect(try TableReader.rows(second.table).count == 8)
    #expect(try folder.names() == Set(first.stimuli.map { String($0.file.dropFirst(8)) } + ["notes.txt"]))
    // A table that cannot be read counts as missing.
    try Data("nonsense\n".utf8).write(to: folder.data.appending(path: "prepared.csv"))
    let third = try PreparedStimuli.prepare(design, into: folder.data)
    #expect(third.freshCount == 8)
    #expect(third.stimuli.map(\.sha256) == first.stimuli.map(\.sha256))
  }

  @Test("all problems are reported, each with its file, and the last valid state stays")
  func problems() throws {
    let good = try folder.mixture()
    let first = try PreparedStimuli.prepare(folder.design(good), into: folder.data)
    let broken = folder.root.appending(path: "broken.ogg")
    try Data("OggS but no more".utf8).write(to: broken)
    var requests = good
    requests.append(
      StimulusRequest(stimulus: "b", role: .candidate, condition: "", file: broken, licence: "", source: ""))
    requests.append(
      StimulusRequest(
        stimulus: "none", role: .candidate, condition: "", file: folder.root.appending(path: "none.wav"), licence: "",
        source: ""))
    requests.append(try folder.request("mute", Clip(mono: .init(repeating: 0, count: 999), sampleRate: 44100)))
    requests.append(try folder.request("nan", Clip(mono: SoundFolder.hit(1), sampleRate: 44100)))
    try RawSounds.wav(SoundFolder.hit(1) + [.nan]).write(to: folder.root.appending(path: "nan.wav"))
    requests.append(try folder.request("cut", Clip(mono: SoundFolder.hit(1), sampleRate: 44100)))
    try RawSounds.wav(SoundFolder.hit(1)).dropLast(30000).write(to: folder.root.appending(path: "cut.wav"))
    requests.append(
      try folder.request("six", Clip(channels: .init(repeating: SoundFolder.hit(1), count: 6), sampleRate: 44100)))
    requests.append(try folder.request("blip", Clip(mono: SoundFolder.hit(1, seconds: 0.2), sampleRate: 44100), .query))
    requests.append(try folder.request("high", Clip(mono: SoundFolder.hit(1), sampleRate: 44100), lowpass: 90000))
    do {
      _ = try PreparedStimuli.prepare(folder.design(requests), into: folder.data)
      Issue.record("unusable sounds were accepted")
    } catch let problems as Problems {
      #expect(problems.list.count == 8)
      for file in ["broken.ogg", "none.wav", "mute.wav", "nan.wav", "cut.wav", "six.wav", "blip.wav", "high.wav"] {
        #expect(problems.list.contains { $0.place?.file.hasSuffix(file) == true && !$0.mend.isEmpty })
      }
      // The check reports the same problems, and remembers valid sounds only.
      let check = StimulusCheck(folder: folder.root.appending(path: "checked"))
      let rules = folder.design([]).definition.sounds
      for _ in 0..<2 {
        let told = requests.compactMap { request -> Problem? in
          do { try check(request, sourceHash: request.stimulus, rules: rules) } catch { return error as? Problem }
          return nil
        }
        #expect(told == problems.list)
      }
    }
    let again = try PreparedStimuli.prepare(folder.design(good), into: folder.data)
    #expect(again.freshCount == 0 && again.stimuli == first.stimuli)
  }

  @Test("a sound that was found valid is not decoded again, unless the rules change")
  func remembered() throws {
    let check = StimulusCheck(folder: folder.root.appending(path: "checked"))
    let request = try folder.request("a", Clip(mono: SoundFolder.hit(1), sampleRate: 44100))
    var rules = folder.design([]).definition.sounds
    try check(request, sourceHash: "a", rules: rules)
    try Data("no sound".utf8).write(to: request.file)
    try check(request, sourceHash: "a", rules: rules)
    #expect(throws: Problem.self) { try check(request, sourceHash: "b", rules: rules) }
    rules.candidateLoudness -= 1
    #expect(throws: Problem.self) { try check(request, sourceHash: "a", rules: rules) }
    #expect(throws: Problem.self) { try StimulusCheck(folder: nil)(request, sourceHash: "a", rules: rules) }
  }

  @Test("summaries say how well a role's sounds match, and name those limited by the ceiling")
  func summaries() throws {
    let design = folder.design(try folder.mixture()) { $0.candidateLoudness = -12 }
    let prepared = try PreparedStimuli.prepare(design, into: folder.data)
    let summaries = prepared.summaries
    #expect(summaries.map(\.role) == [.query, .candidate] && summaries.map(\.count) == [2, 6])
    #expect(summaries[0].duration == 5 && summaries[0].limited.isEmpty)
    let candidates = prepared.stimuli.filter { $0.role == .candidate }
    #expect(summaries[1].gain.lowerBound == candidates.map(\.gain).min())
    #expect(summaries[1].loudness.upperBound == candidates.map(\.loudness).max())
    #expect(summaries[1].limited.map(\.loudness) == candidates.filter(\.isLimited).map(\.loudness).sorted())
    #expect(!summaries[1].limited.isEmpty)
  }

  @Test("a name that is requested twice is a problem")
  func doubled() throws {
    let request = try folder.request("a", Clip(mono: SoundFolder.hit(1), sampleRate: 44100))
    #expect(throws: Problems.self) {
      try PreparedStimuli.prepare(folder.design([request, request]), into: folder.data)
    }
  }

  @Test("progress is reported for every sound that is prepared")
  func progress() throws {
    let counter = Counter()
    _ = try PreparedStimuli.prepare(folder.design(try folder.mixture()), into: folder.data) { _, total in
      counter.add(total)
    }
    #expect(counter.totals == Array(repeating: 8, count: 8))
  }
}

/// Collects what a progress handler is told, from any thread.
private final class Counter: Sendable {
  private let list = Mutex<[Int]>([])
  var totals: [Int] { list.withLock(\.self) }
  func add(_ total: Int) { list.withLock { $0.append(total) } }
}
