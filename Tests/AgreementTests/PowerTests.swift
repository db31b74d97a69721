import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Synchronization
import Testing
import PowerAnalysis

@Suite struct PowerTests {
  private func settings(_ change: (inout Power.Settings) -> Void = { _ in }) -> Power.Settings {
    var settings = Power.Settings()
    (settings.resamples, settings.design.pages) = (200, 8)
    change(&settings)
    return settings
  }

  private func curve(
    _ settings: Power.Settings, _ cells: [Power.Cell], replicates: Int, inOrder: Bool = false
  ) throws -> PowerCurve {
    let power = try Power(settings)
    let done = Mutex<[Power.Block]>([])
    try power.run(cells, replicates: replicates, inOrder: inOrder) { block in done.withLock { $0.append(block) } }
    return PowerCurve(power, cells: cells, replicates: replicates, blocks: done.withLock(\.self))
  }

  @Test func powerRisesWithListenersAndQueries() throws {
    let cells = [(8, 6), (40, 6), (8, 30), (40, 30)].map { Power.Cell(listeners: $0.0, queries: $0.1) }
    let points = try curve(settings { $0.plan.margin = 0.15 }, cells, replicates: 60).points
    func power(_ listeners: Int, _ queries: Int) -> Double {
      points.first { $0.cell == Power.Cell(listeners: listeners, queries: queries) }?.power ?? .nan
    }
    #expect(power(40, 30) > power(8, 6) + 0.3)
    #expect(power(40, 30) > power(40, 6) && power(40, 30) > power(8, 30))
    #expect(power(40, 6) >= power(8, 6))
  }

  /// A system whose true difference lies at the margin is not comparable; with an alpha of 0.05, 5 of 100 such studies
  /// may say otherwise.
  @Test func aFalseClaimIsAboutAsRareAsAlpha() throws {
    let cells = [Power.Cell(listeners: 24, queries: 20)]
    let points = try curve(settings { $0.difference = -$0.plan.margin }, cells, replicates: 200).points
    #expect(points[0].power < 0.11)
    let chance = try curve(
      settings { ($0.claim, $0.agreement) = (.aboveChance, 0) }, cells, replicates: 200
    ).points
    #expect(chance[0].power < 0.08)
  }

  @Test(arguments: Power.Claim.allCases)
  func theTruthDecidesHowOftenAClaimIsMade(claim: Power.Claim) throws {
    let cells = [Power.Cell(listeners: 24, queries: 16)]
    let good = try curve(
      settings { ($0.claim, $0.plan.margin) = (claim, 0.15) }, cells, replicates: 20
    ).points
    #expect(good[0].power > 0.5)
    let bad = try curve(settings { ($0.claim, $0.agreement) = (claim, 0) }, cells, replicates: 20).points
    #expect(bad[0].power < 0.2)
  }

  @Test func threadsChangeNothing() throws {
    let cells = [(8, 6), (12, 8)].map { Power.Cell(listeners: $0.0, queries: $0.1) }
    let alone = try curve(settings(), cells, replicates: 60, inOrder: true)
    let many = try curve(settings(), cells, replicates: 60)
    #expect(alone.json == many.json && alone.table == many.table)
    #expect(settings { $0.seed = 2 }.hash != settings().hash)
  }

  /// A simulated study that is written as tables and analysed in full gets the same verdict as its replicate.
  @Test func aReplicateIsDecidedAsARealStudyIs() throws {
    let cell = Power.Cell(listeners: 14, queries: 10)
    let power = try Power(settings { ($0.plan.margin, $0.plan.permutations, $0.design.conditions) = (0.16, 20, 2) })
    var verdicts: Set<Bool> = []
    for number in 0..<8 {
      let (study, plan) = power.study(number, cell)
      let analysis = try Analysis(
        ratings: table(ratings(study)), rankings: rankingsTable(rankings(study)), plan: plan)
      let found = try #require(try analysis.findings()["verdicts"])
      let row = try #require(found.rows(where: ["system": "system", "condition": "all"]).first)
      let isComparable = found.text(row, "verdict") == "comparable"
      #expect(isComparable == power.replicate(number, cell))
      verdicts.insert(isComparable)
    }
    #expect(verdicts.count == 2)
  }

  private func ratings(_ study: RatedStudy) -> String {
    var text = "participant,query,condition,candidate,rating,scale_min,scale_max\n"
    for page in study.pages {
      let item = study.items[page.item]
      for (candidate, rating) in zip(page.candidates, page.ratings) {
        text +=
          "\(study.listeners[page.listener]),\(study.queries[item.query]),\(study.conditions[item.condition]),\(item.candidates[candidate]),\(rating),\(study.scale.lowerBound),\(study.scale.upperBound)\n"
      }
    }
    return text
  }

