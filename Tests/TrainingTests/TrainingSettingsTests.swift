import Basics
import Foundation
import Testing
import Training

@Suite("Settings of a training") struct TrainingSettingsTests {
  @Test("the learning rate rises, then falls to its final share")
  func rate() {
    var settings = TrainingSettings()
    (settings.learningRate, settings.warmup, settings.finalShare) = (0.01, 10, 0.1)
    #expect(abs(settings.rate(step: 5, share: 0) - 0.005) < 1e-7)
    #expect(abs(settings.rate(step: 10, share: 0) - 0.01) < 1e-7)
    #expect(abs(settings.rate(step: 500, share: 0.5) - 0.0055) < 1e-7)
    #expect(abs(settings.rate(step: 1000, share: 1) - 0.001) < 1e-7)
  }

  @Test("fixed masks are disjoint blocks that cover every dimension once")
  func masks() {
    var settings = TrainingSettings()
    settings.shape.embedding = 10
    let masks = settings.startingMasks(conditions: 3)
    for d in 0..<10 { #expect(masks.count { $0[d] == 1 } == 1 && masks.count { $0[d] == 0 } == 2) }
    #expect(masks.allSatisfy { $0.reduce(0, +) >= 3 })
    settings.kind = .joint
    #expect(settings.startingMasks(conditions: 3).allSatisfy { $0 == Array(repeating: 1, count: 10) })
  }

  @Test(
    "settings that cannot be trained are refused with a reason",
    arguments: [
      "batch", "bank", "rate", "seconds", "length", "dimensions", "name", "hop", "blocks", "negatives", "stripes",
      "twins", "smoothing", "mixing", "patience", "warmup", "final share", "decay", "norm", "margin", "model file",
      "window", "window hop", "hits' window",
    ])
  func flaws(_ what: String) {
    var settings = TrainingSettings()
    #expect(throws: Never.self) { try settings.check(conditions: 3) }
    switch what {
    case "batch": settings.batch = 1
    case "bank": settings.bank = 10
    case "rate": settings.learningRate = 0
    case "seconds": settings.seconds = 0
    case "length": settings.length = .steps(0)
    case "name": settings.name = "My Model"
    case "hop": settings.mel.hop = 0
    case "blocks": settings.shape.blocks = []
    case "negatives": settings.extraNegatives = -1
    case "stripes": settings.stripes = 1.5
    case "twins": settings.twins = -0.1
    case "mixing": settings.mixing.pitch = -1
    case "smoothing": settings.objective.labelSmoothing = 0.1
    case "patience": settings.patience = .max
    case "warmup": settings.warmup = -1
    case "final share": settings.finalShare = .nan
    case "decay": settings.weightDecay = .infinity
    case "norm": settings.largestNorm = -1
    case "margin": settings.objective.margin = .nan
    case "window": settings.window = -1
    case "window hop": (settings.window, settings.windowHop) = (0.5, 0.6)
    case "hits' window": (settings.kind, settings.window) = (.autoencoder, 0.5)
    case "model file": (settings.shape.hidden, settings.shape.embedding) = (65536, 4096)
    default: settings.shape.embedding = 2
    }
    #expect { try settings.check(conditions: 3) } throws: { "\($0)".contains("cannot be trained") }
  }

  @Test("settings that exceed the machine's memory are refused before anything is made")
  func memory() throws {
    var settings = TrainingSettings()
    try settings.check(conditions: 3, memory: 8 << 30)
    settings.extraNegatives = 10_000_000
    #expect { try settings.check(conditions: 3, memory: 8 << 30) } throws: {
      "\($0)".contains("this machine has 8.6 GB")
    }
  }

