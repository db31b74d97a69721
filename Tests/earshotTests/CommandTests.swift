import Basics
import Foundation
import Sound
import Study
import TestSupport
import Testing
import Trials

/// The program itself, run as a user runs it.
@Suite("The command line")
struct CommandTests {
  struct Outcome {
    var status: Int32
    var output: String
  }

  /// Runs the program that was built with these tests.
  static func earshot(_ arguments: String...) throws -> Outcome { try earshot(arguments) }

  /// - Parameter input: the text on standard input; nil for the tests' own standard input.
  static func earshot(_ arguments: [String], input: String? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "earshot")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    let typed = Pipe()
    if input != nil { process.standardInput = typed }
    try process.run()
    if let input { try typed.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
    try typed.fileHandleForWriting.close()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
  }

  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-new-\(UUID().uuidString)")

  @Test("the manual page has every command, and shell completions know them")
  func manual() throws {
    let page = try Self.earshot("help", "man")
    #expect(page.status == 0 && page.output.hasPrefix(".TH EARSHOT 1"))
    for shell in ["bash", "zsh", "fish"] {
      let script = try Self.earshot("--generate-completion-script", shell)
      #expect(script.status == 0)
      for command in ["serve", "lab\\-users add", "library build", "analyze"] {
        #expect(page.output.contains(".SS earshot \(command)\n"), "\(command)")
        let words = command.replacing("\\", with: "").split(separator: " ")
        #expect(words.allSatisfy { script.output.contains($0) }, "\(shell) \(command)")
      }
    }
    // No line of text may look like a roff request.
    let requests: Set = ["TH", "SH", "SS", "TP", "PP", "B", "I", "nf", "fi"]
    for line in page.output.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
      #expect(requests.contains(String(line.dropFirst().prefix { $0 != " " })), "\(line)")
    }
  }

  @Test("users of the lab are added, listed and removed by name; passwords come from standard input")
  func labUsers() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder.appending(path: "data"), withIntermediateDirectories: true)
    func users(_ words: String..., input: String? = nil) throws -> Outcome {
      try Self.earshot(["lab-users", words[0], folder.path] + words.dropFirst(), input: input)
    }
    #expect(try users("list").output.contains("Nobody"))
    #expect(try users("add", "ada", input: "four words that fit\n").output == "ada is an owner.\n")
    #expect(try users("add", "grace", "--role", "reader", input: "four words that fit").status == 0)
    #expect(try users("list").output == "ada    owner\ngrace  reader\n")
    let short = try users("add", "ada", input: "short\n")
    #expect(short.status == 1 && short.output.contains("the password has 5 characters"))
    for name in ["", "Ada", "a/b", "-x", String(repeating: "a", count: 41)] {
      #expect(try users("add", name, input: "four words that fit\n").status == 64, "\(name)")
    }
    #expect(try users("remove", "ada").status == 0)
    let missing = try users("remove", "grce")
    #expect(missing.status == 1 && missing.output.contains("grace"), "\(missing.output)")
    #expect(try users("list").output == "grace  reader\n")
    let nowhere = try Self.earshot("lab-users", "list", folder.appending(path: "nowhere").path)
    #expect(nowhere.status == 1 && nowhere.output.contains("there is no such data folder"))
  }

  @Test("a new study is valid at once, and its check says what it asks of listeners", arguments: ["demo", "likert"])
  func new(template: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let made = try Self.earshot(
      "new", folder.path, "--template", template, "--loops", "4", "--per-class", "8")
    #expect(made.status == 0, "\(made.output)")
    let reading = StudyReading(folder: folder)
    #expect(reading.problems.map(\.description) == [])
    #expect(reading.design?.items.count == 12)
    let check = try Self.earshot("check", folder.path, "--participants", "12")
    #expect(check.status == 0 && check.output.contains("Over 12 listeners"), "\(check.output)")
    let json = try Self.earshot("check", folder.path, "--json")
    let told = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(told["version"] as? String == reading.design?.version)
    #expect(((told["design"] as? [String: Any])?["items"] as? [Any])?.count == 12)
    let anchors = " candidates, 12 anchors made by a low-pass"
    #expect(check.output.contains(anchors) == (template == "demo"), "\(check.output)")
    #expect(check.output.contains(", 2.0 welcome, volume and instructions"), "\(check.output)")
    if template == "demo" { try sounds(of: folder.appending(path: "sounds")) }
    let again = try Self.earshot("new", folder.path)
    #expect(again.status != 0 && again.output.contains("already"))
  }

  /// The program warns if a trained model's figures may rest on sounds that it learned from. A user's own folder serves
  /// as a library.
  private func sounds(of folder: URL) throws {
    let library = folder.appending(path: "library").path, mixes = folder.appending(path: "mixes").path
    let out = folder.appending(path: "out.csv").path
    let ranked = try Self.earshot(
      "rank", "--library", library, "--mixes", mixes, "--system", "conditional", "--out", out)
    #expect(ranked.status == 0 && ranked.output.contains("conditional may have learned from some"), "\(ranked.output)")
    let baseline = try Self.earshot("rank", "--library", library, "--mixes", mixes, "--system", "random", "--out", out)
    #expect(baseline.status == 0 && !baseline.output.contains("learned"), "\(baseline.output)")
    // Two sounds of each class are takes of one instrument.
    let all = try Ranking.read(URL(filePath: out))
    let grouped = folder.appending(path: "library/grouped.csv")
    var groups: [String: String] = [:]
    try TableWriter.write(grouped, columns: ["candidate", "condition", "file", "group"]) { table in
      for (i, row) in try TableReader.rows(folder.appending(path: "library/library.csv")).enumerated() {
        let names = try ["candidate", "condition", "file"].map { try row.name($0) }
        groups[names[0]] = "\(names[1]) \(i / 2)"
        try table.row(names + ["\(names[1]) \(i / 2)"])
      }
    }
    let apart = try Self.earshot(
      "rank", "--library", grouped.path, "--mixes", mixes, "--system", "random", "--one-per-group", "--out", out)
    #expect(apart.status == 0, "\(apart.output)")
    for (whole, one) in zip(all, try Ranking.read(URL(filePath: out))) {
      let kept = one.entries.map { groups[$0.candidate] ?? "" }
      #expect(Set(kept).count == kept.count && kept.count < whole.entries.count)
      #expect(Set(kept) == Set(whole.entries.map { groups[$0.candidate] ?? "" }))
      #expect(one.entries.first?.candidate == whole.entries.first?.candidate)
    }
    let alone = try Self.earshot("library", "build", "--set", "own", "--out", folder.appending(path: "own").path)
    #expect(alone.status == 64 && alone.output.contains("name them with --add"), "\(alone.output)")
    let own = try Self.earshot(
      "library", "build", "--set", "own", "--add", "\(library)/sounds", "--out", folder.appending(path: "own").path)
    #expect(own.status == 0 && !own.output.contains("synth"), "\(own.output)")
  }

  @Test("a new study may keep some of the languages; one that is removed later gives a single warning")
  func languages() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let unknown = try Self.earshot("new", folder.path, "--language", "fr", "--no-sounds")
    #expect(unknown.status == 1 && unknown.output.contains("It has en, de."), "\(unknown.output)")
    for kept in ["en", "de"] {
      let study = folder.appending(path: kept)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      #expect(try Self.earshot("new", study.path, "--language", kept, "--no-sounds").status == 0)
      // Only its sounds are missing, and none of its texts.
      let told = StudyReading(folder: study).problems.map(\.description)
      #expect(told.allSatisfy { $0.contains("there is no table") }, "\(told)")
      let texts = try FileManager.default.contentsOfDirectory(atPath: study.appending(path: "texts").path)
      #expect(texts == [kept])
    }
    let study = folder.appending(path: "both")
    #expect(try Self.earshot("new", study.path, "--no-sounds").status == 0)
    let yaml = study.appending(path: "study.yaml")
    let text = try String(contentsOf: yaml, encoding: .utf8)
    try Data(text.replacing("languages: [en, de]", with: "languages: [en]").utf8).write(to: yaml)
    let told = StudyReading(folder: study).problems.filter { !$0.what.contains("there is no table") }
    #expect(told.count == 1 && told[0].severity == .warning, "\(told)")
    #expect(told.first?.what.contains("texts for 'de', from here on, are not shown") == true)
  }

  @Test(
    "a folder of versions becomes a study that runs at once, and mismatches are reported",
    arguments: TrialTypes.all.filter { $0.sources.first == .renderings }.map(\.name))
  func versions(type: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let sounds = folder.appending(path: "my sounds")
    for (system, gain) in [("Reference", 1.0), ("opus_24k", 0.9), ("model_a", 0.8)] {
      try FileManager.default.createDirectory(at: sounds.appending(path: system), withIntermediateDirectories: true)
      for item in ["speech1", "speech2", "speech10"] where (system, item) != ("opus_24k", "speech2") {
        let seconds = (system, item) == ("model_a", "speech1") ? 0.8 : 1.0
        var random = SeededRandom(seed: 1, item)
        let samples = (0..<Int(48000 * seconds)).map { _ in Float(0.1 * gain * random.normal()) }
        try AudioFile.write(
          Clip(mono: samples, sampleRate: 48000), to: sounds.appending(path: "\(system)/\(item).wav"), as: .wav16)
      }
    }
    try Data("notes".utf8).write(to: sounds.appending(path: "opus_24k/notes.txt"))
    let study = folder.appending(path: "study")
    let made = try Self.earshot("new", study.path, "--type", type, "--from", sounds.path)
    #expect(made.status == 0, "\(made.output)")
    for told in [
      "items      3: speech1, speech2, speech10", "systems    2: model_a, opus_24k", "reference  Reference",
      "speech2 is missing in opus_24k", "opus_24k/notes.txt is not a sound file",
    ] { #expect(made.output.contains(told), "\(told): \(made.output)") }
    // In acr, each version is heard by itself, so their lengths need not be equal.
    #expect(made.output.contains("0.2 s shorter than the longest") == (type != "acr"), "\(made.output)")
    let reading = StudyReading(folder: study)
    #expect(reading.errors.map(\.description) == [])
    #expect(reading.design?.definition.runs.map(\.type) == [type])
    let check = try Self.earshot("check", study.path)
    #expect(check.status == 0 && check.output.contains("0.2 s shorter") == (type != "acr"), "\(check.output)")
    let simulated = try Self.earshot("simulate", study.path, "--listeners", "2")
    #expect(simulated.status == 0, "\(simulated.output)")
    let data = study.appending(path: "data/simulated").path
    let exported = try Self.earshot("export", study.path, "--data", data)
    #expect(exported.status == 0, "\(exported.output)")
    let table = try #require(TrialTypes.named(type)).table.name
    let rows = try TableReader.rows(URL(filePath: data).appending(path: "export/\(table).csv"))
    #expect(rows.count > 4 && rows.allSatisfy { $0["trial_type"] == type })
    #expect(!FileManager.default.fileExists(atPath: data + "/export/rankings.csv"))
    let found = try Self.earshot("analyze", study.path, "--data", data, "--json")
    // The analysis is of systems, not of their versions.
    #expect(
      found.status == 0 && found.output.contains("opus_24k") && !found.output.contains("speech1/"), "\(found.output)")
  }

  @Test(
    "a folder of sounds becomes a study of a set",
    arguments: TrialTypes.all.filter { $0.sources.contains(.sounds) }.map(\.name))
  func sounds(type: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let sounds = folder.appending(path: "my sounds")
    try FileManager.default.createDirectory(at: sounds, withIntermediateDirectories: true)
    for (i, name) in ["s1", "s2", "s10", "s3"].enumerated() {
      var random = SeededRandom(seed: 1, name)
      let samples = (0..<24000).map { _ in Float(0.1 * Double(i + 1) * random.normal()) / 4 }
      try AudioFile.write(Clip(mono: samples, sampleRate: 48000), to: sounds.appending(path: "\(name).wav"), as: .wav16)
    }
    try Data("notes".utf8).write(to: sounds.appending(path: "notes.txt"))
    let study = folder.appending(path: "study")
    let made = try Self.earshot("new", study.path, "--type", type, "--from", sounds.path)
    #expect(made.status == 0, "\(made.output)")
    for told in ["sounds     4: s1, s2, s3, s10", "notes.txt is not a sound file"] {
      #expect(made.output.contains(told), "\(told): \(made.output)")
    }
    let reading = StudyReading(folder: study)
    #expect(reading.problems.map(\.description) == [])
    #expect(reading.design?.definition.runs.map(\.source) == [.sounds])
    guard type == "sort" || type == "triplet" else { return }
    let file = study.appending(path: "study.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    for (language, isSpoken) in [("pt-BR", true), ("fi", false)] {
      let head = "languages: [\(language)]\nscale: {low: eri, high: sama}"
      try Data("\(head)\n\(text)".utf8).write(to: file)
      let check = try Self.earshot("check", study.path)
      #expect(check.status == 0 && check.output.contains("not translated into 'fi'") != isSpoken, "\(check.output)")
    }
    try Data(text.utf8).write(to: file)
    let simulated = try Self.earshot("simulate", study.path, "--listeners", "2")
    #expect(simulated.status == 0, "\(simulated.output)")
    let data = study.appending(path: "data/simulated").path
    #expect(try Self.earshot("export", study.path, "--data", data).status == 0)
    let table = try #require(TrialTypes.named(type)).table.name
    let rows = try TableReader.rows(URL(filePath: data).appending(path: "export/\(table).csv"))
    #expect(rows.count > 4 && rows.allSatisfy { $0["trial_type"] == type })
    let found = try Self.earshot("analyze", study.path, "--data", data)
    #expect(found.status == 0, "\(found.output)")
    if type == "sort" { #expect(found.output.contains("put 4 sounds into groups"), "\(found.output)") }
  }

  @Test("a webMUSHRA configuration becomes a study, once, beside its sounds")
  func webMushra() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, gain) in [("ref", 1.0), ("c1", 0.8), ("c2", 0.6)] {
      let url = folder.appending(path: "webMUSHRA/audio/\(name).wav")
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      var random = SeededRandom(seed: 1, "noise")
      let samples = (0..<24000).map { _ in Float(0.1 * gain * random.normal()) }
      try AudioFile.write(Clip(mono: samples, sampleRate: 48000), to: url, as: .wav16)
    }
    let config = folder.appending(path: "webMUSHRA/configs/test.yaml")
    try FileManager.default.createDirectory(at: config.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(
      """
      testname: A Test
      testId: A Test!
      pages:
        - {type: mushra, id: t, content: How good?, showWaveform: true, reference: audio/ref.wav, stimuli: {C1: audio/c1.wav, C2: audio/c2.wav}}
        - {type: finish, name: Bye}

      """.utf8
    ).write(to: config)
    let study = folder.appending(path: "study").path
    let made = try Self.earshot("import", "webmushra", config.path, study)
    #expect(made.status == 0 && made.output.contains("test.yaml:4: warning: no waveform is shown"), "\(made.output)")
    let check = try Self.earshot("check", study)
    #expect(check.status == 0 && check.output.contains("Block mushra"), "\(check.output)")
    let again = try Self.earshot("import", "webmushra", config.path, study)
    #expect(again.status != 0 && again.output.contains("this name is already taken"))
  }

  @Test("a folder without versions is reported", arguments: ["mushra", "triplet", "similarity"])
  func noVersions(type: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let empty = folder.appending(path: "empty")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    let study = folder.appending(path: "study").path
    let made = try Self.earshot("new", study, "--type", type, "--from", empty.path)
    #expect(made.status != 0)
    let told = ["mushra": "no folders of systems", "triplet": "the folder has no sounds"][type]
    #expect(made.output.contains(told ?? "--from is for types that ask about versions or sounds"))
    #expect(!FileManager.default.fileExists(atPath: study))
  }

  @Test("a study without its own sounds lists the missing tables")
  func noSounds() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try Self.earshot("new", folder.path, "--no-sounds").status == 0)
    let check = try Self.earshot("check", folder.path)
    #expect(check.status == 1)
    #expect(check.output.components(separatedBy: "error: there is no table").count == 4, "\(check.output)")
  }

  @Test("check reports at once what prepare would refuse, and prepare refuses nothing else")
  func brokenSounds() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let sounds = folder.appending(path: "sounds")
    try FileManager.default.createDirectory(at: sounds, withIntermediateDirectories: true)
    let hit = (0..<9000).map { 0.5 * expf(-Float($0) / 2000) * sinf(Float($0) * 0.05) }
    let loop = (0..<44100).map { 0.2 * sinf(Float($0) * 0.03) }
    let files: [(String, Data, String)] = [
      ("good", RawSounds.wav(hit), ""), ("undefined", RawSounds.wav(hit + [.nan]), "not numbers"),
      ("vast", RawSounds.wav([3e38] + hit), "not numbers"),
      ("mute", RawSounds.wav([Float](repeating: 0, count: 9000)), "silent"),
      ("six", RawSounds.wav(hit, channels: 6), "6 channels"),
      ("cut", RawSounds.wav(hit).dropLast(18000), "0.102 s of 0.204 s"),
      ("fast", RawSounds.wav(hit, rate: 10_000_000), "10000000 Hz"),
      ("mp3", RawSounds.mp3(frames: 15, counted: 20), "0.392 s of 0.522 s"),
      ("empty", Data(), "not a sound file"),
    ]
    for (name, data, _) in files { try data.write(to: sounds.appending(path: "\(name).wav")) }
    try RawSounds.wav(loop).write(to: sounds.appending(path: "loop.wav"))
    try RawSounds.wav(Array(loop.prefix(15000))).write(to: sounds.appending(path: "blip.wav"))
    func write(_ name: String, _ lines: [String]) throws {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: name))
    }
    try write("q.csv", ["query,file", "loop,sounds/loop.wav", "blip,sounds/blip.wav"])
    try write("c.csv", ["candidate,file"] + files.map { "\($0.0),sounds/\($0.0).wav" })
    let ranked = ["loop", "blip"].flatMap { query in
      files.enumerated().map { "\(query),mine,\($0 + 1),\($1.0)" }
    }
    try write("r.csv", ["query,system,rank,candidate"] + ranked)
    try write(
      "study.yaml",
      [
        "title: T", "consent: {text: ok}", "sounds: {queries: q.csv, candidates: c.csv, rankings: r.csv}",
        "pool: {top_k: 20, max_per_trial: 20, anchor_lowpass_hz: none, hidden_reference: false}",
        "trials: {training: 0, repeats: 0, catches: 0}",
      ])
    let check = try Self.earshot("check", folder.path)
    let prepare = try Self.earshot("prepare", folder.path)
    #expect(check.status == 1 && prepare.status == 1)
    for (name, _, told) in files + [("blip", Data(), "0.4 s")] where name != "good" {
      #expect(check.output.contains("'\(name).wav'") && check.output.contains(told), "\(name): \(check.output)")
      #expect(prepare.output.contains("/\(name).wav") && prepare.output.contains(told), "\(name): \(prepare.output)")
    }
    #expect(check.output.components(separatedBy: " error: ").count == files.count + 1, "\(check.output)")
    #expect(prepare.output.components(separatedBy: " error: ").count == files.count + 1, "\(prepare.output)")

    try write("q.csv", ["query,file", "loop,sounds/loop.wav"])
    try write("r.csv", ["query,system,rank,candidate", "loop,mine,1,good", "loop,mine,2,twin"])
    try write("c.csv", ["candidate,file", "good,sounds/good.wav", "twin,sounds/good.wav"])
    #expect(try Self.earshot("check", folder.path).status == 0)
    #expect(try Self.earshot("prepare", folder.path).status == 0)
  }

  @Test("power says how many listeners a claim needs, and resumes where it was")
  func power() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let noted = folder.appending(path: "power.csv"), page = folder.appending(path: "power.html")
    let options = [
      "power", "--listeners", "6,12", "--queries", "6", "--replicates", "20", "--resamples", "100", "--out", noted.path,
    ]
    let first = try Self.earshot(options + ["--html", page.path])
    #expect(first.status == 0 && first.output.contains("6 listeners") || first.output.contains("12 listeners"))
    let html = try String(contentsOf: page, encoding: .utf8)
    #expect(html.contains("<svg") && html.contains("<table"))
    #expect(try String(contentsOf: noted, encoding: .utf8).split(separator: "\n").count == 3)
    let again = try Self.earshot(options + ["--pages", "all"])
    #expect(again.status == 0 && again.output.contains("has 40 simulated studies for these settings; continuing"))
    let json = try Self.earshot(options + ["--json"]).output
    let start = try #require(json.firstIndex(of: "{"))
    let told = try #require(try JSONSerialization.jsonObject(with: Data(json[start...].utf8)) as? [String: Any])
    #expect(!told.isEmpty)
    #expect(try Self.earshot("power", "--listeners", "2").status == 64)
    #expect(try Self.earshot("power", "--pages", "0").status == 64)
    let high = try Self.earshot(options + ["--agreement", "0.99"])
    #expect(high.status == 1 && high.output.contains("cannot have a true agreement of 0.990"))
  }

  @Test("power takes the claim from what a study asks, and the pilot and the plan from where they are")
  func powerOfStudies() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func power(_ study: String, _ options: String...) throws -> Outcome {
      try Self.earshot(["power", folder.appending(path: study).path, "--listeners", "8", "--queries", "6"] + options)
    }
    for type in ["mushra", "abx", "triplet"] {
      #expect(try Self.earshot("new", folder.appending(path: type).path, "--type", type).status == 0)
    }
    #expect(try power("mushra").output.contains("are assumed"))
    let export = folder.appending(path: "mushra/data/export")
    try FileManager.default.createDirectory(at: export, withIntermediateDirectories: true)
    let header =
      "participant,trial_type,scale,item,query,condition,stimulus,system,is_reference,is_anchor,score,scale_min,scale_max"
    let rows = (0..<60).map { i in
      let (person, item, system) = (i / 12, i / 2 % 6, i % 2)
      let score = 40 + 20 * system + (person * 7 + item * 5 + i * 3) % 11
      return "p\(person),mushra,mushra,i\(item),i\(item),,i\(item) \(system),s\(system),false,false,\(score),0,100"
    }
    try Data(([header] + rows).joined(separator: "\n").utf8).write(to: export.appending(path: "scores.csv"))
    let scored = try power("mushra", "--points", "8")
    #expect(scored.status == 0 && scored.output.contains("a pilot of 5 listeners and 6 items"), "\(scored.output)")
    try Data("verdict: {score_margin: 7}\n".utf8).write(to: folder.appending(path: "mushra/analysis.yaml"))
    let equal = try power("mushra", "--claim", "equivalent", "--points", "0")
    #expect(equal.status == 0 && equal.output.contains("7"), "\(equal.output)")
    let heard = try power("abx")
    #expect(heard.status == 0 && heard.output.contains("right answers"), "\(heard.output)")
    let other = try power("triplet")
    #expect(other.status == 1 && other.output.contains("which the study does not ask for"), "\(other.output)")
  }

  @Test("paired choices are analysed from the command line")
  func choices() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let table = folder.appending(path: "choices.csv"), out = folder.appending(path: "findings")
    var text = "participant,first,second,choice\n"
    for listener in 0..<8 {
      text +=
        "l\(listener),a,b,\(listener < 6 ? "first" : "second")\nl\(listener),b,c,\(listener % 3 == 0 ? "tie" : listener % 3 == 1 ? "b" : "c")\n"
    }
    try Data(text.utf8).write(to: table)
    let done = try Self.earshot("analyze", "--choices", table.path, "--out", out.path)
    #expect(done.status == 0 && done.output.contains("Of 3 candidates, a "), "\(done.output)")
    for name in ["report.html", "results.json", "strengths.csv", "choice_models.csv", "choice_pairs.csv"] {
      #expect(FileManager.default.fileExists(atPath: out.appending(path: name).path), "\(name)")
    }
    #expect(try Self.earshot("analyze").status == 64)
    let missing = try Self.earshot("analyze", "--triplets", table.path, "--out", out.path)
    #expect(missing.status == 1 && missing.output.contains("has no column 'anchor'"), "\(missing.output)")
  }

  @Test("scores of systems and ABX answers are analysed from the command line, and from an export")
  func scores() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let export = folder.appending(path: "data/export"), out = folder.appending(path: "findings")
    try FileManager.default.createDirectory(at: export, withIntermediateDirectories: true)
    var scores = "participant,query,system,score\n", abx = "participant,query,is_right\n"
    for listener in 1...6 {
      for item in 1...5 {
        for (k, system) in ["new", "old"].enumerated() {
          scores += "\(listener),\(item),\(system),\(70 - 20 * k + (listener * 7 + item * 3 + k) % 5)\n"
        }
        abx += "\(listener),\(item),\((listener + item) % 5 != 0)\n"
      }
    }
    try Data(scores.utf8).write(to: export.appending(path: "scores.csv"))
    try Data(abx.utf8).write(to: export.appending(path: "discriminations.csv"))
    let done = try Self.earshot(
      "analyze", "--scores", export.appending(path: "scores.csv").path, "--out", out.path)
    #expect(done.status == 0 && done.output.contains("new is scored best"), "\(done.output)")
    for name in ["report.html", "results.json", "systems.csv", "system_differences.csv", "system_contrasts.csv"] {
      #expect(FileManager.default.fileExists(atPath: out.appending(path: name).path), "\(name)")
    }
    // A study without ratings: everything that was exported is reported.
    let study = try Self.earshot("analyze", folder.path)
    #expect(study.status == 0 && study.output.contains("new is scored best"), "\(study.output)")
    #expect(study.output.contains("A / B: the difference is heard"), "\(study.output)")
    let missing = try Self.earshot(
      "analyze", "--discriminations", export.appending(path: "scores.csv").path, "--out", out.path)
    #expect(missing.status == 1 && missing.output.contains("has no column 'is_right'"), "\(missing.output)")
  }

  @Test("help explains commands and topics")
  func help() throws {
    #expect(try Self.earshot("help").output.contains("SUBCOMMANDS"))
    #expect(try Self.earshot("help", "check").output.contains("Exit codes"))
    #expect(try Self.earshot("help", "study").output.contains("trials.per_participant"))
    #expect(try Self.earshot("help", "training").output.contains("mixing.companions"))
    #expect(try Self.earshot("help", "nothing").status != 0)
  }

  @Test(
    "the pages of docs/ list the keys as they are; to update one: earshot help … --markdown",
    arguments: ["study", "analysis", "training"])
  func pages(topic: String) throws {
    let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let page = try String(contentsOf: top.appending(path: "docs/\(topic).md"), encoding: .utf8)
    let mark = "<!-- keys: written by `earshot help \(topic) --markdown` -->\n\n"
    let keys = try #require(page.range(of: mark).map { page[$0.upperBound...] })
    #expect(try keys == Self.earshot("help", topic, "--markdown").output)
  }
}
