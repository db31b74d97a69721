import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import Study
import Testing

@Suite struct PerceptualSpaceTests {
  /// Sounds in a plane, and the ratings, rankings and triplets that follow from their distances.
  private struct Plane {
    var points: [[Double]]
    var random: SeededRandom

    init(_ sounds: Int = 10, seed: UInt64 = 8) {
      var random = SeededRandom(seed: seed, "plane")
      points = (0..<sounds).map { _ in [random.normal(), random.normal()] }
      self.random = random
    }

    func distance(_ i: Int, _ j: Int) -> Double { hypot(points[i][0] - points[j][0], points[i][1] - points[j][1]) }

    /// Ratings in which each listener rates all other sounds for half of the queries.
    mutating func ratings(listeners: Int = 12, noise: Double = 5) -> String {
      var text = "participant,query,candidate,rating,scale_min,scale_max\n"
      for listener in 0..<listeners {
        let bias = 8 * random.normal()
        for query in points.indices where (query + listener) % 2 == 0 {
          for other in points.indices where other != query {
            let rating = (95 - 18 * distance(query, other) + bias + noise * random.normal()).rounded()
            text += "l\(listener),s\(query),s\(other),\(max(0, min(100, rating))),0,100\n"
          }
        }
      }
      return text
    }

    mutating func rankings() -> String {
      var text = "query,system,candidate,distance\n"
      for i in points.indices {
        for j in points.indices where i != j {
          text += "s\(i),true,s\(j),\(distance(i, j))\ns\(i),random,s\(j),\(random.unit())\n"
        }
      }
      return text
    }
  }

  private func findings(ratings: String, rankings: String, _ change: (inout AnalysisPlan) -> Void = { _ in }) throws
    -> Findings
  {
    let plan = quickPlan {
      $0.resamples = 100
      $0.linearModels = .never
      change(&$0)
    }
    return try Analysis(
      ratings: table(ratings, plan: plan), rankings: rankings.isEmpty ? [] : rankingsTable(rankings), plan: plan
    ).findings()
  }

  @Test func soundsRatedForOneAnotherMakeAMap() throws {
    var plane = Plane()
    let found = try findings(ratings: plane.ratings(), rankings: plane.rankings())
    #expect(found.number("map_quality", "stress", where: ["map": "ratings", "method": "nonmetric"]) ?? 1 < 0.1)
    #expect(found.number("map_quality", "explained", where: ["method": "classical"]) ?? 0 > 0.8)
    #expect(found.number("map_quality", "pairs", where: ["method": "nonmetric"]) == 45)
    // The map matches the plane up to rotation and reflection.
    let points = try #require(found["map_points"])
    let map = (0..<10).map { i in
      let row = points.rows(where: ["method": "nonmetric", "of": "listeners", "sound": "s\(i)"])[0]
      return [points.number(row, "x") ?? 0, points.number(row, "y") ?? 0]
    }
    #expect(try #require(Procrustes(map, onto: plane.points)).correlation > 0.98)
    let good = ["system": "true"], chance = ["system": "random"]
    #expect(found.number("map_systems", "procrustes", where: good) ?? 0 > 0.97)
    #expect(found.number("map_systems", "procrustes_p", where: good) == 0.001)
    #expect(found.number("map_systems", "procrustes_p", where: chance) ?? 0 > 0.02)
    #expect(found.number("map_systems", "spearman_p", where: good) == 0.001)
    #expect(found.number("map_systems", "spearman_p", where: chance) ?? 0 > 0.02)
    let low = try #require(found.number("map_systems", "low", where: good))
    #expect(low > 0.9 && low < found.number("map_systems", "spearman", where: good) ?? 0)
    #expect(found.methods.contains { $0.text.contains("10 sounds were both queries and candidates") })
    #expect(found.citations.contains { $0.hasPrefix("Kruskal") })
  }

  /// The dissimilarities computed in another way: plain means of a complete design without biases, in both directions,
  /// and Spearman's correlation as SciPy defines it.
  @Test func theCorrelationIsThatOfMeanRatings() throws {
    var plane = Plane(6, seed: 2)
    var ratings = "participant,query,candidate,rating,scale_min,scale_max\n"
    var sums: [[Double]] = Array(repeating: Array(repeating: 0, count: 6), count: 6)
    for listener in 0..<4 {
      for i in 0..<6 {
        for j in 0..<6 where i != j {
          let rating = max(0, min(100, (90 - 15 * plane.distance(i, j) + 9 * plane.random.normal()).rounded()))
          sums[i][j] += rating
          ratings += "l\(listener),s\(i),s\(j),\(rating),0,100\n"
        }
      }
    }
    let found = try findings(ratings: ratings, rankings: plane.rankings())
    var heard: [Double] = [], computed: [Double] = []
    for i in 0..<6 {
      for j in 0..<i {
        heard.append(-(sums[i][j] + sums[j][i]) / 8)
        computed.append(plane.distance(i, j))
      }
    }
    let expected = try #require(spearman(heard, computed))
    #expect(abs((found.number("map_systems", "spearman", where: ["system": "true"]) ?? .nan) - expected) < 1e-12)
  }

