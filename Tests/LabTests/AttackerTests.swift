import Basics
import Foundation
import Stimuli
import Study
import Testing
import TestSupport

/// An attacker who sees everything that a browser is sent, pools it over sessions, and decodes no sound. It uses
/// lengths, the fields of containers, equal bytes, how regular the bytes are, and headers. Where nothing differs it
/// guesses.
private struct Attacker {
  /// The sounds of a trial as they were sent: one body per sound, the loop first, or one body for all.
  struct Page {
    var index: Int
    var condition: String
    var candidates: Int
    var headers: String
    var bodies: [Data]
  }

  private var random = SeededRandom(seed: 18, "attacker")
  /// By piece: the number of pages of each condition that contained it.
  private var seen: [UInt64: [String: Int]] = [:]

  mutating func pool(_ pages: [Page]) {
    for page in pages {
      for piece in Set(page.bodies.flatMap(Attacker.pieces)) {
        seen[piece, default: [:]][page.condition, default: 0] += 1
      }
    }
  }

  /// The index of the candidate that is most likely the hidden reference. It and the anchor made from it are almost
  /// equally long, and a low-passed sound takes fewer bytes.
  mutating func reference(_ page: Page) -> Int {
    let facts = facts(page)
    var best: (distance: Double, place: Int)?
    for (i, j) in random.shuffled((0..<page.candidates).flatMap { i in (0..<i).map { (i, $0) } }) {
      let distance = abs(facts[i].length - facts[j].length)
      if best.map({ distance < $0.distance }) ?? true {
        best = (
          distance, facts[i].bytes == facts[j].bytes ? random.pick([i, j]) : facts[i].bytes > facts[j].bytes ? i : j
        )
      }
    }
    return best?.place ?? 0
  }

  /// The page most likely to repeat an earlier one.
  mutating func repeated(_ pages: [Page]) -> Int {
    best(pages) { place in
      let page = pages[place]
      return pages[..<place].map { Attacker.likeness(page, $0) }.max() ?? 0
    }
  }

  /// The page with the most sounds that usually appear under other conditions.
  mutating func caught(_ pages: [Page]) -> Int {
    let seen = seen
    return best(pages) { place in
      Double(
        pages[place].bodies.count { body in
          let counts = Attacker.pieces(body).last.flatMap { seen[$0] } ?? [:]
          return 2 * counts[pages[place].condition, default: 0] < counts.values.reduce(0, +)
        })
    }
  }

  /// The page with the highest score, chosen at random among ties; never the first page.
  private mutating func best(_ pages: [Page], _ score: (Int) -> Double) -> Int {
    let scores = pages.indices.dropFirst().map { (pages[$0].index, score($0)) }
    let highest = scores.map(\.1).max() ?? 0
    return random.pick(scores.filter { $0.1 == highest }.map(\.0))
  }

  private static func likeness(_ a: Page, _ b: Page) -> Double {
    let shared = Set(a.bodies.flatMap(pieces)).intersection(b.bodies.flatMap(pieces)).count
    return Double(shared) + (a.bodies.map(\.count) == b.bodies.map(\.count) ? 1 : 0) + (a.headers == b.headers ? 1 : 0)
  }