  @Test("no number in a file causes a crash: it is read or refused, and can be trained or is refused")
  func extremeNumbers() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: url) }
    let all = try JSONSerialization.jsonObject(with: Data(TrainingSettings().json.utf8))
    /// Each setting on its own, with `VALUE` in its place.
    func texts(_ value: Any, _ wrap: (String) -> String) -> [String] {
      guard let inner = value as? [String: Any] else { return [wrap("VALUE")] }
      return inner.sorted { $0.key < $1.key }.flatMap { key, value in
        texts(value, { wrap("{\"\(key)\": \($0)}") })
      }
    }
    let values = [
      "9223372036854775807", "-9223372036854775808", "18446744073709551616", "4294967296", "-1", "0", "1e308", "-1e308",
      "1e999", "1e-320", "0.5", "NaN", "Infinity", "null", "true", "\"1\"", "[]", "{}", "[1e308, -1e308]", "[0, 1e308]",
      "", "[[[[[[[[]]]]]]]]",
    ]
    var refused = 0, untrainable = 0
    let blocks = #"{"shape": {"blocks": [{"channels": VALUE}]}}"#, windowed = #", "window": 0.5}"#
    for text in texts(all, { $0 }).flatMap({ [$0, $0.dropLast() + windowed] }) + [blocks] {
      for value in values {
        try Data(text.replacing("VALUE", with: value).utf8).write(to: url)
        do {
          let settings = try TrainingSettings.reading(url, over: TrainingSettings())
          do { try settings.check(conditions: 3, memory: 64 << 30) } catch is Problem { untrainable += 1 }
        } catch let problems as Problems {
          for problem in problems.list {
            #expect(problem.place?.file.hasSuffix(url.lastPathComponent) == true && !problem.mend.isEmpty, "\(problem)")
          }
          refused += 1
        }
      }
    }
    #expect(refused > 1000 && untrainable > 20, "\(refused), \(untrainable)")
    for text in ["", "{", "{\"batch\": 4", "\u{feff}{}", "{\"batch\"; 4}", "{}{}", "\0", "[1]", "7", "null"] {
      try Data(text.utf8).write(to: url)
      do { _ = try TrainingSettings.reading(url, over: TrainingSettings()) } catch let problems as Problems {
        #expect(problems.list.allSatisfy { $0.place != nil && !$0.mend.isEmpty })
      } catch let problem as Problem {
        #expect(problem.place != nil && !problem.mend.isEmpty)
      }
    }
  }

  @Test("a file changes the settings that it states, and no others")
  func file() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data(#"{"mel": {"mels": 40}, "objective": {"loss": "triplet"}, "length": {"steps": 7}}"#.utf8)
      .write(to: url)
    let read = try TrainingSettings.reading(url, over: TrainingSettings())
    var wanted = TrainingSettings()
    wanted.mel.mels = 40
    wanted.objective.loss = .triplet
    wanted.length = .steps(7)
    #expect(read == wanted)
    try Data(wanted.json.utf8).write(to: url)
    #expect(try TrainingSettings.reading(url, over: TrainingSettings()) == wanted)
  }

  @Test(
    "an invalid file is reported with a place and a fix",
    arguments: [
      (#"{"bacth": 3}"#, "Did you mean 'batch'?"), (#"{"mel": {"hopp": 3}}"#, "mel.hopp"),
      (#"{"batch": "x"}"#, "batch"), (#"{"batch": 4, "steps": 3}"#, "there is no key 'steps'"),
      (#"{"batch": 1.5}"#, "'batch' is '1.5', which is not a whole number. Write a whole number from 2"),
      ("{\"mel\":\n\t{\"mels\": 40,\n\t\"hop\": 1.5}}", ":3:9: error: 'mel.hop' is '1.5'"),
      (#"{"seed": -1}"#, "'seed'"), (#"{"length": {"steps": 1, "minutes": 2}}"#, "length: {steps: 1600}"),
      (#"{"mixing": {"bits": [8, 6]}}"#, "'mixing.bits' is not two numbers, the lower first"),
      (#"{"mixing": {"bits": [8, 99]}}"#, "'mixing.bits[1]' is 99"),
      ("[]", "the file must be a section of keys"),
    ])
  func wrongFile(_ text: String, _ words: String) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data(text.utf8).write(to: url)
    let problems = #expect(throws: Problems.self) { try TrainingSettings.reading(url, over: TrainingSettings()) }
    #expect(problems?.description.contains(words) == true, "\(problems?.description ?? "")")
  }

  @Test("a file may be YAML, and what is printed as JSON is read back, seeds of 64 bits and numbers of 32 included")
  func forms() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data("# longer\nlength: {minutes: 90}\nmixing:\n  songs: 0.3  # a third\n".utf8).write(to: url)
    var settings = TrainingSettings()
    (settings.length, settings.mixing.songs) = (.minutes(90), 0.3)
    #expect(try TrainingSettings.reading(url, over: TrainingSettings()) == settings)
    (settings.seed, settings.learningRate, settings.temperature) = (.max, 1.2345678e-7, Float(0.1).nextUp)
    (settings.mel.mean, settings.name) = (-1.0 / 3, "a\"b")
    settings.shape.blocks.append(.init(channels: 7, kernelHeight: 1, kernelWidth: 9, strideHeight: 1, strideWidth: 1))
    try Data(settings.json.utf8).write(to: url)
    #expect(try TrainingSettings.reading(url, over: TrainingSettings()) == settings)
  }

  @Test("every setting has a key that explains it, and every key is a setting")
  func keys() throws {
    func paths(_ value: Any, _ path: String) -> [String] {
      if path == "length" { return [path] }
      if let list = value as? [[String: Any]] { return list.prefix(1).flatMap { paths($0, path + "[]") } }
      guard let inner = value as? [String: Any] else { return [path] }
      return inner.flatMap { paths($1, path.isEmpty ? $0 : "\(path).\($0)") }
    }
    let settings = try JSONSerialization.jsonObject(with: Data(TrainingSettings().json.utf8))
    let keys = TrainingSettings.keys.filter { !$0.isSection }
    #expect(Set(keys.map(\.path)) == Set(paths(settings, "")) && keys.count > 100)
    #expect(keys.allSatisfy { !$0.meaning.isEmpty && !$0.example.isEmpty && !$0.value.isEmpty })
  }
}
