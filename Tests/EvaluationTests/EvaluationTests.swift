import Basics
import Evaluation
import Foundation
import Retrieval
import Testing

@Suite("How well systems find what plays")
struct EvaluationTests {
  let world: PlantedWorld

  init() throws { world = try PlantedWorld().make() }

  @Test("a system that knows the truth is right at once, in every measure")
  func perfect() throws {
    let findings = try world.evaluate([Planted.perfect(world)])
    func value(_ measure: String, _ key: String = "value") -> Double? {
      findings.number("scores", key, where: ["system": "perfect", "condition": "all", "measure": measure])
    }
    // Always right, and yet not certain to be so elsewhere: Wilson's interval over the class's kits, of which there are
    // fewer than mixes.
    #expect(value("mrr") == 1 && value("mrr", "high") == 1)
    let low = try #require(value("mrr", "low"))
    #expect(low > 0.3 && low < 0.7)
    #expect(value("recall_1") == 1 && value("recall_5") == 1 && value("mrr_own_class") == 1)
    #expect(value("median_normalised_rank") == 0 && value("mean_normalised_rank") == 0)
    // The first ten places, eight of which are of the class.
    #expect(abs((value("wrong_class_first_10") ?? 0) - 0.2) < 1e-12)
  }

  @Test("chance is exact, and a system that knows nothing comes close to it")
  func chance() throws {
    let large = try PlantedWorld(variants: 20, mixes: 60).make()
    let findings = try large.evaluate((0..<5).map { Planted.random($0, name: "random-s\($0)") })
    let all = ["system": "random", "condition": "all"]
    func chance(_ measure: String) -> Double {
      findings.number("scores", "chance", where: all.merging(["measure": measure]) { $1 }) ?? .nan
    }
    let harmonic = (1...60).reduce(0) { $0 + 1 / Double($1) }
    #expect(abs(chance("mrr") - harmonic / 60) < 1e-12)
    #expect(abs(chance("recall_5") - 5.0 / 60) < 1e-12 && abs(chance("wrong_class_first_10") - 40.0 / 60) < 1e-12)
    for measure in ["mrr", "recall_5", "recall_10", "median_normalised_rank", "wrong_class_first_10", "mrr_own_class"] {
      let wanted = all.merging(["measure": measure]) { $1 }
      let low = try #require(findings.number("scores", "low", where: wanted))
      let high = try #require(findings.number("scores", "high", where: wanted))
      #expect(low <= chance(measure) && chance(measure) <= high, "\(measure) \(low) \(chance(measure)) \(high)")
    }
  }

