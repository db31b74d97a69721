import Foundation
import GRDB
import Records
import RecordsSQLite
import Study
import TestSupport
import Testing

/// Versions of a study and their designs.
@Suite("Versions of one design")
struct DesignTests {
  let folder: TemporaryFolder
  var file: URL { folder.url.appending(path: "records.sqlite") }

  init() throws { folder = try TemporaryFolder() }

  private func register(_ records: Records, _ version: String, _ design: String) throws -> String {
    try records.register(version: version, design: design, study: "s", scaleMin: 0, scaleMax: 100)
  }

  private func newcomer(_ name: String, _ version: String, texts: String? = nil) -> Newcomer {
    Newcomer(
      keyHash: "key \(name)", tokenHash: "token \(name)", studyVersion: version, textsVersion: texts, seed: 1,
      language: "en", externalID: "who")
  }

  @Test("a design keeps the version it had first; another design gets its own", arguments: Store.allCases)
  func adopted(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try kept.open()
    defer { records.close() }
    #expect(try register(records, "a", "d") == "a")
    #expect(try register(records, "b", "d") == "a")
    #expect(try register(records, "c", "e") == "c")
    #expect(try register(records, "f", "d") == "a")
    #expect(try records.versions(ofDesign: "d") == ["a"])
  }

  @Test("older records without designs: a version keeps its name, and later wordings use it")
  func older() throws {
    var records = try Records(file)
    for version in ["a", "b"] { _ = try register(records, version, version) }
    let first: Session = try RecordsTests.wait { records.join(newcomer("1", "a"), then: $0) }.session
    records.close()
    let queue = try DatabaseQueue(path: file.path)
    try queue.write { try $0.execute(sql: "UPDATE study_version SET design = NULL") }
    try queue.close()
    records = try Records(file)
    defer { records.close() }
    #expect(try records.stranded(otherThan: "d").all == 1)
    // The second version is served again, then with another wording, and at last with the wording of the first.
    #expect(try register(records, "b", "d") == "b")
    #expect(try register(records, "c", "d") == "b")
    #expect(try register(records, "a", "d") == "a")
    #expect(try records.versions(ofDesign: "d") == ["a", "b"])
    #expect(try records.stranded(otherThan: "d").all == 0)
    // A session that began under one version continues under the other.
    let again: Session = try RecordsTests.wait { records.join(newcomer("2", "b", texts: "c"), then: $0) }.session
    #expect(again.id == first.id)
  }

  @Test("a session stores events up to a limit, and counts those beyond it", arguments: Store.allCases)
  func manyEvents(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try kept.open()
    defer { records.close() }
    _ = try register(records, "a", "d")
    let session: Session = try RecordsTests.wait { records.join(newcomer("1", "a"), then: $0) }.session
    let events = (0..<Event.mostOfSession - 10).map {
      Event(trial: nil, atMs: $0, kind: "focus", stimulus: nil, value: nil)
    }
    for (key, batch) in [
      ("a", events[...]), ("b", events.prefix(25)), ("b", events.prefix(25)), ("c", events.prefix(5)),
    ] {
      let _: Bool = try RecordsTests.wait { records.log(Array(batch), session: session.id, key: key, then: $0) }
    }
    #expect(try records.overview().events == Event.mostOfSession)
    #expect(try kept.rows("SELECT events_dropped FROM session")[0]["events_dropped"] == 20)
  }

  @Test(
    "a session's own end replaces a change of study, never the reverse; an unknown session is gone",
    arguments: Store.allCases)
  func ends(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try kept.open()
    defer { records.close() }
    _ = try register(records, "a", "d")
    let session: Session = try RecordsTests.wait { records.join(newcomer("1", "a"), then: $0) }.session
    func end(_ id: Int, _ outcome: Outcome) throws -> Standing {
      try RecordsTests.wait { records.end(session: id, as: outcome, then: $0) }
    }
    #expect(try end(session.id, .studyChanged).outcome == .studyChanged)
    #expect(try end(session.id, .withdrawn).outcome == .withdrawn)
    #expect(try end(session.id, .studyChanged).outcome == .withdrawn)
    #expect(try records.overview().ended == 1)
    #expect(throws: RecordsError.gone) { try end(99, .studyChanged) }
  }
}
