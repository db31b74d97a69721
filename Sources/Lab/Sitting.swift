import Records
import Study

/// A session with all that follows from it: the plan and the steps. It is computed once and kept.
final class Sitting: Sendable {
  let session: Session
  let token: String
  let plan: Plan
  let steps: [Step]
  /// The block of each trial, by its place in the plan: 0 is training, the main blocks count from 1.
  let blocks: [Int]

  init(session: Session, token: String, stage: Stage) {
    self.session = session
    self.token = token
    plan = stage.plan(session.participant, session.seed)
    steps = Sitting.steps(of: stage.definition, trials: plan.trials)
    var blocks: [Int] = []
    var block = 0
    var condition: String?
    for trial in plan.trials {
      if trial.isTraining {
        blocks.append(0)
        continue
      }
      let isNew = stage.definition.trials.order == .blocked && trial.condition != condition
      if block == 0 || isNew { block += 1 }
      condition = trial.condition
      blocks.append(block)
    }
    self.blocks = blocks
  }

  static func steps(of definition: StudyDefinition, trials: [Trial]) -> [Step] {
    var steps: [Step] = []
    if !definition.questionnaire.isEmpty { steps.append(.questionnaire) }
    steps.append(.volume)
    if definition.headphones.check { steps.append(.headphones) }
    steps.append(.instructions)
    return steps + trials.map { .trial($0.index) }
  }

  func trial(_ index: Int) -> Trial? { plan.trials.first { $0.index == index } }
}

/// The name of a candidate's place on the page: A, B, … Z, AA, AB, …
enum Letter {
  /// `position` counts from 1.
  static func of(_ position: Int) -> String {
    var (rest, letters) = (position, "")
    while rest > 0 {
      letters = String(UnicodeScalar(UInt8(65 + (rest - 1) % 26))) + letters
      rest = (rest - 1) / 26
    }
    return letters
  }

  static func position(_ letters: String, count: Int) -> Int? { (1...max(1, count)).first { of($0) == letters } }
}
