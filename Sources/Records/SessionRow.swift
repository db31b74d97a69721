import Study
import Trials

/// A session as it is in a transaction that may change it.
final class SessionRow {
  /// A step that was answered or, if `status` says so, refused.
  struct Entry {
    var key: String
    /// nil for refused events, which belong to no step.
    var step: Step?
    var savedAt: String
  }

  let id: Int
  let participant: Int
  let startedAt: String
  let scale: ClosedRange<Double>
  var seenAt: String
  var finishedAt: String?
  var endedAt: String?
  var outcome: String?
  var headphonesPassed: Bool?
  var flags: String?
  var excluded: String?
  var trials: Int
  var events: Int
  var eventsDropped: Int
  /// In the order in which they were stored.
  var answered: [Entry] = []
  var refused: [Entry] = []

  /// Its state when it was last counted.
  private var counted: Tally?
  private var written: [StoredValue] = []

  static let select = """
    SELECT session.id, participant, started_at, seen_at, finished_at, ended_at, outcome, headphones_passed, flags, excluded,
      trials, events, events_dropped, scale_min, scale_max
    FROM session JOIN participant ON participant.number = session.participant
    JOIN study_version ON study_version.version = participant.study_version
    """

  init(_ row: StoredRow) throws {
    (id, participant) = try (row["id"], row["participant"])
    (startedAt, seenAt) = try (row["started_at"], row["seen_at"])
    (finishedAt, endedAt, outcome) = try (row["finished_at"], row["ended_at"], row["outcome"])
    (headphonesPassed, flags, excluded) = try (row["headphones_passed"], row["flags"], row["excluded"])
    (trials, events, eventsDropped) = try (row["trials"], row["events"], row["events_dropped"])
    let (least, most): (Double, Double) = try (row["scale_min"], row["scale_max"])
    scale = min(least, most)...max(least, most)
    counted = tally
    written = values
  }

  /// What it contributes to the counts.
  var tally: Tally {
    var tally = Tally()
    let (isFinished, hasEnded) = (finishedAt != nil, outcome != nil)
    tally.add(.finished, if: isFinished)
    tally.add(.ended, if: !isFinished && hasEnded)
    tally.add(.flagged, if: isFinished && flags != nil)
    tally.add(.excluded, if: excluded != nil)
    tally.add(.untouched, if: !isFinished && !hasEnded && trials == 0)
    tally.add(.headphones, if: headphonesPassed != nil)
    tally.add(.headphonesPassed, if: headphonesPassed == true)
    tally.add(.events, Double(events))
    return tally
  }

  static let changing = [
    "seen_at", "finished_at", "ended_at", "outcome", "headphones_passed", "flags", "excluded", "trials", "events",
    "events_dropped",
  ]

  private var values: [StoredValue] {
    [
      .integer(Int64(id)), .text(seenAt), finishedAt.stored, endedAt.stored, outcome.stored, headphonesPassed.stored,
      flags.stored, excluded.stored, trials.stored, events.stored, eventsDropped.stored,
    ]
  }

  /// What must be written, and by how much the counts change; nil if nothing has changed.
  func takeChanges() -> (row: [StoredValue], tally: Tally)? {
    let values = values
    guard values != written else { return nil }
    written = values
    var change = tally
    if let counted { change.add(counted, times: -1) }
    counted = tally
    return (values, change)
  }

  // MARK: What may happen to it

  /// Marks it as active, before anything of it is stored.
  /// - Throws: `RecordsError.withdrawn` if the session accepts nothing more.
  func checkOpen() throws {
    if outcome == Outcome.withdrawn.rawValue { throw RecordsError.withdrawn }
  }

  /// The time to store for what is done now: not before what was done last, even if the clock was set back in between.
  func time(_ now: String) -> String { max(now, seenAt) }

  func see(at: String, finishes: Bool) {
    seenAt = time(at)
    if finishes, finishedAt == nil { finishedAt = seenAt }
  }

  /// Takes back the flag of a finished session whose skipped steps have been answered since.
  func dropSkipped() {
    guard finishedAt != nil, !hasSkipped, let all = flags?.split(separator: ";"), all.contains("skipped") else {
      return
    }
    let left = all.filter { $0 != "skipped" }
    flags = left.isEmpty ? nil : left.joined(separator: ";")
  }

  /// Whether an answer to one of its steps was refused and none was accepted.
  var hasSkipped: Bool {
    refused.contains { entry in entry.step.map { step in !answered.contains { $0.step == step } } ?? false }
  }

  /// The first end counts, except for a change of the study, after which the session may have continued.
  func end(as outcome: Outcome, at: String) {
    guard finishedAt == nil, self.outcome == nil || self.outcome == Outcome.studyChanged.rawValue else { return }
    seenAt = time(at)
    (endedAt, self.outcome) = (seenAt, outcome.rawValue)
  }

  /// Whether nothing is left to do at any of its steps; false if none are given.
  func isThrough(_ steps: [Step]) -> Bool {
    let standing = standing()
    // From the end: as long as it is in progress, the last one is open.
    return !steps.isEmpty && steps.reversed().allSatisfy(standing.isBehind)
  }

  /// - Parameter last: how far it was when this many of its answers were stored; nil for now.
  func standing(after last: Int? = nil) -> Standing {
    let answers = answered.prefix(last ?? answered.count)
    var done = answers.compactMap(\.step)
    let until = last == nil ? nil : answers.last?.savedAt
    for entry in refused where until.map({ entry.savedAt <= $0 }) ?? true {
      if let step = entry.step, !done.contains(step) { done.append(step) }
    }
    return Standing(
      done: done, isFinished: finishedAt != nil, headphonesPassed: headphonesPassed,
      outcome: outcome.flatMap(Outcome.init))
  }
}
