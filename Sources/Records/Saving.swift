import Basics
import Foundation
import Study
import Trials

extension Records {
  /// Stores an answer. If the key is known, nothing is stored, and the result of the first time is returned.
  /// - Parameters:
  ///   - after: the step that must have been answered, or refused, before.
  ///   - finishes: the session is finished with this answer, whatever is open.
  ///   - steps: all of the session's steps: once none is open, it is finished.
  ///   - ends: how the session ends with this answer, if it ends before its last step.
  ///   - flags: the rules that may flag the session if this finishes it.
  ///   - then: how far the session was after this answer; or `RecordsError`.
  public func save(
    _ answered: Answered, after: Step?, finishes: Bool = false, steps: [Step] = [], ends: Outcome? = nil,
    flags: StudyDefinition.Flags = .init(),
    then: @escaping @Sendable (Result<(standing: Standing, isNew: Bool), any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      needing: .init(session: answered.session, response: true),
      { batch in
        let session = try batch.session(answered.session)
        if let known = session.answered.firstIndex(where: { $0.key == answered.key }) {
          return (session.standing(after: known + 1), false)
        }
        try session.checkOpen()
        guard !session.answered.contains(where: { $0.step == answered.step }) else {
          throw RecordsError.alreadyAnswered
        }
        if let step = after, !session.answered.contains(where: { $0.step == step }),
          !session.refused.contains(where: { $0.step == step })
        {
          throw RecordsError.outOfOrder
        }
        try Records.insert(batch, answered, of: session, at: at)
        let finishes = session.finishedAt == nil && (finishes || session.isThrough(steps))
        session.see(at: at, finishes: finishes)
        if let ends { session.end(as: ends, at: at) }
        if finishes { try flags.note(batch, session) } else { session.dropSkipped() }
        return (session.standing(), true)
      }, then: then)
  }

  private static func insert(_ batch: Batch, _ answered: Answered, of session: SessionRow, at: String) throws {
    let step = answered.step
    // What is read comes first.
    var again: (pairs: Int, difference: Double)?
    if case .trial(let trial, _, _, let judged) = answered.content, trial.isRepeat, !trial.isTraining, !trial.isCatch {
      again = try compare(batch, trial, judged, of: session)
    }
    let response = try batch.number(of: .response), at = session.time(at)
    batch.add(
      [response, session.id, answered.key, step.kind.rawValue, step.number, answered.responseMs, at], to: .response)
    session.answered.append(.init(key: answered.key, step: step, savedAt: at))
    batch.count { $0.add(.responses, 1) }
    switch answered.content {
    case .nothing: break
    case .questionnaire(let answers):
      for answer in answers {
        for (i, value) in answer.values.enumerated() {
          batch.add([response, answer.question, i + 1, value], to: .answer)
        }
      }
    case .volume(let device):
      for fact in device?.facts ?? [] { batch.add([response, fact.name, 1, String(fact.value)], to: .answer) }
    case .headphones(let chosen, let right, let passed):
      for (i, interval) in chosen.enumerated() {
        batch.add([response, "headphones", i + 1, String(interval)], to: .answer)
      }
      batch.add([response, "headphones_right", 1, String(right)], to: .answer)
      session.headphonesPassed = passed
    case .trial(let trial, let block, let name, let judged):
      session.trials += 1
      insert(batch, response, trial, block, name, judged, again)
    }
  }

  private static func insert(
    _ batch: Batch, _ response: Int, _ trial: Trial, _ block: Int, _ name: String, _ judged: Judged,
    _ again: (pairs: Int, difference: Double)?
  ) {
    batch.add(
      [
        response, trial.type, block, trial.query, trial.condition, trial.isCatch, trial.isRepeat, trial.isTraining,
        judged.isPassed, name, judged.judgements.count, again?.pairs, again?.difference, trial.chance,
      ], to: .trial)
    for heard in judged.heard {
      let candidate = trial.candidates[heard.position - 1]
      batch.add(
        [
          response, heard.position, candidate.candidate, candidate.isReference, candidate.isAnchor, heard.plays,
          heard.listenedMs, candidate.system,
        ], to: .slot)
    }
    for said in judged.judgements {
      batch.add([response, said.position, said.scale, said.number, said.text], to: .judgement)
    }
    batch.count { tally in
      tally.add(.ratings, Double(judged.judgements.count))
      tally.add(.catches, if: judged.isPassed != nil)
      tally.add(.catchesPassed, if: judged.isPassed == true)
      if let again {
        tally.add(.repeats, 1)
        tally.add(.repeatPairs, Double(again.pairs))
        tally.add(.repeatDifference, again.difference)
      }
      if !trial.isTraining, !trial.isCatch, !trial.isRepeat {
        tally.add(
          Tally.Page(query: trial.query, condition: trial.condition), ratings: judged.judgements.count)
      }
    }
  }

  /// Compares the second showing of a trial with the first: how many ratings both have, and the sum of their differences, as
  /// shares of the scale; nil if the first one was not answered.
  private static func compare(
    _ batch: Batch, _ trial: Trial, _ judged: Judged, of session: SessionRow
  ) throws -> (pairs: Int, difference: Double)? {
    let first = try batch.rows(
      """
      SELECT slot.stimulus, judgement.scale, judgement.number
      FROM response JOIN trial ON trial.response = response.id
      JOIN slot ON slot.response = response.id
      JOIN judgement ON judgement.response = response.id AND judgement.position = slot.position
      WHERE response.session = ?1 AND response.step = 'trial' AND type = ?2 AND query = ?3 AND condition = ?4
        AND NOT is_training AND NOT is_catch AND NOT is_repeat
      """, session.id, trial.type, trial.query, trial.condition)
    let span = session.scale.upperBound - session.scale.lowerBound
    var (said, pairs, difference) = (0, 0, 0.0)
    for late in judged.judgements where judged.heard.contains(where: { $0.position == late.position }) {
      let stimulus = trial.candidates[late.position - 1].candidate
      for row in first where try row["stimulus"] == stimulus && row["scale"] == late.scale {
        said += 1
        guard let before: Double = try row["number"], let number = late.number else { continue }
        pairs += 1
        if span > 0 { difference += abs(number - before) / span }
      }
    }
    return said > 0 ? (pairs, difference) : nil
  }

  /// Stores a batch of events, as far as its session has room for them. A batch whose key is known is not stored again;
  /// `then` says whether it was new.
  public func log(
    _ events: [Event], session: Int, key: String, then: @escaping @Sendable (Result<Bool, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      needing: .init(session: session, eventKey: key),
      { batch in
        let session = try batch.session(session)
        guard try !batch.knowsEvents(key, of: session.id) else { return false }
        try session.checkOpen()
        session.see(at: at, finishes: false)
        let taken = events.prefix(max(0, Event.mostOfSession - session.events))
        session.events += taken.count
        session.eventsDropped += events.count - taken.count
        guard events.isEmpty || !taken.isEmpty else { return true }
        let number = try batch.number(of: .eventBatch)
        batch.add([number, session.id, key], to: .eventBatch)
        batch.noteEvents(key, of: session.id)
        for (i, event) in taken.enumerated() {
          batch.add([number, i + 1, event.trial, event.atMs, event.kind, event.stimulus, event.value], to: .event)
        }
        return true
      }, then: then)
  }
}
