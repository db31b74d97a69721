import Agreement
import Basics
import Foundation
import Ratings
import Testing

@Suite struct RatingTableTests {
  @Test func readsAForeignTable() throws {
    let table = try table("participant,query,candidate,rating\na,q,x,10\na,q,y,20\nb,q,x,\n")
    #expect(table.count == 2 && table.missing == 1)
    #expect(table.participants.all == ["a", "b"] && table.candidates.all == ["x", "y"])
    #expect(table.rating == [10, 20] && table.scale == nil)
  }

  @Test func readsTheDesignsColumns() throws {
    let table = try table(
      """
      participant,session,trial,query,condition,candidate,rating,scale_min,scale_max,is_reference,is_anchor,is_catch,\
      is_repeat,is_training,response_ms,submitted_at,study_version
      a,s,1,q,kick,x,10,0,100,true,false,false,false,false,2500,2026-01-02T03:04:05Z,v1
      a,s,2,q,kick,x,20,0,100,true,false,false,true,false,,2026-01-02T03:04:04Z,v1

      """)
    #expect(table.scale == 0...100)
    #expect(table.flags == [[.reference], [.reference, .repeated]])
    #expect(table.responseTime[0] == 2500 && table.responseTime[1].isNaN)
    #expect(table.firstRatingAt == "2026-01-02T03:04:04Z" && table.studyVersions.all == ["v1"])
  }

  @Test func mapsOddNamesAndWideTables() throws {
    var plan = AnalysisPlan()
    plan.columns.names = ["participant": "subject", "query": "signal"]
    plan.columns.wide = ["codec", "anchor"]
    plan.anchor = ["anchor"]
    let table = try table("subject,signal,codec,anchor\na,s1,70,20\nb,s1,60,\n", plan: plan)
    #expect(table.count == 3 && table.missing == 1)
    #expect(table.candidates.all == ["codec", "anchor"] && table.flags == [[], [.anchor], []])
  }

  @Test func badTablesAreToldWithFileRowColumnAndMend() throws {
    func told(_ text: String) throws -> [String] {
      do {
        _ = try table(text)
        return []
      } catch let problems as Problems { return problems.list.map(\.description) } catch let problem as Problem {
        return [problem.description]
      }
    }
    #expect(try told("")[0].hasPrefix("ratings.csv:1: error: the table is empty"))
    #expect(try told("participant,query,candidate,rating\n")[0].contains("holds no rating"))
    #expect(try told("subject,query,candidate,rating\na,q,x,1\n")[0].contains("columns: {participant: subject}"))
    #expect(
      try told("participant,query,candidate,rating\na,q,x,high\nb,q,x,1\nc,q,x,low\n").map {
        $0.prefix(while: { $0 != " " })
      } == ["ratings.csv:2:7:", "ratings.csv:4:7:"])
    #expect(try told("participant,query,candidate,rating\na,q,x\n")[0].contains("3 cells and the header 4"))
    #expect(
      try told("participant,query,candidate,rating,is_catch\na,q,x,1,maybe\n")[0].hasPrefix("ratings.csv:2:9: error:"))
    let latin =
      Data("participant,query,candidate,rating\n".utf8) + Data([0x61, 0x2c, 0xe9, 0x2c, 0x78, 0x2c, 0x31, 0x0a])
    #expect(throws: (any Error).self) { try inFile(latin) { _ = try RatingTable.read($0) } }
  }

  @Test func flagsAndMissingValuesOfOtherPrograms() throws {
    let plain = try table(
      "participant,query,candidate,rating,is_training,response_ms,condition\na,q,x,10,true,2500,\na,q,y,20,false,,\na,q,z,,,,\n"
    )
    let other = try table(
      "participant,query,candidate,rating,is_training,response_ms,condition\na,q,x,10.0,T,2500.0,NA\na,q,y,20,F,NaN,NA\na,q,z,N/A,NA,NA,NA\n"
    )
    #expect(plain.rating == other.rating && plain.flags == other.flags && plain.missing == other.missing)
    #expect(plain.conditions == other.conditions && other.responseTime[0] == 2500 && other.responseTime[1].isNaN)
  }

  @Test func afterTwentyProblemsItStops() throws {
    let rows = (0..<100).map { "p\($0),q,x,loud" }.joined(separator: "\n")
    let problems = try #require(
      throws: Problems.self, performing: { _ = try table("participant,query,candidate,rating\n\(rows)\n") })
    #expect(problems.list.count == 21)
  }
}