  @Test("if two drums of a class play, each is searched for, and the other does not count as an error")
  func twoOfAClass() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: folder.appending(path: "a.flac"))
    let library = "candidate,condition,file\n" + (0..<4).map { "k\($0),kick,a.flac\n" }.joined()
    try Data(library.utf8).write(to: folder.appending(path: "library.csv"))
    let mixes = "query,condition,file,reference\n" + (0..<2).map { "m,kick,a.flac,k\($0)\n" }.joined()
    try Data(mixes.utf8).write(to: folder.appending(path: "mixes.csv"))
    let test = try TestSet.read(library: folder, mixes: folder)
    #expect(test.targets.map(\.candidate) == [0, 1] && test.targets.map(\.alsoRight) == [[1], [0]])
    func findings(_ order: [String]) throws -> EvaluationFindings {
      let system = Planted("planted") { _, candidate in Double(order.firstIndex(of: candidate.id) ?? 9) }
      let evaluation = try Evaluation(
        [Entrant(system, isHandmade: false)], on: test, features: FeatureStore(folder: nil), resamples: 20, seed: 1)
      return EvaluationFindings(evaluation, version: "test")
    }
    func mrr(_ order: [String]) throws -> Double? { try findings(order).mrr("planted") }
    #expect(try mrr(["k0", "k1", "k2", "k3"]) == 1)
    #expect(try mrr(["k2", "k1", "k0", "k3"]) == 0.5)
    #expect(try mrr(["k1", "k2", "k3", "k0"]) == (1 + 1.0 / 3) / 2)
    // A random order of the three that are left while one is searched for.
    let tied = try findings([])
    for (measure, expected) in [
      ("mrr", (1 + 0.5 + 1.0 / 3) / 3), ("mrr_own_class", (1 + 0.5 + 1.0 / 3) / 3), ("recall_1", 1.0 / 3),
      ("mean_normalised_rank", 0.5), ("wrong_class_first_10", 0),
    ] {
      let cell = ["system": "planted", "condition": "all", "measure": measure]
      for column in ["value", "chance"] {
        #expect(abs((tied.number("scores", column, where: cell) ?? .nan) - expected) < 1e-12, "\(measure) \(column)")
      }
    }
    // On the page of examples both drums are marked as right, whichever was searched for.
    let page = try Examples(findings(["k2", "k1", "k0", "k3"])).write(to: folder.appending(path: "page"))
    #expect(try String(contentsOf: page, encoding: .utf8).matches(of: /plays in the mix/).count == 4)
  }

  @Test("a refined system knows the classes, so its rivals are refined too")
  func refinedRivals() throws {
    let small = try PlantedWorld(variants: 2, mixes: 2).make()
    let systems = [Planted.random(1, name: "one"), Planted.random(2, name: "two")]
    let entrants =
      systems.map { Entrant($0, isHandmade: false) }
      + systems.map { Entrant(RefinedSystem($0, count: 1, transpose: 0), isHandmade: false) }
    for (against, rivals) in [("one", ["two"]), ("one-refined", ["two-refined"])] {
      let evaluation = try Evaluation(
        entrants, on: small.test(), against: against, features: FeatureStore(folder: nil), resamples: 100, seed: 1)
      #expect(evaluation.rivals == rivals)
    }
  }

  @Test("ties count by their expected value over all orders")
  func ties() throws {
    let findings = try world.evaluate([
      // All distances equal: as chance. And: the eight of the class tied first.
      Planted("flat") { _, _ in 1 }, Planted("class") { $0.condition == $1.condition ? 0 : 1 },
    ])
    func expected(among count: Int) -> Double {
      let sum: Double = (1...count).reduce(0) { $0 + 1 / Double($1) }
      return sum / Double(count)
    }
    let flat = try #require(findings.mrr("flat")), own = try #require(findings.mrr("class"))
    #expect(abs(flat - expected(among: 24)) < 1e-12)
    #expect(abs(own - expected(among: 8)) < 1e-12)
    let recall = ["system": "class", "condition": "all", "measure": "recall_5"]
    #expect(abs((findings.number("scores", "value", where: recall) ?? 0) - 5.0 / 8) < 1e-12)
  }

  @Test("the same seed gives the same intervals; another gives others, but the same figures")
  func repeatable() throws {
    let systems: [any RankingSystem] = [Planted.perfect(world), Planted.random(3)]
    let one = try world.evaluate(systems), two = try world.evaluate(systems),
      other = try world.evaluate(systems, seed: 2)
    #expect(one.json == two.json)
    #expect(one.mrr("random") == other.mrr("random"))
    let low = ["system": "random", "condition": "all", "measure": "mrr"]
    #expect(one.number("scores", "low", where: low) != other.number("scores", "low", where: low))
  }

  @Test("differences are paired: two systems that agree have a difference of exactly 0")
  func paired() throws {
    let twin = Planted.random(3, name: "twin")
    let findings = try world.evaluate([Planted.random(3), twin, Planted.perfect(world)], against: "twin")
    func difference(_ rival: String, _ key: String) -> Double {
      findings.number(
        "differences", key, where: ["rival": rival, "condition": "all", "measure": "mrr"]) ?? .nan
    }
    #expect(abs(difference("random", "low")) < 1e-12 && abs(difference("random", "high")) < 1e-12)
    let own = try #require(findings.mrr("twin"))
    #expect(abs(difference("perfect", "difference") - (own - 1)) < 1e-12)
    #expect(difference("perfect", "high") < 0)
  }

  @Test("constant scores, all wrong or all right, still have differences with an interval")
  func constants() throws {
    let world = try PlantedWorld().make()
    let never = ["never", "nowhere"].map { name in
      Planted(name) { query, candidate in
        candidate.id == "\(query.condition)-\(world.truth(Int(query.id.dropFirst(3)) ?? 0, query.condition))" ? 2 : 1
      }
    }
    let findings = try world.evaluate(never + [Planted.perfect(world)], against: "never")
    func difference(_ rival: String, _ key: String) -> Double {
      findings.number(
        "differences", key, where: ["rival": rival, "condition": "all", "measure": "recall_1"]) ?? .nan
    }
    #expect(
      difference("perfect", "low") == -1 && difference("perfect", "high") > -1 && difference("perfect", "high") < 0)
    #expect(difference("nowhere", "low") < 0 && difference("nowhere", "high") == -difference("nowhere", "low"))
    let own = ["system": "never", "condition": "all", "measure": "recall_1"]
    #expect(findings.number("scores", "low", where: own) == 0)
    #expect((findings.number("scores", "high", where: own) ?? 0) > 0.1)
  }

  @Test("runs with different seeds are one system: its mean, and a table of the runs")
  func seeds() throws {
    let findings = try world.evaluate([
      Planted.random(1, name: "model-s1"), Planted.random(2, name: "model-s2"),
      Planted.perfect(world, name: "model-s3"),
    ])
    #expect(findings.evaluation.families == ["model"])
    let single = try [1, 2].map { try world.evaluate([Planted.random($0)]).mrr("random") ?? .nan } + [1]
    let mean = single.reduce(0, +) / 3
    #expect(abs((findings.mrr("model") ?? 0) - mean) < 1e-12)
    let row = ["system": "model", "condition": "all", "measure": "mrr"]
    #expect(abs((findings.number("seeds", "mean", where: row) ?? 0) - mean) < 1e-12)
    let sd = (single.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
    #expect(abs((findings.number("seeds", "sd", where: row) ?? 0) - sd) < 1e-12)
    #expect(findings.number("seeds", "highest", where: row) == 1)
  }

  @Test("a query for a wrong class is kept apart or leaks")
  func leakage() throws {
    let findings = try world.evaluate([
      Planted.perfect(world),
      // Finds every drum of the mix, whichever class is requested.
      Planted("leaky") { [world] query, candidate in
        let mix = Int(query.id.dropFirst(3)) ?? 0
        return candidate.id == "\(candidate.condition)-\(world.truth(mix, candidate.condition))" ? 0 : 1
      },
    ])
    func figure(_ system: String, _ asked: String, _ measure: String, _ key: String = "value") -> Double {
      findings.number(
        "leakage_summary", key, where: ["system": system, "asked": asked, "measure": measure]) ?? .nan
    }
    #expect(figure("perfect", "right", "mrr") == 1)
    #expect(figure("perfect", "wrong", "mrr") < figure("perfect", "wrong", "mrr", "chance"))
    #expect(abs(figure("leaky", "right", "mrr") - (1 + 0.5 + 1.0 / 3) / 3) < 1e-12)
    #expect(abs(figure("leaky", "wrong", "mrr") - figure("leaky", "right", "mrr")) < 1e-12)
    #expect(abs(figure("leaky", "wrong", "mrr_own_class") - 1) < 1e-12)
    let runs = findings.evaluation.runs
    #expect(runs.map(\.takesCondition) == [true, false])
  }

  @Test("the findings show what makes targets hard: thirds of level, classes, masking by simultaneous hits")
  func robustness() throws {
    let world = world
    let findings = try world.evaluate([
      Planted("loud-only") { query, candidate in
        let mix = Int(query.id.dropFirst(3)) ?? 0
        return mix >= 8 ? Planted.perfect(world).distance(query, candidate) : Planted.draw(4, query, candidate)
      }
    ])
    func third(_ circumstance: String, _ third: String, _ key: String = "value") -> Double {
      findings.number(
        "robustness", key, where: ["circumstance": circumstance, "third": third, "measure": "mrr"]) ?? .nan
    }
    #expect(third("level", "high") == 1 && third("level", "low") < 0.6 && third("reverb", "high") == 1)
    #expect(third("level", "low", "targets") == 12 && third("level", "middle", "targets") == 12)
    let change = ["circumstance": "level", "measure": "mrr"]
    #expect((findings.number("robustness_differences", "low", where: change) ?? 0) > 0)
    // Compression is the same for all targets, so it explains nothing.
    #expect(third("compression", "low").isNaN)
    let targets = findings.evaluation.test.targets
    let masking = targets.prefix(3).compactMap { $0.circumstances[.masking] }, expected = [2.0 / 3, 0, 0.5]
    #expect(masking == expected)
    // 20 × (1 − 1/4).
    #expect(targets[0].circumstances[.compression] == 15)
  }

  @Test("thresholds are met or missed")
  func bars() throws {
    let findings = try world.evaluate(
      [Planted.perfect(world), Planted.random(1), Planted.random(2, name: "hand-made")])
    let bars = try #require(findings["bars"])
    func met(_ bar: String) -> [Bool] {
      bars.rows(where: ["bar": bar]).map { bars.rows[$0][bars.column("met")] == .flag(true) }
    }
    #expect(met("MRR") == [true] && met("R@5") == [true] && met("different targets") == [false, false, false])
    #expect(met("MRR above a rival") == [true, true, true] && met("MRR significantly above a rival") == [true])
    #expect(met("MRR relative to the best handmade feature or filter") == [true])
    #expect(met("MRR with a wrong class") == [true])
    let count = bars.rows.count { $0[bars.column("met")] == .flag(true) }
    #expect(findings.summary.contains("perfect meets \(count) of \(bars.rows.count) bars"))
    // The best system comes first, and is marked.
    let table = findings.summary.split(separator: "\n").drop { !$0.hasPrefix("system ") }.dropFirst()
    let names = table.prefix { !$0.hasPrefix("(chance)") }.map { $0.prefix { $0 != " " } }.filter { !$0.isEmpty }
    let scores = try #require(findings["scores"])
    let values = names.compactMap { name in
      scores.rows(where: ["system": String(name), "condition": "all", "measure": "mrr"]).first.flatMap {
        scores.number($0, "value")
      }
    }
    #expect(values.count == 3 && values == values.sorted(by: >) && table.first?.contains("perfect * ") == true)
    #expect(findings.answers[0].text.hasPrefix("perfect ranks the one-shot that plays"))
  }

  @Test("duplicate system names, an unknown rival and distances that are not numbers are refused")
  func refused() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(
      message { _ = try world.evaluate([Planted.random(1), Planted.random(2)]) }.contains("'random' is given twice"))
    #expect(
      message { _ = try world.evaluate([Planted.random(1)], against: "randon") }.contains("Did you mean 'random'?"))
    let run = message { _ = try world.evaluate([Planted.random(1), Planted.random(2, name: "random-s2")]) }
    #expect(run.contains("'random-s2' would count as a run of 'random'"))
    #expect(message { _ = try world.evaluate([Planted("void") { _, _ in .nan }]) }.contains("not numbers"))
  }

  @Test("a class's interval rests on its own instruments, however many others have")
  func fewInstruments() throws {
    // Kicks come from two instruments; in the other classes each drum is its own instrument.
    func world(_ group: (String, Int) -> String) throws -> PlantedWorld {
      try PlantedWorld(variants: 8, mixes: 40).make(group: group)
    }
    let few = try world { $0 == "kick" ? "kick \($1 % 2)" : "\($0) \($1)" }
    let findings = try few.evaluate([Planted.random(1)], resamples: 1000)
    func width(_ condition: String) -> Double {
      let row = ["system": "random", "condition": condition, "measure": "mrr"]
      return (findings.number("scores", "high", where: row) ?? .nan)
        - (findings.number("scores", "low", where: row) ?? .nan)
    }
    // With one degree of freedom for t, the 95 % interval is the full range of the draws.
    let out = few.folder.appending(path: "out")
    try findings.write(to: out)
    var byGroup: [String: [Double]] = [:]
    for row in try TableReader.rows(out.appending(path: "targets.csv")) where row["condition"] == "kick" {
      byGroup[try row.text("group"), default: []].append(try row.number("reciprocal_rank") ?? .nan)
    }
    let means: [Double] = byGroup.values.map { $0.reduce(0, +) / Double($0.count) }
    #expect(byGroup.count == 2)
    let spread = (means.max() ?? 0) - (means.min() ?? 0)
    #expect(width("kick") > spread, "\(width("kick")) is no wider than the two instruments are apart: \(spread)")
    #expect(findings.remarks.contains { $0.contains("40 mixes and 2 instruments") && $0.contains("kick") })
    #expect(findings.remarks.contains { $0.contains("8 instruments") && $0.contains("snare") })
  }
}