  private func rankings(_ study: RatedStudy) -> String {
    var text = "query,condition,system,rank,candidate\n"
    for item in study.items {
      for (system, name) in study.systems.enumerated() {
        for (candidate, rank) in item.ranks[system].enumerated() {
          text +=
            "\(study.queries[item.query]),\(study.conditions[item.condition]),\(name),\(Int(rank)),\(item.candidates[candidate])\n"
        }
      }
    }
    return text
  }

  @Test func aPilotShowsWhatItIsMadeOf() throws {
    let power = try Power(settings { $0.design.pages = 12 })
    let (study, _) = power.study(0, Power.Cell(listeners: 80, queries: 30))
    let pilot = try PowerPilot(try table(ratings(study)), plan: AnalysisPlan())
    let found = pilot.components, planted = power.settings.components
    #expect(abs(found.candidate - planted.candidate) < 0.05)
    #expect(abs(found.spread - planted.spread) < 0.2)
    #expect(abs(found.bias - planted.bias) < 0.03)
    #expect(abs(found.gain - planted.gain) < 0.12)
    #expect(abs(found.centre - planted.centre) < 0.06)
    // Without repeats, everything that listeners do not share is noise.
    let unshared = (planted.noise * planted.noise + planted.taste * planted.taste).squareRoot()
    #expect(found.taste == 0 && abs(found.noise - unshared) < 0.04)
    #expect(pilot.listeners == 80 && pilot.queries == 30 && pilot.design.pages == 12 && pilot.design.candidates == 8)
    #expect(throws: Problem.self) {
      try PowerPilot(try table("participant,query,candidate,rating\na,q,x,3\na,q,y,5\n"), plan: AnalysisPlan())
    }
  }

  private struct Stop: Error {}

  @Test func aRunThatWasCutOffGoesOnToTheSameTable() throws {
    let cells = [(8, 6), (12, 8)].map { Power.Cell(listeners: $0.0, queries: $0.1) }
    let power = try Power(settings())
    let whole = try curve(settings(), cells, replicates: 60)
    try inFolder { folder in
      let file = folder.appending(path: "power.csv")
      func run(stopAfter: Int) throws -> [Power.Block] {
        let store = try PowerStore(file, hash: power.settings.hash)
        let done = Mutex(store.known)
        try power.run(cells, replicates: 60, known: store.known, inOrder: true) { block in
          if done.withLock({ $0.count }) == stopAfter { throw Stop() }
          try store.append(block)
          done.withLock { $0.append(block) }
        }
        return done.withLock(\.self)
      }
      #expect(throws: Stop.self) { try run(stopAfter: 2) }
      // Simulate a program that is killed while it writes a row.
      let half = try FileHandle(forWritingTo: file)
      try half.seekToEnd()
      try half.write(contentsOf: Data("\(power.settings.hash),12,".utf8))
      try half.close()
      #expect(try PowerStore(file, hash: power.settings.hash).known.count == 2)
      let blocks = try run(stopAfter: 100)
      #expect(blocks.count == 6)
      let again = PowerCurve(power, cells: cells, replicates: 60, blocks: blocks)
      #expect(again.json == whole.json)
      #expect(try run(stopAfter: 6).count == 6)
      // Results of other settings are kept apart.
      let other = try PowerStore(file, hash: settings { $0.difference = 0.05 }.hash)
      #expect(other.known.isEmpty && other.movedTo?.lastPathComponent == "power.previous.csv")
      let foreign = folder.appending(path: "ratings.csv")
      try Data("participant,rating\na,3\n".utf8).write(to: foreign)
      #expect(throws: Problem.self) { try PowerStore(foreign, hash: "a") }
    }
  }

  @Test func theAnswerComesFirst() throws {
    let cells = [(8, 6), (40, 30)].map { Power.Cell(listeners: $0.0, queries: $0.1) }
    let power = try Power(settings())
    func curve(_ claims: [Int]) -> PowerCurve {
      PowerCurve(
        power, cells: cells, replicates: 20,
        blocks: zip(cells, claims).map { Power.Block(cell: $0, number: 0, replicates: 20, claims: $1) })
    }
    let answer = curve([4, 17]).sentences
    #expect(
      answer[0].hasPrefix("About 40 listeners and 30 queries give an 85 % chance (64–95) of showing that the system"))
    #expect(answer[1] == "No design in this grid reaches 90 % power.")
    let short = curve([4, 9]).sentences[0]
    #expect(short.hasPrefix("No design in this grid reaches 80 % power. 40 listeners and 30 queries come closest"))
    #expect(curve([4, 17]).html.contains("<polyline") && curve([4, 17]).table.contains("85 %  (64–95)"))
    #expect(throws: Problem.self) { try Power(settings { $0.agreement = 0.99 }) }
  }
}