  /// Eight bytes of every 256, except padding.
  private static func pieces(_ body: Data) -> [UInt64] {
    body.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count - 8, by: 256).map { bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self) }
    }.filter { $0 != 0 }
  }

  /// For each candidate, its length and the bytes that it takes, as far as they can be seen. Where one body holds all
  /// sounds, it is divided into equal shares, and the figures say how regular each share is.
  private func facts(_ page: Page) -> [(length: Double, bytes: Double)] {
    if page.bodies.count == page.candidates + 1 {
      return page.bodies.dropFirst().map { body in
        guard body.starts(with: Data("fLaC".utf8)) else { return (Double(body.count), Double(body.count)) }
        let bytes = [UInt8](body)
        let frames = bytes[22..<26].reduce(Int(bytes[21] & 0xf)) { $0 << 8 | Int($1) }
        var (position, padding) = (4, 0)
        while true {
          let size = Int(bytes[position + 1]) << 16 | Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
          if bytes[position] & 0x7f == 1 { padding += size + 4 }
          if bytes[position] & 0x80 != 0 { break }
          position += size + 4
        }
        return (Double(frames), Double(body.count - padding))
      }
    }
    let body = page.bodies[0]
    let share = body.count / (page.candidates + 1)
    return (1...page.candidates).map { i in
      var counts = [Int](repeating: 0, count: 256)
      for byte in [UInt8](body[i * share..<(i + 1) * share].prefix(4096)) { counts[Int(byte)] += 1 }
      return (counts.reduce(0.0) { $0 + Double($1 * $1) }, Double(counts[0]))
    }
  }
}

/// Hits among a number of guesses, each with the same probability `chance` of being right by luck.
private struct Score: CustomStringConvertible {
  var hits = 0
  var guesses = 0
  var chance: Double

  init(chance: Double) { self.chance = chance }

  mutating func add(_ isHit: Bool) {
    guesses += 1
    if isHit { hits += 1 }
  }

  /// P(X ≥ `hits`) for a binomial X.
  private static func atLeast(_ hits: Int, of count: Int, _ chance: Double) -> Double {
    if hits <= 0 || hits > count { return hits <= 0 ? 1 : 0 }
    if chance <= 0 || chance >= 1 { return chance <= 0 ? 0 : 1 }
    return (hits...count).reduce(0) { sum, k in
      let ways = lgamma(Double(count + 1)) - lgamma(Double(k + 1)) - lgamma(Double(count - k + 1))
      return sum + exp(ways + Double(k) * log(chance) + Double(count - k) * log(1 - chance))
    }
  }

  /// The probability of at least this many hits by luck, by the exact binomial test.
  var p: Double { Score.atLeast(hits, of: guesses, chance) }

  /// The 95 % interval of the hit rate (Clopper and Pearson 1934).
  var interval: (low: Double, high: Double) {
    func solve(_ isAbove: (Double) -> Bool) -> Double {
      var (low, high) = (0.0, 1.0)
      for _ in 0..<50 { if isAbove((low + high) / 2) { high = (low + high) / 2 } else { low = (low + high) / 2 } }
      return low
    }
    return (
      solve { Score.atLeast(hits, of: guesses, $0) > 0.025 },
      solve { 1 - Score.atLeast(hits + 1, of: guesses, $0) < 0.025 }
    )
  }

  var description: String {
    let (low, high) = interval
    return String(
      format: "%d of %d = %.3f (95 %%: %.3f to %.3f), by luck %.3f, p = %.2g", hits, guesses,
      Double(hits) / Double(guesses), low, high, chance, p)
  }
}

/// Each trial of hundreds of sessions is fetched from a real server and given to the attacker, who knows how many
/// trials there are of each kind, and that the first one is neither a repeat nor a check.
@Suite("Attacker")
struct AttackerTests {
  private static let sessions = 200

  private static func study() throws -> SmallStudy {
    try SmallStudy {
      $0.sounds.sampleRate = 8000
      $0.headphones.check = false
      $0.trials.perParticipant = 4
      ($0.trials.training, $0.trials.repeats, $0.trials.catches) = (1, 1, 1)
    }
  }