  /// Candidates that recur in several queries are mapped by their rating profiles.
  @Test func candidatesOfSeveralQueriesMakeAMap() throws {
    var random = SeededRandom(seed: 5, "profiles")
    let quality = (0..<7).map { _ in (0..<9).map { _ in random.normal() } }
    var ratings = "participant,query,candidate,rating,scale_min,scale_max\n",
      rankings = "query,system,candidate,distance\n"
    for query in 0..<9 {
      for candidate in 0..<7 {
        rankings += "q\(query),true,c\(candidate),\(5 - quality[candidate][query])\n"
        for listener in 0..<5 {
          let value = (50 + 14 * quality[candidate][query] + 2 * random.normal()).rounded()
          ratings += "l\(listener),q\(query),c\(candidate),\(max(0, min(100, value))),0,100\n"
        }
      }
    }
    let found = try findings(ratings: ratings, rankings: rankings)
    #expect(found.number("map_quality", "sounds", where: ["map": "profiles", "method": "nonmetric"]) == 7)
    #expect(found.number("map_systems", "spearman", where: ["map": "profiles"]) ?? 0 > 0.9)
    #expect(found.methods.contains { $0.text.contains("7 candidates were rated for several queries") })
  }

  @Test func aSparseDesignIsToldWhyItHasNoMap() throws {
    // Every query has its own candidates.
    let study = GeneratedStudy(listeners: 6, queries: 4, pages: 4)
    var ratings = study.ratings.split(separator: "\n").map(String.init)
    for i in ratings.indices.dropFirst() {
      var cells = ratings[i].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      cells[4] += cells[2]
      ratings[i] = cells.joined(separator: ",")
    }
    let found = try findings(ratings: ratings.joined(separator: "\n"), rankings: "")
    #expect(found["map_points"] == nil)
    let remark = try #require(found.remarks.first { $0.code == "no_perceptual_map" })
    #expect(remark.meaning.contains("No sound is both a query and a candidate"))
    #expect(remark.meaning.contains("0 candidates recur in 3 or more of 4 queries (the most frequent one in 1)"))
  }

  @Test func tripletsMakeAMap() throws {
    var plane = Plane()
    var text = "participant,anchor,first,second,choice\n"
    for k in 0..<600 {
      let three = plane.random.shuffled(Array(0..<10)).prefix(3).map { $0 }
      let near =
        plane.distance(three[0], three[1]) + 0.3 * plane.random.normal() < plane.distance(three[0], three[2])
      text += "l\(k % 15),s\(three[0]),s\(three[1]),s\(three[2]),\(near ? "first" : "second")\n"
    }
    let rankings = plane.rankings()
    let found = try inFolder { folder in
      try Data(text.utf8).write(to: folder.appending(path: "t.csv"))
      try Data(rankings.utf8).write(to: folder.appending(path: "r.csv"))
      try Data("intervals: {resamples: 200}".utf8).write(to: folder.appending(path: "p.yaml"))
      let findings = try Analysis.read(
        .init(
          rankings: folder.appending(path: "r.csv"), triplets: folder.appending(path: "t.csv"),
          plan: folder.appending(path: "p.yaml")), version: "test")
      try findings.write(to: folder)
      let html = try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
      #expect(html.contains("id=\"map\"") && html.contains("map_points.csv") && !html.contains("id=\"forest\""))
      return findings
    }
    #expect(found.number("map_quality", "agreement", where: ["map": "triplets"]) ?? 0 > 0.85)
    let held = try #require(found.number("map_quality", "held_out", where: ["map": "triplets"]))
    #expect(held > 0.8 && held < 1)
    #expect(found.number("map_systems", "procrustes", where: ["system": "true"]) ?? 0 > 0.9)
    #expect(found.number("map_systems", "procrustes_p", where: ["system": "random"]) ?? 0 > 0.02)
    #expect(
      found.number("choice_agreement", "agreement", where: ["answers_to": "triplets", "system": "true"]) ?? 0 > 0.8)
    #expect(found["strengths"] == nil)
  }
}
