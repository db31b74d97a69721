import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Testing

@Suite("Singular and plural in sentences")
struct OneAndManyTests {
  @Test("nouns and verbs agree with their number")
  func words() {
    #expect("\(1, "listener") and \(2, "listener")" == "1 listener and 2 listeners")
    #expect("\(1, "query"), \(0, "query"), \(3, "class")" == "1 query, 0 queries, 3 classes")
    #expect(
      "\(2, "day"), \(1, "cell holds", "cells hold"), \(2, "cell holds", "cells hold")"
        == "2 days, 1 cell holds, 2 cells hold")
    let prose: Prose = "\(1, "item")"
    #expect(prose.text == "1 item")
  }

  /// Tables of one listener on one item, with two sounds or as few as the trial type allows.
  private static let tables: [String: String] = [
    "ratings": "participant,query,candidate,rating\na,i,x,1\na,i,y,5\n",
    "rankings": "query,system,candidate,rank\ni,s,x,1\ni,s,y,2\n",
    "scores":
      "participant,query,system,score,trial_type,scale,is_reference\n"
      + "a,i,x,50,mushra,quality,false\na,i,y,60,mushra,quality,false\na,i,reference,100,mushra,quality,true\n"
      + "a,i,x,3,acr,category,false\na,i,y,,acr,category,false\n"
      + "a,i,x,3,bs1116,impairment,false\na,i,reference,5,bs1116,impairment,true\n",
    "comparisons": "participant,query,first_system,second_system,score\na,i,x,y,1\n",
    "choices": "participant,query,first,second,choice\na,i,x,y,first\n",
    "triplets": "participant,anchor,first,second,choice\na,x,y,z,first\n",
    "discriminations": "participant,query,is_right\na,i,true\n",
    "orders": "participant,query,trial,candidate,rank\na,i,1,x,1\na,i,1,y,2\n",
    "pairs": "participant,query,trial,first,second,rating\na,i,1,x,y,3\n",
    "oddities": "participant,query,trial,first,second,third,choice\na,i,1,x,y,z,first\n",
    "sortings": "participant,query,trial,candidate,group\na,i,1,x,1\na,i,1,y,1\na,i,1,z,2\n",
  ]

  /// Words that may follow "1 " and end with an s, though they are not plurals.
  private static let single: Set = ["is", "as", "was", "has", "less", "lies", "says", "class", "this", "its"]

  /// Passages in which a plural follows the number 1.
  private func plurals(_ text: String) -> [Substring] {
    text.matches(of: /\b1[ \u{202f}](\w+s)\b/).filter { match in
      // Skip a 1 that is the last digit of a longer number.
      let before = match.range.lowerBound > text.startIndex ? text[text.index(before: match.range.lowerBound)] : " "
      return !".,–−-/".contains(before) && !Self.single.contains(String(match.output.1))
    }.map { match in
      let from = text.index(match.range.lowerBound, offsetBy: -40, limitedBy: text.startIndex) ?? text.startIndex
      return text[from..<match.range.upperBound]
    }
  }

  @Test(
    "a report of one listener on one item never uses the plural",
    arguments: [
      ["ratings"], ["ratings", "rankings"], ["scores"], ["comparisons"], ["choices"], ["triplets"], ["discriminations"],
      ["orders"], ["pairs"], ["oddities"], ["sortings"], ["choices", "rankings"], ["orders", "rankings"],
    ])
  func reports(names: [String]) throws {
    let said = try inFolder { folder -> [String] in
      func file(_ name: String) throws -> URL? {
        guard names.contains(name), let text = Self.tables[name] else { return nil }
        let url = folder.appending(path: "\(name).csv")
        try Data(text.utf8).write(to: url)
        return url
      }
      let plan = folder.appending(path: "analysis.yaml")
      try Data("intervals: {resamples: 100}\nverdict: {score_margin: 1}\nmin_candidates: 2\n".utf8).write(to: plan)
      let tables = try AnalysisTables(
        ratings: file("ratings"), rankings: file("rankings"), choices: file("choices"), triplets: file("triplets"),
        scores: file("scores"), comparisons: file("comparisons"), discriminations: file("discriminations"),
        orders: file("orders"), pairs: file("pairs"), oddities: file("oddities"), sortings: file("sortings"), plan: plan
      )
      let findings: Findings
      do { findings = try Analysis.read(tables, version: "test") } catch { return ["\(error)"] }
      let html = try String(contentsOf: findings.write(to: folder.appending(path: "findings"))[0], encoding: .utf8)
      let body = html.replacing(/<script(.|\n)*?<\/script>/, with: "").replacing(/<style(.|\n)*?<\/style>/, with: "")
      return [
        findings.summary, body.replacing(/<\/?(data|strong|code)\b[^>]*>/, with: "").replacing(/<[^>]+>/, with: "\n"),
        try Analysis.precision(of: tables, version: "test").text,
      ]
    }
    #expect(said.flatMap(plurals).isEmpty)
    #expect(said.joined().contains("1 "))
  }
}