  /// Lets the attacker guess on all sessions' trials except training, fetched by `send`.
  private static func attack(
    _ study: SmallStudy, _ send: (_ token: String, _ trial: Trial) throws -> (headers: String, bodies: [Data])
  ) throws -> (reference: Score, repeated: Score, caught: Score) {
    var attacker = Attacker()
    var sittings: [(plan: [Trial], pages: [Attacker.Page])] = []
    for participant in 1...sessions {
      let token = try study.join()
      let plan = study.stage.plan(participant, study.design.definition.trials.seed).trials.filter { !$0.isTraining }
      let pages = try plan.map { trial in
        let (headers, bodies) = try send(token, trial)
        return Attacker.Page(
          index: trial.index, condition: trial.condition, candidates: trial.candidates.count, headers: headers,
          bodies: bodies)
      }
      attacker.pool(pages)
      sittings.append((plan, pages))
    }
    let eligible = Double(sittings[0].plan.count - 1)
    var scores = (
      reference: Score(chance: 1 / 6), repeated: Score(chance: 1 / eligible), caught: Score(chance: 1 / eligible)
    )
    for (plan, pages) in sittings {
      for (trial, page) in zip(plan, pages) where !trial.isCatch {
        scores.reference.add(trial.candidates[attacker.reference(page)].isReference)
      }
      let (again, check) = (attacker.repeated(pages), attacker.caught(pages))
      scores.repeated.add(plan.contains { $0.index == again && $0.isRepeat })
      scores.caught.add(plan.contains { $0.index == check && $0.isCatch })
    }
    return scores
  }

  @Test("without decoding sounds, references, repeats and attention checks are found no more often than by luck")
  func blind() throws {
    let study = try Self.study()
    let scores = try Self.attack(study) { token, trial in
      let reply = try study.client.get("/t/\(token)/audio/\(trial.index)")
      let headers = reply.headers.filter { !["Date", "ETag"].contains($0.name) }.map { "\($0.name): \($0.value)" }
      return (headers.joined(separator: "\n"), [reply.body])
    }
    print("Parcels: reference \(scores.reference); repeat \(scores.repeated); check \(scores.caught)")
    // Keys, and with them the regularity of their noise, are drawn anew in each run: one run in a million may fail.
    for score in [scores.reference, scores.repeated, scores.caught] { #expect(score.p > 1e-6, "\(score)") }
  }

  @Test("the same attacker sees through files that are padded to one size and otherwise sent as they are")
  func padded() throws {
    let study = try Self.study()
    var files: [String: Data] = [:]
    for request in study.design.stimuli {
      files[request.stimulus] = try Data(
        contentsOf: URL(filePath: #require(study.stage.sound(request.stimulus)).item.path))
    }
    let size = 4 + (files.values.map(\.count).max() ?? 0)
    func padded(_ name: String) -> Data {
      let bare = files[name] ?? Data()
      let padding = size - bare.count - 4
      let length = [UInt8(padding >> 16), UInt8(padding >> 8 & 0xff), UInt8(padding & 0xff)]
      var all = Data(bare[0..<4])
      for part in [Data([0]), Data(bare[5..<42]), Data([0x81]), Data(length), Data(count: padding), Data(bare[42...])] {
        all.append(part)
      }
      return all
    }
    let scores = try Self.attack(study) { _, trial in
      ("", ([trial.query] + trial.candidates.map(\.candidate)).map(padded))
    }
    print("Padded files: reference \(scores.reference); repeat \(scores.repeated); check \(scores.caught)")
    for score in [scores.reference, scores.repeated, scores.caught] { #expect(score.p < 1e-6, "\(score)") }
  }

  @Test("in the JSON, trials differ only in their numbers and in the drum that is asked for")
  func told() throws {
    let study = try Self.study()
    var shapes: Set<String> = []
    for _ in 0..<40 {
      let token = try study.join()
      for var trial in try study.state(token)["trials"] as? [[String: Any]] ?? []
      where trial["training"] as? Bool == false {
        let index = try #require(trial["index"] as? Int)
        for key in ["index", "condition", "condition_text"] { trial[key] = nil }
        let text = String(
          decoding: try JSONSerialization.data(withJSONObject: trial, options: .sortedKeys), as: UTF8.self)
        shapes.insert(text.replacing(token, with: "TOKEN").replacing("\\/audio\\/\(index)#", with: "/audio/N#"))
      }
    }
    #expect(shapes.count == 1, "\(shapes)")
  }
}
