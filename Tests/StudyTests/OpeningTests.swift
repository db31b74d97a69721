import Foundation
import Study
import Testing

@Suite("When a study is open")
struct OpeningTests {
  private func date(_ text: String) throws -> Date { try #require(Moment(text)).date }

  @Test("times are read with their time zone, and invalid ones are refused")
  func moments() throws {
    #expect(try date("2026-12-01T18:00+01:00") == date("2026-12-01 17:00:00Z"))
    #expect(try date("2026-12-01T00:30-05:30") == date("2026-12-01T06:00z"))
    for text in [
      "", "2026-12-01", "2026-12-01T18:00", "2026-02-30T18:00Z", "2026-12-01T24:00Z", "2026-12-01T18:60Z",
      "2026-12-01T18:00+25:00", "tomorrow", "2026-12-01T18:00:61Z", "99999-12-01T18:00Z",
    ] { #expect(Moment(text) == nil, "\(text)") }
  }

  @Test("hours are exact to the minute and may span midnight")
  func hours() throws {
    var joining = StudyDefinition.Joining()
    joining.hours = Hours("22:00-06:30")
    #expect(try joining.closed(at: date("2026-12-01T22:00Z")) == nil)
    #expect(try joining.closed(at: date("2026-12-01T06:29Z")) == nil)
    let closed = try #require(try joining.closed(at: date("2026-12-01T06:30Z")))
    #expect(try closed.why == .hours && closed.opens == date("2026-12-01T22:00Z"))
    joining.timeZone = "America/New_York"
    #expect(try joining.closed(at: date("2026-12-01T06:30Z")) == nil)
    for text in ["", "9-17", "09:00", "25:00-26:00", "09:00-09:00", "09:60-10:00", "24:00-12:00"] {
      #expect(Hours(text) == nil, "\(text)")
    }
    #expect(Hours("00:00-24:00") != nil)
  }

  @Test("a study is over if it closes before its hours come again")
  func over() throws {
    var joining = StudyDefinition.Joining()
    joining.hours = Hours("09:00-10:00")
    joining.closes = Moment("2026-12-02T08:00Z")
    #expect(try joining.closed(at: date("2026-12-01T09:30Z")) == nil)
    #expect(try joining.closed(at: date("2026-12-01T10:30Z"))?.why == .over)
  }

  @Test("invalid times are reported with a fix")
  func problems() throws {
    func problems(_ joining: String) throws -> [String] {
      let fixture = try StudyFixture("joining: {\(joining)}\n")
      defer { fixture.remove() }
      return fixture.problems().filter { $0.contains("joining") || $0.contains("zone") || $0.contains("closes") }
    }
    #expect(
      try problems("opens: 2026-12-01T18:00Z, closes: never, hours: 09:00-12:00, time_zone: Europe/Berlin").isEmpty)
    #expect(
      try problems("opens: tomorrow").first?.contains("Write at once, or as in: opens: 2026-12-01T18:00+01:00") == true)
    #expect(try problems("hours: late").first?.contains("'joining.hours' is 'late'") == true)
    #expect(try problems("time_zone: Europe/Berln").first?.contains("Europe/Berlin") == true)
    #expect(
      try problems("opens: 2026-12-02T18:00Z, closes: 2026-12-01T18:00Z").first?.contains("closes before it opens")
        == true)
  }
}
