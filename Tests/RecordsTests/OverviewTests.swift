import Foundation
import Records
import RecordsSQLite
import Study
import Synchronization
import Testing
import TestSupport

@Suite("How a study is going")
struct OverviewTests {
  let clock = Clock()

  /// A clock that moves only when told.
  final class Clock: Sendable {
    private let seconds = Mutex(1_800_000_000.0)
    var now: Date { Date(timeIntervalSince1970: seconds.withLock(\.self)) }
    func forward(minutes: Double) { seconds.withLock { $0 += 60 * minutes } }
  }

  static func trial(
    _ index: Int, _ query: String = "q", training: Bool = false, isCatch: Bool = false, again: Bool = false
  ) -> Trial {
    Trial(
      index: index, query: query, condition: "kick",
      candidates: again ? [.init("y"), .init("x", isReference: true)] : [.init("x", isReference: true), .init("y")],
      isTraining: training, isCatch: isCatch, isRepeat: again)
  }

  /// Answers a trial with one rating per position.
  func answer(_ records: Records, _ session: Int, _ trial: Trial, _ ratings: [Int]) throws {
    let judged = try RecordsTests.rated(trial, ratings)
    _ = try RecordsTests.save(records, session, .trial(trial.index), .trial(trial, block: 1, name: "", judged))
  }

  func open(_ kept: Kept) throws -> Records {
    let records = try kept.open(now: { [clock] in clock.now })
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 50)
    return records
  }

  @Test(
    "main pages are counted by query and condition; training, attention checks and repeats are not",
    arguments: Store.allCases)
  func coverage(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try open(kept)
    defer { records.close() }
    let a = try RecordsTests.join(records, "a").id
    let b = try RecordsTests.join(records, "b").id
    try answer(records, a, Self.trial(1, "p", training: true), [1, 2])
    try answer(records, a, Self.trial(2, "q"), [1, 2])
    try answer(records, a, Self.trial(3, "r"), [1, 2])
    try answer(records, a, Self.trial(4, "r", isCatch: true), [1, 2])
    try answer(records, a, Self.trial(5, "q", again: true), [1, 2])
    try answer(records, b, Self.trial(1, "q"), [1, 2])
    #expect(
      try records.overview().coverage == [
        Coverage(query: "q", condition: "kick", pages: 2, ratings: 4),
        Coverage(query: "r", condition: "kick", pages: 1, ratings: 2),
      ])
  }

  @Test("headphone and attention checks and repeats are counted; a tie fails a check", arguments: Store.allCases)
  func checks(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try open(kept)
    defer { records.close() }
    #expect(try records.overview().checks == QualityChecks())
    let a = try RecordsTests.join(records, "a").id
    let b = try RecordsTests.join(records, "b").id
    for (session, passed) in [(a, true), (b, false)] {
      _ = try RecordsTests.save(records, session, .headphones, .headphones(chosen: [1], right: 1, passed: passed))
    }
    try answer(records, a, Self.trial(1, isCatch: true), [50, 10])
    try answer(records, b, Self.trial(1, isCatch: true), [50, 50])
    try answer(records, a, Self.trial(2), [40, 10])
    // The positions have changed: x went from 40 to 45, y from 10 to 20.
    try answer(records, a, Self.trial(3, again: true), [20, 45])
    // Its first showing was never answered.
    try answer(records, b, Self.trial(2, "r", again: true), [0, 0])
    let checks = try records.overview().checks
    #expect(checks.headphones == 2 && checks.headphonesPassed == 1)
    #expect(checks.catches == 2 && checks.catchesPassed == 1)
    #expect(checks.repeats == 1)
    #expect(abs((checks.repeatDifference ?? 0) - 7.5 / 50) < 1e-12)
  }

  @Test("excluded sessions count neither in coverage and checks nor in the median time", arguments: Store.allCases)
  func excluded(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try open(kept)
    defer { records.close() }
    var sessions: [Int] = []
    for (name, minutes) in [("a", 2.0), ("b", 20)] {
      let session = try RecordsTests.join(records, name).id
      _ = try RecordsTests.save(records, session, .headphones, .headphones(chosen: [1], right: 1, passed: name == "a"))
      try answer(records, session, Self.trial(1), [40, 10])
      try answer(records, session, Self.trial(2, isCatch: true), name == "a" ? [50, 10] : [1, 2])
      try answer(records, session, Self.trial(3, again: true), [20, 45])
      clock.forward(minutes: minutes)
      let answered = Answered(session: session, key: "k", step: .volume)
      _ = try RecordsTests.wait { records.save(answered, after: nil, finishes: true, then: $0) }
      sessions.append(session)
    }
    let before = try records.overview()
    _ = try RecordsTests.wait { records.exclude(session: sessions[1], true, reason: "r", by: "", then: $0) }
    let after = try records.overview()
    #expect(
      before.coverage.map(\.pages) == [2]
        && after.coverage == [.init(query: "q", condition: "kick", pages: 1, ratings: 2)])
    #expect(after.checks.headphones == 1 && after.checks.headphonesPassed == 1)
    #expect(after.checks.catches == 1 && after.checks.catchesPassed == 1 && after.checks.repeats == 1)
    #expect(abs((after.medianMinutes ?? 0) - 2) < 1e-4 && abs((before.medianMinutes ?? 0) - 11) < 1e-4)
    #expect(after.finished == 2 && after.responses == before.responses && after.ratings == before.ratings)
    _ = try RecordsTests.wait { records.exclude(session: sessions[1], false, reason: "r", by: "", then: $0) }
    #expect(try records.overview().coverage == before.coverage)
  }

  @Test(
    "inactive listeners differ from active ones, with their last step; minutes are the median of finished",
    arguments: Store.allCases)
  func time(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try open(kept)
    defer { records.close() }
    let sessions = try ["a", "b", "c", "d"].map { try RecordsTests.join(records, $0).id }
    #expect(try records.overview().medianMinutes == nil)
    for (session, minutes) in zip(sessions.prefix(2), [4.0, 2.0]) {
      clock.forward(minutes: minutes)
      let answered = Answered(session: session, key: "k", step: .volume)
      _ = try RecordsTests.wait { records.save(answered, after: nil, finishes: true, then: $0) }
    }
    try answer(records, sessions[2], Self.trial(1), [1, 2])
    var overview = try records.overview()
    #expect(overview.finished == 2 && overview.active == 2 && overview.away == 0)
    #expect(abs((overview.medianMinutes ?? 0) - 5) < 1e-4)
    clock.forward(minutes: 60)
    overview = try records.overview()
    #expect(overview.away == 2 && overview.awayBeforeTrials == 1)
  }

  @Test("a session's timeline has all that was done, in order", arguments: Store.allCases)
  func timeline(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try open(kept)
    defer { records.close() }
    let session = try RecordsTests.join(records, "a").id
    clock.forward(minutes: 1)
    _ = try RecordsTests.save(records, session, .volume)
    let timeline = try #require(try records.timeline(session: session))
    #expect(timeline.participant.session == session)
    #expect(timeline.entries.map(\.what) == ["began", "answered"])
    #expect(try records.timeline(session: 99) == nil)
  }
}
